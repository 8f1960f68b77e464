"""Scenarios on one cluster at the same time: who is in whose way, and what each leaves to the others."""

from __future__ import annotations

import pytest

from fixtures.install.beside import Beside, Claims, lanes
from fixtures.install.releases import OPERATOR_GROUP, Wanted
from fixtures.install.scenarios import STORES, known, load_scenario
from fixtures.install.stacks import load_stack
from fixtures.machine.errors import KitError

ALL = ",".join(known())


def claims(name: str) -> Claims:
    return Claims.of(load_scenario(name), load_stack())


def beside(name: str, others: str = ALL) -> Beside:
    return Beside.read(f"run-1:{others}", load_scenario(name), load_stack())


def test_the_kits_scenarios_are_three_lanes():
    """What shares a namespace goes one after the other: three with a Prometheus of `monitoring`, two with the
    exercise's queue, and cpu alone. The dojo comes last: it would wait for the adapter's API; and of a lane
    the event loop, which tells how busy the machine is. Who adds a scenario, or moves one, sees it here.
    """
    found = lanes({name: claims(name) for name in known()})
    assert found == [["shopfront", "sidecar", "event_loop"], ["cpu"], ["dojo", "keda"]]


def test_two_lanes_that_a_third_one_joins_are_one():
    """Whoever is in the way of both of two keeps them from going at the same time as it."""
    apart = {"a": Claims(frozenset("1"), frozenset()), "b": Claims(frozenset("2"), frozenset())}
    assert lanes(apart) == [["a"], ["b"]]
    both = Claims(frozenset("12"), frozenset())
    assert lanes({**apart, "c": both}) == [["a", "b", "c"]]
    assert lanes({}) == []


def test_a_release_of_one_name_and_chart_is_in_the_way_in_any_namespace():
    """What a chart puts into the whole cluster is called after its release; a chart that is taken in turns is
    there once at a time anyway.
    """
    one = Claims(frozenset({"a"}), frozenset({("kube-prometheus-stack", "prometheus")}))
    assert one.meets(Claims(frozenset({"b"}), one.releases))
    assert not one.meets(Claims(frozenset({"b"}), frozenset({("kube-prometheus-stack", "monitoring")})))
    assert not any(chart == "prometheus-adapter" for name in known() for chart, _ in claims(name).releases)


def test_what_may_have_to_wait():
    """The adapter's API may be another's, KEDA's own is not; what registers none is installed at once."""
    found = beside("keda")
    assert not found.waits_for_nobody("adapter")
    assert found.waits_for_nobody("keda")
    assert found.waits_for_nobody("redis")


def test_an_operator_minds_its_own_namespaces():
    """The neighbours' namespaces are kept from it, not those of a scenario that is never there with it."""
    denied = beside("keda").values()["kube-prometheus-stack"]["prometheusOperator"]["denyNamespaces"]
    assert {"monitoring", "shop", "web", "event-loop", "cpu", "metrics"} == set(denied)
    assert beside("keda", "keda,dojo").values() == {}


def test_crds_stay_as_long_as_another_one_may_need_them():
    """The operator's kinds are several scenarios'; KEDA's are its own."""
    assert beside("keda").kept_crds() == {OPERATOR_GROUP}
    assert beside("cpu").kept_crds() == {OPERATOR_GROUP, "keda.sh"}
    assert beside("shopfront", "shopfront,cpu").kept_crds() == frozenset()


def test_only_what_is_never_there_at_the_same_time_is_in_the_way():
    """A running neighbour's releases are left alone; what the dojo has left goes before KEDA comes."""
    found = beside("keda").in_the_way()
    assert found == {}  # all of the dojo's are called as KEDA's own
    found = beside("shopfront").in_the_way()
    assert {want.namespace for want in found} == {"event-loop", "web"}
    assert Wanted("redis", "default") not in found
    assert STORES not in found.values()


def test_who_else_registers_an_api():
    """Who takes its turn knows whose release of a run that was killed may still have it."""
    found = beside("shopfront").claimants("custom.metrics.k8s.io")
    assert found == {
        Wanted("prometheus-adapter", "prometheus"),
        Wanted("prometheus-adapter", "monitoring"),
    }
    assert beside("shopfront").claimants("external.metrics.k8s.io") == {Wanted("keda", "keda")}


def test_a_run_without_a_name_is_refused():
    """The option is for the kit's own sessions; typed by hand it is told so."""
    with pytest.raises(KitError, match="names no run"):
        Beside.read("dojo,cpu", load_scenario("dojo"), load_stack())
