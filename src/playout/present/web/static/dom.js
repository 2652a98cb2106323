// Making elements, without a line of HTML as text: nothing from a scenario is ever read as markup.

const SVG = "http://www.w3.org/2000/svg";

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "value") element.value = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(3).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** An HTML element with attributes (``on…`` are listeners) and children. */
export const el = (name, attributes, ...children) => fill(document.createElement(name), attributes, children);

/** An SVG element. */
export const svg = (name, attributes, ...children) => fill(document.createElementNS(SVG, name), attributes, children);

export const byId = (id) => document.getElementById(id);

/** Put new children in the place of the old ones. */
export const put = (place, ...children) =>
  place.replaceChildren(...children.flat(3).filter((child) => child !== null && child !== undefined && child !== false));

/** How wide a place is; ``fallback`` where it is hidden. */
export const widthOf = (place, fallback = 640) => Math.round(place.clientWidth) || fallback;

/** A table that opens under a picture: head, and rows whose first cell heads the row. */
export function dataTable(caption, head, rows, open = false) {
  return el("details", { class: "data", open },
    el("summary", {}, "Data"),
    el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": caption },
      el("table", {}, el("caption", {}, caption),
        el("thead", {}, el("tr", {}, head.map((cell, n) => el("th", { scope: "col", class: n && "number" }, cell)))),
        el("tbody", {}, rows.map((row) => el("tr", {}, row.map((cell, n) =>
          (n ? el("td", { class: "number" }, cell) : el("th", { scope: "row" }, cell)))))))));
}

/** Text broken into lines of at most ``room`` characters. */
export function lines(text, room) {
  const found = [];
  for (const part of text.split(" ")) {
    const last = found.at(-1);
    if (last !== undefined && last.length + part.length + 1 <= room) found[found.length - 1] = `${last} ${part}`;
    else found.push(part);
  }
  return found;
}
