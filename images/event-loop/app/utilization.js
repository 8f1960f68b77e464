'use strict';
// How busy the event loop was lately: the share of time in which it was not waiting for events.

const { performance } = require('node:perf_hooks');

const WINDOW_MS = 1000; // the gauge looks back so far: as fresh as the scrape that reads it
const EVERY_MS = 100; // a tenth of the window is how much longer than it the look back may be

class Utilization {
  // read() gives { idle, active } in milliseconds since the loop began: Node's own count.
  constructor(read = performance.eventLoopUtilization, windowMs = WINDOW_MS) {
    this.read = read;
    this.windowMs = windowMs;
    this.points = [];
    this.note();
  }

  // Notes again and again; the timer alone does not keep the process alive.
  start() {
    setInterval(() => this.note(), EVERY_MS).unref();
  }

  // Of the points that are older than the window only the youngest is kept. A loop that was held notes late;
  // then the look back is longer, and never misses what held it.
  note() {
    const { idle, active } = this.read();
    this.points.push({ idle, active });
    const end = idle + active;
    while (this.points.length > 1 && end - total(this.points[1]) >= this.windowMs) this.points.shift();
  }

  // 0 (waiting) to 1 (never waiting).
  value() {
    this.note();
    const [first] = this.points;
    const last = this.points[this.points.length - 1];
    const time = total(last) - total(first);
    return time > 0 ? (last.active - first.active) / time : 0;
  }
}

function total(point) {
  return point.idle + point.active;
}

module.exports = { Utilization };
