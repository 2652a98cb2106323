// Measures as fan charts: the difference from the baseline first, the level on demand, people before all else.

import { dataTable, el, put, widthOf } from "./dom.js";
import { fan } from "./fan.js";
import { term } from "./terms.js";
import { counted, percent, quantity, signed } from "./words.js";

/** Panels of measures in ``place``: ``chosen`` says which of the scenario's measures they show. */
export function measures(place, scenario, chosen, effects) {
  const base = scenario.baseline?.title;
  const listed = scenario.measures.filter(chosen).sort((a, b) => (b.unit === "person") - (a.unit === "person"));
  if (!listed.length) {
    put(place, el("p", {}, `This scenario has no ${effects ? "measure of people" : "other measures"}.`));
    return {};
  }
  const cards = el("div", { class: "cards" }), table = el("div");
  const group = `show-${place.id}`;
  let level = !base, last = null;
  const choice = (text, value) => el("label", {}, el("input", { type: "radio", name: group, checked: value === level,
    onchange: () => { level = value; if (last) draw(...last); } }), text);
  put(place, table, base ? el("fieldset", { class: "switch" }, el("legend", {}, "Show"),
    choice(`Difference from “${base}”`, false), choice("Level", true)) : null, cards);

  const held = new Map(listed.map((measure) => [measure.name, card(measure)]));
  function card(measure) {
    const parts = { finding: el("h3"), what: el("p", { class: "what" }), chart: el("div", { class: "chart" }), data: el("div") };
    const whole = el("figure", { class: "card" }, parts.finding, parts.what, parts.chart, parts.data);
    return { measure, whole, ...parts };
  }
  put(cards, [...held.values()].map((each) => each.whole));

  function draw(picture, written) {
    last = [picture, written];
    if (effects) put(table, effectsTable(picture, written, scenario));
    for (const each of held.values()) drawCard(each, picture, written);
  }

  function drawCard(each, picture, written) {
    const own = picture.measures[each.measure.name];
    each.whole.hidden = !own;
    if (!own) return;
    const measure = { ...each.measure, unit: own.unit, per: own.per };
    const gap = !level && own.difference ? own.difference : null;
    const said = (of) => of && (gap ? of.difference && { ...of.difference, dates: of.dates } : of);
    const shown = drawn(measure, own, scenario);
    const share = !measure.per && isShare(said(own), shown);
    const [series, was] = [said(own), said(written?.measures[measure.name])].map((of) => (of && share ? asShare(of) : of));
    const when = shown.at(-1);
    each.finding.textContent = share && !gap ? `${measure.title}, ${series.dates[when]}: ${percent(series.mean[when])}`
      : finding(measure, series, when, Boolean(gap), base);
    const unit = share ? "share of futures" : counted(measure) || "level";
    const plotted = `${gap ? `difference from “${base}”, ${unit}` : unit}${measure.per ? "" : `${gap ? "," : ""} at the end of each year`}`;
    each.what.textContent = `${plotted.charAt(0).toUpperCase()}${plotted.slice(1)}. ${share ? "The band is what chance in playing leaves open." : spread(series, when, Boolean(gap))}`;
    const flat = gap && shown.every((n) => !series.mean[n] && !series.p05[n] && !series.p95[n]);
    put(each.chart, flat ? el("p", { class: "none" }, "No different in any future.")
      : fan(series, { width: widthOf(each.chart, 390), shown, was, difference: Boolean(gap), middleName: share ? "share" : "median",
        label: `Fan chart. ${each.finding.textContent}. ${each.what.textContent}` }));
    const open = each.data.querySelector("details")?.open;
    const say = gap ? signed : quantity;
    put(each.data, dataTable(`${measure.title}, ${gap ? `difference from ${base}` : "level"}, ${unit}`,
      ["Period", "5%", ...(series.p50 ? ["Median"] : []), "95%", "Mean", "Standard error"],
      series.dates.map((date, n) => [shown.includes(n) ? date : `${date}*`, say(series.p05[n]),
        ...(series.p50 ? [say(series.p50[n])] : []), say(series.p95[n]), say(series.mean[n]), quantity(series.se[n], 1)]), open));
  }
  return { draw };
}

/** Whether a level only ever is 0 or 1: then its mean is the share of futures, and quantiles say nothing. */
function isShare(series, shown) {
  const whole = (value) => Number.isInteger(value) && Math.abs(value) <= 1;
  return shown.every((n) => whole(series.p05[n]) && whole(series.p95[n])) && shown.some((n) => series.mean[n] % 1 !== 0);
}

const asShare = ({ dates, mean, se }) => ({ dates, mean, se, p50: mean, p05: mean.map((value, n) => value - 2 * se[n]), p95: mean.map((value, n) => value + 2 * se[n]) });

/** Which periods are drawn: an amount over a year that the run covers in part only would look like a fall. */
function drawn(measure, series, scenario) {
  const all = series.dates.map((_, n) => n);
  if (!measure.per) return all;
  const whole = all.filter((n) => {
    const from = series.dates[n].length === 4 ? `${series.dates[n]}-01-01` : `${series.dates[n]}-01`;
    const to = series.dates[n].length === 4 ? `${series.dates[n]}-12-31` : `${series.dates[n]}-28`;
    return from >= scenario.start && to <= scenario.end;
  });
  return whole.length > 1 ? whole : all;
}

function finding(measure, series, n, difference, base) {
  const mean = difference ? signed(series.mean[n], 2, 10 * series.se[n]) : null;
  const unit = counted(measure);
  if (difference) {
    if (!series.mean[n]) return `${measure.title}, ${series.dates[n]}: no different from “${base}”`;
    return `${measure.title}, ${series.dates[n]}: on average ${mean}${unit ? ` ${unit}` : ""}`;
  }
  return `${measure.title}, ${series.dates[n]}: ${quantity((series.p50 || series.mean)[n], 3, series.p95[n] - series.p05[n])}${unit ? ` ${unit}` : ""}`;
}

function spread(series, n, difference) {
  const say = difference ? signed : quantity, band = series.p95[n] - series.p05[n];
  if (!band) return "";
  return `Nine futures in ten lie between ${say(series.p05[n], 3, band)} and ${say(series.p95[n], 3, band)} in ${series.dates[n]}.`;
}

/** What it does: each outcome of the first screen, over all futures and over those that reach the stage it hinges on. */
function effectsTable(picture, written, scenario) {
  if (!picture.effects?.length) return null;
  const people = (effect) => scenario.measures.find((measure) => measure.name === effect.name)?.people;
  const { reached, short } = picture.effects[0];
  const old = Object.fromEntries((written?.effects || []).map((effect) => [effect.name, effect.always]));
  const rows = [...picture.effects].sort((a, b) => Boolean(people(b)) - Boolean(people(a)));
  const given = rows.some((effect) => Number.isFinite(effect.given));
  const base = scenario.baseline?.title;
  const parted = rows.some((effect) => effect.low !== effect.high);
  return el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "What it does" }, el("table", { class: "effects" },
    el("caption", {}, "What it does over the whole run", base ? [`, as a difference from “${base}” under `, term("draws", "the same draws")] : null, ": means"),
    el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "Measure"), el("th", { scope: "col", class: "number" }, "All futures"),
      parted ? el("th", { scope: "col", class: "number" }, "Over the views") : null,
      given ? el("th", { scope: "col", class: "number" }, `Given ${short || "the stage"}${reached ? `, ${Math.round(100 * reached)}% of futures` : ""}`) : null,
      written ? el("th", { scope: "col", class: "number" }, "As written") : null)),
    el("tbody", {}, rows.map((effect) => el("tr", {}, el("th", { scope: "row" }, effect.title),
      el("td", { class: "number" }, el("b", {}, signed(effect.always, 2, 10 * (effect.se || 0)))),
      parted ? el("td", { class: "number" }, Number.isFinite(effect.low) ? `${signed(effect.low, 2)} to ${signed(effect.high, 2)}` : "") : null,
      given ? el("td", { class: "number" }, Number.isFinite(effect.given) ? signed(effect.given, 2) : "in no future") : null,
      written ? el("td", { class: "number was" }, effect.name in old ? signed(old[effect.name], 2) : "") : null)))));
}
