"""Time limits are sums of intervals, each with its origin."""

from __future__ import annotations

import copy
import itertools

import pytest

from fixtures.judge.budgets import MACHINE_LEAST, Budget, Budgets, Interval, Intervals, steps

EXERCISE = Budgets(Intervals.exercise())
SIMPLE = sorted(name for name, value in vars(Budgets).items() if isinstance(value, property))


def test_interval_knows_its_origin():
    """An interval is a number of seconds that says where it was read, copies included."""
    interval = Interval(5, "the command line")
    assert interval * 2 == 10
    assert copy.deepcopy(interval).origin == "the command line"


@pytest.mark.parametrize("seconds", [-1, float("nan"), float("inf")])
def test_senseless_interval_is_refused(seconds):
    """An interval that is negative, infinite or no number at all is refused with its origin."""
    with pytest.raises(ValueError, match="from a typo"):
        Interval(seconds, "a typo")


def test_known_intervals_replace_defaults():
    """What was read replaces the default; the rest stays and says that it is a default."""
    intervals = Intervals().known("Prometheus' configuration", scrape=5)
    assert (intervals.scrape, intervals.scrape.origin) == (5, "Prometheus' configuration")
    assert intervals.evaluation == 30
    assert "default" in intervals.evaluation.origin
    assert intervals.seconds()["scrape"] == 5.0
    assert intervals.origins()["scrape"] == "Prometheus' configuration"


def test_unknown_interval_is_refused():
    """A name that is no interval is a mistake of the caller."""
    with pytest.raises(TypeError):
        Intervals().known("nowhere", scarpe=5)


WAITED_OUT = {"change_shows"}
"""What is no limit but a time that is waited out needs no share for the machine: it would only be longer."""


@pytest.mark.parametrize("name", SIMPLE)
def test_every_part_is_explained(name):
    """Each part of each budget has a reason, and the explanation adds up."""
    budget = EXERCISE.named(name)
    assert budget.name == name
    assert all(seconds > 0 for seconds in budget.parts.values())
    assert set(budget.why) == set(budget.parts)
    assert ("machine" in budget.parts) == (name not in WAITED_OUT)
    assert budget.seconds == pytest.approx(sum(budget.parts.values()))
    assert budget.explain().endswith(f"= {budget.seconds:g} s")
    assert "unexplained" not in budget.reasons()


def test_machine_share_has_a_floor():
    """Even a tiny sum leaves a slow machine some seconds."""
    assert EXERCISE.key_size_visible.parts["machine"] == MACHINE_LEAST


def test_stages_of_the_chain_add_up():
    """Each stage's budget contains those of the stages before it."""
    chain = [
        EXERCISE.key_size_visible,
        EXERCISE.rule_visible,
        EXERCISE.adapter_visible,
        EXERCISE.hpa_reacts,
        EXERCISE.scale_down,
    ]
    for earlier, later in itertools.pairwise(chain):
        assert set(earlier.parts) < set(later.parts)
        assert earlier.seconds <= later.seconds


def test_unknown_budget_lists_those_there_are():
    """A behaviour that names a budget that does not exist learns which do."""
    with pytest.raises(KeyError, match="hpa_reacts"):
        EXERCISE.named("hpa_react")


@pytest.mark.parametrize(
    ("from_", "to", "count"),
    [(0, 0, 0), (0, 1, 1), (0, 4, 1), (0, 20, 4), (1, 20, 4), (4, 20, 3), (20, 4, 0)],
)
def test_steps_up(from_, to, count):
    """Without spec.behavior a step at most doubles, or goes to 4: 0→4→8→16→20 are four."""
    assert steps(from_, to) == count


def test_scaling_up_takes_a_sync_a_step():
    """The way to 20 is four steps, a sync each; with default behavior 15 s each."""
    assert EXERCISE.scale_to_max(0, 20).parts["steps"] == 4 * 5
    assert EXERCISE.scale_to_max(0, 20, behavior=True).parts["steps"] == 4 * 15
    assert EXERCISE.scale_to_max(0, 20).parts["pod start"] == 20


def test_draining_follows_the_path():
    """400 items: 4·5 + 8·5 + 16·5 = 140 in the first 15 s, the other 260 by 20 replicas in 13 s."""
    assert EXERCISE.drain(400, [4, 8, 16, 20]).parts["work"] == 28
    assert EXERCISE.drain(400, 20).parts["work"] == 20
    assert EXERCISE.drain(10, [4, 8]).parts["work"] == pytest.approx(2.5)
    assert EXERCISE.drain(5, [0, 1]).parts["work"] == 10


@pytest.mark.parametrize("path", [0, [], [4, 0]])
def test_nothing_drains_without_replicas(path):
    """A path that ends at no replica drains nothing."""
    with pytest.raises(ValueError, match="no queue drains"):
        EXERCISE.drain(10, path)


def test_budget_is_its_sum():
    """A budget made by hand is the sum of its parts and says so."""
    assert Budget("x", {"a": 1, "b": 2.5}).seconds == 3.5
    assert str(Budget("x", {"a": 1, "b": 2.5})) == "x (a 1 s + b 2.5 s = 3.5 s)"
