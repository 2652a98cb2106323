// Words that explain themselves when pressed.

import { el } from "./dom.js";

const MEANINGS = {
  future: "A future is one play of the scenario, start to end, with every uncertain number and chance drawn once.",
  view: "A view is a school of thought: beliefs that go together. Each future holds one, drawn by the view’s credence.",
  lever: "A lever is an uncertain number of the scenario. As written it is drawn anew in every future; moved, it is held at one value in all of them, above the share of draws that is told.",
  odds: "The odds of a step are the share of futures that take it, among those that took every step before it. Multiplied, they give the share that takes all.",
  draws: "The same draws: with and without a change, future number 7 believes the same and meets the same chances, so that what is left is the change’s own doing.",
};

/** A word with its meaning behind it. */
export function term(name, words) {
  const id = `term-${name}`;
  if (!document.getElementById(id)) document.body.append(el("div", { id, popover: "auto", class: "meaning" }, el("p", {}, MEANINGS[name])));
  return el("button", { type: "button", class: "term", popovertarget: id }, words);
}
