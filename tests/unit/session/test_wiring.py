"""What a scenario is called and read by: from its file, or from its line in a table."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest

from fixtures.install.scenarios import BUILT_IN, known, load_all, load_scenario
from fixtures.install.stacks import load_stack
from fixtures.judge.live import AWAITED
from fixtures.machine.errors import KitError
from fixtures.observe import signals
from fixtures.observe.chain import Chain, Place
from fixtures.observe.pod_chain import PodChain
from fixtures.session.static_tier import TIERS
from fixtures.session.wiring import QUEUES, SOURCES, Readers, awaited, chain_of, scraped, sources

SHOP = load_scenario("shopfront")


def readers(chain) -> Readers:
    """Readers that nobody asks: sources are made, not read."""
    kube = SimpleNamespace(api=None)
    return Readers(kube, None, None, lambda: SimpleNamespace(queue="padok"), chain)


def test_the_dojos_names_are_the_exercises():
    """No file is needed for them."""
    assert chain_of(BUILT_IN, load_stack()) == Chain()
    assert scraped(Chain()) == ("prometheus-redis-exporter", "")


def test_the_names_of_a_metric_of_pods():
    """The application's from the file; Prometheus and the adapter where their charts put them."""
    chain = chain_of(SHOP, load_stack())
    assert isinstance(chain, PodChain)
    assert chain.deployment == Place("shop", "shop")
    assert chain.prometheus == Place("monitoring", "monitoring-kube-prometheus-prometheus")
    assert chain.adapter == Place("monitoring", "prometheus-adapter")
    assert scraped(chain) == ("shop", "shop")


def test_charts_under_other_names_are_found():
    """A release of another name has services of other names, as the charts name them."""
    pieces = {
        **SHOP.pieces,
        "prometheus": replace(SHOP.pieces["prometheus"], release="mon", namespace="a"),
        "adapter": replace(SHOP.pieces["adapter"], release="metrics", namespace="b"),
    }
    chain = chain_of(replace(SHOP, pieces=pieces), load_stack())
    assert chain.prometheus == Place("a", "mon-kube-prometheus-prometheus")
    assert chain.adapter == Place("b", "metrics-prometheus-adapter")


def test_a_queues_scenario_has_the_exercises_names_and_its_own():
    """A name alone is in the scenario's namespace; with a namespace before it, in that one."""
    named = {"hpa": "keda-hpa-consumer", "prometheus": "monitoring/p", "redis_port": "6380"}
    chain = chain_of(replace(SHOP, name="keda", namespace="default", chain=named), load_stack())
    assert chain == Chain(
        hpa=Place("default", "keda-hpa-consumer"), prometheus=Place("monitoring", "p"), redis_port=6380
    )
    with pytest.raises(KitError, match="unknown name 'colour'"):
        chain_of(replace(SHOP, name="keda", chain={"colour": "red"}), load_stack())


def test_every_scenario_has_names_and_sources():
    """Each file's [chain] is understood, and a record of it has replicas and something that they follow."""
    for each in load_all():
        chain = chain_of(each, load_stack())
        made = sources(each.name, readers(chain))
        read = {signal for source in made for one in source.reads for signal in one.signals}
        assert {signals.HPA_DESIRED, signals.SPEC, signals.READY} <= read, each.name
        assert read & {signals.QUEUE, signals.POD_METRIC, signals.POD_USAGE}, each.name


def test_the_tables_name_scenarios_that_there_are():
    """A line for a scenario that was renamed would be passed over in silence."""
    assert {*SOURCES, *QUEUES, *TIERS} <= set(known())


def test_what_is_awaited_follows_from_the_pieces():
    """An interval that a scenario does not have is not waited for."""
    assert dict(awaited(BUILT_IN)) == {**AWAITED, "scrape": "target"}
    assert dict(awaited(SHOP)) == {"hpa_sync": "", "scrape": "target", "relist": ""}
    assert dict(awaited(load_scenario("cpu"))) == {"hpa_sync": ""}


def test_a_scenarios_namespaces_are_those_of_its_pieces():
    """What has no Prometheus has nothing to do with a neighbour's: a teardown asks for its own namespaces."""
    for each in load_all():
        if each.name not in QUEUES:
            assert set(chain_of(each, load_stack()).namespaces) == set(each.namespaces)
    assert chain_of(load_scenario("cpu"), load_stack()).namespaces == ("cpu", "metrics")
