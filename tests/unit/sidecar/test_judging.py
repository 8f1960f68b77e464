"""Small judgments of pods, targets and counts."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from conformance.dojo.judging import RawSample
from conformance.pod_metric.judging import Times
from conformance.sidecar.judging import (
    counted,
    own_requests,
    pause_image,
    sidecar_of,
    target_faults,
    without_sidecar,
)
from tests.unit.sidecar.world import EXPORTER, NGINX, pod, target


def up(**values: float) -> list[SimpleNamespace]:
    return [SimpleNamespace(labels={"pod": name}, value=value) for name, value in values.items()]


def test_the_sidecar_is_known_by_its_image():
    """Whatever its container is called: the name in the image says what it is, not the registry's."""
    assert sidecar_of(pod("a")) == "exporter"
    renamed = {"name": "metrics", "image": "docker.io/nginx/nginx-prometheus-exporter:1.5.1"}
    assert sidecar_of(pod("a", NGINX, renamed)) == "metrics"
    assert sidecar_of(pod("a", {"name": "exporter", "image": "exporter.example/nginx:1"})) is None


def test_a_pod_without_a_running_sidecar_is_named():
    """No such container, or one that is not ready: with what there is instead."""
    assert without_sidecar([pod("a")]) == []
    assert without_sidecar([pod("a", NGINX)]) == ["a: its containers run kit.local/nginx:1.22"]
    assert without_sidecar([pod("a", ready=False)]) == ["a: container exporter is {}"]


@pytest.mark.parametrize(
    ("targets", "reached", "said"),
    [
        ([target("a")], up(a=1), []),
        ([], up(a=1), ["a has 0 targets: none"]),
        ([target("a"), target("a")], up(a=1), ["a has 2 targets"]),
        ([target("a", "down", "connection refused")], up(a=1), ["is down: connection refused"]),
        ([target("a")], up(a=0), ["a: nginx_up is 0, not 1"]),
        ([target("a")], [], ["a: nginx_up is absent, not 1"]),
    ],
)
def test_every_ready_pod_is_one_target_that_reaches_nginx(targets, reached, said):
    """None, two, one that is down, and one whose exporter has no nginx are four different findings."""
    found = target_faults([pod("a"), pod("b", ready=False)], targets, reached)
    assert len(found) == len(said)
    assert all(words in text for words, text in zip(said, found, strict=True))


def test_what_nobody_sent_is_scrapes_and_http_probes():
    """A scrape is one request of the exporter's; an HTTP probe is one; one that only connects is none."""
    assert own_requests(pod("a"), 5.0) == pytest.approx(0.2)
    connects = pod("a", NGINX, readinessProbe={"tcpSocket": {"port": 80}, "periodSeconds": 2})
    assert own_requests(connects, 5.0) == pytest.approx(0.2)
    asks = pod("a", NGINX, livenessProbe={"httpGet": {"path": "/"}})
    assert own_requests(asks, 5.0) == pytest.approx(0.3)


def samples(*labels: str, rate: float = 4.2, restarts: bool = False) -> list[RawSample]:
    """A scrape each 5 s for 30 s of each series."""
    return [
        RawSample({"pod": "a", "job": job}, rate * at - (60 if restarts and at > 15 else 0), float(at))
        for job in labels
        for at in range(0, 31, 5)
    ]


def test_a_count_is_compared_with_what_was_sent():
    """Four a second and a scrape each 5 s are within the bounds; a second target makes twice as much."""
    sent = Times([each / 4 for each in range(120)])
    grown, least, most = counted(samples("one"), sent, 0.2, 0.0, 30.0)
    assert least <= grown <= most
    grown, _, most = counted(samples("one", "two"), sent, 0.2, 0.0, 30.0)
    assert grown > most
    grown, least, _ = counted(samples("one", rate=0.2), sent, 0.2, 0.0, 30.0)
    assert grown < least


def test_one_scrape_says_nothing():
    """Growth takes two scrapes."""
    assert counted(samples("one")[:1], Times([]), 0.2, 0.0, 30.0) == (0.0, 0.0, 0.0)


def test_the_nodes_own_pause_image():
    """Whatever its registry and version; an image that only has the word in its name is none."""
    node = SimpleNamespace(
        raw={"status": {"images": [{"names": ["k/pauser:1"]}, {"names": ["r.io/x/pause:3"]}]}}
    )
    assert pause_image([node]) == "r.io/x/pause:3"
    assert pause_image([SimpleNamespace(raw={"status": {}})]) is None
    assert EXPORTER["name"] == "exporter"
