// The step ladder: the chain of odds with its product, and under it how many futures stand where, week by week.

import { dataTable, el, lines, put, svg, widthOf } from "./dom.js";
import { dateTicks, days, linear } from "./scale.js";
import { term } from "./terms.js";
import { day, frequency, month, odds, percent, short, shortMonth, word } from "./words.js";

const HUES = 6, GREYS = 3;

/** The colour of a stage: a hue on the path, a grey off it, the palest for where futures fall back. */
export function colourOf(scenario, stage) {
  const at = scenario.path.indexOf(stage);
  if (at >= 0) return `band-${(at % HUES) + 1}`;
  if ((scenario.fallback || []).includes(stage)) return "band-off";
  return `band-off-${((headTrack(scenario).stages.filter((each) => !scenario.path.includes(each.name)
    && !(scenario.fallback || []).includes(each.name)).findIndex((each) => each.name === stage)) % GREYS) + 1}`;
}

/** The track that the story is told on. */
export const headTrack = (scenario) => scenario.tracks.find((track) => track.name === scenario.track) || { name: "", stages: [] };

/** The ladder in ``place``. Gives back what draws a picture; ``pinned`` hears of a week that the reader pins. */
export function ladder(place, scenario, pinned) {
  const finding = el("h3"), chain = el("div", { class: "chain" }), stream = el("div", { class: "stream" });
  const slider = el("input", { type: "range", id: "week", min: 0, step: 1, "aria-describedby": "ladder-what" });
  const said = el("output", { for: "week" });
  const key = el("ul", { class: "key", "aria-label": "Shares in the pinned week" });
  const table = el("div", { class: "table" });
  put(place, el("figure", {}, finding,
    el("p", { class: "what", id: "ladder-what" }, "Above, the ", term("odds", "odds of each step"), " given every step before it. Below, the share of ",
      term("future", "futures"), " in each stage, by week."),
    chain, stream,
    el("div", { class: "pin" }, el("label", { for: "week" }, "Pin a week"), slider, said, table), key));
  const titles = Object.fromEntries(headTrack(scenario).stages.map((stage) => [stage.name, stage.title]));
  let shown = null, week = null;
  const move = (to, heard) => {
    week = to;
    if (shown) drawStream(shown.picture, shown.written);
    if (heard) pinned(to);
  };
  slider.addEventListener("input", () => move(Number(slider.value), false));
  slider.addEventListener("change", () => pinned(week));

  function drawStream(picture, written) {
    const { dates } = picture.occupancy;
    slider.max = dates.length - 1;
    slider.value = week;
    said.textContent = day(dates[week]);
    const bands = bandsOf(scenario, picture.occupancy, titles);
    const was = written ? bandsOf(scenario, written.occupancy, titles) : null;
    slider.setAttribute("aria-valuetext", `${day(dates[week])}: ${told(bands, week)}`);
    put(stream, streamPicture(bands, was, dates, week, widthOf(stream), (to) => move(to, true)));
    put(key, bands.map((band) => el("li", {}, swatch(band.colour), band.name, " ", el("b", {}, percent(band.shares[week])))));
  }

  return {
    draw(picture, written) {
      shown = { picture, written };
      if (!picture.occupancy?.dates?.length) { put(place, el("p", {}, "This scenario has no track to draw.")); return; }
      const { dates } = picture.occupancy;
      if (week === null || week >= dates.length) week = Math.min(52, Math.floor((dates.length - 1) / 2));
      finding.textContent = findingOf(scenario, picture, titles);
      const width = widthOf(chain);
      put(chain, width < 560 ? chainList(scenario, picture, written) : chainPicture(scenario, picture, written, width));
      drawStream(picture, written);
      const bands = bandsOf(scenario, picture.occupancy, titles);
      const every = Math.max(1, Math.round(dates.length / 20));
      const open = table.querySelector("details")?.open;
      put(table, dataTable("Share of futures in each stage, at some twenty dates", ["Date", ...bands.map((band) => band.name)],
        dates.map((date, step) => [date, ...bands.map((band) => percent(band.shares[step]))])
          .filter((_, step) => step % every === 0 || step === dates.length - 1), open));
    },
    pin: (to) => move(to, false),
  };
}

const swatch = (colour) => svg("svg", { class: "swatch", viewBox: "0 0 1 1", "aria-hidden": "true" },
  svg("rect", { width: 1, height: 1, class: `fill-${colour}` }));

const told = (bands, week) => bands.filter((band) => band.shares[week] >= 0.005)
  .map((band) => `${band.name} ${percent(band.shares[week])}`).join(", ");

function bandsOf(scenario, occupancy, titles) {
  return occupancy.stages.map((stage, n) => ({
    name: short(titles[stage] || stage), colour: colourOf(scenario, stage), shares: occupancy.shares[n],
  }));
}

function findingOf(scenario, picture, titles) {
  const { stages, shares } = picture.occupancy;
  const last = shares.map((each) => each.at(-1));
  const most = last.indexOf(Math.max(...last));
  const ends = `${percent(last[most])} of futures end in “${short(titles[stages[most]] || stages[most])}”`;
  return picture.path.length > 1 ? `${percent(picture.whole.p)} of futures take every step; ${ends}` : ends;
}

/** Each step of the path with the share that took every step to it. */
function stepsOf(picture) {
  let share = 1;
  return picture.path.map((step, n) => {
    if (n) share *= step.given ?? 0;
    return { ...step, name: short(step.title), share };
  });
}

const textOf = (picture) => picture.path.map((step, n) => (n === 0 ? short(step.title)
  : `${short(step.title)}, taken by ${percent(step.given ?? 0)} of those who took every step before`)).join("; ");

// --- the chain --------------------------------------------------------------------------------------------------------

const TALL = 42, LINE = 13.5;

function chainPicture(scenario, picture, written, width) {
  const steps = stepsOf(picture), end = 132;
  const column = (width - end) / steps.length;
  const names = steps.map((step) => lines(step.name, Math.floor((column - 6) / 6.7)));
  const TOP = LINE * Math.max(...names.map((each) => each.length)) + 22;
  const was = written ? stepsOf(written) : null;
  const parts = [fading()];
  steps.forEach((step, n) => {
    const x = n * column, next = steps[n + 1], bend = x + 0.52 * column, to = x + column;
    const now = Math.max(1.5, TALL * step.share);
    const then = next ? Math.max(1.5, TALL * next.share) : now;
    if (next && now - then > 1) parts.push(leaving(bend, to, TOP + then, TOP + now));
    parts.push(svg("path", { class: `band fill-${colourOf(scenario, step.stage)}`,
      d: `M${x},${TOP}H${to}V${TOP + then}C${to - 0.2 * column},${TOP + then} ${bend + 0.2 * column},${TOP + now} ${bend},${TOP + now}H${x}Z` }));
    names[n].forEach((line, row, all) =>
      parts.push(svg("text", { x, y: TOP - 23 - LINE * (all.length - 1 - row), class: "name step" }, line)));
    if (next) {
      parts.push(svg("text", { x: to - 5, y: TOP - 6, class: "odds", "text-anchor": "end" }, `${percent(next.given ?? 0)} →`));
    }
    const old = was?.[n]?.reached;
    const moved = n && old !== undefined && percent(old) !== percent(step.reached);
    parts.push(svg("text", { x, y: TOP + TALL + 15, class: "quiet" }, moved ? svg("tspan", { class: "was" }, `${percent(old)} → `) : null,
      n === 0 ? "all start here" : `${percent(step.reached)} reach${moved ? "" : " it"}`));
    if (n && step.median_date) {
      parts.push(svg("text", { x, y: TOP + TALL + 28, class: "quiet" }, `half${column < 114 ? ":" : " by"} ${shortMonth(step.median_date)}`));
    }
  });
  const x = width - end + 12, p = picture.whole.p;
  parts.push(svg("text", { x, y: TOP + 8, class: "whole" }, percent(p)));
  const rest = [word(p), "take every step:", frequency(p)].filter(Boolean);
  if (written && percent(written.whole.p) !== percent(p)) rest.push(`as written ${percent(written.whole.p)}`);
  rest.forEach((line, row) => parts.push(svg("text", { x, y: TOP + 25 + 14.5 * row, class: row === 3 ? "quiet was" : "quiet" }, line)));
  return svg("svg", { viewBox: `0 0 ${width} ${TOP + TALL + 33}`, width, height: TOP + TALL + 33, role: "img",
    "aria-label": `The steps in order. ${textOf(picture)}. All of them: ${odds(p)}.` }, parts);
}

/** Futures that leave the path, or skip the step, run out below it. */
function leaving(from, to, top, bottom) {
  const down = 15, mid = (from + to) / 2;
  return svg("path", { class: "leaving", fill: "url(#leaving)",
    d: `M${from},${top}C${mid},${top} ${mid},${top + down} ${to},${top + down}V${bottom + down}C${mid},${bottom + down} ${mid},${bottom} ${from},${bottom}Z` });
}

const fading = () => svg("defs", {}, svg("linearGradient", { id: "leaving" },
  svg("stop", { offset: "0", class: "stop-full" }), svg("stop", { offset: "1", class: "stop-none" })));

function chainList(scenario, picture, written) {
  const steps = stepsOf(picture), was = written ? stepsOf(written) : null;
  return el("ol", { class: "chain-list" },
    steps.map((step, n) => el("li", {},
      svg("svg", { viewBox: "0 0 100 100", preserveAspectRatio: "none", "aria-hidden": "true", class: "rung" },
        svg("polygon", { class: `fill-${colourOf(scenario, step.stage)}`, points: rung(step.share, steps[n + 1]?.share ?? step.share) })),
      el("b", {}, step.name),
      el("span", { class: "quiet" }, n === 0 ? "all start here" : `${percent(step.reached)} reach it`,
        n && was && percent(was[n].reached) !== percent(step.reached) ? `, was ${percent(was[n].reached)}` : ""),
      steps[n + 1] ? el("span", { class: "on" }, el("b", {}, percent(steps[n + 1].given ?? 0)), " go on to the next step") : null)),
    el("li", { class: "all" }, el("b", { class: "figure" }, percent(picture.whole.p)),
      el("span", {}, `take every step: ${word(picture.whole.p)}, ${frequency(picture.whole.p)}`)));
}

const rung = (now, then) => {
  const a = Math.max(3, 100 * now) / 2, b = Math.max(3, 100 * then) / 2;
  return `${50 - a},0 ${50 + a},0 ${50 + a},55 ${50 + b},100 ${50 - b},100 ${50 - a},55`;
};

// --- the stream -------------------------------------------------------------------------------------------------------

const READOUT = 226;

function streamPicture(bands, was, dates, week, width, pin) {
  const wide = width >= 560, height = wide ? 188 : 200;
  const left = 34, right = wide ? width - READOUT : width - 6, top = 8, bottom = height - 22;
  const x = linear(days(dates[0]), days(dates.at(-1)), left, right), y = linear(0, 1, bottom, top);
  const parts = [];
  for (const share of [0, 0.25, 0.5, 0.75, 1]) {
    parts.push(svg("text", { x: left - 5, y: y(share) + 4, class: "tick", "text-anchor": "end" }, `${100 * share}%`));
  }
  const edges = [];
  let base = dates.map(() => 1);
  for (const band of bands) {
    const under = base.map((at, step) => at - band.shares[step]);
    const over = base;
    const line = (at, step) => `${x(days(dates[step])).toFixed(1)},${y(Math.max(0, at)).toFixed(1)}`;
    parts.push(svg("path", { class: `band fill-${band.colour}`,
      d: `M${over.map(line).join("L")}L${under.map((at, step) => line(at, step)).reverse().join("L")}Z` }));
    edges.push({ over, under });
    base = under;
  }
  for (const { at, text } of dateTicks(dates[0], dates.at(-1))) {
    parts.push(svg("line", { x1: x(at), x2: x(at), y1: top, y2: bottom + 4, class: "year" }));
    parts.push(svg("text", { x: x(at), y: bottom + 16, class: "tick", "text-anchor": "middle" }, text));
  }
  parts.push(...bandNames(bands, edges, dates, { x, y }));
  const at = x(days(dates[week]));
  parts.push(svg("line", { x1: at, x2: at, y1: top - 4, y2: bottom + 4, class: "pinned" }));
  parts.push(svg("circle", { cx: at, cy: top - 3, r: 3.5, class: "pinned" }));
  if (wide) parts.push(...readout(bands, was, { week, dates, right, top, bottom, width }));
  const drawn = svg("svg", { viewBox: `0 0 ${width} ${height}`, width, height, role: "img", class: "pinnable",
    "aria-label": `Share of futures in each stage by week, ${month(dates[0])} to ${month(dates.at(-1))}. On ${day(dates[week])}: ${told(bands, week)}. `
      + `At the end: ${told(bands, dates.length - 1)}.` }, parts);
  const weekAt = (event) => {
    const box = drawn.getBoundingClientRect();
    const place = ((event.clientX - box.left) / box.width) * width;
    return Math.max(0, Math.min(dates.length - 1, Math.round(((place - left) / (right - left)) * (dates.length - 1))));
  };
  drawn.addEventListener("click", (event) => pin(weekAt(event)));
  return drawn;
}

/** Beside the bands: every stage with its share in the pinned week, in the order of the bands. */
function readout(bands, was, { week, dates, right, top, bottom, width }) {
  const gap = Math.min(18, (bottom - top - 14) / bands.length);
  const parts = [svg("text", { x: right + 16, y: top + 4, class: "head" }, day(dates[week]))];
  bands.forEach((band, n) => {
    const y = top + 10 + gap * (n + 0.7);
    const now = percent(band.shares[week]), old = was && percent(was[n].shares[week]);
    const moved = old && old !== now;
    parts.push(svg("rect", { x: right + 16, y: y - 8, width: 9, height: 9, class: `fill-${band.colour}` }));
    parts.push(svg("text", { x: right + 30, y, class: band.shares[week] < 0.005 ? "stage quiet" : "stage" }, cut(band.name, moved ? 19 : 27)));
    parts.push(svg("text", { x: width, y, class: "odds", "text-anchor": "end" }, moved ? svg("tspan", { class: "was" }, `${old} → `) : null, now));
  });
  return parts;
}

const cut = (text, room) => (text.length <= room ? text : `${text.slice(0, room - 1).trimEnd()}…`);

/** The names of bands inside them, where they are thick and level enough for it. */
function bandNames(bands, edges, dates, { x, y }) {
  const at = dates.map((date) => x(days(date)));
  return bands.flatMap((band, n) => {
    const { over, under } = edges[n], room = 7.2 * band.name.length;
    let best = null;
    for (let from = 0; from < dates.length; from += 4) {
      const to = at.findIndex((place) => place >= at[from] + room);
      if (to < 0) break;
      const top = Math.max(...over.slice(from, to).map(y)), bottom = Math.min(...under.slice(from, to).map(y));
      if (bottom - top >= 17 && (!best || bottom - top > best.high + 2)) best = { high: bottom - top, x: at[from] + 4, y: (top + bottom) / 2 + 4 };
    }
    return best ? [svg("text", { x: best.x, y: best.y, class: "inside" }, band.name)] : [];
  });
}
