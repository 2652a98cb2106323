// Typical futures, and some that end far out, told as dated sentences; each can be stepped through.

import { post } from "./api.js";
import { el, put } from "./dom.js";
import { frequency, percent, shortDay } from "./words.js";

/** The panel in ``place``; ``step`` opens a future by its number. */
export function stories(place, app, step) {
  const note = el("p", { class: "quiet", role: "status" }), result = el("div", { class: "result" });
  const go = el("button", { type: "button", class: "strong", id: "stories-go", onclick: run }, "Tell stories");
  put(place, el("p", { class: "what" }, "Futures that went alike, each told by the one in the middle of them; then some that ended far out."),
    el("div", { class: "bar-of-controls" }, go), note, result);

  async function run() {
    note.textContent = "Playing futures and sorting them: some seconds …";
    go.disabled = true;
    result.classList.add("stale");
    try {
      const found = await post("/api/stories", { setting: app.setting });
      if (found.available === false) { note.textContent = `Not run: ${found.why}.`; put(result); return; }
      note.textContent = "";
      put(result, [...found.stories, ...found.tails].map((story, n) => told(story, n === 0, step)));
    } catch (problem) {
      note.textContent = [problem.message, problem.hint].filter(Boolean).join(" ");
    } finally {
      go.disabled = false;
      result.classList.remove("stale");
    }
  }
  return { sync: () => { if (result.hasChildNodes()) { result.classList.add("stale"); note.textContent = "The setting has changed since: ask again."; } } };
}

function told(story, open, step) {
  const how = Number.isFinite(story.share) ? `${percent(story.share)} of futures go much like it: ${frequency(story.share)}` : "one of those that end furthest out";
  return el("details", { class: "story", open },
    el("summary", {}, el("b", {}, story.title), " ", el("span", { class: "quiet" }, how)),
    el("ol", { class: "events" }, story.sentences.map((sentence) => el("li", {}, el("b", {}, shortDay(sentence.date)), " ", sentence.text))),
    el("p", { class: "buttons" }, el("button", { type: "button", onclick: () => step(story.future) }, `Step through future ${story.future.toLocaleString("en-US")}`)));
}
