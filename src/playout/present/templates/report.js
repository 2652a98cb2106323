"use strict";
// Draws the charts whose specifications stand in the page, as they come near, and all of them before printing.
(() => {
  const held = (id) => JSON.parse(document.getElementById(id).textContent);
  const charts = held("charts");
  const config = held("chart-config");
  const options = {
    ast: true, // expressions are interpreted: the page's policy allows no code made from text
    actions: false,
    defaultStyle: false,
    renderer: "svg",
    config,
    tooltip: { disableDefaultStyle: true },
  };
  const drawn = new Map(), views = new Map(); // by holder: what is being drawn, and the views that have been
  const draw = (holder) => {
    if (!drawn.has(holder)) {
      const inner = document.createElement("div"); // Vega names what it draws into; the holder keeps its own words
      inner.setAttribute("aria-hidden", "true"); // which are read out in place of its marks
      holder.append(inner);
      const made = vegaEmbed(inner, charts[holder.dataset.chart], options);
      made.then(({ view }) => views.set(holder, view));
      drawn.set(holder, made);
    }
    return drawn.get(holder);
  };
  const holders = [...document.querySelectorAll("[data-chart]")];

  if ("IntersectionObserver" in window) {
    const near = new IntersectionObserver(
      (entries) => entries.filter((e) => e.isIntersecting).forEach((e) => { near.unobserve(e.target); draw(e.target); }),
      { rootMargin: "100% 0px" },
    );
    holders.forEach((holder) => near.observe(holder));
  } else {
    holders.forEach(draw);
  }
  // Whatever was not scrolled to is drawn when the reader's machine has nothing else to do, so that printing finds it.
  const later = window.requestIdleCallback || ((run) => setTimeout(run, 50));
  const drawRest = (rest) => {
    if (rest.length) later(() => draw(rest[0]).then(() => drawRest(rest.slice(1))));
  };
  drawRest(holders);
  // A chart drawn for a window is drawn anew for paper: A4 less its margins, in the columns that the sheet has there.
  const PAPER = 695;
  const onPaper = (holder) => {
    const column = holder.closest(".grid.two") ? (PAPER - 36) / 2 : PAPER;
    const beside = holder.closest(".pair") && column === PAPER;
    const second = beside && holder.closest(".panel").previousElementSibling;
    return beside ? (PAPER - 24) * (second ? 0.4 : 0.6) : column / (holder.closest(".holder") ? 0.84 : 1);
  };
  const redraw = (width) => views.forEach((view, holder) => {
    const wanted = Math.floor(width(holder));
    if (wanted > 0) view.width(wanted).run();
  });
  window.addEventListener("beforeprint", () => {
    holders.forEach(draw);
    document.querySelectorAll("details[data-print]").forEach((details) => { details.open = true; });
    redraw(onPaper);
  });
  window.addEventListener("afterprint", () => redraw((holder) => holder.clientWidth));

  // Thin lines for the views, on every fan at once.
  const lines = document.getElementById("views");
  if (lines) {
    const fans = holders.filter((holder) => (charts[holder.dataset.chart].params || []).some((p) => p.name === "views"));
    const set = (holder) => drawn.get(holder).then(({ view }) => view.signal("views", lines.checked).runAsync());
    lines.addEventListener("change", () => fans.forEach((holder) => draw(holder) && set(holder)));
  }

  // A box of the network reads out its ties: pointed at, pressed, or reached with the keyboard.
  const network = document.querySelector("svg.ties");
  if (network) {
    const said = document.getElementById("tied");
    const nodes = [...network.querySelectorAll(".node")];
    const ties = [...network.querySelectorAll(".tie")];
    const read = (node) => {
      const own = new Set(node.dataset.node.split(" "));
      network.classList.add("pointed");
      nodes.forEach((other) => other.classList.toggle("lit", other === node));
      ties.forEach((tie) => tie.classList.toggle("lit", own.has(tie.dataset.tie)));
      const lines = ties.filter((tie) => own.has(tie.dataset.tie)).map((tie) => tie.querySelector("title").textContent);
      said.textContent = lines.join("; ") + ". What each kind of tie rests on stands below.";
    };
    const clear = () => {
      network.classList.remove("pointed");
      [...nodes, ...ties].forEach((each) => each.classList.remove("lit"));
    };
    nodes.forEach((node) => {
      ["focus", "pointerenter", "click"].forEach((event) => node.addEventListener(event, () => read(node)));
      ["blur", "pointerleave"].forEach((event) => node.addEventListener(event, clear));
    });
  }

  // A week can be pinned: by the slider, or by pressing on the picture.
  const slider = document.getElementById("week");
  if (slider) {
    const ladder = held("ladder");
    const holder = document.querySelector("[data-chart=ladder]");
    const label = document.getElementById("week-label");
    const cells = [...document.querySelectorAll("[data-rung]")];
    const said = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
    const percent = (p) => (p > 0 && p < 0.005 ? "<1%" : Math.round(100 * p) + "%");
    const pin = (step) => {
      label.textContent = said.format(ladder.dates[step]);
      slider.setAttribute("aria-valuetext", label.textContent);
      cells.forEach((cell) => { cell.textContent = percent(ladder.shares[cell.dataset.rung][step]); });
      draw(holder).then(({ view }) => view.signal("pin", ladder.dates[step]).runAsync());
    };
    slider.addEventListener("input", () => pin(Number(slider.value)));
    draw(holder).then(({ view }) => {
      view.addEventListener("click", (event) => {
        const x = event.clientX - view.container().getBoundingClientRect().left - view.origin()[0];
        const day = view.scale("x").invert(x);
        const step = ladder.dates.findIndex((date) => date >= day);
        slider.value = step < 0 ? ladder.dates.length - 1 : step;
        pin(Number(slider.value));
      });
      pin(Number(slider.value));
    });
  }
})();
