// One entry of the history for each act of the reader; the place on the page and the language kept.
(() => {
  const push = history.pushState.bind(history), replace = history.replaceState.bind(history);
  let acted = false; // since the last entry: what a page writes to its address by itself is no step of the reader
  let settling = true; // until the first act, the place that the address names is kept in view
  for (const kind of ["pointerdown", "keydown"])
    addEventListener(kind, () => { acted = true; settling = false; }, true);
  for (const kind of ["wheel", "touchmove"])
    addEventListener(kind, () => { settling = false; }, { capture: true, passive: true });
  addEventListener("popstate", () => { acted = false; told(); }, true);

  const told = () => {
    const language = new URLSearchParams(location.search).get("lang");
    if (language) document.documentElement.lang = language;
  };
  const written = (isStep) => (state, title, url) => {
    const next = new URL(url ?? location.href, location.href);
    if (!acted && next.pathname === location.pathname && !next.hash) next.hash = location.hash;
    const step = isStep && acted && next.href !== location.href;
    acted = acted && !isStep;
    (step ? push : replace)(state, title, next.href);
    told();
  };
  history.pushState = written(true);
  history.replaceState = written(false);
  told();

  const place = () => {
    const named = settling && location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (named) named.scrollIntoView({ block: "start" });
  };
  // Icons wait for the page: their font, which Streamlit asks for first of all, takes the line from what draws figures.
  const isDrawn = () => document.querySelector('[data-testid="stApp"][data-test-script-state="notRunning"] h1')
    && ![...document.querySelectorAll('[data-testid="stVegaLiteChart"]')]
      .some(chart => chart.checkVisibility() && !chart.querySelector("svg, canvas"));
  let drawn;
  const standing = new Promise(resolve => {
    drawn = () => { document.documentElement.classList.add("drawn"); resolve(); };
  });
  const load = document.fonts.load.bind(document.fonts);
  document.fonts.load = async (font, text) => {
    if (font.includes("Material Symbols")) await standing;
    return load(font, text);
  };
  let waiting = 0;
  const follow = () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => { place(); if (isDrawn()) drawn(); }, 80);
  };
  addEventListener("DOMContentLoaded", () => {
    new ResizeObserver(follow).observe(document.body);
    const changes = new MutationObserver(follow);
    changes.observe(document.body, { childList: true, subtree: true, attributeFilter: ["data-test-script-state"] });
    setTimeout(() => { settling = false; changes.disconnect(); drawn(); }, 20000);
  });
})();

// Charts by keyboard: Tab reaches one mark of each, arrows, Home and End the others, whose tooltip is shown and whose
// words a screen reader says. Escape takes the tooltip away.
(() => {
  const CHART = '[data-testid="stVegaLiteChart"]', MARK = ".role-mark > [role=graphics-symbol][aria-label]";
  // In the order of the table beside the chart, then what stands in no table: the breaks of a series.
  const place = mark => mark.__data__?.datum?.nth ?? Infinity;
  const marks = chart => [...chart.querySelectorAll(MARK)].sort((one, other) => place(one) - place(other) || 0);
  const offer = () => {
    for (const chart of document.querySelectorAll(CHART)) {
      const found = marks(chart);
      const stop = found.find(mark => mark.tabIndex === 0) ?? found[0];
      for (const mark of found) mark.setAttribute("tabindex", mark === stop ? "0" : "-1");
    }
  };
  let waiting = 0;
  const later = () => { clearTimeout(waiting); waiting = setTimeout(offer, 120); };
  addEventListener("DOMContentLoaded", () => new MutationObserver(later).observe(document.body, { childList: true, subtree: true }));

  // Vega itself shows the tooltip of what the pointer is on, and takes it away.
  const SHOW = "pointermove", HIDE = "mouseout";
  const point = (mark, kind) => {
    const { x, y, width, height } = mark.getBoundingClientRect();
    mark.dispatchEvent(new PointerEvent(kind, { bubbles: true, clientX: x + width / 2, clientY: y + height / 2 }));
  };
  const marked = event => event.target instanceof Element && event.target.matches(MARK) && event.target.closest(CHART);
  document.addEventListener("focusin", event => {
    if (marked(event)) requestAnimationFrame(() => { if (event.target === document.activeElement) point(event.target, SHOW); });
  });
  document.addEventListener("focusout", event => { if (marked(event)) point(event.target, HIDE); });
  document.addEventListener("keydown", event => {
    const chart = marked(event);
    if (!chart || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === "Escape") return point(event.target, HIDE);
    const all = marks(chart), here = all.indexOf(event.target), last = all.length - 1;
    const next = { ArrowDown: here + 1, ArrowRight: here + 1, ArrowUp: here - 1, ArrowLeft: here - 1, Home: 0, End: last }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    const mark = all[Math.min(Math.max(next, 0), last)];
    event.target.setAttribute("tabindex", "-1");
    mark.setAttribute("tabindex", "0");
    mark.focus();
  });
})();
