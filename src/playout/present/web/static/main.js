// The page: one setting, one picture of it, and everything on the screen drawn from these two.

import { showAnswer } from "./answer.js";
import { get, play } from "./api.js";
import { compare } from "./compare.js";
import { decisions } from "./decisions.js";
import { changesOf, shift, showDiffers } from "./differs.js";
import { byId, el, put } from "./dom.js";
import { downloads } from "./download.js";
import { future } from "./future.js";
import { ladder } from "./ladder.js";
import { levers } from "./levers.js";
import { measures } from "./measures.js";
import { questions } from "./questions.js";
import { asWritten, differs, fromHash, keyOf, toHash } from "./state.js";
import { stories } from "./stories.js";
import { tabs } from "./tabs.js";
import { upload } from "./upload.js";
import { policies, views } from "./variants.js";
import { why } from "./why.js";
import { count, day, setWords } from "./words.js";

const FUTURES_WRITTEN = 16_384, KEPT = 24, RUN_OF_CHANGES = 150;
const NEEDS_SERVER = ["why", "compare", "future", "stories"];

const app = {
  scenario: null, setting: null, more: {}, picture: null, written: null, run: null, offline: null,
  describe: (setting) => changesOf(setting, app.scenario).map((each) => each.text).join("; ") || "as written",
  /** Change the setting by ``mutate`` and play it. */
  change(mutate) {
    const next = structuredClone(app.setting);
    mutate(next);
    if (keyOf(next) === keyOf(app.setting)) return;
    app.setting = next;
    const soon = performance.now() - changed < RUN_OF_CHANGES; // arrow keys change a lever many times a second
    changed = performance.now();
    remember(soon);
    trouble("");
    settle(soon ? RUN_OF_CHANGES : 0);
  },
  reset: () => app.change((next) => Object.assign(next, asWritten(app.scenario.name))),
};
const pictures = new Map(); // the last ones, by setting: what was seen before is seen again at once
let parts = [], changed = -Infinity, stop = () => {}, openTab = () => {};

// --- the address ------------------------------------------------------------------------------------------------------

function remember(replace) {
  const address = `#${toHash(app.setting, app.more)}`;
  if (address !== location.hash) history[replace ? "replaceState" : "pushState"](null, "", address);
}

function names(scenario) {
  const set = (list) => new Set(list.map((each) => each.name));
  return { policy: set([...scenario.policies, ...(scenario.switches || [])]), view: set(scenario.views),
    beliefs: new Set(scenario.levers.map((lever) => lever.label)), decisions: set(scenario.decisions) };
}

/** Take the setting out of the address. */
function readAddress() {
  const { setting, more, unread } = fromHash(location.hash, names(app.scenario));
  setting.scenario = app.scenario.name;
  app.more = more;
  if (unread.length) trouble(`This link names what the scenario does not have, and it was left out: ${unread.join(", ")}.`);
  return setting;
}

// --- playing ----------------------------------------------------------------------------------------------------------

const fresh = () => document.querySelectorAll(".fresh");
const progress = (text) => { byId("progress").textContent = text; };

/** Show the setting at once in every control, and play it; the old picture stays, dimmed, until a new one comes. */
function settle(wait = 0) {
  stop();
  showDiffers(byId("differs"), app);
  parts.forEach((part) => part.sync?.(app.setting));
  const seen = pictures.get(keyOf(app.setting));
  if (seen) show(seen);
  else fresh().forEach((place) => place.classList.add("stale"));
  byId("main").setAttribute("aria-busy", "true");
  progress("Playing …");
  if (!wait) begin();
  else {
    const timer = setTimeout(begin, wait);
    stop = () => clearTimeout(timer);
  }
}

function begin() {
  const setting = structuredClone(app.setting), wanted = app.scenario.default_futures;
  stop = play(setting, wanted, {
    progress: ({ done, waiting }) => progress(waiting ? "Others are playing; waiting for a place …"
      : `Playing: ${done.toLocaleString("en-US")} of ${wanted.toLocaleString("en-US")} futures`),
    picture: (picture, run) => {
      const better = pictures.get(keyOf(setting))?.futures > picture.futures; // seen before, from more futures
      if (better) app.run = run;
      else show(picture, run);
    },
    done: (run) => { app.run = run; finished(setting); },
    failed: (problem) => { // the picture stays dimmed: it is not that of this setting
      byId("main").removeAttribute("aria-busy");
      progress("");
      trouble([problem.message, problem.hint, app.picture ? "What is shown is an earlier setting." : ""].filter(Boolean).join(" "));
    },
  });
}

function finished(setting) {
  byId("main").removeAttribute("aria-busy");
  progress(`${count(app.picture.futures, "future")}${app.picture.stopped ? `, ${count(app.picture.stopped, "future")} stopped and counted nowhere` : ""}`);
  byId("announce").textContent = `Played. ${app.picture.answer[0]} ${shift(app.picture, differs(setting) ? app.written : null, app.scenario)}`;
  parts.forEach((part) => part.again?.());
  if (!app.written && differs(setting)) {
    stop = play(asWritten(app.scenario.name), Math.min(FUTURES_WRITTEN, app.scenario.default_futures), { progress() {}, failed() {}, done() {},
      picture: (picture) => { app.written = picture; draw(); } });
  }
}

function show(picture, run = app.run) {
  app.picture = picture;
  app.run = run;
  const key = keyOf(app.setting);
  pictures.delete(key);
  pictures.set(key, picture);
  if (pictures.size > KEPT) pictures.delete(pictures.keys().next().value);
  if (!differs(app.setting)) app.written = picture;
  fresh().forEach((place) => place.classList.remove("stale"));
  draw();
  document.documentElement.dataset.futures = picture.futures;
}

/** Draw what is in sight; ``all``: what is out of sight too, for paper. */
function draw(all = false) {
  const { picture, scenario } = app;
  if (!picture) return;
  const written = differs(app.setting) ? app.written : null;
  showAnswer(picture, scenario, shift(picture, written, scenario));
  for (const part of parts) if (part.draw && (all === true || !part.place || !part.place.hidden)) part.draw(picture, written);
}

function trouble(text) {
  byId("trouble").textContent = text;
  byId("trouble").hidden = !text;
}

// --- opening ----------------------------------------------------------------------------------------------------------

function mount(scenario) {
  app.scenario = scenario;
  document.title = `${scenario.title} · Playout`;
  byId("title").textContent = scenario.title;
  byId("face").textContent = scenario.face.filter((line) => !line.startsWith("Information date")).join(" ");
  byId("dated").textContent = `Information date ${day(scenario.start)}`;
  setWords(scenario.words);
  app.setting = readAddress();
  const panel = (name) => byId(`panel-${name}`);
  const placed = (name, part) => ({ ...part, place: panel(name) });
  const pinned = (week) => { app.more.week = week; remember(true); };
  const steps = ladder(panel("steps"), scenario, pinned);
  const one = app.offline ? null : future(panel("future"), app);
  parts = [placed("steps", steps),
    placed("people", measures(panel("people"), scenario, (measure) => measure.people, true)),
    placed("measures", measures(panel("measures"), scenario, (measure) => !measure.people, false)),
    placed("questions", questions(panel("questions"), scenario)),
    levers(panel("levers"), app), policies(panel("policy"), app), views(panel("views"), app), decisions(panel("decide"), app)];
  if (!app.offline) {
    const step = (number) => { one.open(number); openTab("future"); };
    parts.push(compare(panel("compare"), app), one, why(panel("why"), app), stories(panel("stories"), app, step));
    downloads(byId("downloads"), app, trouble);
  }
  openTab = tabs(document.querySelector("[data-tabs=pictures]"), (name) => {
    app.more.show = name === "steps" ? "" : name;
    remember(true);
    draw();
    if (name === "future") one?.load();
  });
  const openInput = tabs(document.querySelector("[data-tabs=inputs]"), (name) => { app.more.change = name === "levers" ? "" : name; remember(true); });
  openInput(app.more.change || "levers");
  if (app.more.week) steps.pin(Number(app.more.week));
  openTab(app.more.show || "steps");
}

async function start() {
  const { scenarios, uploads } = await get("/api/scenarios");
  const wanted = new URLSearchParams(location.hash.slice(1)).get("scenario");
  const chosen = scenarios.find((each) => each.name === wanted) || scenarios[0];
  if (wanted && chosen.name !== wanted) trouble(`There is no scenario “${wanted}” here.`);
  const select = byId("scenario");
  put(select, scenarios.map((each) => el("option", { value: each.name }, each.title)));
  select.value = chosen.name;
  byId("scenario-pick").hidden = scenarios.length < 2;
  select.addEventListener("change", () => { location.hash = `scenario=${encodeURIComponent(select.value)}`; location.reload(); });
  if (uploads) {
    byId("upload").hidden = false;
    upload(byId("uploads"));
  }
  const place = `/api/scenarios/${encodeURIComponent(chosen.name)}`;
  mount(await get(place));
  settle();
  if (!app.written) {
    const written = await get(`${place}/picture`).catch(() => null); // for a start, and to compare with
    if (written && !app.written) {
      if (differs(app.setting)) app.written = written;
      else if (!app.picture) show(written);
      draw();
    }
  }
  window.addEventListener("popstate", () => {
    const named = new URLSearchParams(location.hash.slice(1)).get("scenario");
    if (named && named !== app.scenario.name) { location.reload(); return; }
    const next = readAddress();
    if (keyOf(next) !== keyOf(app.setting)) { app.setting = next; settle(); }
  });
}

/** What was exported: pictures that are there, one for each setting; nothing can be played anew. */
function startOffline({ scenario, pictures: all }) {
  const given = all.filter((picture, n) => all.findIndex((other) => keyOf(other.setting) === keyOf(picture.setting)) === n);
  app.offline = given;
  for (const name of NEEDS_SERVER) byId(`tab-${name}`).remove();
  mount(scenario);
  app.written = given.find((picture) => !differs(picture.setting)) || null;
  const open = (picture) => {
    app.setting = picture.setting;
    showDiffers(byId("differs"), app);
    parts.forEach((part) => part.sync?.(app.setting));
    show(picture, null);
    progress(count(picture.futures, "future"));
  };
  if (given.length > 1) {
    byId("strip").append(el("fieldset", { class: "switch" }, el("legend", {}, "Show"), given.map((picture, n) => el("label", {},
      el("input", { type: "radio", name: "exported", checked: n === 0, onchange: () => open(picture) }),
      differs(picture.setting) ? "this setting" : "as written"))));
  }
  document.querySelectorAll("#inputs input, #inputs button:not([role=tab])").forEach((input) => { input.disabled = true; });
  open(given[0]);
  draw(true);
}

byId("share").addEventListener("click", async () => {
  try {
    await navigator.clipboard.writeText(location.href);
    byId("share").textContent = "Link copied";
  } catch {
    byId("share").textContent = "Copy it from the address bar";
  }
  setTimeout(() => { byId("share").textContent = "Copy link"; }, 2500);
});
byId("to-inputs").addEventListener("click", () => {
  byId("inputs").scrollIntoView();
  document.querySelector("#inputs [aria-selected=true]").focus({ preventScroll: true });
});
document.addEventListener("keydown", (event) => {
  const open = event.key === "Escape" && document.querySelector(".menu[open]");
  if (open) { open.open = false; open.querySelector("summary").focus(); }
});
window.addEventListener("beforeprint", () => draw(true));
let resized = null;
new ResizeObserver(() => { cancelAnimationFrame(resized); resized = requestAnimationFrame(() => draw()); }).observe(byId("outputs"));

const embedded = document.getElementById("embedded");
if (embedded) startOffline(JSON.parse(embedded.textContent));
else start().catch((problem) => trouble([problem.message, problem.hint].filter(Boolean).join(" ")));
