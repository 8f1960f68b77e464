"""The intervals in force are read again until the chain's own are known."""

from __future__ import annotations

import pytest

from fixtures.judge import live
from fixtures.judge.live import IntervalsInForce
from fixtures.observe.intervals import Found

GLOBAL = {
    "scrape": Found(5, "Prometheus target"),
    "evaluation": Found(30, "Prometheus configuration, global evaluation_interval"),
    "relist": Found(15, "the adapter"),
    "hpa_sync": Found(5, "kube-controller-manager"),
}


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Found]]:
    """What each reading of the cluster finds; the last one stays."""
    found: list[dict[str, Found]] = []

    def read(*_: object) -> tuple[dict[str, Found], list[str]]:
        return (found.pop(0) if len(found) > 1 else found[0]), []

    monkeypatch.setattr(live, "in_force", read)
    monkeypatch.setattr(live, "AGAIN", 0.0)
    return found


def test_a_stand_in_is_not_final(answers: list[dict[str, Found]]) -> None:
    """The global evaluation interval stands in until the rule is loaded, and is then replaced."""
    answers += [GLOBAL, {**GLOBAL, "evaluation": Found(2, "Prometheus rule group consumer")}]
    intervals = IntervalsInForce(None, None, "exporter")  # type: ignore[arg-type]

    assert intervals.evaluation == 30
    assert intervals.evaluation == 2
    assert intervals.seconds()["scrape"] == 5


def test_nothing_read_leaves_the_defaults(answers: list[dict[str, Found]]) -> None:
    """Before anything answers, the upstream defaults hold: a limit may be long, never short."""
    answers += [{}]
    assert IntervalsInForce(None, None, "exporter").scrape == 30  # type: ignore[arg-type]


def test_a_scenario_waits_for_what_it_has(answers: list[dict[str, Found]]) -> None:
    """Without a rule the scrape interval of the pods' own target comes last; then nothing is read."""
    everywhere = Found(30, "Prometheus configuration, global scrape_interval")
    answers += [{**GLOBAL, "scrape": everywhere}, GLOBAL, {}]
    awaited = {"scrape": "target", "relist": "", "hpa_sync": ""}
    intervals = IntervalsInForce(None, None, "shop", "shop", awaited=awaited)  # type: ignore[arg-type]

    assert intervals.scrape == 30
    assert intervals.scrape == 5
    assert intervals.scrape == 5
    assert answers == [{}]
