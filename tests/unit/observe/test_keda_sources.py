"""What KEDA says of itself, and what its metric is, read as the HPA controller reads it."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from fixtures.observe.chain import Chain
from fixtures.observe.errors import ReadFailed
from fixtures.observe.keda_sources import FAILURES, KEDA_SIGNALS, SCALED_OBJECT, KedaReader, keda_sources
from fixtures.observe.kube import Kube
from fixtures.observe.prometheus import Sample
from fixtures.observe.redis_queue import Counts

OBJECTS = "/apis/keda.sh/v1alpha1/namespaces/default/scaledobjects"
METRIC = "/apis/external.metrics.k8s.io/v1beta1/namespaces/default/s0-prometheus"
STATUS = {
    "conditions": [{"type": "Ready", "status": "True"}, {"type": "Active", "status": "True", "reason": "on"}],
    "health": {"s0-prometheus": {"numberOfFailures": 2, "status": "Failing"}},
    "externalMetricNames": ["s0-prometheus"],
    "lastActiveTime": "1970-01-01T00:01:40Z",
    "hpaName": "keda-hpa-consumer",
}


def scaled_object(target="consumer", name="queue", **status):
    metadata = {"name": name, "finalizers": ["finalizer.keda.sh"]}
    return {"metadata": metadata, "spec": {"scaleTargetRef": {"name": target}}, "status": status}


def listed(*objects):
    return 200, {"items": list(objects)}


def values(*quantities):
    return 200, {"items": [{"metricName": "s0-prometheus", "value": each} for each in quantities]}


@pytest.fixture
def ask(api):
    """Asks all sources once: answers by signal."""
    redis = SimpleNamespace(queue="padok", counts=lambda patience: Counts(3, 1, 9, None))
    prometheus = SimpleNamespace(latest=lambda selector: [Sample({"key": "padok"}, 7.0, 99.5)])

    def run():
        sources = keda_sources(Kube(api), prometheus, redis, Chain())
        return {name: answer for one in sources for read in one.reads for name, answer in read.ask().items()}

    return run


def test_every_signal_has_one_source(ask, api):
    """All of the dojo's signals and KEDA's two are asked for, the custom metrics API not at all."""
    assert set(ask()) == set(KEDA_SIGNALS)
    assert not [path for _, path, *_ in api.asked if "custom.metrics" in path]


def test_what_is_not_there_is_absent(ask):
    """Without KEDA there is no value, no state and no count of failures: none of them is 0."""
    found = ask()
    assert [found[each].value for each in ("adapter_value", SCALED_OBJECT, FAILURES)] == [None] * 3


def test_a_scaled_object_is_read_whole(ask, api):
    """Its activity, its failures in a row and when it was active last come from its status."""
    api.replies |= {
        OBJECTS: listed(scaled_object("other"), scaled_object(**STATUS)),
        METRIC: values("12500m"),
    }
    found = ask()
    assert (found[SCALED_OBJECT].value, found[FAILURES].value) == (1.0, 2.0)
    assert found[SCALED_OBJECT].detail["last_active"] == 100.0
    assert found[SCALED_OBJECT].detail["hpa"] == "keda-hpa-consumer"
    assert found["adapter_value"].value == 12.5


def test_the_metric_is_asked_for_as_the_hpa_does(ask, api):
    """By the name that KEDA gave it, and by the label that says whose it is."""
    api.replies |= {OBJECTS: listed(scaled_object("other"), scaled_object(**STATUS)), METRIC: values("1")}
    ask()
    queries = [query for _, path, query, _ in api.asked if path == METRIC]
    assert queries == [{"labelSelector": "scaledobject.keda.sh/name=queue"}]


def test_one_that_no_operator_took_up_has_no_state(ask, api):
    """A ScaledObject without a status is not inactive: nobody has looked at it yet."""
    api.replies[OBJECTS] = listed(scaled_object())
    assert ask()[SCALED_OBJECT].value is None


def test_values_are_added_up_as_the_controller_does(api):
    """Of several values the sum counts; an empty list is no value, and not 0."""
    reader = KedaReader(Kube(api))
    api.replies[METRIC] = values("1500m", "2")
    assert reader.value("default", "s0-prometheus", "consumer").value == 3.5
    api.replies[METRIC] = values()
    assert reader.value("default", "s0-prometheus", "consumer").absent


@pytest.mark.parametrize("reply", [(500, {"message": "gone"}), (200, {"items": [{"value": "many"}]})])
def test_an_answer_that_tells_nothing_is_a_failed_read(api, reply):
    """A server error and an answer that cannot be read are failures, not values."""
    api.replies[METRIC] = reply
    with pytest.raises(ReadFailed):
        KedaReader(Kube(api)).value("default", "s0-prometheus", "consumer")
