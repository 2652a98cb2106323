// A reader's own scenario: one file, sent to the server, which checks it and lists all that is wrong with it.

import { Refused, send } from "./api.js";
import { el, put } from "./dom.js";

const FAULTS = 20;

/** The menu's content. */
export function upload(place) {
  const told = el("div", { role: "status", id: "upload-told" });
  const file = el("input", { type: "file", id: "upload-file", accept: ".yaml,.yml", onchange: async () => {
    const [chosen] = file.files;
    if (!chosen) return;
    put(told, el("p", {}, `Checking ${chosen.name} …`));
    try {
      const { name } = await send("/api/scenarios", { text: await chosen.text() });
      location.hash = `scenario=${encodeURIComponent(name)}`;
      location.reload();
    } catch (problem) {
      put(told, faults(problem));
    }
    file.value = ""; // the same file, mended, is a change too
  } });
  put(place, el("p", {}, el("label", { for: "upload-file" }, "One YAML file that includes no other "), file),
    el("p", { class: "quiet" }, "It is checked like any scenario, kept until the server ends or others take its place, and listed for this browser only."), told);
}

function faults(problem) {
  const { diagnostics = [] } = problem instanceof Refused ? problem : {};
  const line = ({ line: at, message, hint }) => el("li", {}, `Line ${at}: ${message}`, hint ? el("small", {}, hint) : null);
  if (!diagnostics.length) return [el("p", {}, problem.message), problem.hint ? el("p", { class: "quiet" }, problem.hint) : null];
  const more = diagnostics.length - FAULTS;
  return [el("p", {}, "This scenario is unsound:"), el("ul", {}, diagnostics.slice(0, FAULTS).map(line)),
    more > 0 ? el("p", { class: "quiet" }, `${more} more`) : null];
}
