// What can be taken away: data, charts, the setting, the page itself as one offline file or on paper.

import { el, put } from "./dom.js";

/** The menu's content; what the server refuses is told in ``told``. */
export function downloads(place, app, told) {
  const { scenario } = app;
  const take = (path, name) => async (event) => {
    const button = event.currentTarget;
    if (!app.run) { told("Nothing has been played yet."); return; }
    button.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(`/api/runs/${encodeURIComponent(app.run)}/${path()}`);
      if (!answer.ok) {
        const problem = (await answer.json().catch(() => ({}))).error;
        throw new Error(problem ? [problem.message, problem.hint].filter(Boolean).join(" ") : `The server refused this (${answer.status}).`);
      }
      save(await answer.blob(), name());
    } catch (problem) {
      told(problem.message);
    } finally {
      button.removeAttribute("aria-busy");
    }
  };
  const item = (text, about, path, name, id) => el("li", {}, el("button", { type: "button", id, onclick: take(path, name) }, text), el("small", {}, about));
  const base = () => scenario.name;
  const what = el("select", { id: "chart-what" }, el("option", { value: "ladder" }, "The steps"),
    scenario.measures.map((measure) => el("option", { value: measure.name }, measure.title)));
  const chart = (kind) => el("button", { type: "button", "data-chart": kind, onclick: take(() => `charts/${encodeURIComponent(what.value)}.${kind}`,
    () => `${base()}-${what.value}.${kind}`) }, kind === "vega.json" ? "Vega" : kind.toUpperCase());
  put(place, el("ul", {},
    item("This page, offline", "one HTML file for who will run nothing", () => "export.html", () => `${base()}.html`, "take-html"),
    item("On paper", "PDF, A4", () => "export.pdf", () => `${base()}.pdf`, "take-pdf"),
    item("This setting", "YAML that `playout check` accepts", () => "setting.yaml", () => `${base()}-setting.yaml`, "take-yaml"),
    item("Data, CSV", "one row a future", () => "data.csv", () => `${base()}.csv`, "take-csv"),
    item("Data, Parquet", "the same, typed", () => "data.parquet", () => `${base()}.parquet`, "take-parquet")),
  el("p", { class: "take-chart" }, el("label", {}, "Chart ", what), " ", ["svg", "png", "vega.json"].map(chart)));
}

function save(blob, name) {
  const address = URL.createObjectURL(blob);
  el("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
