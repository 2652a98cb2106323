// A fan: the median, the bands in which half and nine in ten of the futures lie, zero strong where it is a difference.

import { svg } from "./dom.js";
import { linear, nice, tickText, ticks } from "./scale.js";

/**
 * One fan as an SVG element.
 * series: {dates, p05, p25?, p50, p75?, p95, mean}; shown: places of the periods that are drawn;
 * was: the same series as written, drawn as a broken line; difference: whether zero is "no difference"; middleName: of p50.
 */
export function fan(series, { width, height = 150, shown, was = null, difference = false, middleName = "median", label }) {
  const left = 46, right = width - 62, top = 14, bottom = height - 20;
  const middle = series.p50 || series.mean;
  const all = shown.flatMap((n) => [series.p05[n], series.p95[n], series.mean[n]]).filter(Number.isFinite);
  const [low, high] = nice(Math.min(0, ...all), Math.max(0, ...all), 3);
  const x = linear(0, Math.max(1, shown.length - 1), left, right), y = linear(low, high, bottom, top);
  const at = (values) => shown.map((n, place) => `${x(place).toFixed(1)},${y(values[n]).toFixed(1)}`);
  const area = (lower, upper, name) => svg("path", { class: name, d: `M${at(upper).join("L")}L${at(lower).reverse().join("L")}Z` });
  const parts = [];
  for (const value of ticks(low, high, 3)) {
    parts.push(svg("line", { x1: left, x2: right, y1: y(value), y2: y(value), class: "grid" }));
    parts.push(svg("text", { x: left - 6, y: y(value) + 4, class: "tick", "text-anchor": "end" }, tickText(value, difference)));
  }
  parts.push(area(series.p05, series.p95, "fan-90"));
  if (series.p25 && series.p75) parts.push(area(series.p25, series.p75, "fan-50"));
  parts.push(svg("line", { x1: left, x2: right, y1: y(0), y2: y(0), class: difference ? "zero" : "grid" }));
  if (was) parts.push(svg("path", { class: "fan-was", d: `M${at(was.p50 || was.mean).join("L")}` }));
  parts.push(svg("path", { class: "fan-median", d: `M${at(middle).join("L")}` }));
  if (difference) parts.push(svg("path", { class: "fan-mean", d: `M${at(series.mean).join("L")}` }));
  shown.forEach((n, place) => {
    if (shown.length <= 8 || place % Math.ceil(shown.length / 6) === 0) {
      parts.push(svg("text", { x: x(place), y: bottom + 15, class: "tick", "text-anchor": "middle" }, series.dates[n]));
    }
  });
  parts.push(...ends(series, shown.at(-1), { x: right + 5, y, difference, middle, middleName, top, bottom }));
  if (difference) {
    parts.push(svg("text", { x: left + 4, y: top - 3, class: "side" }, "↑ more"));
    if (low < 0) parts.push(svg("text", { x: left + 4, y: bottom - 4, class: "side" }, "↓ less"));
  }
  return svg("svg", { viewBox: `0 0 ${width} ${height}`, width, height, role: "img", "aria-label": label }, parts);
}

/** The names of the lines at their ends, those left out that would lie on one already there. */
function ends(series, last, { x, y, difference, middle, middleName, top, bottom }) {
  const taken = [];
  const named = [difference ? [series.mean[last], "mean"] : null, [middle[last], middleName], [series.p95[last], "9 in 10"], series.p75 ? [series.p75[last], "half"] : null];
  return named.filter((each) => {
    if (!each || !Number.isFinite(each[0])) return false;
    const free = taken.every((other) => Math.abs(other - y(each[0])) > 11);
    if (free) taken.push(y(each[0]));
    return free;
  }).map(([value, text]) => svg("text", { x, y: Math.min(bottom, Math.max(top + 4, y(value) + 4)), class: "side" }, text));
}

/** Bars of shares from zero to one as one SVG: [{share, was}] → a thin bar with a tick where it stood as written. */
export function bar(share, was = null) {
  return svg("svg", { class: "bar", viewBox: "0 0 100 10", preserveAspectRatio: "none", "aria-hidden": "true" },
    svg("rect", { class: "rail", width: 100, height: 10 }),
    svg("rect", { class: "fill", width: (100 * share).toFixed(2), height: 10 }),
    was === null ? null : svg("rect", { class: "tick-was", x: (Math.min(99.2, 100 * was)).toFixed(2), width: 0.8, height: 10 }));
}

/** An interval about zero: nine in ten thin, the mean as a dot. */
export function interval(low, mean, high, { width, label }) {
  const most = Math.max(Math.abs(low), Math.abs(high), Math.abs(mean)) || 1;
  const x = linear(-most, most, 6, width - 6);
  return svg("svg", { viewBox: `0 0 ${width} 22`, width, height: 22, role: "img", "aria-label": label, class: "interval" },
    svg("line", { x1: 0, x2: width, y1: 11, y2: 11, class: "grid" }),
    svg("line", { x1: x(0), x2: x(0), y1: 1, y2: 21, class: "zero" }),
    svg("line", { x1: x(low), x2: x(high), y1: 11, y2: 11, class: "range" }),
    svg("circle", { cx: x(mean), cy: 11, r: 4.5, class: "dot" }));
}
