"use strict";
// Draws the timelines and makes the list of behaviours filterable. The page is readable without it.
(() => {
  const root = document.documentElement;
  const $$ = (selector, from = document) => [...from.querySelectorAll(selector)];
  const data = JSON.parse(document.getElementById("data").textContent);
  const clock = (s) => `${Math.floor(s / 60)}:${String(Math.floor(s % 60)).padStart(2, "0")}`;
  const colour = (name) => getComputedStyle(root).getPropertyValue(name).trim();
  const names = data.panels.flatMap((panel) => Object.keys(panel.signals));
  const DASHES = { redis_key_size: [2, 3], redis_items_in_queue: [7, 3], adapter_value: [3, 2], hpa_desired_replicas: [7, 3], status_replicas: [2, 3] };
  const inkOf = (signal) => colour(`--s${names.indexOf(signal)}`);

  // --- behaviours: filter, unfold, anchors
  const cases = $$("details.behaviour");
  const filters = $$(".filter [data-outcome]");
  function show(outcome) {
    for (const b of filters) b.setAttribute("aria-pressed", String(b.dataset.outcome === outcome));
    for (const c of cases) c.hidden = outcome !== "" && c.dataset.outcome !== outcome;
    for (const s of $$("section.step")) s.hidden = !$$("details.behaviour", s).some((c) => !c.hidden);
  }
  for (const b of filters) b.addEventListener("click", () => show(b.dataset.outcome));
  for (const b of $$("[data-fold]")) b.addEventListener("click", () => cases.forEach((c) => { if (!c.hidden) c.open = b.dataset.fold === "open"; }));
  function follow() {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    if (target.matches("details.behaviour")) { if (target.hidden) show(""); target.open = true; }
    target.scrollIntoView();
  }
  addEventListener("hashchange", follow);

  let unfolded = [];
  addEventListener("beforeprint", () => { unfolded = $$("details:not([open])"); unfolded.forEach((d) => { d.open = true; }); });
  addEventListener("afterprint", () => unfolded.forEach((d) => { d.open = false; }));

  // --- timelines
  const before = (times, t) => { let lo = 0, hi = times.length; while (lo < hi) { const mid = (lo + hi) >> 1; if (times[mid] <= t) lo = mid + 1; else hi = mid; } return lo - 1; };
  function reading(signal, t) {
    const i = before(signal.t, t);
    if (i >= 0 && signal.v[i] !== null) return String(signal.v[i]);
    const failed = before(signal.f.map((f) => f[0]), t), absent = before(signal.a, t);
    if (failed >= 0 && (absent < 0 || signal.f[failed][0] >= signal.a[absent])) return "failed";
    return absent >= 0 ? "absent" : "–";
  }
  // uPlot 1.6 throws in setSeries when there are no cursor points at all; ours would jump between readings.
  const unseen = () => { const point = document.createElement("div"); point.hidden = true; return point; };
  // A canvas does not reflow for paper: CSS pixels that fit A4 and US letter upright.
  const PAPER = 620;
  const ticks = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600];

  function marks(u, record, panel, first, hidden) {
    const { ctx } = u, { left, top, width, height } = u.bbox, px = devicePixelRatio;
    ctx.save();
    ctx.beginPath(); ctx.rect(left, 0, width, top + height); ctx.clip();
    let last = -99;
    record.events.forEach((event, i) => {
      const x = Math.round(u.valToPos(event.t, "x", true));
      ctx.strokeStyle = ctx.fillStyle = colour(event.kind === "fault" ? "--fault" : "--event");
      ctx.lineWidth = px; ctx.setLineDash(event.kind === "fault" ? [] : [3 * px, 3 * px]);
      ctx.beginPath(); ctx.moveTo(x + .5, top); ctx.lineTo(x + .5, top + height); ctx.stroke();
      if (first && x >= left - 1 && x <= left + width + 1 && x - last > 15 * px) {
        ctx.font = `600 ${11 * px}px system-ui, sans-serif`; ctx.textAlign = "center";
        ctx.fillText(String(i + 1), Math.min(Math.max(x, left + 5 * px), left + width - 8 * px), top - 4 * px); last = x;
      }
    });
    ctx.setLineDash([]);
    let row = 0;
    for (const name of Object.keys(panel.signals)) {
      const signal = record.signals[name];
      if (!signal || hidden.has(name) || !(signal.f.length + signal.a.length)) continue;
      const y = top + height - (7 + 11 * row++) * px, r = 3 * px;
      ctx.strokeStyle = inkOf(name); ctx.lineWidth = 1.6 * px; ctx.beginPath();
      let drawn = -99;
      const apart = (t) => { const x = u.valToPos(t, "x", true); if (Math.abs(x - drawn) < 8 * px) return null; drawn = x; return x; };
      for (const [t] of signal.f) { const x = apart(t); if (x === null) continue; ctx.moveTo(x - r, y - r); ctx.lineTo(x + r, y + r); ctx.moveTo(x + r, y - r); ctx.lineTo(x - r, y + r); }
      drawn = -99;
      for (const t of signal.a) { const x = apart(t); if (x === null) continue; ctx.moveTo(x + r, y); ctx.arc(x, y, r, 0, 7); }
      ctx.stroke();
    }
    ctx.restore();
  }
  function band(u, record) {
    const { ctx } = u, { left, top, width, height } = u.bbox;
    ctx.save(); ctx.beginPath(); ctx.rect(left, top, width, height); ctx.clip(); ctx.fillStyle = colour("--band");
    for (const [t0, t1, low, high] of record.band) {
      const x = u.valToPos(t0, "x", true), y = u.valToPos(high + .25, "y", true);
      ctx.fillRect(x, y, Math.max(1, u.valToPos(t1, "x", true) - x), u.valToPos(low - .25, "y", true) - y);
    }
    ctx.restore();
  }

  function legend(record, panel, signals, toggled) {
    const box = document.createElement("div"); box.className = "legend";
    const values = new Map();
    for (const name of signals) {
      const key = document.createElement("button"); key.type = "button"; key.setAttribute("aria-pressed", "true");
      key.innerHTML = `<svg width="26" height="8" aria-hidden="true"><line x1="0" y1="4" x2="26" y2="4" stroke="var(--s${names.indexOf(name)})" stroke-width="3" stroke-dasharray="${(DASHES[name] || []).join(" ")}"/></svg>`;
      const value = document.createElement("output");
      key.append(panel.signals[name], value); values.set(name, value); box.append(key);
      key.addEventListener("click", () => { const on = key.getAttribute("aria-pressed") !== "true"; key.setAttribute("aria-pressed", String(on)); toggled(name, on); });
    }
    if (panel.band && record.band.length) {
      const swatch = document.createElement("span"); swatch.className = "swatch"; swatch.innerHTML = "<i></i>"; swatch.append("allowed by the model"); box.append(swatch);
    }
    return { box, values };
  }

  function draw(host) {
    const record = data.records[Number(host.dataset.record)];
    const sync = uPlot.sync(`record-${host.dataset.record}`);
    const end = Math.max(record.seconds, 1), range = [0, end], plots = [];
    const now = document.createElement("div"); now.className = "now"; now.setAttribute("aria-live", "off");
    let at = null;
    function point(t) {
      at = t === null ? null : Math.min(Math.max(t, 0), end);
      for (const p of plots) for (const [name, out] of p.values) out.textContent = at === null ? "" : reading(record.signals[name], at);
      const i = at === null ? -1 : before(record.events.map((e) => e.t), at);
      now.textContent = at === null ? "" : `at ${clock(at)}${i < 0 ? "" : `, ${(at - record.events[i].t).toFixed(1)} s after ${i + 1} ${record.events[i].name}`}`;
    }
    function zoom(min, max) {
      const width = Math.min(Math.max(max - min, 2), end); min = Math.min(Math.max(min, 0), end - width);
      range[0] = min; range[1] = min + width; for (const p of plots) p.u.setScale("x", { min, max: min + width });
    }
    data.panels.forEach((panel, index) => {
      const signals = Object.keys(panel.signals).filter((name) => record.signals[name]);
      if (!signals.length) return;
      const hidden = new Set(), holder = document.createElement("div"); holder.className = "panel";
      const tables = signals.map((name) => [record.signals[name].t, record.signals[name].v]);
      tables.push([[0, end], [null, null]]);
      const joined = uPlot.join(tables); joined.pop();
      const most = Math.max(1, ...signals.flatMap((name) => record.signals[name].v), ...(panel.band ? record.band.map((b) => b[3]) : []));
      const key = legend(record, panel, signals, (name, on) => { on ? hidden.delete(name) : hidden.add(name); plot.u.setSeries(signals.indexOf(name) + 1, { show: on }); });
      host.append(key.box, holder);
      const axis = { stroke: () => colour("--quiet"), grid: { stroke: () => colour("--grid"), width: 1 }, ticks: { stroke: () => colour("--grid"), width: 1 }, font: "12px system-ui, sans-serif" };
      const plot = { values: key.values };
      plots.push(plot);
      plot.u = new uPlot({
        width: host.clientWidth, height: index ? 170 : 220, legend: { show: false },
        cursor: { sync: { key: sync.key, setSeries: false }, drag: { x: true, y: false, setScale: false }, points: { show: unseen }, bind: { dblclick: () => () => zoom(0, end) } },
        scales: { x: { time: false, range: () => range.slice() }, y: { range: () => [0, most * 1.12] } },
        axes: [{ ...axis, size: 30, incrs: ticks, space: 56, values: (_, splits) => splits.map(clock) }, { ...axis, size: 46, space: 30, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000, 1e5, 1e6, 1e7] }],
        series: [{}, ...signals.map((name) => ({ label: panel.signals[name], stroke: () => inkOf(name), width: 2, dash: DASHES[name], points: { show: false }, paths: uPlot.paths.stepped({ align: 1 }) }))],
        hooks: {
          drawAxes: [(u) => { if (panel.band) band(u, record); }],
          draw: [(u) => marks(u, record, panel, plot === plots[0], hidden)],
          setCursor: [(u) => { if (u.cursor.left >= 0) point(u.posToVal(u.cursor.left, "x")); }],
          setSelect: [(u) => { if (u.select.width > 4) { zoom(u.posToVal(u.select.left, "x"), u.posToVal(u.select.left + u.select.width, "x")); } u.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false); }],
        },
      }, joined, holder);
      holder.addEventListener("mouseleave", () => point(null));
    });
    const tools = document.createElement("div"); tools.className = "tools";
    for (const [text, label, act] of [["+", "zoom in", (a, b) => zoom(a + (b - a) / 4, b - (b - a) / 4)], ["−", "zoom out", (a, b) => zoom(a - (b - a) / 2, b + (b - a) / 2)], ["all", "show all", () => zoom(0, end)]]) {
      const button = document.createElement("button"); button.type = "button"; button.textContent = text; button.title = label; button.setAttribute("aria-label", label);
      button.addEventListener("click", () => act(...range)); tools.append(button);
    }
    host.append(now); host.prepend(tools);
    if (!plots.length) { host.hidden = true; return null; }
    host.tabIndex = 0; host.setAttribute("role", "group"); host.setAttribute("aria-label", `timeline of ${record.name}; the table below has the same readings`);
    host.addEventListener("keydown", (e) => {
      if (e.target !== host || e.ctrlKey || e.metaKey || e.altKey) return;
      const width = range[1] - range[0], mid = at ?? range[0] + width / 2;
      if (e.key === "ArrowLeft" || e.key === "ArrowRight") {
        const t = Math.min(Math.max(mid + (e.key === "ArrowLeft" ? -1 : 1) * Math.max(.5, width / 100), 0), end);
        if (t < range[0] || t > range[1]) zoom(t - width / 2, t + width / 2);
        plots[0].u.setCursor({ left: plots[0].u.valToPos(t, "x"), top: 10 }); point(t);
      } else if (e.key === "+" || e.key === "=") zoom(mid - width / 4, mid + width / 4);
      else if (e.key === "-") zoom(mid - width, mid + width);
      else if (e.key === "0" || e.key === "Escape") { zoom(0, end); }
      else return;
      e.preventDefault();
    });
    host.dataset.ready = "yes"; host.timeline = { zoom, range: () => range.slice(), point };
    return (width = host.clientWidth) => { for (const p of plots) { if (p.u.width !== width && width > 0) p.u.setSize({ width, height: p.u.height }); else p.u.redraw(false); } };
  }

  if (typeof uPlot === "function") {
    const redraws = [];
    // Drawn when first looked at: a report of many records opens at once.
    const seen = new IntersectionObserver((entries) => {
      for (const e of entries) if (e.isIntersecting) { seen.unobserve(e.target); const r = draw(e.target); if (r) redraws.push(r); }
    }, { rootMargin: "600px" });
    $$(".plot").forEach((host, n) => {
      if (n < 2) { const r = draw(host); if (r) redraws.push(r); } else { host.style.minHeight = "460px"; seen.observe(host); }
    });
    const again = () => redraws.forEach((r) => r());
    addEventListener("resize", again);
    addEventListener("beforeprint", () => {
      for (const host of $$(".plot:not([data-ready])")) { seen.unobserve(host); const r = draw(host); if (r) redraws.push(r); }
      redraws.forEach((r) => r(PAPER));
    });
    addEventListener("afterprint", again);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
  } else for (const host of $$(".plot")) host.hidden = true;
  follow();
})();
