// Tabs after the ARIA pattern: arrows move, Home and End jump, the chosen panel is shown.

/** Make the tabs in ``list`` work; ``chosen`` hears the name of the tab that was opened. */
export function tabs(list, chosen) {
  const all = [...list.querySelectorAll("[role=tab]")];
  const name = (tab) => tab.id.replace(/^tab-/, "");
  const open = (tab, focus) => {
    for (const each of all) {
      const own = each === tab;
      each.setAttribute("aria-selected", own);
      each.tabIndex = own ? 0 : -1;
      document.getElementById(each.getAttribute("aria-controls")).hidden = !own;
    }
    if (focus) tab.focus();
    chosen(name(tab));
  };
  list.addEventListener("click", (event) => {
    const tab = event.target.closest("[role=tab]");
    if (tab) open(tab, false);
  });
  list.addEventListener("keydown", (event) => {
    const at = all.indexOf(document.activeElement);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: all.length - 1 }[event.key];
    if (at < 0 || to === undefined) return;
    event.preventDefault();
    open(all[(to + all.length) % all.length], true);
  });
  return (wanted) => {
    const tab = all.find((each) => name(each) === wanted);
    if (tab) open(tab, false);
  };
}
