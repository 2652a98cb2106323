// Two settings side by side, under the same draws: people first, then the other measures, then the questions.

import { post } from "./api.js";
import { el, put } from "./dom.js";
import { interval } from "./fan.js";
import { asWritten, differs, keyOf } from "./state.js";
import { term } from "./terms.js";
import { day, percent, signed, unitWords } from "./words.js";

const FUTURES = 16384;

/** The panel in ``place``. Settings that can be compared: as written, the one on the screen, those kept, each policy. */
export function compare(place, app) {
  const { scenario } = app;
  const kept = [];
  const first = el("select", { id: "compare-a" }), second = el("select", { id: "compare-b" });
  const result = el("div", { class: "result fresh" });
  const note = el("p", { class: "quiet", role: "status" });
  const keep = el("button", { type: "button", id: "keep", onclick: () => {
    kept.push({ name: `kept ${kept.length + 1}: ${app.describe(app.setting)}`, setting: structuredClone(app.setting) });
    fillIn();
    note.textContent = `Kept as “${kept.at(-1).name}”. Change something, then compare.`;
  } }, "Keep this setting");
  const go = el("button", { type: "button", id: "compare-go", class: "strong", onclick: run }, "Compare");
  put(place, el("div", { class: "bar-of-controls" },
    el("label", {}, "Compare ", second), el("label", {}, "against ", first), go, keep), note, result);

  const choices = () => [
    { name: "the scenario as written", setting: asWritten(scenario.name) },
    { name: "what is on the screen", setting: app.setting },
    ...kept,
    ...scenario.policies.map((policy) => ({ name: `policy: ${policy.title}`, setting: { ...asWritten(scenario.name), policy: policy.name } })),
  ];
  function fillIn() {
    for (const [select, usual] of [[first, 0], [second, differs(app.setting) ? 1 : 2 + kept.length]]) {
      const at = select.options.length ? select.selectedIndex : usual;
      put(select, choices().map((choice, n) => el("option", { value: n }, choice.name)));
      select.selectedIndex = Math.min(at, select.options.length - 1);
    }
  }
  async function run() {
    const [a, b] = [first, second].map((select) => choices()[select.selectedIndex]);
    if (keyOf(a.setting) === keyOf(b.setting)) { note.textContent = "These two are the same: choose another."; return; }
    note.textContent = "Playing both …";
    result.classList.add("stale");
    go.disabled = true;
    try {
      const found = await post("/api/compare", { settings: [a.setting, b.setting], futures: Math.min(FUTURES, scenario.default_futures) });
      note.textContent = "";
      put(result, shown(found, a.name, b.name));
    } catch (problem) {
      note.textContent = [problem.message, problem.hint].filter(Boolean).join(" ");
    } finally {
      result.classList.remove("stale");
      go.disabled = false;
    }
  }
  fillIn();
  return { sync: fillIn };
}

function shown(found, a, b) {
  const people = found.measures.filter((measure) => measure.people), others = found.measures.filter((measure) => !measure.people);
  const whole = found.whole && Number.isFinite(found.whole.a)
    ? `All steps: ${percent(found.whole.a)} in ${a}, ${percent(found.whole.b)} in ${b}.` : "";
  return [el("h3", {}, `${sentence(b)}, against ${a}`),
    el("p", { class: "what" }, `${whole} Differences future by future under `, term("draws", "the same draws"), `, ${found.futures.toLocaleString("en-US")} futures: `
      + "a dot for the mean, a line over nine futures in ten. Each row has its own scale. Nothing here says which is better: that takes an objective."),
    measureTable("People", people), questionTable(found.questions, a, b),
    others.length ? el("details", { class: "all-levers" }, el("summary", {}, `Other measures (${others.length})`), measureTable("Other measures", others)) : null];
}

const sentence = (text) => text.charAt(0).toUpperCase() + text.slice(1);

function measureTable(title, measures) {
  if (!measures.length) return null;
  return el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": title }, el("table", { class: "compared" },
    el("caption", {}, title),
    el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "Measure"), el("th", { scope: "col", class: "middle" }, "less ← no different → more"),
      el("th", { scope: "col", class: "number" }, "Mean"), el("th", { scope: "col" }, "In how many futures"))),
    el("tbody", {}, measures.map((measure) => {
      const mean = signed(measure.mean, 2, 10 * measure.se);
      const band = measure.p95 - measure.p05;
      const ways = way(measure);
      return el("tr", {}, el("th", { scope: "row" }, measure.title, " ", el("small", {}, over(measure))),
        el("td", {}, interval(measure.p05, measure.mean, measure.p95, { width: 180,
          label: `${measure.title}: mean ${mean}, nine in ten between ${signed(measure.p05, 3, band)} and ${signed(measure.p95, 3, band)}` })),
        el("td", { class: "number" }, el("b", {}, mean)), el("td", {}, ways));
    }))));
}

/** What a difference is of: an amount over the whole run, or a level at its end. */
const over = (measure) => [unitWords(measure.unit), measure.per ? "over the whole run" : "at the end"].filter(Boolean).join(" ");

function way(measure) {
  if (measure.more === undefined) return "";
  const parts = [["more", measure.more], ["less", measure.less]].filter(([, p]) => p >= 0.005);
  if (!parts.length) return "no different";
  return parts.map(([word, p]) => `${word} in ${percent(p)}`).join(", ");
}

function questionTable(questions, a, b) {
  if (!questions?.length) return null;
  const listed = [...questions].sort((x, y) => Math.abs(y.difference ?? 0) - Math.abs(x.difference ?? 0));
  return el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Questions compared" }, el("table", { class: "compared" },
    el("caption", {}, "Questions, those that differ most first"),
    el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "Question"), el("th", { scope: "col", class: "number" }, sentence(a)),
      el("th", { scope: "col", class: "number" }, sentence(b)))),
    el("tbody", {}, listed.map((question) => el("tr", {}, el("th", { scope: "row" }, question.ask, " ", el("small", {}, `by ${day(question.by)}`)),
      el("td", { class: "number" }, odds(question.a)), el("td", { class: "number" }, el("b", {}, odds(question.b))))))));
}

const odds = (p) => (p === null || p === undefined ? "no case" : percent(p));
