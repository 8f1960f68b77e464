"""The application's own JavaScript, run by this machine's node; prom-client is in the image only."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

APP = Path(__file__).parents[3] / "images" / "event-loop" / "app"
NODE = shutil.which("node")
SECONDS = 30
SENSELESS = ("/burn", "/burn?ms=0", "/burn?ms=1001", "/burn?ms=1e3")

pytestmark = pytest.mark.skipif(NODE is None, reason="there is no node on this machine")

UTILIZATION = """
const { Utilization } = require('./utilization');
const points = JSON.parse(process.argv[1]);
let next = 0;
const made = new Utilization(() => points[Math.min(next++, points.length - 1)], 1000);
while (next < points.length - 1) made.note();
console.log(JSON.stringify({ value: made.value(), kept: made.points.length }));
"""
SERVICE = """
const http = require('node:http');
const { Service } = require('./service');
const burnt = [];
const metrics = { contentType: 'text/plain', text: async () => 'up 1\\n', burnt: (ms) => burnt.push(ms) };
const service = new Service(metrics);
function get(port, path, method = 'GET') {
  return new Promise((resolve, reject) => {
    http.request({ port, path, method, host: '127.0.0.1' }, (response) => {
      let body = '';
      response.on('data', (part) => { body += part; });
      response.on('end', () => resolve([response.statusCode, body, response.headers.connection]));
    }).on('error', reject).end();
  });
}
(async () => {
  const port = await service.listen(0);
  const results = {};
  for (const path of JSON.parse(process.argv[1])) results[path] = await get(port, path);
  results.post = await get(port, '/burn?ms=5', 'POST');
  const stopped = service.stop(300);
  results.stopping = await get(port, '/healthz');
  results.draining = await get(port, '/burn?ms=7');
  await stopped;
  results.after = await get(port, '/healthz').then(() => 'answered', () => 'refused');
  results.burnt = burnt;
  console.log(JSON.stringify(results));
})();
"""
BURN = """
const { burn } = require('./service');
const { performance } = require('node:perf_hooks');
setTimeout(() => {
  const before = performance.eventLoopUtilization();
  const used = process.cpuUsage();
  const began = performance.now();
  burn(200);
  const active = performance.eventLoopUtilization(before).active;
  const { user, system } = process.cpuUsage(used);
  console.log(JSON.stringify({ took: performance.now() - began, active, cpu: (user + system) / 1000 }));
}, 50);
"""


def node(script, *arguments):
    assert NODE is not None
    done = subprocess.run(
        [NODE, "-e", script, *arguments], cwd=APP, capture_output=True, text=True, timeout=SECONDS, check=True
    )
    return json.loads(done.stdout)


def utilization(*points):
    given = [{"idle": idle, "active": active} for idle, active in points]
    return node(UTILIZATION, json.dumps(given))


def test_utilization_is_the_active_share_of_the_last_second():
    """What was before the window does not count; what was in it counts by its time."""
    # 2 s idle, then 1 s of which 0.4 s active, noted every 100 ms.
    points = [(0, 0), (1000, 0), (2000, 0)] + [(2000 + 60 * n, 40 * n) for n in range(1, 11)]
    assert utilization(*points)["value"] == pytest.approx(0.4)


def test_a_loop_that_was_held_is_seen_whole():
    """A loop that was held for longer than the window, so that nothing was noted, was fully utilized."""
    assert utilization((0, 0), (1000, 0), (1100, 0), (1100, 3000))["value"] == 1


def test_no_more_points_are_kept_than_the_window_needs():
    """A service that runs for days keeps a dozen points."""
    assert utilization(*((100 * n, 0) for n in range(200)))["kept"] <= 12


def test_before_any_time_has_passed_the_loop_is_idle():
    """A first scrape gets 0 and not NaN, which an adapter would not take for a number."""
    assert utilization((0, 0), (0, 0), (0, 0))["value"] == 0


def test_a_burn_is_event_loop_time_and_no_processor_time():
    """Node counts the held time as active, and the process uses next to no processor meanwhile."""
    seen = node(BURN)
    assert 195 <= seen["took"] < 1000
    assert seen["active"] >= 195
    assert seen["cpu"] < 100


@pytest.fixture(scope="module")
def answers():
    return node(SERVICE, json.dumps(["/burn?ms=20", *SENSELESS, "/metrics", "/healthz", "/x", "//"]))


def test_the_pages_answer(answers):
    """/burn burns what it was asked for, /metrics gives the exposition, /healthz is ready."""
    assert answers["/burn?ms=20"][0] == 200
    assert json.loads(answers["/burn?ms=20"][1])["ms"] == 20
    assert answers["/metrics"][:2] == [200, "up 1\n"]
    assert answers["/healthz"][0] == 200
    assert answers["/burn?ms=20"][2] == "close"


def test_what_makes_no_sense_is_refused(answers):
    """A burn of nothing, of too long or of no number is a 400, an unknown page a 404; the service goes on."""
    for path in SENSELESS:
        assert answers[path][0] == 400, path
    assert answers["/x"][0] == answers["//"][0] == 404
    assert answers["post"][0] == 405


def test_a_stop_is_graceful(answers):
    """Told to stop it is not ready at once, still answers while others learn of it, and then refuses."""
    assert answers["stopping"][0] == 503
    assert answers["draining"][0] == 200
    assert answers["after"] == "refused"
    assert answers["burnt"] == [20, 7]
