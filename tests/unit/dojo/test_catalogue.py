from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

from fixtures.judge.behaviours import Behaviour, behaviour_of, check

FOLDER = Path(__file__).parents[3] / "conformance" / "dojo"
IDS = {
    "01": "tools",
    "02": "nodes-ready controller-flags scale-to-zero-allowed ingress-answers",
    "03": "producer-publishes consumer-rate consumers-add-up nothing-lost health-and-metrics",
    "05": "prometheus-ready scrape-interval targets-up selects-everything ingress",
    "06": "target-up labels key-size-follows-queue single-key-only empty-queue commands-rate",
    "07": "rule-healthy follows-key-size absent-series-becomes-zero never-absent one-series",
    "08": "api-available exposes-redis-metrics object-value selector-filters unknown-metric-is-404 freshness"
    " zero-during-outage",
    "09": "reads-metric target scales-up-under-load follows-model never-exceeds-max scales-down-after-drain"
    " returns-to-min no-flapping queue-drains",
    "10": "idles-at-zero wakes-from-zero metric-survives-zero scaled-to-zero-condition average-value-status"
    " status-versions",
    "11": "exporter-outage redis-restart prometheus-restart adapter-restart teardown-clean",
}


class Item:
    """A test function as pytest would collect it, as far as its marks are concerned."""

    def __init__(self, function: object) -> None:
        self.obj, self.nodeid = function, getattr(function, "__name__", "")
        self.location = ("", None, self.nodeid)

    def get_closest_marker(self, name: str) -> pytest.Mark | None:
        return next((mark for mark in getattr(self.obj, "pytestmark", ()) if mark.name == name), None)


@pytest.fixture(scope="module")
def behaviours() -> list[Behaviour]:
    found = []
    for file in sorted(FOLDER.glob("test_step_*.py")):
        module = importlib.import_module(f"conformance.dojo.{file.stem}")
        tests = [value for name, value in vars(module).items() if name.startswith("test_")]
        found += [behaviour for test in tests if (behaviour := behaviour_of(Item(test)))]  # type: ignore[arg-type]
    return found


def test_ids_are_those_of_the_issue(behaviours):
    """Every behaviour that was asked for exists under its id, and none besides."""
    wanted = {f"dojo.{step}.{name}" for step, listed in IDS.items() for name in listed.split()}
    assert {behaviour.id for behaviour in behaviours} == wanted
    assert len(behaviours) == len(wanted), "an id is used twice"


def test_needs_exist_and_go_back(behaviours):
    """What a behaviour needs exists, and belongs to its own step or one before it."""
    check(behaviours)
    for behaviour in behaviours:
        assert all(int(need.split(".")[1]) <= behaviour.step for need in behaviour.needs), behaviour.id


def test_a_behaviour_stands_in_its_step_file(behaviours):
    """A file holds the behaviours of its step, each test named after the behaviour's id."""
    for file in FOLDER.glob("test_step_*.py"):
        text = file.read_text(encoding="utf-8")
        step = file.stem.split("_")[2]
        names = {f"test_{each.name.replace('-', '_')}" for each in behaviours if f"{each.step:02d}" == step}
        assert set(re.findall(r"^def (test_\w+)", text, re.MULTILINE)) == names


def test_hint_asks_before_it_tells(behaviours):
    """A hint is a question: the learner is to look, not to copy."""
    for behaviour in behaviours:
        assert "?" in behaviour.hint, behaviour.id
