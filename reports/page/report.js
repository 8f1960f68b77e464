"use strict";
// Makes the list of behaviours filterable, and follows links into it and into the timelines.
(() => {
  const $$ = (selector, from = document) => [...from.querySelectorAll(selector)];
  const cases = $$("details.behaviour"), filters = $$(".filter [data-outcome]"), steps = $$("section.step");
  const search = document.getElementById("search"), shown = document.getElementById("shown");
  let outcome = "";

  function show() {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const b of filters) b.setAttribute("aria-pressed", String(b.dataset.outcome === outcome));
    for (const c of cases) {
      const text = words.length ? c.textContent.toLowerCase() : "";
      c.hidden = (outcome !== "" && c.dataset.outcome !== outcome) || words.some((word) => !text.includes(word));
    }
    for (const s of steps) s.hidden = !$$("details.behaviour", s).some((c) => !c.hidden);
    const left = cases.filter((c) => !c.hidden).length;
    shown.textContent = left === cases.length ? "" : `${left} of ${cases.length} shown`;
  }
  for (const b of filters) b.addEventListener("click", () => { outcome = b.dataset.outcome; show(); });
  for (const b of $$("[data-fold]")) b.addEventListener("click", () => cases.forEach((c) => { if (!c.hidden) c.open = b.dataset.fold === "open"; }));
  search.addEventListener("input", show);
  $$(".filter").forEach((bar) => bar.addEventListener("keydown", (e) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[e.key], all = $$("button", bar), here = all.indexOf(document.activeElement);
    if (step && here >= 0) { all[(here + step + all.length) % all.length].focus(); e.preventDefault(); }
  }));

  // `#dojo.07.one-series` unfolds a behaviour, `#record-3@12.5-40.2` shows that part of a record.
  function follow() {
    const [id, place] = decodeURIComponent(location.hash.slice(1)).split("@"), target = document.getElementById(id);
    if (!target) return;
    if (target.matches("details.behaviour")) {
      if (target.hidden) { outcome = ""; search.value = ""; show(); }
      target.open = true;
    }
    const range = /^([\d.]+)-([\d.]+)$/.exec(place || "");
    if (range && target.matches(".record")) timelines.show(id.split("-")[1], Number(range[1]), Number(range[2]));
    else target.scrollIntoView();
  }
  addEventListener("hashchange", follow);
  for (const link of $$("a[data-place]")) link.addEventListener("click", (e) => {
    if (e.ctrlKey || e.metaKey || e.shiftKey) return;
    e.preventDefault();
    history.pushState(null, "", `${link.getAttribute("href")}@${link.dataset.place}`);
    follow();
  });

  let unfolded = [];
  addEventListener("beforeprint", () => { unfolded = $$("details:not([open])"); unfolded.forEach((d) => { d.open = true; }); });
  addEventListener("afterprint", () => unfolded.forEach((d) => { d.open = false; }));
  follow();
  document.documentElement.dataset.ready = String(Math.round(performance.now()));
})();
