"""The hints of every behaviour of the dojo: three depths, and never the solution."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

from conformance.dojo import reading
from fixtures.judge.behaviours import BadBehaviour, Behaviour, behaviour_of

ROOT = Path(__file__).parents[3]
REFERENCE = ROOT / "solutions" / "dojo" / "reference"
OFFICIAL = (
    "https://kubernetes.io/",
    "https://github.com/kubernetes/",
    "https://github.com/kubernetes-sigs/prometheus-adapter",
    "https://github.com/oliver006/redis_exporter",
    "https://github.com/padok-team/dojo-kubernetes-prometheus",
    "https://github.com/prometheus-community/helm-charts/",
    "https://kind.sigs.k8s.io/",
    "https://prometheus.io/",
    "https://prometheus-operator.dev/",
    "https://redis.io/docs/",
)


class Item:
    """A test function as pytest would collect it, as far as its marks are concerned."""

    def __init__(self, function):
        self.obj, self.nodeid = function, function.__name__
        self.location = ("", None, self.nodeid)

    def get_closest_marker(self, name):
        return next((mark for mark in getattr(self.obj, "pytestmark", ()) if mark.name == name), None)


def dojo() -> list[Behaviour]:
    found = []
    for file in sorted((ROOT / "conformance" / "dojo").glob("test_step_*.py")):
        module = importlib.import_module(f"conformance.dojo.{file.stem}")
        tests = [value for name, value in vars(module).items() if name.startswith("test_")]
        found += [behaviour for test in tests if (behaviour := behaviour_of(Item(test)))]
    return found


BEHAVIOURS = dojo()


def one(**more) -> Behaviour:
    return Behaviour(**{"id": "dojo.07.one", "level": "core", "feature": "rule", "hint": "Is it?", **more})


@pytest.mark.parametrize("behaviour", BEHAVIOURS, ids=lambda behaviour: behaviour.id)
def test_a_behaviour_has_all_three_depths(behaviour):
    """A question first, then where to look, then an official document."""
    assert behaviour.hint.endswith("?")
    assert behaviour.look
    title, address = behaviour.read
    assert title
    assert address.startswith(OFFICIAL)


@pytest.mark.parametrize("behaviour", BEHAVIOURS, ids=lambda behaviour: behaviour.id)
def test_a_hint_never_tells_the_solution(behaviour):
    """No line of the reference that sets a value, and no expression of its rule, is in any depth."""
    said = " ".join(" ".join(behaviour.hints("all")).split())
    assert [line for line in lines_of_the_reference() if line in said] == []


def lines_of_the_reference() -> set[str]:
    """What is written in the reference: lines that give a key a value, and each such value of some length."""
    found = set()
    for file in REFERENCE.rglob("*.yaml"):
        for line in file.read_text().splitlines():
            text = " ".join(line.split()).removeprefix("- ")
            if text.startswith("#") or not (pair := re.fullmatch(r"(\S+): +(\S.*)", text)):
                continue
            found.add(text)
            if len(pair[2].split()) > 1:
                found.add(pair[2])
    return found


def test_the_reference_has_lines_to_look_for():
    """The search above is not empty: it knows the values that learners have to find."""
    assert {"minReplicas: 0", "averageValue: 20", "scrapeInterval: 5s"} <= lines_of_the_reference()


def test_every_document_is_used():
    """A document that no hint leads to is dead weight, or a hint lost it."""
    known = {value for value in vars(reading).values() if isinstance(value, reading.Document)}
    assert known == {behaviour.read for behaviour in BEHAVIOURS}


@pytest.mark.parametrize(
    ("depth", "shown"), [("none", ()), ("first", ("Is it?",)), ("all", ("Is it?", "There.", "T: https://t"))]
)
def test_depth_decides_what_is_shown(depth, shown):
    """`none` shows nothing, `first` the question, `all` the three in their order."""
    behaviour = one(statement="It is.", look="There.", read=("T", "https://t"))
    assert behaviour.hints(depth) == shown


def test_a_depth_that_is_not_there_is_left_out():
    """A behaviour may have a question only: then that is all there is to show."""
    assert one(statement="It is.").hints("all") == ("Is it?",)


def test_a_document_has_an_address():
    """A document without an https address leads nowhere, and is refused."""
    with pytest.raises(BadBehaviour, match="no https:// address"):
        one(statement="It is.", read=("Somewhere", "docs/there"))
