// Play a future by hand: at each decision point take an option, and see the odds change against the model's.

import { asked, changesOf } from "./differs.js";
import { el, put } from "./dom.js";
import { bar } from "./fan.js";
import { frequency, percent, signed } from "./words.js";

/** The decisions in ``place``, one at a time, and the trail of what each choice did. */
export function decisions(place, app) {
  const { scenario } = app;
  if (!scenario.decisions.length) {
    put(place, el("p", {}, "Nobody decides anything in this scenario."));
    return { sync() {}, draw() {} };
  }
  let at = 0, trail = [];
  const steps = scenario.decisions.map((decision) => point(decision, app));
  const head = el("h2", { class: "kicker" }), stage = el("div"), path = el("div", { class: "trail" });
  const go = (to) => { at = (to + steps.length) % steps.length; show(); };
  const back = el("button", { type: "button", onclick: () => go(at - 1) }, "Back");
  const next = el("button", { type: "button", id: "next-decision", onclick: () => { go(at + 1); stage.querySelector("input")?.focus(); } }, "Next decision");
  const clear = el("button", { type: "button", onclick: () => app.change((setting) => { setting.decisions = {}; }) }, "Leave all to the model");
  put(place, head, stage, el("p", { class: "buttons" }, back, next, clear), path);

  function show() {
    head.textContent = `Decision ${at + 1} of ${steps.length}`;
    put(stage, steps[at].whole);
    back.disabled = at === 0;
    next.disabled = at === steps.length - 1;
  }
  show();

  return {
    sync(setting) {
      for (const step of steps) step.sync(setting);
      clear.hidden = !Object.keys(setting.decisions).length;
      trail = trail.filter((each) => Object.entries(each.decisions).every(([name, option]) => setting.decisions[name] === option));
    },
    draw(picture, written) {
      for (const step of steps) step.draw(picture, written);
      const { decisions: taken } = app.setting;
      const own = JSON.stringify(taken);
      trail = trail.filter((each) => JSON.stringify(each.decisions) !== own);
      if (Object.keys(taken).length) trail.push({ decisions: { ...taken }, ...told(picture, scenario) });
      trail.sort((a, b) => Object.keys(a.decisions).length - Object.keys(b.decisions).length);
      const alone = !changesOf({ ...app.setting, decisions: {} }, scenario).length;
      put(path, trailTable(trail, written && told(written, scenario), scenario, alone ? "left to the model" : "as written"));
    },
  };
}

/** The numbers of a picture that a choice is judged by. */
function told(picture, scenario) {
  const name = scenario.headline?.question;
  return { whole: picture.whole?.p, asked: name ? picture.questions[name]?.p : undefined, effect: picture.effects?.[0] };
}

function trailTable(trail, model, scenario, name) {
  if (!model && !trail.length) return null;
  const title = (decisions, before) => Object.entries(decisions).filter(([name, option]) => before[name] !== option)
    .map(([name, option]) => {
      const decision = scenario.decisions.find((each) => each.name === name);
      return decision?.options.find((each) => each.name === option)?.title || option;
    }).join(", ");
  const effect = model?.effect || trail[0]?.effect;
  const question = asked(scenario);
  const row = (name, own, first) => el("tr", { class: first ? "model" : null }, el("th", { scope: "row" }, name),
    el("td", { class: "number" }, percent(own.whole)), question ? el("td", { class: "number" }, percent(own.asked)) : null,
    effect ? el("td", { class: "number" }, own.effect ? signed(own.effect.always, 2) : "") : null);
  return el("table", { id: "trail" }, el("caption", {}, "What your choices do, beside the model's own"),
    el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "After"), el("th", { scope: "col", class: "number" }, "All steps"),
      question ? el("th", { scope: "col", class: "number" }, question.charAt(0).toUpperCase() + question.slice(1)) : null,
      effect ? el("th", { scope: "col", class: "number" }, effect.title) : null)),
    el("tbody", {}, model ? row(name, model, true) : null,
      trail.map((own, n) => row(`… then ${title(own.decisions, trail[n - 1]?.decisions || {})}`, own))));
}

function point(decision, app) {
  const rows = [];
  const option = (name, title) => {
    const input = el("input", { type: "radio", name: `decision-${decision.name}`, "data-decision": decision.name, "data-option": name || "",
      onchange: () => app.change((next) => { if (name) next.decisions[decision.name] = name; else delete next.decisions[decision.name]; }) });
    const share = el("span", { class: "share" });
    rows.push({ name, input, share });
    return el("label", { class: "option" }, input, el("span", {}, el("b", {}, title), share));
  };
  const whole = el("fieldset", { class: "options decision" }, el("legend", {}, decision.title),
    decision.about ? el("p", { class: "quiet" }, decision.about) : null,
    option(null, "Leave it to the model"), decision.options.map((each) => option(each.name, each.title)));
  return {
    whole,
    sync: (setting) => rows.forEach(({ name, input }) => { input.checked = (setting.decisions[decision.name] || null) === name; }),
    draw(picture, written) {
      const source = app.setting.decisions[decision.name] ? written : picture;
      const shares = source?.decisions?.[decision.name] || {};
      const due = source?.due?.[decision.name]?.share;
      for (const { name, share } of rows) {
        if (!name) { share.textContent = due === undefined ? "" : `it falls due in ${percent(due)} of futures`; continue; }
        const own = due ? shares[name]?.share_where_due ?? 0 : NaN;
        put(share, Number.isFinite(own) ? [bar(own), el("small", {}, `the model takes it in ${percent(own)}: ${frequency(own)}`)] : null);
      }
    },
  };
}
