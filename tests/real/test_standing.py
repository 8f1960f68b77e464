"""A set-up typed in by hand grades like the reference, and is left as it was. For real: needs an engine.

pytest tests/real/test_standing.py
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from fixtures.cluster.kind import delete
from fixtures.cluster.state import ClusterState
from fixtures.install.helm import Helm
from fixtures.install.kubectl import Kubectl
from fixtures.install.stacks import load_stack
from fixtures.judge.waiting import eventually
from fixtures.machine import engine as engines
from fixtures.machine.bundle import bundle as bundles
from fixtures.machine.bundle.cache import Cache
from fixtures.machine.tools import ensure_tools
from tests.real.by_hand import APP, CONSUMER, EXPORTER, ByHand, differences

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "solutions" / "dojo" / "reference"
CLUSTER = "standing"
LONGEST = 1200
"""Seconds for one run: four minutes on an idle machine."""
LEFT_TO_THE_OWNER = "dojo.11.teardown-clean"
DEFECT = "dojo.10.average-value-status"
READ_ONLY = {
    *("dojo.01.tools", "dojo.02.nodes-ready", "dojo.02.controller-flags", "dojo.02.scale-to-zero-allowed"),
    *("dojo.02.ingress-answers", "dojo.05.prometheus-ready", "dojo.05.scrape-interval", "dojo.05.targets-up"),
    *("dojo.05.ingress", "dojo.06.target-up", "dojo.07.rule-healthy", "dojo.08.api-available"),
    *("dojo.08.exposes-redis-metrics", "dojo.08.selector-filters", "dojo.08.unknown-metric-is-404"),
    *("dojo.09.reads-metric", "dojo.09.target"),
}


class AtRest:
    """The time limit for a set-up to be as it was: Prometheus' start, the adapter's listing, the downscale
    window, and controllers that are late.
    """

    name, seconds = "at rest", 240.0


def pytest_run(folder: Path, *options: str) -> subprocess.Popen[str]:
    """The kit, in a process of its own, reporting into ``folder``."""
    command = [sys.executable, "-m", "pytest", "conformance/dojo", "--report-dir", str(folder), *options]
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, "PYTHONUNBUFFERED": "1", "GITHUB_ACTIONS": ""},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


@pytest.fixture(scope="module")
def by_hand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ByHand]:
    """The reference under other names, on a cluster that the kit only made; deleted in the end."""
    folder = tmp_path_factory.mktemp("by-hand")
    made = pytest_run(folder, "--cluster-name", CLUSTER, "--keep-cluster", "-k", "test_tools")
    said, _ = made.communicate(timeout=LONGEST)
    assert made.returncode == 0, said[-3000:]
    engine = engines.ensure(Cache().root, print)
    version = load_stack("default").kubernetes
    builder = bundles.make_builder(engine, version, print)
    bundle = bundles.built(builder, "dojo", "by hand", print)
    tools = ensure_tools(version, lambda: builder, {})
    state = ClusterState(Cache().root / "clusters", CLUSTER)
    context = f"kind-{CLUSTER}"
    helm = Helm(tools["helm"].path, state.kubeconfig, context)
    try:
        there = ByHand(helm, Kubectl(tools["kubectl"].path, state.kubeconfig, context), bundle.images, folder)
        there.install(REFERENCE, bundle.crds["kube-prometheus-stack"])
        yield there
    finally:
        if not os.environ.get("KEEP_STANDING"):
            delete(tools["kind"].path, state, engine.kind_env)


@pytest.fixture
def judged(by_hand: ByHand, tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """Grades what stands there; the report, with the exit code that is expected."""

    def grade(*options: str, code: int = 0) -> dict[str, Any]:
        kit = pytest_run(tmp_path, *named(by_hand), *options)
        said, _ = kit.communicate(timeout=LONGEST)
        (tmp_path / "output.txt").write_text(said)
        assert kit.returncode == code, said[-5000:]
        report: dict[str, Any] = json.loads((tmp_path / "latest" / "report.json").read_text())
        return report

    return grade


def named(by_hand: ByHand) -> list[str]:
    """The cluster, as a user names it."""
    return ["--kubecontext", by_hand.kubectl.context, "--kubeconfig", str(by_hand.kubectl.kubeconfig)]


def unchanged(by_hand: ByHand, before: dict[str, str]) -> None:
    """Nothing was added, removed or changed, once the HPA has gone back to rest."""

    def same(after: dict[str, str]) -> bool:
        found = differences(before, after)
        assert not found, found
        return True

    eventually(by_hand.objects, same, budget=AtRest(), what="the objects that were there before")


def at_rest(by_hand: ByHand) -> dict[str, str]:
    """The objects there are, once the HPA has put the consumers to sleep and lists are the same: what was
    just installed is still written to.
    """
    lists = [by_hand.objects()]

    def settled(now: dict[str, str]) -> bool:
        lists.append(now)
        found = differences(lists[-2], now)
        assert not found, found
        assert _replicas(by_hand, CONSUMER) == 0
        return True

    settled_list: dict[str, str] = eventually(
        by_hand.objects, settled, budget=AtRest(), successes=3, what="a set-up at rest"
    )
    return settled_list


def outcomes(report: dict[str, Any]) -> dict[str, str]:
    return {behaviour["id"]: behaviour["outcome"] for behaviour in report["behaviours"]}


def test_hands_off_reads_and_changes_nothing(by_hand: ByHand, judged: Callable[..., dict[str, Any]]) -> None:
    """With --no-faults what only reads is judged and passes, all else is skipped: a partial result, and no
    object is another one afterwards.
    """
    before = at_rest(by_hand)
    report = judged("--no-faults", code=1)
    found = outcomes(report)
    assert {name for name, outcome in found.items() if outcome == "passed"} == READ_ONLY
    assert {outcome for name, outcome in found.items() if name not in READ_ONLY} == {"skipped"}
    assert report["run"]["outcome"] == "partial"
    assert differences(before, by_hand.objects()) == {}


def test_it_grades_like_the_reference(by_hand: ByHand, judged: Callable[..., dict[str, Any]]) -> None:
    """Every behaviour ends as with the reference, but for the teardown, which is the owner's; and every
    object is the one that was there before, as it was.
    """
    before = at_rest(by_hand)
    report = judged()
    found = outcomes(report)
    assert found.pop(LEFT_TO_THE_OWNER) == "skipped"
    assert found.pop(DEFECT) in ("passed", "upstream-defect")
    assert {name: outcome for name, outcome in found.items() if outcome != "passed"} == {}
    assert report["run"]["outcome"] == "conformant"
    assert report["run"]["solution"] == f"as it stands on {by_hand.kubectl.context}"
    unchanged(by_hand, before)


def test_a_run_that_is_stopped_gives_the_exporter_back(by_hand: ByHand, tmp_path: Path) -> None:
    """SIGTERM while the exporter is away: it is there again when the run ends, and all else as it was."""
    before = at_rest(by_hand)
    kit = pytest_run(tmp_path, *named(by_hand), "-k", "test_never_absent")
    try:
        deadline = time.monotonic() + LONGEST
        while _replicas(by_hand, EXPORTER) != 0:
            assert kit.poll() is None, (kit.stdout.read() if kit.stdout else "")[-3000:]
            assert time.monotonic() < deadline
        kit.send_signal(signal.SIGTERM)
        said, _ = kit.communicate(timeout=LONGEST)
    finally:
        kit.kill()
    assert _replicas(by_hand, EXPORTER) == 1, said[-3000:]
    unchanged(by_hand, before)


def _replicas(by_hand: ByHand, deployment: str) -> int:
    found = by_hand.kubectl.get_json(f"deployment/{deployment}", namespace=APP)
    assert found is not None
    return int(found["spec"]["replicas"])
