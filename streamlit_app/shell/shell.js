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
