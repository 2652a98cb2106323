// One future, week by week: which stage every track stands in, what has happened so far, and what the measures say.

import { get } from "./api.js";
import { el, put, svg, widthOf } from "./dom.js";
import { colourOf, headTrack } from "./ladder.js";
import { dateTicks, days, linear } from "./scale.js";
import { count, day, quantity, short, unitWords } from "./words.js";

const STEP_MS = 120;

/** The panel in ``place``; futures are asked for by number when the panel is looked at. */
export function future(place, app) {
  const { scenario } = app;
  const number = el("input", { type: "number", id: "future-number", min: 0, step: 1, value: 0 });
  const slider = el("input", { type: "range", id: "future-week", min: 0, value: 0, step: 1 });
  const said = el("output", { for: "future-week" });
  const ribbons = el("div", { class: "ribbons" }), now = el("div", { class: "now-of-future" }), log = el("ol", { class: "events" });
  const note = el("p", { class: "quiet", role: "status" });
  const another = el("button", { type: "button", id: "another", onclick: () => {
    number.value = Math.floor(Math.random() * (app.picture?.futures || 1000));
    load();
  } }, "Another one");
  const play = el("button", { type: "button", "aria-pressed": "false", onclick: toggle }, "Play");
  put(place, el("h3", {}, "One future of many, week by week"),
    el("p", { class: "what" }, "One play of the scenario with every chance drawn once. It is an example and not a forecast."),
    el("div", { class: "bar-of-controls" }, el("label", {}, "Future number ", number), another, play),
    note, el("div", { class: "pin" }, el("label", { for: "future-week" }, "Week"), slider, said), ribbons,
    el("div", { class: "two" }, now, el("div", {}, el("h4", {}, "So far"), log)));
  let held = null, loaded = null, timer = null, looked = false;
  number.addEventListener("change", load);
  slider.addEventListener("input", show);

  async function load() {
    if (!app.run || !looked) return;
    const wanted = `${app.run}/${number.value}`;
    if (wanted === loaded) return;
    note.textContent = held ? "" : "Playing this future …";
    try {
      const found = await get(`/api/runs/${encodeURIComponent(app.run)}/futures/${encodeURIComponent(number.value)}`);
      loaded = wanted;
      held = found;
      number.max = found.futures - 1;
      slider.max = held.dates.length - 1;
      note.textContent = "";
      show();
    } catch (problem) {
      note.textContent = [problem.message, problem.hint].filter(Boolean).join(" ");
    }
  }
  function toggle() {
    if (timer) { clearInterval(timer); timer = null; } else {
      if (Number(slider.value) >= Number(slider.max)) slider.value = 0;
      timer = setInterval(() => {
        slider.value = Number(slider.value) + 1;
        show();
        if (Number(slider.value) >= Number(slider.max)) toggle();
      }, STEP_MS);
    }
    play.textContent = timer ? "Pause" : "Play";
    play.setAttribute("aria-pressed", Boolean(timer));
  }
  function show() {
    if (!held) return;
    const week = Number(slider.value), date = held.dates[week];
    said.textContent = day(date);
    slider.setAttribute("aria-valuetext", `${day(date)}, ${stagesAt(held, scenario, week).map(([track, stage]) => `${track}: ${stage}`).join("; ")}`);
    put(ribbons, ribbonPicture(held, scenario, week, widthOf(ribbons)));
    put(now, el("h4", {}, day(date)), table(held, scenario, week));
    const past = eventsOf(held, scenario).filter((event) => event.date <= date);
    put(log, past.length ? past.slice(-14).map((event) => el("li", {}, el("b", {}, day(event.date)), " ", event.text)) : el("li", {}, "Nothing yet."));
  }
  return { open: (wanted) => { number.value = wanted; slider.value = 0; }, load: () => { looked = true; load(); }, again: () => { loaded = null; if (!place.hidden) load(); } };
}

const titled = (scenario, track, stage) => short(track?.stages.find((each) => each.name === stage)?.title || stage);
const trackOf = (scenario, name) => scenario.tracks.find((each) => each.name === name.split("[")[0]);

const stagesAt = (held, scenario, week) => Object.entries(held.tracks).slice(0, 6)
  .map(([name, stages]) => [trackOf(scenario, name)?.title || name, titled(scenario, trackOf(scenario, name), stages[week])]);

/** Events as the server tells them; where it tells none, the changes of stage. Decisions stand among them. */
function eventsOf(held, scenario) {
  const told = held.events?.length ? held.events : changes(held, scenario);
  const taken = (held.decisions || []).filter((each) => each.date && !told.some((event) => event.date === each.date && event.name === each.name))
    .map((each) => {
      const decision = scenario.decisions.find((own) => own.name === each.name);
      const option = decision?.options.find((own) => own.name === each.option)?.title || each.option;
      return { date: each.date, text: `Decided, ${decision?.title || each.name}: ${option}` };
    });
  return [...told, ...taken].sort((a, b) => (a.date < b.date ? -1 : a.date > b.date ? 1 : 0));
}

function changes(held, scenario) {
  return Object.entries(held.tracks).flatMap(([name, stages]) => stages.flatMap((stage, n) => (n && stage !== stages[n - 1]
    ? [{ date: held.dates[n], text: `${trackOf(scenario, name)?.title || name}: ${titled(scenario, trackOf(scenario, name), stage)}` }] : [])));
}

/** A lane a track: stretches of one stage, named where there is room; the head track first. */
function ribbonPicture(held, scenario, week, width) {
  const head = headTrack(scenario).name;
  const names = Object.keys(held.tracks).sort((a, b) => (b === head) - (a === head)).slice(0, 6);
  const left = 2, right = width - 4, lane = 44, top = 6;
  const x = linear(days(held.dates[0]), days(held.dates.at(-1)), left, right);
  const height = top + names.length * lane + 22;
  const parts = [];
  names.forEach((name, row) => {
    const y = top + row * lane, stages = held.tracks[name], track = trackOf(scenario, name);
    parts.push(svg("text", { x: left, y: y + 11, class: "name" }, track?.title || name));
    for (let n = 0; n < stages.length;) {
      let end = n;
      while (end + 1 < stages.length && stages[end + 1] === stages[n]) end += 1;
      const from = x(days(held.dates[n])), to = x(days(held.dates[Math.min(end + 1, stages.length - 1)]));
      const colour = name === head ? colourOf(scenario, stages[n]) : `band-off${["", "-1", "-2", "-3"][Math.max(0, track?.stages.findIndex((each) => each.name === stages[n]) ?? 0) % 4]}`;
      parts.push(svg("rect", { x: from, y: y + 16, width: Math.max(1, to - from - 1), height: 8, class: `fill-${colour}` }));
      const text = titled(scenario, track, stages[n]);
      if (to - from > 6.2 * text.length) parts.push(svg("text", { x: from, y: y + 36, class: "tick" }, text));
      n = end + 1;
    }
  });
  for (const { at, text } of dateTicks(held.dates[0], held.dates.at(-1))) {
    parts.push(svg("text", { x: x(at), y: height - 4, class: "tick", "text-anchor": "middle" }, text));
  }
  const at = x(days(held.dates[week]));
  parts.push(svg("line", { x1: at, x2: at, y1: top, y2: height - 18, class: "pinned" }));
  return svg("svg", { viewBox: `0 0 ${width} ${height}`, width, height, role: "img",
    "aria-label": `Stages in this future. On ${day(held.dates[week])}: ${stagesAt(held, scenario, week).map(([track, stage]) => `${track}, ${stage}`).join("; ")}.` }, parts);
}

/** What the measures say in the period that holds this week, people first. */
function table(held, scenario, week) {
  const date = held.dates[week];
  const rows = scenario.measures.filter((measure) => measure.people && held.measures[measure.name]).map((measure) => {
    const own = held.measures[measure.name];
    const at = Math.max(0, own.dates.findIndex((period) => date.startsWith(period)));
    const period = own.dates[at];
    return el("tr", {}, el("th", { scope: "row" }, measure.title), el("td", { class: "number" }, quantity(own.values[at], 3)),
      el("td", {}, [unitWords(own.unit), `${own.per ? "in" : "at the end of"} ${period}`].join(" ").trim()));
  });
  return rows.length ? el("table", {}, el("caption", { class: "hidden" }, `Measures of this future in ${date}`), el("tbody", {}, rows))
    : el("p", { class: "quiet" }, count(0, "measure"));
}
