"use strict";
// Draws the timelines. The page is readable without it: a table below each has the same readings.
const timelines = (() => {
  const root = document.documentElement;
  const data = JSON.parse(document.getElementById("data").textContent);
  const colour = (name) => getComputedStyle(root).getPropertyValue(name).trim();
  const names = data.panels.flatMap((panel) => Object.keys(panel.signals));
  const DASHES = { redis_key_size: [2, 3], redis_items_in_queue: [7, 3], adapter_value: [10, 3, 2, 3], hpa_desired_replicas: [7, 3], status_replicas: [2, 3], pod_metric: [7, 3], pod_usage: [7, 3] };
  const inkOf = (signal) => colour(`--s${names.indexOf(signal)}`);
  const clock = (s) => `${Math.floor(s / 60)}:${String(Math.floor(s % 60)).padStart(2, "0")}`;
  const ticks = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600];
  const counts = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000, 1e5, 1e6, 1e7];
  const ROW = 18, SIGN_ROW = 12, SHORTEST_ZOOM = 2, ABOVE = 16, BELOW = 30;
  // A canvas does not reflow for paper: CSS pixels that fit A4 and US letter upright.
  const PAPER = 620;

  function element(tag, attributes = {}, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...children);
    return made;
  }
  function sample(signal) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg"), line = document.createElementNS(svg.namespaceURI, "line");
    for (const [k, v] of Object.entries({ width: 30, height: 8, "aria-hidden": true })) svg.setAttribute(k, v);
    for (const [k, v] of Object.entries({ x1: 0, y1: 4, x2: 30, y2: 4, stroke: `var(--s${names.indexOf(signal)})`, "stroke-width": 3, "stroke-dasharray": (DASHES[signal] || []).join(" ") })) line.setAttribute(k, v);
    svg.append(line);
    return svg;
  }

  // --- readings
  const before = (times, t) => { let lo = 0, hi = times.length; while (lo < hi) { const mid = (lo + hi) >> 1; if (times[mid] <= t) lo = mid + 1; else hi = mid; } return lo - 1; };
  function reading(record, name, t) {
    const signal = record.signals[name], i = before(signal.t, t);
    if (i >= 0 && signal.v[i] !== null) return { text: String(signal.v[i]) };
    signal.ft ||= signal.f.map((f) => f[0]);
    const failed = before(signal.ft, t), absent = before(signal.a, t);
    if (failed >= 0 && (absent < 0 || signal.ft[failed] >= signal.a[absent])) return { text: "failed", why: record.messages[signal.f[failed][1]] };
    return { text: absent >= 0 ? "absent" : "–" };
  }

  // --- what is drawn on the canvas beside uPlot's lines
  function inPlot(u, act, above = 0) {
    const { ctx } = u, { left, top, width, height } = u.bbox;
    ctx.save(); ctx.beginPath(); ctx.rect(left, top - above, width, height + above); ctx.clip();
    act(ctx, (t) => u.valToPos(t, "x", true), { left, top, width, height, right: left + width, bottom: top + height }, devicePixelRatio);
    ctx.restore();
  }
  function hatch(ctx, x, y, w, h, step, px) {
    ctx.save(); ctx.beginPath(); ctx.rect(x, y, w, h); ctx.clip(); ctx.beginPath(); ctx.lineWidth = px;
    const from = x - h - ((x - h) % step);
    for (let i = from; i < x + w; i += step) { ctx.moveTo(i, y + h); ctx.lineTo(i + h, y); }
    ctx.stroke(); ctx.restore();
  }
  function behind(u, record, panel, place) {
    inPlot(u, (ctx, X, box, px) => {
      for (const fault of record.faults) {
        const x = Math.max(X(fault.from), box.left), w = Math.min(X(fault.to), box.right) - x;
        if (w <= 0) continue;
        ctx.globalAlpha = .13; ctx.fillStyle = ctx.strokeStyle = colour("--fault"); ctx.fillRect(x, box.top, w, box.height);
        ctx.globalAlpha = .3; hatch(ctx, x, box.top, w, box.height, 14 * px, px);
        ctx.globalAlpha = 1;
      }
      if (panel.band) {
        ctx.fillStyle = colour("--band"); ctx.strokeStyle = colour("--band-edge"); ctx.lineWidth = px;
        for (const [t0, t1, low, high] of record.band) {
          const x = X(t0), w = Math.max(1, X(t1) - x), y0 = u.valToPos(high + .25, "y", true), y1 = u.valToPos(low - .25, "y", true);
          ctx.fillRect(x, y0, w, y1 - y0);
          ctx.beginPath(); ctx.moveTo(x, y0); ctx.lineTo(x + w, y0); ctx.moveTo(x, y1); ctx.lineTo(x + w, y1); ctx.stroke();
        }
      }
      if (place) {
        const x = X(place[0]), w = X(place[1]) - x;
        ctx.globalAlpha = .1; ctx.fillStyle = colour("--link"); ctx.fillRect(x, box.top, w, box.height);
        ctx.globalAlpha = 1; ctx.fillRect(x, box.top, w, 3 * px);
      }
    });
  }
  function marks(u, record, panel, first, hidden) {
    inPlot(u, (ctx, X, box, px) => {
      let last = -99;
      record.events.forEach((event, i) => {
        const x = Math.round(X(event.t)), fault = event.kind === "fault";
        ctx.strokeStyle = ctx.fillStyle = colour(fault ? "--fault" : "--event");
        ctx.lineWidth = px; ctx.setLineDash(fault ? [] : [3 * px, 3 * px]);
        ctx.beginPath(); ctx.moveTo(x + .5, box.top); ctx.lineTo(x + .5, box.bottom); ctx.stroke();
        if (first && x >= box.left - 1 && x <= box.right + 1 && x - last > 15 * px) {
          ctx.font = `600 ${11 * px}px system-ui, sans-serif`; ctx.textAlign = "center";
          ctx.fillText(String(i + 1), Math.min(Math.max(x, box.left + 5 * px), box.right - 8 * px), box.top - 4 * px); last = x;
        }
      });
      ctx.setLineDash([]);
      let row = 0;
      for (const name of Object.keys(panel.signals)) {
        const signal = record.signals[name];
        if (!signal || !(signal.f.length + signal.a.length)) continue;
        const y = box.bottom - (7 + SIGN_ROW * row++) * px, r = 3 * px;
        if (hidden.has(name)) continue;
        ctx.strokeStyle = inkOf(name); ctx.lineWidth = 1.6 * px; ctx.beginPath();
        let drawn = -99;
        const apart = (t) => { const x = X(t); if (Math.abs(x - drawn) < 8 * px) return null; drawn = x; return x; };
        for (const [t] of signal.f) { const x = apart(t); if (x === null) continue; ctx.moveTo(x - r, y - r); ctx.lineTo(x + r, y + r); ctx.moveTo(x + r, y - r); ctx.lineTo(x - r, y + r); }
        drawn = -99;
        for (const t of signal.a) { const x = apart(t); if (x === null) continue; ctx.moveTo(x + r, y); ctx.arc(x, y, r, 0, 7); }
        ctx.stroke();
      }
    }, 14 * devicePixelRatio);
  }
  function waits(u, record) {
    inPlot(u, (ctx, X, box, px) => {
      ctx.font = `${11 * px}px system-ui, sans-serif`; ctx.textBaseline = "middle"; ctx.textAlign = "left";
      const written = [];
      for (const wait of record.waits) {
        const y = box.top + wait.row * ROW * px, x = X(wait.t), w = X(wait.t + wait.allowed) - x, ink = colour(wait.met ? "--good" : "--bad");
        ctx.fillStyle = colour("--allowed"); ctx.strokeStyle = colour("--event"); ctx.lineWidth = px;
        ctx.fillRect(x, y + 2 * px, w, (ROW - 4) * px); ctx.strokeRect(x, y + 2 * px, w, (ROW - 4) * px);
        const taken = X(wait.t + wait.took) - x;
        ctx.fillStyle = ctx.strokeStyle = ink; ctx.fillRect(x, y + (ROW - 6) * px, taken, 4 * px);
        if (!wait.met) hatch(ctx, x, y + 2 * px, w, (ROW - 4) * px, 6 * px, px);
        const text = wait.met ? `${wait.name}: ${wait.took} of ${wait.allowed} s` : `✗ ${wait.name}, not within ${wait.allowed} s`;
        const room = ctx.measureText(text).width, at = Math.max(box.left + 3 * px, Math.min(x + 4 * px, box.right - room - 4 * px));
        // Where waits stand close the table has their names.
        if (at < (written[wait.row] ?? -1) || x > box.right || x + w < box.left) continue;
        written[wait.row] = at + room + 4 * px;
        ctx.globalAlpha = .85; ctx.fillStyle = colour("--card"); ctx.fillRect(at - 2 * px, y + 3 * px, room + 4 * px, (ROW - 10) * px); ctx.globalAlpha = 1;
        ctx.lineWidth = 3 * px; ctx.strokeStyle = colour("--card"); ctx.fillStyle = colour("--ink");
        ctx.strokeText(text, at, y + (ROW / 2 - 1.5) * px); ctx.fillText(text, at, y + (ROW / 2 - 1.5) * px);
      }
    });
  }

  function legend(record, panel, signals, toggled) {
    const box = element("div", { class: "legend" }), values = new Map();
    for (const name of signals) {
      const value = element("output"), key = element("button", { type: "button", "aria-pressed": "true" }, sample(name), panel.signals[name], value);
      key.addEventListener("click", () => { const on = key.getAttribute("aria-pressed") !== "true"; key.setAttribute("aria-pressed", String(on)); toggled(name, on); });
      values.set(name, value); box.append(key);
    }
    const swatch = (kind, text) => box.append(element("span", { class: `swatch ${kind}` }, element("i"), text));
    if (panel.band) {
      if (record.band.length) swatch("band", "allowed by the model");
      else if (signals.length) box.append(element("span", { class: "quiet swatch" }, "the model was not asked about this record"));
    }
    if (panel.waits) { swatch("allowed", "allowed by the budget"); swatch("taken", "taken"); swatch("gave-up", "✗ did not come in time"); }
    if (panel.first && record.faults.length) swatch("fault", `fault: ${[...new Set(record.faults.map((f) => f.name))].join(", ")}`);
    return { box, values };
  }

  // uPlot 1.6 throws in setSeries when there are no cursor points at all; ours would jump between readings.
  const unseen = () => element("div", { hidden: "" });
  const axis = () => ({ stroke: () => colour("--quiet"), grid: { stroke: () => colour("--grid"), width: 1 }, ticks: { stroke: () => colour("--grid"), width: 1 }, font: "12px system-ui, sans-serif" });
  const upward = (u, splits) => splits.map((v) => (v < 0 ? null : v));

  function draw(host) {
    const index = Number(host.dataset.record), record = data.records[index], sync = uPlot.sync(`record-${index}`);
    const end = Math.max(record.seconds, 1), range = [0, end], plots = [];
    const now = element("div", { class: "now", "aria-live": "off" });
    let at = null, place = null;
    function point(t) {
      at = t === null ? null : Math.min(Math.max(t, 0), end);
      const failed = [];
      for (const p of plots) for (const [name, out] of p.values) {
        const found = at === null ? { text: "" } : reading(record, name, at);
        out.textContent = found.text;
        if (found.why) failed.push(`${p.panel.signals[name]} failed: ${found.why}`);
      }
      const i = at === null ? -1 : before(record.events.map((e) => e.t), at);
      const since = i < 0 ? "" : `, ${(at - record.events[i].t).toFixed(1)} s after ${i + 1} ${record.events[i].name}`;
      now.textContent = at === null ? "" : [`at ${clock(at)}${since}`, ...failed].join("; ");
    }
    function zoom(min, max) {
      const width = Math.min(Math.max(max - min, Math.min(SHORTEST_ZOOM, end)), end);
      min = Math.min(Math.max(min, 0), end - width);
      range[0] = min; range[1] = min + width;
      for (const p of plots) p.u.setScale("x", { min, max: min + width });
    }
    function all() { place = null; zoom(0, end); }
    function show(from, to) {
      const start = Math.max(0, from), stop = Math.min(end, to), room = Math.max((stop - start) * .15, 1);
      place = stop - start < end - .2 ? [start, stop] : null;
      zoom(start - room, stop + room);
    }
    const panels = [...data.panels];
    if (record.waits.length) panels.push({ title: "waits", signals: {}, waits: true });
    for (const panel of panels) {
      const signals = Object.keys(panel.signals).filter((name) => record.signals[name]);
      if (!signals.length && !panel.waits) continue;
      const first = !plots.length, hidden = new Set(), holder = element("div", { class: "panel" });
      const joined = uPlot.join([...signals.map((name) => [record.signals[name].t, record.signals[name].v]), [[0, end], [null, null]]]);
      if (!panel.waits) joined.pop();
      const values = signals.flatMap((name) => record.signals[name].v);
      const most = [...values, ...(panel.band ? record.band.map((b) => b[3]) : [])].reduce((a, b) => Math.max(a, b), 1);
      const signs = signals.filter((name) => record.signals[name].f.length + record.signals[name].a.length).length;
      const rows = Math.max(...record.waits.map((w) => w.row), 0) + 1, height = ABOVE + BELOW + (panel.waits ? rows * ROW : first ? 180 : 130);
      const share = signs * SIGN_ROW / (height - ABOVE - BELOW), low = signs ? -most * (share / (1 - share) + .03) : 0;
      const plot = { panel };
      const key = legend(record, { ...panel, first }, signals, (name, on) => { on ? hidden.delete(name) : hidden.add(name); plot.u.setSeries(signals.indexOf(name) + 1, { show: on }); });
      plot.values = key.values; plots.push(plot);
      host.append(key.box, holder);
      const up = { ...axis(), size: 46, space: 30, incrs: counts };
      plot.u = new uPlot({
        width: host.clientWidth, height, padding: [ABOVE, 10, 0, 0], legend: { show: false },
        cursor: { sync: { key: sync.key, setSeries: false }, y: !panel.waits, drag: { x: true, y: false, setScale: false }, points: { show: unseen }, bind: { dblclick: () => all } },
        scales: { x: { time: false, range: () => range.slice() }, y: { range: () => (panel.waits ? [0, 1] : [low, most * 1.12]) } },
        axes: [{ ...axis(), size: BELOW, incrs: ticks, space: 56, values: (_, splits) => splits.map(clock) }, panel.waits ? { ...up, values: () => [], grid: { show: false }, ticks: { show: false } } : { ...up, filter: upward, grid: { ...up.grid, filter: upward }, ticks: { ...up.ticks, filter: upward } }],
        series: [{}, ...(panel.waits ? [{ show: false }] : signals.map((name) => ({ label: panel.signals[name], stroke: () => inkOf(name), width: 2, dash: DASHES[name], points: { show: false }, paths: uPlot.paths.stepped({ align: 1 }) })))],
        hooks: {
          drawAxes: [(u) => behind(u, record, panel, place)],
          draw: [(u) => { if (panel.waits) waits(u, record); marks(u, record, panel, first, hidden); }],
          setCursor: [(u) => { if (u.cursor.left >= 0) point(u.posToVal(u.cursor.left, "x")); }],
          setSelect: [(u) => { if (u.select.width > 4) zoom(u.posToVal(u.select.left, "x"), u.posToVal(u.select.left + u.select.width, "x")); u.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false); }],
        },
      }, joined, holder);
      holder.addEventListener("mouseleave", () => point(null));
    }
    if (!plots.length) { host.hidden = true; return null; }
    const tools = element("div", { class: "tools" });
    for (const [text, label, act] of [["‹", "earlier", (a, b) => zoom(a - (b - a) / 2, b - (b - a) / 2)], ["−", "zoom out", (a, b) => zoom(a - (b - a) / 2, b + (b - a) / 2)], ["+", "zoom in", (a, b) => zoom(a + (b - a) / 4, b - (b - a) / 4)], ["›", "later", (a, b) => zoom(a + (b - a) / 2, b + (b - a) / 2)], ["all", "show all", all]]) {
      const button = element("button", { type: "button", title: label, "aria-label": label }, text);
      button.addEventListener("click", () => act(...range)); tools.append(button);
    }
    host.append(now); host.prepend(tools);
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
      else if (e.key === "0" || e.key === "Escape") all();
      else return;
      e.preventDefault();
    });
    host.dataset.ready = "yes"; host.timeline = { zoom, all, show, range: () => range.slice(), point };
    return (width = host.clientWidth) => { for (const p of plots) { if (p.u.width !== width && width > 0) p.u.setSize({ width, height: p.u.height }); else p.u.redraw(false); } };
  }

  // --- drawn when first looked at: a report of many records opens at once
  const hosts = [...document.querySelectorAll(".plot")], redraws = [];
  if (typeof uPlot !== "function") { for (const host of hosts) host.hidden = true; return { show: () => null }; }
  function ready(host) { if (!host.dataset.ready) { seen.unobserve(host); host.style.minHeight = ""; const again = draw(host); if (again) redraws.push(again); } }
  const seen = new IntersectionObserver((entries) => { for (const e of entries) if (e.isIntersecting) ready(e.target); }, { rootMargin: "600px" });
  for (const host of hosts) { host.style.minHeight = "430px"; seen.observe(host); }
  const again = () => redraws.forEach((redraw) => redraw());
  addEventListener("resize", again);
  addEventListener("beforeprint", () => { root.classList.add("paper"); hosts.forEach(ready); redraws.forEach((redraw) => redraw(PAPER)); });
  addEventListener("afterprint", () => { root.classList.remove("paper"); again(); });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
  return {
    show(index, from, to) {
      const host = hosts.find((each) => each.dataset.record === String(index));
      if (!host) return;
      ready(host);
      if (!host.timeline) return;
      host.timeline.show(from, to);
      host.closest(".record").scrollIntoView();
      host.focus({ preventScroll: true });
    },
  };
})();
