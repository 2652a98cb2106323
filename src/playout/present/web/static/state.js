// The setting: what differs from the scenario as written. It lives in the address, so that a link is the whole of it.

/** A setting that changes nothing. */
export const asWritten = (scenario, seed = 1) =>
  ({ scenario, policy: null, view: null, credences: null, beliefs: {}, decisions: {}, seed });

/** Whether a setting changes anything. */
export const differs = (setting) => Boolean(setting.policy || setting.view || setting.credences
  || Object.keys(setting.beliefs).length || Object.keys(setting.decisions).length || setting.seed !== 1);

/** The same for the same setting, whatever the order in which it was made. */
export const keyOf = (setting) => toHash(setting);

const NAMED = { belief: "beliefs", decision: "decisions", credence: "credences" };

/** A setting as the part of an address after "#"; ``more``: what else the page shows (tab, week). */
export function toHash(setting, more = {}) {
  const query = new URLSearchParams();
  query.set("scenario", setting.scenario);
  if (setting.policy) query.set("policy", setting.policy);
  if (setting.view) query.set("view", setting.view);
  for (const [name, share] of sorted(setting.credences)) query.set(`credence.${name}`, round(share));
  for (const [name, held] of sorted(setting.beliefs)) query.set(`belief.${name}`, round(held.quantile));
  for (const [name, option] of sorted(setting.decisions)) query.set(`decision.${name}`, option);
  if (setting.seed !== 1) query.set("seed", setting.seed);
  for (const [name, value] of Object.entries(more)) if (value) query.set(name, value);
  return query.toString();
}

const sorted = (pairs) => Object.entries(pairs || {}).sort(([a], [b]) => (a < b ? -1 : 1));
const round = (number) => String(Math.round(number * 1000) / 1000);

/** A setting, and what else the page shows, from an address. What is not understood is left out and told. */
export function fromHash(hash, names) {
  const query = new URLSearchParams(hash.replace(/^#/, ""));
  const setting = asWritten(query.get("scenario") || "");
  const more = {}, unread = [];
  for (const [key, value] of query) {
    const [kind, ...rest] = key.split(".");
    const name = rest.join(".");
    const number = Number(value);
    if (key === "policy" || key === "view") setting[key] = value;
    else if (key === "seed" && Number.isInteger(number) && number >= 0) setting.seed = number;
    else if (kind === "belief" && number > 0 && number < 1) setting.beliefs[name] = { quantile: number };
    else if (kind === "credence" && number >= 0 && number <= 1) (setting.credences ||= {})[name] = number;
    else if (kind === "decision" && name) setting.decisions[name] = value;
    else if (NAMED[kind] || key === "seed") unread.push(key);
    else if (key !== "scenario") more[key] = value;
  }
  return { setting, more, unread: unread.concat(names ? drop(setting, names) : []) };
}

/** Leave out of a setting what the scenario does not have; gives back what was left out. */
export function drop(setting, names) {
  const gone = [];
  for (const kind of ["policy", "view"]) {
    if (setting[kind] && !names[kind].has(setting[kind])) { gone.push(setting[kind]); setting[kind] = null; }
  }
  for (const kind of ["beliefs", "decisions"]) {
    for (const name of Object.keys(setting[kind])) {
      if (!names[kind].has(name)) { gone.push(name); delete setting[kind][name]; }
    }
  }
  if (setting.credences && Object.keys(setting.credences).some((name) => !names.view.has(name))) {
    gone.push("credences");
    setting.credences = null;
  }
  return gone;
}

/** Credences with one of them moved to ``share``: the others keep their proportions and all add up to 1. */
export function renormalised(credences, name, share) {
  const others = Object.entries(credences).filter(([other]) => other !== name);
  const left = others.reduce((sum, [, value]) => sum + value, 0);
  const moved = { [name]: share };
  for (const [other, value] of others) moved[other] = left > 0 ? (value / left) * (1 - share) : (1 - share) / others.length;
  return Object.fromEntries(Object.keys(credences).map((each) => [each, moved[each]]));
}
