"""The other scenarios' chains: the references pass, and a mistake in one place is named at its behaviour."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import pytest

from conformance.keda import names as keda_names
from fixtures.static import cpu_checks, keda_ids, links
from fixtures.static.asks import POD_SCENARIOS
from fixtures.static.findings import Findings, Place
from fixtures.static.links import Links
from fixtures.static.promtool import CannotTell
from fixtures.static.scenario_analysis import JUDGED
from tests.unit.static.pod_world import PodPromtool, judged, reference, right

ROOT = Path(__file__).resolve().parents[3]
PODS = tuple(POD_SCENARIOS)
EXPECTED = {
    "shopfront": ("conformance.shopfront.expect", "SHOP"),
    "event_loop": ("conformance.event_loop.conftest", "EXPECT"),
    "sidecar": ("conformance.sidecar.expect", "WEB"),
}


def behaviours(scenario: str) -> set[str]:
    """The ids of a scenario's behaviours."""
    found = set()
    for file in (ROOT / "conformance" / scenario).glob("test_*.py"):
        for test in vars(import_module(f"conformance.{scenario}.{file.stem}")).values():
            found |= {mark.kwargs["id"] for mark in getattr(test, "pytestmark", ()) if "id" in mark.kwargs}
    return found


@pytest.mark.parametrize("scenario", JUDGED)
def test_judges_behaviours_that_there_are(scenario: str) -> None:
    """What files answer is a part of what a cluster is asked."""
    assert JUDGED[scenario] <= behaviours(scenario)


@pytest.mark.parametrize("scenario", PODS)
def test_asks_for_the_same_as_on_a_cluster(scenario: str) -> None:
    """The numbers are those that the behaviours judge by."""
    module, name = EXPECTED[scenario]
    expect, asks = getattr(import_module(module), name), POD_SCENARIOS[scenario]
    for field in ("series", "metric", "minimum", "maximum", "window", "scrape", "port"):
        assert getattr(asks, field) == getattr(expect, field), field
    assert (asks.namespace_label, asks.pod_label) == (expect.namespace_label, expect.pod_label)
    assert (float(asks.target), asks.application) == (expect.target, expect.application)


def test_greatest_loads_are_the_same_as_on_a_cluster() -> None:
    """What the load asks of all pods: requests a second, or event-loop seconds a second."""
    shop, web = (
        getattr(import_module(EXPECTED[name][0]), EXPECTED[name][1]) for name in ("shopfront", "sidecar")
    )
    for name, expect in (("shopfront", shop), ("sidecar", web)):
        assert float(POD_SCENARIOS[name].most) == expect.below.per_second + expect.above.per_second
    names, loop = (
        import_module("conformance.event_loop.names"),
        import_module("conformance.event_loop.conftest"),
    )
    burnt = (loop.BELOW.per_second + loop.ABOVE.per_second) * names.BURN_MS / 1000
    assert float(POD_SCENARIOS["event_loop"].most) == pytest.approx(burnt)


def test_cpu_and_keda_ask_for_the_same_as_on_a_cluster() -> None:
    """Their numbers are those that the behaviours judge by, too."""
    cpu, limits = import_module("conformance.cpu.names"), import_module("conformance.cpu.limits")
    ours = (cpu_checks.MINIMUM, cpu_checks.MAXIMUM, cpu_checks.UTILIZATION, float(cpu_checks.LOAD))
    assert ours == (cpu.MINIMUM, cpu.MAXIMUM, cpu.UTILIZATION, cpu.PER_SECOND * cpu.COST_MS / 1000)
    assert (float(cpu_checks.OVERHEAD), float(cpu_checks.SHORT)) == (cpu.OVERHEAD, cpu.SHORT)
    assert limits.oldest().seconds == cpu_checks.OLDEST
    for field in ("THRESHOLD", "ACTIVATION", "POLLING", "COOLDOWN", "FALLBACK_REPLICAS", "FAILURE_THRESHOLD"):
        assert getattr(keda_ids, field) == getattr(keda_names, field), field
    assert keda_ids.MAXIMUM == keda_names.MAX_REPLICAS


@pytest.mark.parametrize("scenario", [*PODS, "cpu"])
def test_reference_passes_everything(scenario: str) -> None:
    """The reference passes every behaviour that files answer, and none of them without a look."""
    analysis = judged(scenario, reference(scenario))
    wrong = {name: verdict for name, verdict in analysis.verdicts.items() if verdict.outcome != "passed"}
    assert wrong == {}
    assert set(analysis.verdicts) == JUDGED[scenario]
    assert all(verdict.evidence for verdict in analysis.verdicts.values())


def answers(of: Callable[[float | None, int, float], float | None]) -> Callable[..., float | None]:
    """A rule that makes this of what a right one gives, of the pod's number and the time."""
    return lambda query, pod, at, name: of(right(query, pod, at, name), pod, at)


RULES = {
    "a minute's": (answers(lambda v, _pod, _at: None if v is None else 60 * v), "03.sum-equals-rate-sent"),
    "rounded": (answers(lambda v, _pod, _at: None if v is None else float(round(v + 0.4))), "03.milli-units"),
    "zero before samples": (
        answers(lambda v, pod, at: 0.0 if pod == 2 and 400 <= at < 405 else v),
        "03.no-value-before-samples",
    ),
    "no values": (answers(lambda _v, _pod, _at: None), "03.one-value-per-pod"),
    "one for all": (answers(lambda v, pod, _at: v if pod == 0 else None), "03.one-value-per-pod"),
    "nothing left of the load": (
        answers(lambda v, pod, at: 0.0 if pod == 0 and at > 450 else v),
        "03.rate-window",
    ),
    "a fall is a fall": (
        answers(lambda v, pod, at: -3.0 if pod == 1 and 400 <= at < 420 else v),
        "03.counter-reset-no-spike",
    ),
    "any selector": (
        lambda query, pod, at, name: right(query.replace("192.0.2.1:1", ""), pod, at, name),
        "03.selector-filters",
    ),
}


@pytest.mark.parametrize("name", RULES)
def test_wrong_rules(name: str) -> None:
    """Each wrong answer of the adapter's query is told at its behaviour alone."""
    answer, behaviour = RULES[name]
    analysis = judged("shopfront", reference("shopfront"), PodPromtool("shopfront", answer))
    assert [each.behaviour for each in analysis.findings] == [f"shopfront.{behaviour}"]
    found, file = analysis.findings[0], "values/prometheus-adapter.yaml"
    assert found.file == file
    lines = (ROOT / "solutions/shopfront/reference" / file).read_text().splitlines()
    assert "metricsQuery" in lines[found.line - 1]


def test_a_dead_sidecars_value() -> None:
    """A value, or a 0, once the window that is asked for is over is told as such."""
    for value, says in ((0.0, "as if nobody asked"), (0.4, "longer than that")):
        answer = answers(lambda v, pod, at, value=value: value if pod == 1 and at > 500 else v)
        verdict = judged("sidecar", reference("sidecar"), PodPromtool("sidecar", answer)).verdicts
        assert says in verdict["sidecar.05.dead-sidecar-is-missing"].message


def test_without_promtool_nothing_is_said_of_values() -> None:
    """What cannot be evaluated is an error, never a pass; what needs no evaluation is judged all the same."""

    class NoPromtool:
        def evaluate(self, *_given: object, **_more: object) -> None:
            raise CannotTell("there is no promtool")

    verdicts = judged("shopfront", reference("shopfront"), NoPromtool()).verdicts
    assert verdicts["shopfront.03.one-value-per-pod"].outcome == "error"
    assert verdicts["shopfront.03.pods-metric-listed"].outcome == "passed"
    assert verdicts["shopfront.04.target"].outcome == "passed"


@pytest.mark.parametrize(
    ("piece", "behaviour", "blocked"),
    [
        ("prometheus", "01.prometheus-ready", "02.series-per-pod"),
        ("wiring", "01.monitor-loaded", "01.target-up"),
        ("adapter", "03.api-available", "03.one-value-per-pod"),
    ],
)
def test_a_missing_piece_is_a_step_not_done_yet(piece: str, behaviour: str, blocked: str) -> None:
    """Its first behaviour says so, and what needs it is blocked by that one."""
    objects = reference("shopfront")
    del objects[piece]
    verdicts = judged("shopfront", objects).verdicts
    assert "not there yet" in verdicts[f"shopfront.{behaviour}"].message
    assert (verdicts[f"shopfront.{blocked}"].outcome, verdicts[f"shopfront.{blocked}"].by) == (
        "blocked",
        f"shopfront.{behaviour}",
    )
    assert not [name for name, verdict in verdicts.items() if verdict.outcome == "error"]


def test_links_are_told_where_a_scenario_has_them() -> None:
    """A link without a behaviour of its own is told at the one that stands in for it; or nowhere."""
    findings = Findings()
    found = Links(findings, {links.UP: "x.01.up", links.SERIES: "x.02.series"})
    found.fail(links.MAY_READ, Place("f.yaml", 1), "no")
    found.fail(links.NAMED, Place("f.yaml", 2), "said nowhere")
    found.block_what_needs()
    assert [each.behaviour for each in findings.found] == ["x.01.up"]
    assert findings.verdict("x.02.series").by == "x.01.up"
