// Levers: every uncertain number with its range, its value as written and what it rests on; moved, it is held there.

import { el, put } from "./dom.js";
import { term } from "./terms.js";
import { percent, quantity, unitWords } from "./words.js";

const SHOWN = 3;

/** The value of a belief at a quantile of its law, between those that the server tells. */
export function valueAt(lever, quantile) {
  const { grid } = lever;
  if (quantile <= grid[0][0]) return grid[0][1];
  const n = grid.findIndex(([at]) => at >= quantile);
  if (n < 0) return grid.at(-1)[1];
  const [[from, low], [to, high]] = [grid[n - 1], grid[n]];
  return low + ((quantile - from) / (to - from)) * (high - low);
}

/** A belief's value in words. */
export const said = (lever, value) => (lever.unit === "probability" ? percent(value)
  : `${quantity(value, 2)} ${unitWords(lever.unit)}`.trim());

const plain = (lever, value) => (lever.unit === "probability" ? percent(value) : quantity(value, 2));

/** "held at 0.24, above 80% of draws". */
export const held = (lever, quantile) =>
  `held at ${said(lever, valueAt(lever, quantile))}, above ${Math.round(100 * quantile)}% of draws`;

/** The levers in ``place``: those that matter most, and all the others behind a button. */
export function levers(place, app) {
  const { scenario } = app;
  const moving = scenario.levers.filter((lever) => lever.p05 !== lever.p95);
  const weight = (lever) => (scenario.linchpins.includes(lever.label) ? scenario.linchpins.indexOf(lever.label) : Infinity);
  const first = moving.filter((lever) => lever.linchpin).sort((a, b) => weight(a) - weight(b)).slice(0, SHOWN);
  first.push(...moving.filter((lever) => !first.includes(lever)).slice(0, SHOWN - first.length));
  if (!moving.length) {
    put(place, el("p", {}, "This scenario has no levers: nothing that it believes is uncertain, or can be held at one value."));
    return { sync() {} };
  }
  const made = [];
  const row = (lever, prefix) => { const own = oneLever(lever, app, prefix); made.push(own); own.sync(app.setting); return own.whole; };
  const others = el("div", { class: "others" });
  const all = el("details", { class: "all-levers", ontoggle: () => { if (all.open && !others.hasChildNodes()) put(others, library()); } },
    el("summary", {}, `All ${moving.length} levers`), others);
  put(place, el("h2", { class: "kicker" }, "The ", term("lever", "levers"), first.some((lever) => lever.linchpin) ? " that decide most" : ""),
    el("div", { class: "levers" }, first.map((lever) => row(lever, "first"))), moving.length > SHOWN ? all : null);

  function library() {
    const groups = new Map();
    for (const lever of moving) groups.set(lever.group || "", [...(groups.get(lever.group || "") || []), lever]);
    const boxes = [...groups].map(([title, members]) => groupOf(title, members, row));
    const found = el("p", { class: "quiet", role: "status" });
    const search = el("input", { type: "search", id: "lever-search", placeholder: "Search beliefs and evidence",
      "aria-label": "Search levers", oninput: () => {
        const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
        const shown = boxes.reduce((sum, box) => sum + box.filter(words), 0);
        found.textContent = words.length ? `${shown} found` : "";
      } });
    return [search, found, boxes.map((box) => box.whole)];
  }
  return { sync: (setting) => made.forEach((own) => own.sync(setting)) };
}

function groupOf(title, members, row) {
  const body = el("div", { class: "levers" });
  const whole = el("details", { ontoggle: () => { if (whole.open) fill(); } },
    el("summary", {}, `${title || "Others"} `, el("span", { class: "quiet" }, members.length)), body);
  let rows = null;
  const fill = () => {
    if (rows) return;
    rows = members.map((lever) => ({ lever, place: row(lever, "all") }));
    body.append(...rows.map((each) => each.place));
  };
  const text = (lever) => [lever.label, lever.title, lever.assumed || "", ...lever.evidence.map((each) => `${each.claim} ${each.source}`)]
    .join(" ").toLowerCase();
  return {
    whole,
    filter(words) {
      const fits = members.map((lever) => words.every((word) => text(lever).includes(word)));
      const count = fits.filter(Boolean).length;
      whole.hidden = count === 0;
      if (words.length && count) { fill(); whole.open = true; }
      rows?.forEach((each, n) => { each.place.hidden = !fits[n]; });
      return count;
    },
  };
}

function oneLever(lever, app, prefix) {
  const id = `${prefix}-${lever.label}`;
  const slider = el("input", { type: "range", id, min: 1, max: 99, step: 1, "data-lever": lever.label, "aria-describedby": `${id}-now` });
  const now = el("p", { class: "now", id: `${id}-now` });
  const undo = el("button", { type: "button", class: "undo", onclick: () => { app.change((next) => { delete next.beliefs[lever.label]; }); slider.focus(); } },
    "Undo", el("span", { class: "hidden" }, `: ${lever.title} as written`));
  const state = el("span");
  put(now, state, " ", undo);
  const range = `as written: uncertain, ${plain(lever, lever.p05)} to ${said(lever, lever.p95)}`;
  const tell = (quantile) => {
    state.textContent = quantile === null ? range.charAt(0).toUpperCase() + range.slice(1)
      : held(lever, quantile).replace(/^h/, "H");
    slider.setAttribute("aria-valuetext", quantile === null ? `${range}, middle ${said(lever, lever.p50)}` : held(lever, quantile));
  };
  slider.addEventListener("input", () => { slider.classList.remove("free"); tell(slider.value / 100); });
  slider.addEventListener("change", () => app.change((next) => { next.beliefs[lever.label] = { quantile: slider.value / 100 }; }));
  const whole = el("div", { class: "lever" },
    el("label", { for: id }, lever.title, lever.assumed ? el("span", { class: "tag" }, "assumed") : null),
    slider,
    el("p", { class: "ends", "aria-hidden": "true" }, [lever.p05, lever.p50, lever.p95].map((value) => el("span", {}, plain(lever, value)))),
    now, ground(lever));
  return {
    whole,
    sync(setting) {
      const own = setting.beliefs[lever.label];
      whole.classList.toggle("changed", Boolean(own));
      slider.classList.toggle("free", !own);
      slider.value = own ? Math.round(100 * own.quantile) : 50;
      undo.hidden = !own;
      tell(own ? own.quantile : null);
    },
  };
}

/** What a belief rests on: its law as written, then its evidence or the reason why it is assumed. */
function ground(lever) {
  const claim = (each) => el("li", {}, each.claim, " ", el("small", {}, [each.source, each.status, each.graded && `${each.grade}: ${each.graded}`].filter(Boolean).join(" · ")));
  const lead = lever.evidence[0] ? lever.evidence[0].claim : lever.assumed ? `Assumed: ${lever.assumed}` : "Says nothing of its ground.";
  return el("details", { class: "ground" },
    el("summary", {}, el("span", { class: "clamp" }, lead)),
    el("ul", {}, lever.evidence.map(claim)),
    lever.assumed ? el("p", {}, `Assumed: ${lever.assumed}`) : null,
    el("p", { class: "quiet" }, "Written ", el("code", {}, lever.written || ""), " as ", el("code", {}, lever.label)));
}
