"""What one sync makes of what it sees of the pods."""

from __future__ import annotations

import pytest

from fixtures.judge.hpa_arithmetic import HpaSpec, HpaTiming
from fixtures.judge.hpa_pod_roles import PodState, Sample, grouped, listed, roles, sampled
from fixtures.judge.hpa_pods import Observation, PerPod, Tally, combined, milli

PODS = HpaSpec(target=10, max_replicas=20, source="Pods")
HALF = HpaSpec(target=50, max_replicas=20, source="Resource", kind="Utilization", request=0.2)
CORES = HpaSpec(target=0.1, max_replicas=20, source="Resource")


def seen(*values, missing=0, unready=0, extra=()):
    """Pods with these values, so many without one, so many not ready, and values of pods not in the list."""
    named = {f"pod-{number}": value for number, value in enumerate(values)}
    strangers = {f"gone-{number}": value for number, value in enumerate(extra)}
    return Observation(
        {**named, **strangers},
        missing=frozenset(f"mute-{number}" for number in range(missing)),
        unready=frozenset(f"young-{number}" for number in range(unready)),
        extra=frozenset(strangers),
    )


@pytest.mark.parametrize(
    ("observation", "spec", "wanted", "why"),
    [
        (seen(10, 10), 2, 2, "at the target"),
        (seen(11, 11), 2, 2, "the upper end of the tolerance is in it"),
        (seen(9, 9), 2, 2, "so is the lower one"),
        (seen(11, 11.002), 2, 3, "the average is beyond it by a thousandth"),
        (seen(11, 11.001), 2, 2, "half a thousandth is cut off"),
        (seen(25, 15), 2, 4, "the average counts"),
        (seen(0, 0, 0), 3, 0, "no load at all"),
        (
            seen(30),
            5,
            3,
            "without missing or unready pods the pods with a value are multiplied, not the spec",
        ),
        (seen(30, 30, missing=2), 4, 6, "going up, the missing have no load: 15 on average"),
        (seen(18, 18, missing=2), 4, 4, "9 on average would turn the direction: stay"),
        (seen(22, 22, missing=2), 4, 4, "11 on average is within the tolerance: stay"),
        (seen(2, 2, missing=2), 4, 3, "going down, the missing are at their target: 6 on average"),
        (seen(0, missing=3), 4, 3, "one idle pod is let go"),
        (seen(8, 8, missing=2), 4, 4, "9 on average: stay"),
        (seen(2, 2, unready=4), 2, 1, "going down, pending pods do not count at all"),
        (seen(40, unready=3), 4, 4, "going up, pending pods have no load: 10 on average"),
        (seen(80, unready=3), 4, 8, "and more pods are asked for only with a load for them"),
        (seen(60, missing=1, unready=2), 4, 6, "missing and pending ones together"),
        (seen(15, missing=1), 4, 4, "7.5 on average would turn the direction: stay"),
        (seen(10, missing=2), 3, 3, "exactly at the target nobody is stood in for"),
        (seen(30, extra=(0, 0)), 1, 1, "values of pods that are gone lower the average"),
        (seen(), 3, None, "no value"),
        (seen(missing=3), 3, None, "missing ones only"),
        (seen(unready=1), 1, None, "pending ones only"),
    ],
)
def test_pods_metric(observation, spec, wanted, why):
    """The average over pods with a value, then again with the missing and the unready stood in for."""
    assert PODS.recommend(observation, spec=spec) == wanted, why


@pytest.mark.parametrize(
    ("observation", "spec", "wanted", "why"),
    [
        (seen(0.1, 0.1), 2, 2, "half of what is requested is the target"),
        (seen(0.2, 0.2), 2, 4, "all of it is twice the target"),
        (seen(0.1118, 0.1), 2, 2, "0.1118 is taken for 112 thousandths, 212 of 400 is 53 percent"),
        (seen(0.111, 0.111), 2, 2, "55.5 percent is 55 percent: within the tolerance"),
        (seen(0.112, 0.112), 2, 3, "56 percent is not"),
        (seen(0.02, 0.02, missing=2), 4, 4, "going down, the missing are at 100 percent: 55 of all"),
        (seen(0, missing=1), 2, 2, "50 percent: at the target"),
        (seen(0.2, 0.2, missing=2, unready=0), 4, 4, "going up, they are at 0"),
        (seen(0.2, unready=1), 2, 2, "and so are the unready"),
        (seen(0.02, 0.02, unready=2), 4, 1, "which do not count going down"),
    ],
)
def test_utilization(observation, spec, wanted, why):
    """Whole percent of the requests; the missing count as 100 percent of theirs going down."""
    assert HALF.recommend(observation, spec=spec) == wanted, why


def test_missing_pods_with_a_target_beyond_their_request():
    """With a target over 100 percent the missing pods are taken at the target."""
    over = HpaSpec(target=200, max_replicas=20, source="Resource", kind="Utilization", request=0.2)
    assert over.recommend(seen(0, missing=1), spec=2) == 1
    assert over.recommend(seen(0.3, missing=3), spec=4) == 4


def test_requests_are_each_pods_own():
    """Usage and requests are each summed before they are divided; a request that nobody knows fails."""
    pods = Observation({"small": 0.1, "large": 0.4}, requests={"small": 0.1, "large": 0.9})
    assert HALF.recommend(pods, spec=2) == 2
    unknown = HpaSpec(target=50, max_replicas=20, source="Resource", kind="Utilization")
    assert unknown.recommend(seen(0.1), spec=1) is None


def test_raw_cpu_is_like_a_pods_metric():
    """With AverageValue the cores count, the missing are at the target going down."""
    assert CORES.recommend(seen(0.2, 0.2), spec=2) == 4
    assert CORES.recommend(seen(0.02, 0.02, missing=2), spec=4) == 3


def test_a_number_is_shared_evenly():
    """A sum is taken as if every ready pod had its share; at no pods it is what it asks for in the end."""
    assert [PODS.recommend(75, spec=n, status=n, ready=n) for n in (0, 1, 4, 7, 8, 20)] == [8, 8, 8, 7, 8, 8]
    assert [HALF.recommend(0.75, spec=n, status=n, ready=n) for n in (0, 1, 4, 7, 8)] == [8, 8, 8, 7, 8]


def test_thousandths():
    """A quantity is rounded up to thousandths by its decimal digits, whatever the float makes of them."""
    given = (0, 0.1, 16.1, 0.0121, 1.005, 12, -0.5)
    assert [milli(value) for value in given] == [0, 100, 16100, 13, 1005, 12000, -500]


def test_outermost_has_the_extremes():
    """The extremes over a range of sums are those that trying each sum finds."""
    for percent, target in ((False, 97), (True, 37)):
        rule = PerPod(target, percent, up=0.1, down=0.2)
        for ready, missing, unready, extra in (
            (3, 0, 0, 0),
            (2, 2, 0, 0),
            (2, 1, 3, 0),
            (1, 3, 0, 1),
            (6, 0, 1, 0),
        ):
            kinds = {"ready": ready, "missing": missing, "unready": unready, "extra": extra}
            options = [[(rule.tally(kind, 91), 0, 0)] for kind, count in kinds.items() for _ in range(count)]
            (tally,) = combined(options)
            for current in ((4, 4), (2, 7)):
                for low, high in ((0, 900), (150, 420), (260, 300), (300, 300)):
                    every = {
                        rule.replicas(tally, total, replicas)
                        for total in range(low, high + 1)
                        for replicas in range(current[0], current[1] + 1)
                    }
                    found = rule.outermost(tally, (low, high), current)
                    assert found <= every
                    assert (min(found), max(found)) == (min(every), max(every)), (kinds, low, high)


def test_combinations_of_options():
    """Every way to choose one option a pod is there, with the extent of its sums."""
    ready, missing = Tally(ready=1), Tally(missing=1)
    found = combined([[(ready, 10, 20)], [(ready, 1, 2), (missing, 0, 0)], [(ready, 5, 5), (missing, 0, 0)]])
    assert found == {
        Tally(ready=3): (16, 27),
        Tally(ready=2, missing=1): (11, 25),
        Tally(ready=1, missing=2): (10, 20),
    }
    assert combined([]) == {Tally(): (0, 0)}


TIMING = HpaTiming()
VALUE = Sample(1.0, at=100.0, window=15.0)


@pytest.mark.parametrize(
    ("pod", "sample", "role"),
    [
        (PodState(), VALUE, "ready"),
        (PodState(ready=False), VALUE, "ready"),
        (PodState(), None, "missing"),
        (PodState(phase="Pending"), VALUE, "unready"),
        (PodState(phase="Pending"), None, "unready"),
        (PodState(phase="Failed"), VALUE, "ignored"),
        (PodState(deleting=True), VALUE, "ignored"),
        (PodState(deleting=True, phase="Pending"), None, "ignored"),
        (PodState(phase="Succeeded"), VALUE, "ready"),
        (None, VALUE, "extra"),
    ],
)
def test_groups_of_a_pods_metric(pod, sample, role):
    """Deleted and failed pods are left out, pending ones are unready; readiness itself does not count."""
    assert roles(pod, sample, None, (200, 200)) == {role}
    assert roles(None, None, None, (200, 200)) == set()


@pytest.mark.parametrize(
    ("pod", "now", "found"),
    [
        (PodState(started=50, changed=60), 200, {"ready"}),
        (PodState(started=50, changed=90), 200, {"unready"}),  # measured over a time before it was ready
        (PodState(started=50, changed=85), 200, {"ready"}),
        (PodState(started=50, changed=60, ready=False), 200, {"unready"}),
        (PodState(started=50, changed=90), 350, {"ready"}),  # the initialization is over
        (PodState(started=50, changed=90), 349, {"unready"}),
        (PodState(started=50, changed=60, ready=False), 400, {"unready"}),  # never was ready
        (PodState(started=50, changed=80, ready=False), 400, {"ready"}),  # was
        (PodState(started=None), 200, {"unready"}),
        (PodState(started=50), 200, {"ready", "unready"}),  # nobody has told since when it is ready
        (PodState(started=50, ready=False), 400, {"ready", "unready"}),
        (PodState(started=50), 400, {"ready"}),
    ],
)
def test_groups_of_cpu(pod, now, found):
    """A young pod's usage counts if it was measured while ready, an old one's unless it never was ready."""
    assert roles(pod, VALUE, TIMING, (now, now)) == found


def test_group_that_time_changes():
    """Where the initialization ends in a stretch of time, both are possible."""
    pod = PodState(started=50, changed=90)
    assert roles(pod, VALUE, TIMING, (340, 360)) == {"ready", "unready"}


def test_readings_are_told_apart():
    """The details of readings give the pods and the values; what they do not tell is not made up."""
    pods = listed(
        {
            "pods": {
                "one": {"ready": True, "started": 5.0, "phase": "Running", "changed": 7.0, "request": 0.5},
                "two": {"ready": False, "started": None, "phase": "Pending", "deleting": True},
            }
        }
    )
    assert pods["one"] == PodState("Running", True, 5.0, 7.0, False, 0.5)
    assert pods["two"] == PodState("Pending", False, None, None, True, None)
    samples = sampled(
        {"pods": {"one": 3.0, "three": 4.0}, "measured": {"one": 9.0}, "windows": {"one": 15.0}}
    )
    assert samples == {"one": Sample(3.0, 9.0, 15.0), "three": Sample(4.0)}
    together = grouped(pods, samples, None, 10.0)
    assert together.values == {"one": 3.0, "three": 4.0}
    assert (together.extra, together.ignored) == ({"three"}, {"two"})
    assert together.requests == {"one": 0.5}
