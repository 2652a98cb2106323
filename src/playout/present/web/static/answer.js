// The answer in sentences, as the server words it.

import { byId, el, put } from "./dom.js";

const SHOWN_BY_THE_CHAIN = /^“[^”]+” is reached in /;
const NUMBER = /((?:about |over |under )?\d[\d.,]*%)/;

/** The answer in its place, the first number of each sentence in bold; ``moved``: against the scenario as written. */
export function showAnswer(picture, moved) {
  const sentence = (text, n) => {
    const [before, number, ...after] = text.split(NUMBER);
    const kind = n === 0 ? "lead" : SHOWN_BY_THE_CHAIN.test(text) ? "in-chain" : null; // for who hears and does not see
    return el("p", { class: kind }, before, number ? el("b", {}, number) : null, after.join(""));
  };
  put(byId("sentences"), sentence(picture.answer[0] || "", 0), el("div", { class: "rest" }, picture.answer.slice(1).map((text) => sentence(text, 1))));
  put(byId("answer-h"), "The answer", moved ? el("span", { class: "moved" }, moved) : null);
}
