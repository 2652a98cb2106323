// How numbers are said: the same rules as present/words.py, so that page and report round alike.

let scale = [];

/** The scenario's words of probability, each with its range: [{name, low, high}]. */
export function setWords(words) { scale = words || []; }

/** The term whose range holds p, or the nearest; at a shared end, the one further from even. */
export function word(p) {
  const away = (term) => Math.max(term.low - p, p - term.high, 0);
  const least = Math.min(...scale.map(away));
  const near = scale.filter((term) => away(term) <= least + 1e-12);
  const odd = (term) => Math.abs((term.low + term.high) / 2 - 0.5);
  return near.reduce((best, term) => (best === null || odd(term) > odd(best) ? term : best), null)?.name ?? "";
}

/** A probability as a percentage, rounded to what is known. */
export function percent(p) {
  if (!Number.isFinite(p)) return "not known";
  if (p <= 0) return "0%";
  if (p >= 1) return "100%";
  if (p < 0.001) return "under 0.1%";
  if (p > 0.99) return "over 99%";
  if (p < 0.01) return `${Number((100 * p).toPrecision(1))}%`;
  return `${Math.round(100 * p)}%`;
}

const ROUND = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 15, 20, 25, 30, 40, 50, 60, 80, 100, 150, 200, 250, 300, 400, 500,
  600, 800, 1000];
const rounded = (many) => ROUND.reduce((best, n) =>
  (Math.abs(Math.log(many / n)) < Math.abs(Math.log(many / best)) ? n : best));

/** A probability as a frequency: "1 future in 8". */
export function frequency(p) {
  if (p <= 0) return "no future";
  if (p >= 1) return "every future";
  if (p < 0.001) return "fewer than 1 future in 1,000";
  if (p > 0.999) return "more than 999 futures in 1,000";
  if (p < 0.28) return `1 future in ${grouped(rounded(1 / p))}`;
  if (p <= 0.93) {
    const tenths = Math.round(10 * p);
    return tenths === 5 ? "half of the futures" : `${tenths} futures in 10`;
  }
  const many = rounded(1 / (1 - p));
  return `${grouped(many - 1)} futures in ${grouped(many)}`;
}

/** Odds said three ways: "very unlikely, about 12%, roughly 1 future in 8". */
export function odds(p) {
  const term = word(p);
  const lead = term ? `${term}, ` : "";
  if (p <= 0 || p >= 1) return `${lead}${percent(p)}, ${frequency(p)}`;
  const about = /^(under|over)/.test(percent(p)) ? "" : "about ";
  const roughly = /^(fewer|more)/.test(frequency(p)) ? "" : "roughly ";
  return `${lead}${about}${percent(p)}, ${roughly}${frequency(p)}`;
}

const grouped = (value, digits = 0) =>
  value.toLocaleString("en-US", { maximumFractionDigits: digits }).replace("-", "−");

/** A number for reading: three significant digits, big ones by name. band: nothing finer than about a tenth of it. */
export function quantity(value, digits = 3, band = 0) {
  if (!Number.isFinite(value)) return "not a number";
  if (band > 0) {
    const grain = 10 ** Math.floor(Math.log10(band / 10));
    value = Math.round(value / grain) * grain;
  }
  if (value === 0) return "0";
  const size = Math.floor(Math.log10(Math.abs(value)));
  const kept = Number(value.toPrecision(digits));
  for (const [unit, name] of [[1e12, " trillion"], [1e9, " billion"], [1e6, " million"]]) {
    if (Math.abs(kept) >= unit) return `${kept / unit}`.replace("-", "−") + name;
  }
  if (Math.abs(kept) >= 10 ** (digits - 1)) return grouped(kept);
  return grouped(kept, Math.min(10, Math.max(0, digits - 1 - size)));
}

/** A difference, with its sign. */
export function signed(value, digits = 3, band = 0) {
  const text = quantity(value, digits, band);
  return value <= 0 || text === "0" ? text : `+${text}`;
}

const UNITS = { person: "people", event: "events", usd: "US dollars", lb: "pounds", 1: "", probability: "" };
const TIMES = ["year", "month", "week", "day"];

/** A unit as one says it: "usd/year" is "US dollars a year". */
export function unitWords(unit) {
  const [over, under] = (unit || "").split("/");
  const said = UNITS[over.trim()] ?? (TIMES.includes(over.trim()) ? `${over.trim()}s` : over.trim());
  if (!under) return said;
  return `${said} ${TIMES.includes(under) ? "a" : "per"} ${under}`.trim();
}

/** What is counted, and over what: "people a year". */
export const counted = (measure) =>
  (measure.per ? `${unitWords(measure.unit)} a ${measure.per}` : unitWords(measure.unit)).trim();

const MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
  "November", "December"];
const parts = (date) => date.split("-").map(Number);
/** "7 March 2025". */
export const day = (date) => { const [y, m, d] = parts(date); return `${d} ${MONTHS[m - 1]} ${y}`; };
/** "March 2025". */
export const month = (date) => { const [y, m] = parts(date); return `${MONTHS[m - 1]} ${y}`; };
/** "7 Mar 2025". */
export const shortDay = (date) => `${parts(date)[2]} ${shortMonth(date)}`;
/** "Mar 2025". */
export const shortMonth = (date) => { const [y, m] = parts(date); return `${MONTHS[m - 1].slice(0, 3)} ${y}`; };

/** The title without its number: "Step 3: campaign" is "Campaign". */
export function short(title) {
  const at = title.indexOf(":");
  const tail = at > 0 && at <= 8 ? title.slice(at + 1).trim() : title;
  return tail.charAt(0).toUpperCase() + tail.slice(1);
}

export const count = (number, one, many = `${one}s`) => `${grouped(number)} ${number === 1 ? one : many}`;
