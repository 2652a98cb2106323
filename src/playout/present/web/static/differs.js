// What differs from the scenario as written, each undone by itself, all of it in one click.

import { el, put } from "./dom.js";
import { said, valueAt } from "./levers.js";
import { differs } from "./state.js";
import { percent, shortDay, signed } from "./words.js";

/** What a setting changes: [{text, undo}], undo taking it out of a setting. */
export function changesOf(setting, scenario) {
  const found = [];
  const titled = (list, name) => list?.find((each) => each.name === name)?.title || name;
  const { policy, view, credences } = setting;
  if (policy) {
    found.push({ text: `Policy: ${titled([...scenario.policies, ...(scenario.switches || [])], policy)}`, undo: (next) => { next.policy = null; } });
  }
  if (view) found.push({ text: `Only this view: ${titled(scenario.views, view)}`, undo: (next) => { next.view = null; } });
  if (credences) {
    const shares = scenario.views.map(({ name }) => credences[name] ?? 0);
    const equal = shares.every((share) => Math.abs(share - 1 / shares.length) < 0.005);
    found.push({ text: `Credences: ${equal ? "equal weights" : shares.map((share) => percent(share)).join(", ")}`, undo: (next) => { next.credences = null; } });
  }
  for (const [name, { quantile }] of Object.entries(setting.beliefs)) {
    const lever = scenario.levers.find((each) => each.label === name);
    found.push({ text: lever ? `${lever.title}: ${said(lever, valueAt(lever, quantile))}` : name, undo: (next) => { delete next.beliefs[name]; } });
  }
  for (const [name, option] of Object.entries(setting.decisions)) {
    const decision = scenario.decisions.find((each) => each.name === name);
    found.push({ text: `${decision?.title || name}: ${titled(decision?.options, option)}`, undo: (next) => { delete next.decisions[name]; } });
  }
  if (setting.seed !== 1) found.push({ text: `Seed ${setting.seed}`, undo: (next) => { next.seed = 1; } });
  return found;
}

/** The strip under the title. */
export function showDiffers(place, app) {
  const { scenario, setting } = app;
  if (!differs(setting)) {
    put(place, el("p", {}, el("b", {}, "As the scenario is written."), " Move a lever to change it."));
    return;
  }
  put(place, el("p", {}, el("b", {}, "Not as written:")),
    el("ul", { class: "chips" }, changesOf(setting, scenario).map(({ text, undo }) => el("li", {}, el("span", {}, text),
      app.offline ? null : el("button", { type: "button", "aria-label": `Undo: ${text}`, onclick: () => app.change(undo) }, "×")))),
    app.offline ? null : el("button", { type: "button", id: "reset", class: "strong", onclick: () => app.reset() }, "Reset"));
}

/** The question of the first screen in a few words: "force by 7 Mar 2026". */
export function asked(scenario) {
  const question = scenario.questions.find((each) => each.name === scenario.headline?.question);
  return question ? `${scenario.headline.short || "the question"} by ${shortDay(question.by)}` : "";
}

/** How the main numbers moved against the scenario as written, in one line. */
export function shift(picture, written, scenario) {
  if (!written) return "";
  const moves = [["All steps", written.whole?.p, picture.whole?.p]];
  const name = scenario.headline?.question;
  if (name) moves.push([asked(scenario), written.questions[name]?.p, picture.questions[name]?.p]);
  const parts = moves.filter(([, a, b]) => Number.isFinite(a) && Number.isFinite(b))
    .map(([what, a, b]) => `${what} ${percent(a)}${percent(a) === percent(b) ? ", unchanged" : ` → ${percent(b)}`}`);
  const old = written.effects?.[0], own = picture.effects?.find((effect) => effect.name === old?.name);
  if (old && own) parts.push(`${old.title.charAt(0).toLowerCase()}${old.title.slice(1)} ${signed(old.always, 2)} → ${signed(own.always, 2)}`);
  return parts.join("; ");
}
