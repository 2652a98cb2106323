// From numbers and dates to places on a picture.

/** A straight scale from [a, b] to [from, to]. */
export const linear = (a, b, from, to) => (value) => from + ((value - a) / (b - a || 1)) * (to - from);

/** Some round numbers over [low, high], about ``wanted`` of them. */
export function ticks(low, high, wanted = 4) {
  const span = high - low || Math.abs(high) || 1;
  const grain = 10 ** Math.floor(Math.log10(span / wanted));
  const step = [1, 2, 2.5, 5, 10].map((part) => part * grain).find((each) => span / each <= wanted + 0.5) || 10 * grain;
  const found = [];
  for (let at = Math.ceil(low / step - 1e-9); at * step <= high + step * 1e-9; at += 1) found.push(at * step);
  return found;
}

/** Low and high moved out to round numbers. */
export function nice(low, high, wanted = 4) {
  if (low === high) return [Math.min(0, low), high || 1];
  const found = ticks(low, high, wanted);
  const step = found.length > 1 ? found[1] - found[0] : (high - low) / wanted;
  return [Math.floor(low / step + 1e-9) * step, Math.ceil(high / step - 1e-9) * step];
}

/** A number on an axis: short, the sign said where ``sign`` asks for it. */
export function tickText(value, sign = false) {
  if (Math.abs(value) < 1e-12) return "0";
  const big = [[1e9, "bn"], [1e6, "m"], [1e4, "k"]].find(([unit]) => Math.abs(value) >= unit);
  const scaled = big ? (value / (big[1] === "k" ? 1e3 : big[0])) : value;
  const text = scaled.toLocaleString("en-US", { maximumSignificantDigits: 4 }) + (big ? big[1] : "");
  return (sign && value > 0 ? `+${text}` : text).replace("-", "−");
}

/** A date, as days. */
export const days = (date) => Date.parse(date) / 864e5;

/** The first of January of years between two dates, of so many of them as can be told apart: [{at, text}]. */
export function years(first, last) {
  const found = [];
  const from = Number(first.slice(0, 4)) + 1, to = Number(last.slice(0, 4));
  const apart = [1, 2, 5, 10, 20, 50, 100, 200, 500].find((step) => (to - from) / step < 12) || 1000;
  for (let year = Math.ceil(from / apart) * apart; year <= to; year += apart) {
    const text = String(year).padStart(4, "0");
    found.push({ at: days(`${text}-01-01`), text });
  }
  return found;
}

/** Dates on an axis: years, or months where there are few. */
export function dateTicks(first, last) {
  if (days(last) - days(first) > 800) return years(first, last);
  const found = [];
  const [year, month] = first.split("-").map(Number);
  const step = Math.max(1, Math.round((days(last) - days(first)) / 30 / 6));
  for (let n = month; ; n += step) {
    const at = new Date(0);
    at.setUTCFullYear(year, n, 1); // Date.UTC takes the years 0 to 99 for those of the last century
    const iso = at.toISOString().slice(0, 10);
    if (iso > last) return found;
    found.push({ at: days(iso), text: at.toLocaleDateString("en-GB", { month: "short", year: "2-digit", timeZone: "UTC" }) });
  }
}
