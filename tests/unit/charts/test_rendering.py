"""What the charts render to, where there is a helm: names, selectors and settings a verdict rests on."""

from __future__ import annotations

import pytest
import yaml

from .conftest import CHARTS, REFERENCE

EVERYTHING = ({}, {"matchLabels": {}})


def prometheus_spec(render, values=None):
    return render("kube-prometheus-stack", values, release="prometheus").one("Prometheus")["spec"]


def test_prometheus_names(render):
    """The release `prometheus` gives the names that the exercise and the adapter rely on."""
    stack = render("kube-prometheus-stack", release="prometheus")
    for name in (
        "Deployment/prometheus-kube-prometheus-operator",
        "Prometheus/prometheus-kube-prometheus-prometheus",
        "Service/prometheus-kube-prometheus-prometheus",
        "ServiceMonitor/prometheus-kube-prometheus-prometheus",
        "ServiceMonitor/prometheus-kube-prometheus-operator",
    ):
        assert name in stack.names()
    ports = stack.one("Service", "prometheus-kube-prometheus-prometheus")["spec"]["ports"]
    assert [(port["name"], port["port"]) for port in ports] == [("http-web", 9090), ("reloader-web", 8080)]


def test_selectors_default_to_the_release(render):
    """Nothing set: only what bears the release's label, in any namespace, and the operator's own 30 s."""
    spec = prometheus_spec(render)
    for kind in ("rule", "serviceMonitor", "podMonitor", "probe", "scrapeConfig"):
        assert spec[f"{kind}Selector"] == {"matchLabels": {"release": "prometheus"}}
        assert spec[f"{kind}NamespaceSelector"] == {}
    assert "scrapeInterval" not in spec
    assert "evaluationInterval" not in spec


@pytest.mark.parametrize(
    "given",
    [{"ruleSelector": {"matchLabels": {}}}, {"ruleSelectorNilUsesHelmValues": False}],
)
def test_selector_may_match_everything(render, given):
    """Both ways to ask for every rule give a selector that asks for nothing."""
    spec = prometheus_spec(render, {"prometheus": {"prometheusSpec": given}})
    assert spec["ruleSelector"] in EVERYTHING
    assert spec["serviceMonitorSelector"] == {"matchLabels": {"release": "prometheus"}}


def test_selector_of_the_user_is_not_merged(render):
    """A selector that was set is used as it is: the release's label does not join it."""
    own = {"matchLabels": {"team": "a"}}
    spec = prometheus_spec(render, {"prometheus": {"prometheusSpec": {"ruleSelector": own}}})
    assert spec["ruleSelector"] == own


def test_images_come_from_values(render):
    """The bundled images by default; another one, with its version for the operator, when asked for."""
    assert prometheus_spec(render)["image"] == "kit.local/prometheus:v3.15.0"
    image = {"registry": "example.org", "repository": "p/prometheus", "tag": "v3.1.0"}
    spec = prometheus_spec(render, {"prometheus": {"prometheusSpec": {"image": image}}})
    assert (spec["image"], spec["version"]) == ("example.org/p/prometheus:v3.1.0", "v3.1.0")
    operator = render("kube-prometheus-stack", release="prometheus").one("Deployment")
    args = operator["spec"]["template"]["spec"]["containers"][0]["args"]
    assert "--prometheus-config-reloader=kit.local/prometheus-config-reloader:v0.93.1" in args


def test_prometheus_fields_are_handed_through(render):
    """A field of the Prometheus resource reaches it; false and 0 count where they say something."""
    given = {
        "enableServiceLinks": False,
        "replicas": 0,
        "externalLabels": {"cluster": "{{ .Release.Name }}"},
        "storageSpec": {"emptyDir": {"medium": "Memory"}},
        "additionalScrapeConfigs": [{"job_name": "x"}],
    }
    stack = render("kube-prometheus-stack", {"prometheus": {"prometheusSpec": given}}, release="prometheus")
    spec = stack.one("Prometheus")["spec"]
    assert (spec["enableServiceLinks"], spec["replicas"]) == (False, 0)
    assert spec["externalLabels"] == {"cluster": "prometheus"}
    assert spec["storage"] == given["storageSpec"]
    raw = spec["additionalScrapeConfigs"]
    assert yaml.safe_load(stack.one("Secret", raw["name"])["stringData"][raw["key"]]) == [{"job_name": "x"}]


def test_additional_rules(render):
    """Rules in the values become a PrometheusRule that the default selector finds."""
    groups = [{"name": "g", "rules": [{"record": "a", "expr": "b"}]}]
    values = {"additionalPrometheusRulesMap": {"mine": {"groups": groups}}}
    rule = render("kube-prometheus-stack", values, release="prometheus").one("PrometheusRule")
    assert rule["metadata"]["labels"]["release"] == "prometheus"
    assert rule["spec"]["groups"] == groups


def test_reference_prometheus(render):
    """The reference scrapes every 5 s, selects everything and answers under its host name."""
    stack = render("kube-prometheus-stack", REFERENCE / "values/prometheus.yaml", release="prometheus")
    spec = stack.one("Prometheus")["spec"]
    assert spec["scrapeInterval"] == "5s"
    for field in ("ruleSelector", "ruleNamespaceSelector", "serviceMonitorSelector"):
        assert spec[field] in EVERYTHING
    ingress = stack.one("Ingress")["spec"]
    assert ingress["ingressClassName"] == "nginx"
    assert [rule["host"] for rule in ingress["rules"]] == ["prometheus.vcap.me"]


def test_exporter_is_found_by_its_service(render):
    """The monitor selects the exporter's Service by port name and sets no interval of its own."""
    exporter = render("prometheus-redis-exporter", REFERENCE / "values/prometheus-redis-exporter.yaml")
    service = exporter.one("Service", "prometheus-redis-exporter")
    assert [(p["name"], p["port"]) for p in service["spec"]["ports"]] == [("redis-exporter", 9121)]
    monitor = exporter.one("ServiceMonitor")["spec"]
    assert monitor["endpoints"] == [{"port": "redis-exporter"}]
    assert monitor["selector"]["matchLabels"].items() <= service["metadata"]["labels"].items()
    env = exporter.one("Deployment")["spec"]["template"]["spec"]["containers"][0]["env"]
    assert {"name": "REDIS_EXPORTER_CHECK_SINGLE_KEYS", "value": "padok"} in env


def adapter_rules(rendered):
    return yaml.safe_load(rendered.one("ConfigMap")["data"]["config.yaml"]).get("rules", [])


def test_adapter_default_rules(render):
    """By default: three rules for containers, three for the rest, and relisting every minute."""
    adapter = render("prometheus-adapter")
    rules = adapter_rules(adapter)
    assert [rule["seriesQuery"].startswith('{__name__=~"^container_') for rule in rules] == [True] * 3 + [
        False
    ] * 3
    assert all(rule["resources"] for rule in rules)
    args = adapter.one("Deployment")["spec"]["template"]["spec"]["containers"][0]["args"]
    assert "--metrics-relist-interval=1m" in args
    assert "--prometheus-url=http://prometheus.default.svc:9090" in args


def test_adapter_custom_rules_come_last(render):
    """A user's rule stands after the default ones, so it answers where both give a metric."""
    own = {"seriesQuery": "redis_x", "metricsQuery": "<<.Series>>{<<.LabelMatchers>>}"}
    adapter = render("prometheus-adapter", {"rules": {"custom": [own]}})
    assert adapter_rules(adapter)[-1] == own
    only = render("prometheus-adapter", {"rules": {"default": False, "custom": [own]}})
    assert adapter_rules(only) == [own]


def test_adapter_registers_what_it_serves(render):
    """Custom metrics by default; external metrics, and the right to read them, only with such a rule."""
    rule = {"seriesQuery": "x", "metricsQuery": "y"}
    adapter = render("prometheus-adapter", {"rules": {"default": False, "external": [rule]}})
    assert [n for n in adapter.names() if n.startswith("APIService")] == [
        "APIService/v1beta1.external.metrics.k8s.io"
    ]
    service = render("prometheus-adapter").one("APIService")["spec"]["service"]
    assert (service["name"], service["port"]) == ("prometheus-adapter", 443)


def test_adapter_lets_the_autoscaler_read(render):
    """The HPA controller's account may read custom metrics."""
    adapter = render("prometheus-adapter")
    name = "prometheus-adapter-hpa-controller-custom.metrics.k8s.io"
    binding = adapter.one("ClusterRoleBinding", name)
    assert binding["subjects"] == [
        {"kind": "ServiceAccount", "name": "horizontal-pod-autoscaler", "namespace": "kube-system"}
    ]
    role = adapter.one("ClusterRole", binding["roleRef"]["name"])
    assert role["rules"][0]["apiGroups"] == ["custom.metrics.k8s.io"]


def test_redis_names_and_persistence(render):
    """Release `redis`: Service redis-master, append-only by default, on a claim of its own."""
    redis = render("redis", REFERENCE / "values/redis.yaml")
    assert redis.one("Service", "redis-master")["spec"]["ports"][0]["port"] == 6379
    conf = redis.one("ConfigMap")["data"]["redis.conf"].splitlines()
    assert {"appendonly yes", "protected-mode no"} <= set(conf)
    assert redis.one("StatefulSet")["spec"]["volumeClaimTemplates"][0]["metadata"]["name"] == "redis-data"
    assert not any(name.startswith("Secret/") for name in redis.names())


def test_redis_password(render):
    """With a password Redis requires it and is not open without one."""
    redis = render("redis", {"auth": {"password": "abc"}})
    assert redis.one("Secret", "redis")["data"] == {"redis-password": "YWJj"}
    assert "--requirepass" in redis.one("StatefulSet")["spec"]["template"]["spec"]["containers"][0]["args"]
    assert "protected-mode no" not in redis.one("ConfigMap")["data"]["redis.conf"]


def test_redis_refuses_replication(render):
    """What the chart does not carry is refused with a word on what to do."""
    with pytest.raises(AssertionError, match="carries only standalone; set architecture: standalone"):
        render("redis", {"architecture": "replication"})


@pytest.mark.parametrize("app", ["producer", "consumer"])
def test_application(render, app):
    """The applications take their image's tag as `version` and limit no CPU."""
    rendered = render(app, {"version": "1.2.3"})
    container = rendered.one("Deployment", app)["spec"]["template"]["spec"]["containers"][0]
    assert container["image"] == f"padok.fr/{app}:1.2.3"
    assert "limits" not in container["resources"]
    ports = rendered.one("Service", app)["spec"]["ports"]
    assert ports == [{"name": "http", "port": 80, "targetPort": "http"}]


def test_baseline_consumer_has_no_autoscaling(render):
    """Rule and HPA are the learner's work; nobody but a scaler sets the number of replicas."""
    consumer = render("consumer")
    assert [name.split("/")[0] for name in consumer.names()] == ["Deployment", "Service"]
    assert "replicas" not in consumer.one("Deployment")["spec"]


def test_reference_rule_and_autoscaler(render):
    """The reference's rule falls back to 0 with the labels asked for; its HPA is as the exercise says."""
    consumer = render(REFERENCE / "charts/consumer")
    (rule,) = consumer.one("PrometheusRule")["spec"]["groups"][0]["rules"]
    selector = '{service="prometheus-redis-exporter",namespace="somewhere",key="padok"}'
    assert rule["record"] == "redis_items_in_queue"
    assert rule["expr"] == f"redis_key_size{selector} or absent(redis_key_size{selector}) * 0"
    spec = consumer.one("HorizontalPodAutoscaler", "consumer")["spec"]
    assert (spec["minReplicas"], spec["maxReplicas"]) == (0, 20)
    assert spec["metrics"][0]["object"]["target"] == {"type": "AverageValue", "averageValue": 20}


def test_ingress_serves_the_class_and_holds_the_ports(render):
    """The controller serves exactly the class nginx, on the node's port 80, and never as two pods."""
    ingress = render("ingress")
    assert ingress.one("IngressClass", "nginx")
    deployment = ingress.one("Deployment")["spec"]
    assert deployment["strategy"] == {"type": "Recreate"}
    container = deployment["template"]["spec"]["containers"][0]
    assert "-kubernetes-ingress-class=^nginx$" in container["args"]
    assert [port["hostPort"] for port in container["ports"]] == [80]


def test_storage_is_the_default_class(render):
    """Claims that name no class get a directory of the node."""
    storage = render("storage")
    notes = storage.one("StorageClass", "standard")["metadata"]["annotations"]
    assert notes == {"storageclass.kubernetes.io/is-default-class": "true"}
    assert yaml.safe_load(storage.one("ConfigMap")["data"]["config.json"])["nodePathMap"]


@pytest.mark.parametrize("chart", sorted(file.parent.name for file in CHARTS.glob("*/Chart.yaml")))
def test_no_cpu_limit_and_no_foreign_image(render, chart):
    """By default nothing is throttled, and every image is one the bundle builds."""
    for item in render(chart).objects:
        pod = item.get("spec", {}).get("template", {}).get("spec", {})
        for container in pod.get("containers", ()):
            assert container["image"].startswith(("kit.local/", "padok.fr/"))
            assert container["imagePullPolicy"] == "IfNotPresent"
            assert "limits" not in container.get("resources", {})


def test_metrics_server_asks_as_it_is_told(render):
    """A solution's arguments come after the defaults; names are those of the public chart."""
    chart = render("metrics-server", {"args": ["--kubelet-insecure-tls", "--metric-resolution=60s"]})
    arguments = chart.one("Deployment", "metrics-server")["spec"]["template"]["spec"]["containers"][0]["args"]
    assert arguments[-2:] == ["--kubelet-insecure-tls", "--metric-resolution=60s"]
    assert arguments.index("--metric-resolution=15s") < len(arguments) - 1
    service = chart.one("APIService", "v1beta1.metrics.k8s.io")["spec"]["service"]
    assert service == {"name": "metrics-server", "namespace": "somewhere", "port": 443}


def test_metrics_server_may_leave_the_api_to_others(render):
    """With apiService.create off nothing is registered, and the rest is the same."""
    chart = render("metrics-server", {"apiService": {"create": False}})
    assert not [name for name in chart.names() if name.startswith("APIService/")]
    assert "Service/metrics-server" in chart.names()


def test_the_cpu_application_requests_what_it_is_given(render):
    """Resources are the solution's: by default there are none, and its program is the chart's file."""
    container = render("cpu-app").one("Deployment")["spec"]["template"]["spec"]["containers"][0]
    assert "resources" not in container
    given = {"resources": {"requests": {"cpu": "50m"}}}
    container = render("cpu-app", given).one("Deployment")["spec"]["template"]["spec"]["containers"][0]
    assert container["resources"] == given["resources"]
    program = (CHARTS / "cpu-app" / "files" / "app.py").read_text(encoding="utf-8")
    assert render("cpu-app").one("ConfigMap")["data"]["app.py"] == program
