'use strict';
// A service that exports the utilization of its own event loop as elu_utilization.

const { Counter, Gauge, Registry } = require('prom-client');
const { Service } = require('./service');
const { Utilization } = require('./utilization');

const PORT = 8080;
const DRAIN_MS = 2000; // kube-proxy and an ingress have forgotten a pod by then
const LOOP = { loop: 'main' }; // a worker thread would have a loop of its own

const utilization = new Utilization();
const registry = new Registry();
new Gauge({
  name: 'elu_utilization',
  help: 'Share of the last second in which the event loop was not waiting for events (0 to 1).',
  labelNames: ['loop'],
  registers: [registry],
  collect() {
    this.set(LOOP, utilization.value());
  },
});
const burnt = new Counter({
  name: 'burnt_seconds_total',
  help: 'Event-loop time that /burn was asked to hold, in seconds.',
  registers: [registry],
});

const service = new Service({
  contentType: registry.contentType,
  text: () => registry.metrics(),
  burnt: (ms) => burnt.inc(ms / 1000),
});

for (const signal of ['SIGTERM', 'SIGINT']) {
  process.once(signal, async () => {
    await service.stop(DRAIN_MS);
    console.log(`${signal}: stopped`);
    process.exit(0);
  });
}
utilization.start();
service.listen(PORT).then((port) => console.log(`event-loop listens on port ${port}`));
