"""The chain's pieces are found on a cluster whatever they are called, and what is not seen is not absent."""

from __future__ import annotations

import pytest

from fixtures.judge.outcomes import Outcome, outcome_of
from fixtures.machine.errors import KitError
from fixtures.observe.chain import Chain, Place
from fixtures.observe.discovery import PARTS, discover
from fixtures.observe.errors import ReadFailed
from fixtures.observe.kube import Kube
from fixtures.observe.standing import Standing, stands
from tests.unit.observe.cluster import Cluster, deployment, hpa, ingress, made, prometheus, rule, service


@pytest.fixture
def cluster() -> Cluster:
    """The chain in the namespaces shop and observability, every piece called otherwise."""
    return Cluster()


@pytest.fixture
def find(api):
    """Discovers what is on a cluster; ``series`` are the labels of redis_key_size in its Prometheus."""

    def run(cluster, series=()):
        api.replies = cluster.replies()

        def key_sizes(_chain):
            if isinstance(series, Exception):
                raise series
            return series

        return discover(Kube(api), key_sizes)

    return run


def test_renamed_pieces_are_found(cluster, find):
    """Releases and namespaces with other names: each piece is found by what it does."""
    found = find(cluster)
    assert found.absent == found.unseen == {}
    assert found.chain == Chain(
        hpa=Place("shop", "scaler"),
        consumer=Place("shop", "workers"),
        consumer_service=Place("shop", "workers"),
        consumer_port=8000,
        producer=Place("shop", "front"),
        redis=Place("shop", "queue"),
        redis_port=6380,
        redis_pods="app=queue",
        exporter=Place("shop", "watch"),
        exporter_deployment=Place("shop", "watch"),
        prometheus=Place("observability", "mon-prometheus"),
        prometheus_port=9999,
        prometheus_pods="app.kubernetes.io/name=prometheus,operator.prometheus.io/name=mon",
        adapter=Place("observability", "bridge"),
    )
    assert found.chain.namespaces == ("shop", "observability")
    assert found.chain.rule_query == 'redis_items_in_queue{service="watch",namespace="shop",key="padok"}'
    assert found.describe("hpa") == "HorizontalPodAutoscaler shop/scaler"


def test_an_empty_cluster_has_nothing(find):
    """Where nothing is, every part is absent and says what was looked for; no kind need be served."""
    empty = Cluster()
    empty.objects = {kind: [] for kind in empty.objects}
    empty.registered = None
    found = find(empty)
    assert set(found.absent) == set(PARTS)
    assert not stands(found)
    assert found.chain == Chain()


@pytest.mark.parametrize(
    ("kind", "name", "part", "says"),
    [
        ("Ingress", "front", "producer", "no Ingress for the host producer.vcap.me"),
        ("HorizontalPodAutoscaler", "scaler", "hpa", "no HorizontalPodAutoscaler on redis_items_in_queue"),
        ("Prometheus", "mon", "prometheus", "no Prometheus object"),
        ("PrometheusRule", "length", "rule", "no PrometheusRule that records redis_items_in_queue"),
        ("Deployment", "watch", "exporter", "no Service that leads to a Deployment with a Redis exporter"),
        ("Deployment", "bridge", "adapter", "no Deployment behind the APIService"),
        ("Service", "queue", "redis", "no Service of Redis"),
    ],
)
def test_a_missing_piece_says_what_was_looked_for(cluster, find, kind, name, part, says):
    """One piece that is not there is absent, with its reason, and the others are found all the same."""
    found = find(cluster.without(kind, name))
    assert set(found.absent) == {part}
    assert says in found.absent[part]
    standing = Standing(found, "mine")
    assert not standing.has(part)
    with pytest.raises(standing.Failed, match=says) as failure:
        standing.need(part)
    assert outcome_of(failure.value) is Outcome.FAILED


def test_what_may_not_be_listed_is_not_absent(cluster, find):
    """A user who may not list Prometheus objects gets an error for that part, not a failure, and nothing is
    installed.
    """
    cluster.refused.add("Prometheus")
    found = find(cluster)
    assert "prometheus" not in found.absent
    assert "forbidden" in found.unseen["prometheus"]
    assert stands(found)
    standing = Standing(found, "mine")
    for ask in (standing.has, standing.need):
        with pytest.raises(standing.Failed, match="could not be looked for") as failure:
            ask("prometheus")
        assert outcome_of(failure.value) is Outcome.ERROR


def test_refused_on_an_empty_cluster_installs_nothing(find):
    """Where nothing was found because nothing may be looked at, the cluster is not taken for an empty one."""
    empty = Cluster()
    empty.objects = {kind: [] for kind in empty.objects}
    empty.registered = None
    empty.refused.add("Deployment")
    assert stands(find(empty))


def test_the_hpa_on_the_queue_is_preferred(cluster, find):
    """Among several HPAs the one on redis_items_in_queue is the exercise's."""
    others = [hpa(cluster.at("other"), "front", "requests"), hpa(Place("else", "x"), "x", "requests")]
    cluster.objects["HorizontalPodAutoscaler"] += others
    assert find(cluster).chain.hpa == Place("shop", "scaler")


def test_an_hpa_on_another_metric_is_found_by_what_it_scales(cluster, find):
    """A wrong metric name is a mistake to be judged, not a missing HPA."""
    cluster.objects["HorizontalPodAutoscaler"] = [
        hpa(cluster.at("scaler"), "workers", "redis_key_size", type="Pods"),
        hpa(cluster.at("other"), "front", "requests"),
    ]
    assert find(cluster).chain.hpa == Place("shop", "scaler")


def test_several_hpas_that_could_be_it_are_named(cluster, find):
    """Two HPAs on the queue, both scaling the consumer: which one is judged is not guessed."""
    cluster.objects["HorizontalPodAutoscaler"].append(hpa(cluster.at("second"), "workers"))
    with pytest.raises(KitError, match=r"more than one HorizontalPodAutoscaler.*shop/scaler, shop/second"):
        find(cluster)


def test_somebody_elses_hpa_is_none_of_ours(cluster, find):
    """An Object metric of another application, in another namespace, is not the exercise's."""
    cluster.objects["HorizontalPodAutoscaler"] = [hpa(Place("else", "x"), "x", "requests")]
    assert "hpa" in find(cluster).absent


def test_an_hpa_that_scales_the_wrong_deployment_leaves_the_consumer(cluster, find):
    """The consumer is told by itself, so that an HPA on another Deployment is seen to be wrong."""
    cluster.objects["HorizontalPodAutoscaler"] = [hpa(cluster.at("scaler"), "front")]
    found = find(cluster)
    assert (found.chain.hpa.name, found.chain.consumer.name) == ("scaler", "workers")


def test_a_consumer_without_a_sign_is_what_the_hpa_scales(cluster, find):
    """Another name, another image: the Deployment that is scaled on the queue is the consumer."""
    for each in cluster.objects["Deployment"]:
        if each["metadata"]["name"] == "workers":
            each["spec"]["template"]["spec"]["containers"][0]["image"] = "example.com/jobs:2"
    assert find(cluster).chain.consumer == Place("shop", "workers")


def test_two_consumers_in_two_namespaces(cluster, find):
    """The consumer beside the producer is the exercise's."""
    cluster.objects["Deployment"].append(
        deployment(Place("else", "consumer"), {"app": "c"}, "kafka/consumer")
    )
    assert find(cluster).chain.consumer == Place("shop", "workers")


def test_a_described_object_that_is_wrong_is_not_the_exporter(cluster, find):
    """An HPA that names another Service does not make that the exporter's."""
    cluster.objects["HorizontalPodAutoscaler"] = [hpa(cluster.at("scaler"), "workers", of="queue")]
    assert find(cluster).chain.exporter == Place("shop", "watch")


def second_exporter(cluster):
    labels = {"app": "second"}
    cluster.objects["Deployment"].append(deployment(cluster.at("second"), labels, "x/redis-exporter:1"))
    cluster.objects["Service"].append(service(cluster.at("second"), labels))


def test_of_two_exporters_the_described_one_is_taken(cluster, find):
    """With two exporters the HPA's described object tells which is the exercise's."""
    second_exporter(cluster)
    assert find(cluster).chain.exporter == Place("shop", "watch")


def test_of_two_exporters_the_one_with_the_metric_is_taken(cluster, find):
    """Without an HPA the Service that gives redis_key_size in Prometheus is the exercise's; else both are
    named.
    """
    second_exporter(cluster)
    cluster.without("HorizontalPodAutoscaler", "scaler")
    found = find(cluster, [{"namespace": "shop", "service": "second", "key": "padok"}])
    assert found.chain.exporter_deployment == Place("shop", "second")
    with pytest.raises(KitError, match="shop/second, shop/watch"):
        find(cluster, ReadFailed("Prometheus", "no endpoints"))


def test_an_exporter_of_another_make_is_found_by_its_metric(cluster, find):
    """An image and settings that nobody knows: what gives redis_key_size is the exporter."""
    cluster.objects["Deployment"][2]["spec"]["template"]["spec"]["containers"] = [{"image": "mine:1"}]
    assert find(cluster, [{"namespace": "shop", "service": "watch"}]).chain.exporter == Place("shop", "watch")


def test_the_applications_redis_is_the_queues(cluster, find):
    """An exporter that looks at another Redis is a mistake: the queue is where the consumer takes it from."""
    cluster.objects["Service"].append(service(cluster.at("wrong"), {"app": "wrong"}))
    container = cluster.objects["Deployment"][2]["spec"]["template"]["spec"]["containers"][0]
    container["env"] = [{"name": "REDIS_ADDR", "value": "redis://wrong.shop.svc.cluster.local:6379"}]
    assert find(cluster).chain.redis == Place("shop", "queue")


def test_redis_without_an_address_is_the_exercises(cluster, find):
    """The applications' built-in address is redis-master beside them."""
    container = cluster.objects["Deployment"][1]["spec"]["template"]["spec"]["containers"][0]
    del container["env"]
    cluster.objects["Service"].append(service(cluster.at("redis-master"), {"app": "r"}))
    assert find(cluster).chain.redis == Place("shop", "redis-master")


def test_of_two_prometheuses_the_adapters_is_taken(cluster, find):
    """With two Prometheus objects it is the one that the adapter asks; without an adapter both are named."""
    cluster.objects["Prometheus"].append(prometheus(Place("elsewhere", "big")))
    assert find(cluster).chain.prometheus == Place("observability", "mon-prometheus")
    cluster.registered = None
    with pytest.raises(KitError, match="elsewhere/big, observability/mon"):
        find(cluster)


def test_other_rules_and_hosts_are_passed_over(cluster, find):
    """Only the exercise's host and the exercise's metric count."""
    cluster.objects["Ingress"].insert(0, ingress(cluster.at("page"), "shop.example.com", "watch"))
    cluster.objects["PrometheusRule"] = [rule(cluster.at("x"), "x"), rule(cluster.at("length"))]
    found = find(cluster)
    assert found.chain.producer == Place("shop", "front")
    assert found.describe("rule") == "PrometheusRule shop/length"


def test_what_the_kit_left_is_no_set_up_of_somebody_else(cluster, find):
    """Pieces of releases that bear the kit's mark, as a killed run leaves them, are the kit's to replace."""
    for kind, listed in cluster.objects.items():
        cluster.objects[kind] = [
            made(Place(each["metadata"]["namespace"], each["metadata"]["name"]), each["spec"], "all")
            for each in listed
        ]
    assert stands(find(cluster))
    cluster.objects["Secret"] = [
        {
            "metadata": {
                "namespace": namespace,
                "name": f"sh.helm.release.v1.{namespace}",
                "labels": {"name": "all"},
            }
        }
        for namespace in ("shop", "observability")
    ]
    assert not stands(find(cluster))
    cluster.refused.add("Secret")
    assert stands(find(cluster))


def test_a_set_up_is_asked_like_an_installation(cluster, find):
    """Pieces are there at once, rule or HPA make the solution, and the teardown is not ours."""
    standing = Standing(find(cluster.without("HorizontalPodAutoscaler", "scaler")), "mine")
    assert standing.need("solution") == "PrometheusRule shop/length"
    assert standing.need("adapter") == "Deployment observability/bridge"
    assert not standing.has("hpa")
    assert standing.missing("hpa").endswith("on mine")
    standing.release("solution")
    with pytest.raises(Exception, match="graded as it stands") as left:
        standing.uninstall()
    assert outcome_of(left.value) is Outcome.SKIPPED


def test_no_load_without_the_exercises_application(cluster, find):
    """A cluster that has a Prometheus and an adapter, but no producer, is never driven."""
    standing = Standing(find(cluster.without("Ingress", "front")), "mine")
    with pytest.raises(standing.Failed, match="producer"):
        standing.drivable()
