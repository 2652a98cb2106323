// Policies, and views with their credences: sliders that always add up to one.

import { el, put } from "./dom.js";
import { renormalised } from "./state.js";
import { term } from "./terms.js";
import { percent } from "./words.js";

/** Radio buttons that choose a policy. */
export function policies(place, app) {
  const { scenario } = app;
  const inputs = [];
  const option = (name, title, about) => {
    const input = el("input", { type: "radio", name: "policy", "data-policy": name || "",
      onchange: () => app.change((next) => { next.policy = name; }) });
    inputs.push([input, name]);
    return el("label", { class: "option" }, input, el("span", {}, el("b", {}, title), about ? el("small", {}, about) : null));
  };
  put(place, el("h2", { class: "kicker" }, "Policy"),
    el("fieldset", { class: "options" }, el("legend", { class: "hidden" }, "Policy"),
      option(null, "Choices left open", "every decision as the scenario's own odds have it"),
      scenario.policies.map((policy) => option(policy.name, policy.title, policy.about))),
    scenario.switches?.length ? el("details", { class: "all-levers" }, el("summary", {}, `Switch a part off (${scenario.switches.length})`),
      el("fieldset", { class: "options" }, el("legend", { class: "hidden" }, "Parts of the model"),
        scenario.switches.map((each) => option(each.name, each.title, "")))) : null,
    el("p", { class: "quiet" }, "No policy is recommended here. A policy fixes choices; it does not say who is right."));
  return { sync: (setting) => inputs.forEach(([input, name]) => { input.checked = name === setting.policy; }) };
}

/** One view alone, or all of them mixed by credences that the reader sets. */
export function views(place, app) {
  const { scenario } = app;
  if (!scenario.views.length) {
    put(place, el("p", {}, "This scenario carries one view only."));
    return { sync() {} };
  }
  const total = scenario.views.reduce((sum, view) => sum + (view.credence || 0), 0) || 1;
  const written = Object.fromEntries(scenario.views.map((view) => [view.name, (view.credence || 0) / total]));
  let now = { ...written };
  const radios = [], rows = [];
  const same = (credences) => scenario.views.every(({ name }) => Math.abs(credences[name] - written[name]) < 5e-4);
  const set = (credences) => app.change((next) => { next.view = null; next.credences = same(credences) ? null : credences; });
  const show = () => rows.forEach(({ name, input, text }) => {
    input.value = Math.round(100 * now[name]);
    text.textContent = percent(now[name]);
    input.setAttribute("aria-valuetext", `${percent(now[name])}; as written ${percent(written[name])}`);
  });
  const only = (name, title) => {
    const input = el("input", { type: "radio", name: "view", "data-view": name || "",
      onchange: () => app.change((next) => { next.view = name; next.credences = null; }) });
    radios.push([input, name]);
    return el("label", { class: "only" }, input, title);
  };
  const row = (view) => {
    const id = `credence-${view.name}`, text = el("output", { for: id });
    const input = el("input", { type: "range", id, min: 0, max: 100, step: 1, "data-credence": view.name,
      oninput: () => { now = renormalised(now, view.name, input.value / 100); show(); }, onchange: () => set(now) });
    const whole = el("div", { class: "lever" },
      el("label", { for: id }, view.title, text), input,
      el("p", { class: "now" }, `As written ${percent(written[view.name])}. `, only(view.name, "This view alone")),
      view.about ? el("details", { class: "ground" }, el("summary", {}, el("span", { class: "clamp" }, view.about)), el("p", {}, view.about)) : null);
    rows.push({ name: view.name, input, text, whole });
    return whole;
  };
  put(place, el("h2", { class: "kicker" }, term("view", "Views"), ", and how much each is believed"),
    el("p", { class: "quiet" }, "Moving one moves the others, so that all add up to 100%."),
    el("p", { class: "buttons" }, only(null, "All views, mixed"),
      el("button", { type: "button", id: "equal-weights", onclick: () => set(Object.fromEntries(scenario.views.map(({ name }) => [name, 1 / scenario.views.length]))) }, "Equal weights")),
    el("div", { class: "levers" }, scenario.views.map(row)));
  return {
    sync(setting) {
      now = setting.credences ? { ...written, ...setting.credences } : { ...written };
      for (const [input, name] of radios) input.checked = name === setting.view;
      for (const { name, whole } of rows) {
        whole.classList.toggle("changed", setting.view === name || Boolean(setting.credences));
        whole.classList.toggle("aside", Boolean(setting.view) && setting.view !== name);
      }
      show();
    },
  };
}
