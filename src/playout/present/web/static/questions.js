// Questions that the future will answer, in the order of their dates, with odds said three ways.

import { el, put } from "./dom.js";
import { bar } from "./fan.js";
import { odds, percent, shortDay } from "./words.js";

export function questions(place, scenario) {
  const listed = [...scenario.questions].sort((a, b) => (a.by < b.by ? -1 : 1));
  const rows = new Map(listed.map((question) => [question.name, { bar: el("td", { class: "barred" }), said: el("td"), was: el("td", { class: "number was" }) }]));
  const was = el("th", { scope: "col", class: "number" }, "As written");
  put(place, listed.length ? el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Questions" }, el("table", { class: "questions" },
    el("caption", {}, "Dated questions, and the odds that the answer is yes"),
    el("thead", {}, el("tr", {}, ["By", "Question", "Odds"].map((text) => el("th", { scope: "col", colspan: text === "Odds" ? 2 : null }, text)), was)),
    el("tbody", {}, listed.map((question) => {
      const row = rows.get(question.name);
      return el("tr", {}, el("td", { class: "date" }, shortDay(question.by)), el("th", { scope: "row" }, question.ask), row.bar, row.said, row.was);
    })))) : el("p", {}, "This scenario asks no questions."), baseRates(scenario));
  return {
    draw(picture, written) {
      was.hidden = !written;
      for (const [name, row] of rows) {
        const own = picture.questions[name], old = written?.questions[name];
        row.was.hidden = !written;
        if (!own || own.p === null) { put(row.said, "its condition holds in no future"); put(row.bar); continue; }
        put(row.bar, bar(own.p, old && old.p !== null ? old.p : null));
        put(row.said, odds(own.p), Number.isFinite(own.given) ? el("small", {}, `of the ${percent(own.given)} of futures that meet its condition`) : null);
        row.was.textContent = old && old.p !== null ? percent(old.p) : "";
      }
    },
  };
}

/** Classes of past cases that the question of the first screen is held against. */
function baseRates(scenario) {
  const rates = scenario.headline?.base_rates || [];
  if (!rates.length) return null;
  return el("div", {}, el("h3", {}, "Base rates"), el("ul", { class: "findings" }, rates.map(({ title, happened, cases }) =>
    el("li", {}, `${title}: ${happened} of ${cases}, which is ${percent(happened / cases)}.`))));
}
