'use strict';
// The HTTP side: /burn?ms=N, /healthz and /metrics, all on the one event loop that is measured.

const http = require('node:http');
const os = require('node:os');

const MAX_MS = 1000; // of one burn: a probe that comes meanwhile waits as long

// Holds the event loop for `ms` milliseconds, as a synchronous read or a lock would: no event is served, and the
// loop counts as active. It takes no processor time, so that any number of pods fit on one machine.
function burn(ms) {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

// `metrics`: { contentType, text() (a promise), burnt(ms) }.
class Service {
  constructor(metrics) {
    this.metrics = metrics;
    this.stopping = false;
    this.server = http.createServer((request, response) => this.serve(request, response));
  }

  listen(port) {
    return new Promise((resolve) => this.server.listen(port, () => resolve(this.server.address().port)));
  }

  // Not ready any more at once, but serving for `drainMs`: whoever routes here learns it late. Then what is
  // under way is answered, and the promise resolves.
  stop(drainMs) {
    this.stopping = true;
    return new Promise((resolve) => {
      setTimeout(() => {
        this.server.close(resolve);
        this.server.closeIdleConnections();
      }, drainMs);
    });
  }

  serve(request, response) {
    // One request a connection: no proxy reuses one that is being closed.
    response.setHeader('Connection', 'close');
    const [pathname, query] = request.url.split('?', 2); // new URL() throws for some of what clients send
    if (request.method !== 'GET') return answer(response, 405, { error: 'only GET' });
    if (pathname === '/burn') return this.burn(new URLSearchParams(query).get('ms'), response);
    if (pathname === '/healthz') {
      return answer(response, this.stopping ? 503 : 200, { stopping: this.stopping });
    }
    if (pathname === '/metrics') return this.exposition(response);
    return answer(response, 404, { error: `no such page: ${pathname}` });
  }

  burn(text, response) {
    const ms = /^\d{1,4}$/.test(text) ? Number(text) : 0;
    if (ms < 1 || ms > MAX_MS) return answer(response, 400, { error: `ms must be 1 to ${MAX_MS}` });
    burn(ms);
    this.metrics.burnt(ms);
    return answer(response, 200, { ms, pod: os.hostname() });
  }

  exposition(response) {
    return this.metrics.text().then(
      (text) => send(response, 200, this.metrics.contentType, text),
      (error) => answer(response, 500, { error: String(error) }),
    );
  }
}

function answer(response, status, fields) {
  send(response, status, 'application/json', `${JSON.stringify(fields)}\n`);
}

function send(response, status, type, body) {
  response.writeHead(status, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) });
  response.end(body);
}

module.exports = { Service, burn };
