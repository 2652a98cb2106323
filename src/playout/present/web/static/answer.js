// The answer in sentences, as the server words it; each view by itself is one press away, and stands on paper.

import { byId, el, put } from "./dom.js";
import { percent } from "./words.js";

const SHOWN_BY_THE_CHAIN = /^“[^”]+” is reached in /;
const NUMBER = /((?:about |over |under )?\d[\d.,]*%)/;

/** The answer in its place, the first number of each sentence in bold; ``moved``: against the scenario as written. */
export function showAnswer(picture, scenario, moved) {
  const [lead, ...rest] = picture.answer;
  put(byId("sentences"), sentence(lead || "", "lead"), el("div", { class: "rest" }, rest.map((text) =>
    sentence(text, SHOWN_BY_THE_CHAIN.test(text) ? "in-chain" : null, baseRates(text, scenario))))); // in-chain: to be heard
  put(byId("moved"), moved ? [el("span", { class: "hidden" }, "Against the scenario as written: "), moved] : null);
  const views = picture.by_view || [];
  byId("by-view-open").hidden = !views.length;
  put(byId("by-view"), el("p", {}, el("b", {}, "Each view by itself, before any blend")), el("ul", {}, views.map((text) => el("li", {}, text))));
}

function sentence(text, kind, more = null) {
  const [before, number, ...after] = text.split(NUMBER);
  return el("p", { class: kind }, before, number ? el("b", {}, number) : null, after.join(""), more);
}

/** How often the like happened before (of what, stands with the questions), beside the sentence that answers the question of the first screen. */
function baseRates(text, scenario) {
  const rates = scenario.headline?.base_rates || [];
  const question = scenario.questions.find((each) => each.name === scenario.headline?.question);
  if (!rates.length || !question || !text.startsWith(question.ask)) return null;
  return el("span", { class: "base-rates" }, ` Base rates: ${rates.map(({ happened, cases }) =>
    `${happened} of ${cases} is ${percent(happened / cases)}`).join(", ")}.`);
}
