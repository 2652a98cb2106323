// What decides an outcome: for each belief its two ends in its own unit, and what the outcome comes to there.

import { post } from "./api.js";
import { el, lines, put, svg, widthOf } from "./dom.js";
import { said } from "./levers.js";
import { linear, nice, tickText, ticks } from "./scale.js";
import { percent, quantity, signed } from "./words.js";

const SHOWN = 10;

/** The panel in ``place``: an outcome is chosen, and the server asked what decides it. */
export function why(place, app) {
  const { scenario } = app;
  const headline = scenario.headline || { measures: [] };
  const first = [headline.question, ...headline.measures].filter(Boolean);
  const titled = [...scenario.questions.map((each) => [each.name, each.ask]), ...scenario.measures.map((each) => [each.name, each.title])];
  titled.sort((a, b) => (first.includes(b[0]) - first.includes(a[0])) || first.indexOf(a[0]) - first.indexOf(b[0]));
  const what = el("select", { id: "why-what" }, titled.map(([name, title]) => el("option", { value: name }, title)));
  const note = el("p", { class: "quiet", role: "status" }), result = el("div", { class: "result" });
  const go = el("button", { type: "button", class: "strong", id: "why-go", onclick: run }, "Find out");
  put(place, el("div", { class: "bar-of-controls" }, el("label", {}, "What decides ", what), go), note, result);

  async function run() {
    note.textContent = "Playing it with beliefs drawn anew: some seconds …";
    go.disabled = true;
    result.classList.add("stale");
    try {
      const found = await post("/api/explain", { setting: app.setting, outcome: what.value });
      if (found.available === false) { note.textContent = `Not run: ${found.why}.`; put(result); return; }
      note.textContent = "";
      put(result, shown(found, scenario, widthOf(result)));
    } catch (problem) {
      note.textContent = [problem.message, problem.hint].filter(Boolean).join(" ");
    } finally {
      go.disabled = false;
      result.classList.remove("stale");
    }
  }
  return { sync: () => { if (result.hasChildNodes()) { result.classList.add("stale"); note.textContent = "The setting has changed since: ask again."; } } };
}

function shown({ explanation: found, baseline }, scenario, width) {
  const { outcome } = found;
  const compared = Boolean(found.baseline || baseline);
  const say = outcome.kind === "measure" ? (value) => (compared ? signed : quantity)(value, 2) : percent;
  const bars = found.ends.slice(0, SHOWN).map((bar) => ({ ...bar, ...ends(bar, scenario) }))
    .sort((a, b) => Math.abs(b.high.mean - b.low.mean) - Math.abs(a.high.mean - a.low.mean));
  const title = outcome.kind === "question" ? `“${outcome.title}”` : `${outcome.title.charAt(0).toLowerCase()}${outcome.title.slice(1)}`;
  const against = compared && outcome.kind === "measure" ? `, as a difference from “${scenario.baseline?.title}”` : "";
  return [el("h3", {}, `What decides ${title}`),
    el("p", { class: "what" }, `The mean${against} where a belief lies in the lowest fifth of its draws (light) and in the highest (dark). The line is the mean of all futures.`),
    bars.length ? tornado(bars, found.mean.value, say, width) : el("p", {}, "No belief can be told from none."),
    found.sentences?.length ? el("details", { class: "all-levers" }, el("summary", {}, "In words, with chance and what beliefs do together"),
      el("ol", { class: "findings" }, found.sentences.map((text) => el("li", {}, text)))) : null];
}

/** A bar's title and its ends in the belief's own unit; of the choice of a view, the views' names. */
function ends(bar, scenario) {
  const lever = scenario.levers.find((each) => each.label === bar.label);
  const view = (name) => scenario.views.find((each) => each.name === name)?.title || String(name);
  const edge = (end, most) => (typeof end.edge === "number" ? `${end.only ? "" : `at ${most} `}${lever ? said(lever, end.edge) : quantity(end.edge, 2)}` : view(end.edge));
  return { title: lever?.title || (typeof bar.low.edge === "string" ? "Which view holds" : bar.label), from: edge(bar.low, "most"), to: edge(bar.high, "least") };
}

function tornado(bars, mean, say, width) {
  const left = Math.min(240, width * 0.4), right = width - 70, row = 40, top = 6;
  const all = bars.flatMap((bar) => [bar.low.mean, bar.high.mean]);
  const [low, high] = nice(Math.min(mean, ...all), Math.max(mean, ...all));
  const x = linear(low, high, left + 60, right), height = top + bars.length * row + 24;
  const parts = ticks(low, high).flatMap((value) => [svg("line", { x1: x(value), x2: x(value), y1: top, y2: height - 20, class: "grid" }),
    svg("text", { x: x(value), y: height - 6, class: "tick", "text-anchor": "middle" }, say === percent ? percent(value) : tickText(value))]);
  bars.forEach((bar, n) => {
    const y = top + n * row, places = [bar.low, bar.high].map((end) => x(end.mean)), leftmost = places[0] <= places[1];
    lines(bar.title, Math.floor(left / 6.6)).slice(0, 2).forEach((line, k) => parts.push(svg("text", { x: 0, y: y + 13 + 14 * k, class: "name" }, line)));
    [["low", places[0]], ["high", places[1]]].forEach(([end, at]) => parts.push(svg("rect", { class: `end-${end}`, x: Math.min(at, x(mean)), y: y + 3, width: Math.max(1, Math.abs(at - x(mean))), height: 13 })));
    [[bar.low, bar.from, places[0], leftmost], [bar.high, bar.to, places[1], !leftmost]].forEach(([end, edge, place, before]) => {
      const at = before ? Math.min(place, x(mean)) : Math.max(place, x(mean)); // both ends may lie on one side
      parts.push(svg("text", { x: at + (before ? -5 : 5), y: y + 14, class: "side", "text-anchor": before ? "end" : "start" }, say(end.mean)));
      parts.push(svg("text", { x: at, y: y + 29, class: "side", "text-anchor": before ? "end" : "start" }, edge));
    });
  });
  parts.push(svg("line", { x1: x(mean), x2: x(mean), y1: top, y2: height - 20, class: "zero" }));
  return svg("svg", { viewBox: `0 0 ${width} ${height}`, width, height, role: "img", "aria-label":
    `Beliefs that decide most. ${bars.map((bar) => `${bar.title}: ${bar.from}, ${say(bar.low.mean)}; ${bar.to}, ${say(bar.high.mean)}`).join(". ")}.` }, parts);
}
