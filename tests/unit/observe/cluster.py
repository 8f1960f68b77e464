"""A cluster with the dojo's chain on it, as the API lists it; pieces are renamed, left out or doubled."""

from __future__ import annotations

from typing import Any

from fixtures.observe.chain import Place

Json = dict[str, Any]

PATHS = {
    "Ingress": "/apis/networking.k8s.io/v1/ingresses",
    "Service": "/api/v1/services",
    "Deployment": "/apis/apps/v1/deployments",
    "HorizontalPodAutoscaler": "/apis/autoscaling/v2/horizontalpodautoscalers",
    "Prometheus": "/apis/monitoring.coreos.com/v1/prometheuses",
    "PrometheusRule": "/apis/monitoring.coreos.com/v1/prometheusrules",
    "Secret": "/api/v1/secrets",
}
REGISTERED = "/apis/apiregistration.k8s.io/v1/apiservices/v1beta1.custom.metrics.k8s.io"


def made(where: Place, spec: Json, release: str = "", **metadata: Any) -> Json:
    """An object of the release ``release``."""
    notes = {"meta.helm.sh/release-name": release, "meta.helm.sh/release-namespace": where.namespace}
    described = {"name": where.name, "namespace": where.namespace, **metadata}
    return {"metadata": described | ({"annotations": notes} if release else {}), "spec": spec}


def service(where: Place, selects: Json, *ports: Json, **spec: Any) -> Json:
    """A Service."""
    return made(where, {"selector": selects, "clusterIP": "10.0.0.1", "ports": list(ports), **spec})


def deployment(where: Place, labels: Json, image: str, **container: Any) -> Json:
    """A Deployment of one container."""
    pod = {"metadata": {"labels": labels}, "spec": {"containers": [{"image": image, **container}]}}
    return made(where, {"selector": {"matchLabels": labels}, "template": pod})


def ingress(where: Place, host: str, to: str) -> Json:
    """An Ingress with one path."""
    paths = [{"backend": {"service": {"name": to, "port": {"name": "http"}}}}]
    return made(where, {"rules": [{"host": host, "http": {"paths": paths}}]})


def hpa(
    where: Place, target: str, metric: str = "redis_items_in_queue", of: str = "watch", type: str = "Object"
) -> Json:
    """An HPA with one metric of a Service."""
    source = {"metric": {"name": metric}, "describedObject": {"kind": "Service", "name": of}}
    return made(
        where,
        {
            "scaleTargetRef": {"kind": "Deployment", "name": target},
            "metrics": [{"type": type, type.lower(): source}],
        },
    )


def prometheus(where: Place) -> Json:
    """A Prometheus object."""
    return made(where, {})


def rule(where: Place, record: str = "redis_items_in_queue") -> Json:
    """A PrometheusRule with one rule."""
    return made(where, {"groups": [{"rules": [{"record": record, "expr": "vector(0)"}]}]})


class Cluster:
    """Objects by kind. ``remade`` gives a kind other objects, ``refused`` answers it with 403."""

    def __init__(self, app: str = "shop", watch: str = "observability") -> None:
        self.app, self.watch = app, watch
        http = {"name": "http", "port": 80}
        self.objects: dict[str, list[Json]] = {
            "Ingress": [ingress(self.at("front"), "producer.vcap.me", "front")],
            "Service": [
                service(self.at("front"), {"app": "front"}, http),
                service(self.at("workers"), {"app": "workers"}, {"name": "http", "port": 8000}),
                service(self.at("watch-headless"), {"app": "watch"}, clusterIP="None"),
                service(self.at("watch"), {"app": "watch"}, {"name": "metrics", "port": 9121}),
                service(self.at("queue"), {"app": "queue"}, {"name": "redis", "port": 6380}),
                service(
                    self.over("operated"),
                    {"app.kubernetes.io/name": "prometheus"},
                    {"name": "web", "port": 9090},
                    clusterIP="None",
                ),
                service(
                    self.over("mon-prometheus"),
                    {"operator.prometheus.io/name": "mon", "app.kubernetes.io/name": "prometheus"},
                    {"name": "reloader-web", "port": 8080},
                    {"name": "http-web", "port": 9999},
                ),
                service(self.over("bridge"), {"app": "bridge"}, {"name": "https", "port": 443}),
            ],
            "Deployment": [
                deployment(self.at("front"), {"app": "front"}, "padok.fr/producer:1"),
                deployment(
                    self.at("workers"),
                    {"app": "workers"},
                    "padok.fr/consumer:1",
                    env=[{"name": "REDIS_ADDRESS", "value": "queue:6380"}],
                ),
                deployment(
                    self.at("watch"),
                    {"app": "watch"},
                    "oliver006/redis_exporter:v1",
                    env=[{"name": "REDIS_ADDR", "value": f"redis://queue.{app}:6380"}],
                ),
                deployment(
                    self.over("bridge"),
                    {"app": "bridge"},
                    "prometheus-adapter:1",
                    args=[f"--prometheus-url=http://mon-prometheus.{watch}:9999"],
                ),
            ],
            "HorizontalPodAutoscaler": [hpa(self.at("scaler"), "workers")],
            "Prometheus": [prometheus(self.over("mon"))],
            "PrometheusRule": [rule(self.at("length"))],
            "Secret": [],
        }
        self.refused: set[str] = set()
        self.registered: Json | None = {"namespace": watch, "name": "bridge"}

    def at(self, name: str) -> Place:
        """A place beside the application."""
        return Place(self.app, name)

    def over(self, name: str) -> Place:
        """A place beside Prometheus."""
        return Place(self.watch, name)

    def without(self, kind: str, name: str) -> Cluster:
        """The same, and no such object."""
        self.objects[kind] = [each for each in self.objects[kind] if each["metadata"]["name"] != name]
        return self

    def replies(self) -> dict[str, tuple[int, Any]]:
        """What the API answers, by path."""
        found: dict[str, tuple[int, Any]] = {}
        for kind, path in PATHS.items():
            denied = 403, {"message": f"{kind} is forbidden"}
            found[path] = denied if kind in self.refused else (200, {"items": self.objects[kind]})
        if self.registered:
            registered = {"metadata": {"name": "v1beta1"}, "spec": {"service": self.registered}}
            found[REGISTERED] = 200, registered
        for each in self.objects["Service"]:
            namespace, name = each["metadata"]["namespace"], each["metadata"]["name"]
            found[f"/api/v1/namespaces/{namespace}/services/{name}"] = 200, each
        for namespace in (self.app, self.watch):
            inside = [d for d in self.objects["Deployment"] if d["metadata"]["namespace"] == namespace]
            found[f"/apis/apps/v1/namespaces/{namespace}/deployments"] = 200, {"items": inside}
        return found
