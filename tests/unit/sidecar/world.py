"""The sidecar's web server in memory: the world of the pod-metric scenarios, with sidecars that can die."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

from conformance.pod_metric.stage import PodStage
from conformance.sidecar.expect import WEB
from fixtures.observe.pod_chain import PodChain
from tests.unit.pod_metric.world import Flaws, Kit, Pod, RunningLoad, World

CHAIN = PodChain.of(
    "web",
    {
        "deployment": "web",
        "service": "web",
        "hpa": "web",
        "host": "web.vcap.me",
        "series": WEB.series,
        "metric": WEB.metric,
        "window": "20s",
    },
)
NGINX = {"name": "nginx", "image": "kit.local/nginx:1.22"}
EXPORTER = {"name": "exporter", "image": "kit.local/nginx-prometheus-exporter:0.11.0"}
PAUSE = "registry.k8s.io/pause:3.10.1"


class WebWorld(World):
    """Each scrape is a request, too; a dead sidecar is not scraped, and its nginx counts on."""

    dead = ""

    def _scrape(self) -> None:
        for pod in self.ready:
            if pod.name != self.dead:
                pod.count += 1
                pod.samples.append((self.now, pod.count))


def pod(name: str, *containers: dict[str, Any], ready: bool = True, **probes: Any) -> Any:
    """A pod as it is read."""
    spec = [{**each, **probes} for each in containers or (NGINX, EXPORTER)]
    state = [{"name": each["name"], "ready": ready, "state": {}} for each in spec]
    return SimpleNamespace(
        name=name,
        ready=ready,
        deleting=False,
        images=tuple(each["image"] for each in spec),
        raw={"spec": {"containers": spec}, "status": {"containerStatuses": state}},
    )


def target(name: str, health: str = "up", error: str = "") -> Any:
    """A scrape target of a pod."""
    return SimpleNamespace(
        url=f"http://{name}:9113/metrics",
        health=health,
        last_error=error,
        pool="podMonitor/web/web/0",
        labels={"pod": name},
        discovered={"__meta_kubernetes_pod_name": name, "__meta_kubernetes_namespace": "web"},
    )


class WebKit(Kit):
    """The fixtures that the sidecar's cycle takes. ``sidecar`` False: its pods have none."""

    def __init__(self, flaws: Flaws, *, sidecar: bool = True) -> None:
        super().__init__(flaws)
        self.world: WebWorld = WebWorld(flaws)
        self.containers = (NGINX, EXPORTER) if sidecar else (NGINX,)
        self.swapped: list[tuple[str, str, str]] = []

    def http_load(self, path: str, *, per_second: float, seconds: float, host: str) -> RunningLoad:
        assert (path, host) == ("/", CHAIN.host)
        return RunningLoad(self.world, per_second, seconds)

    @contextmanager
    def replaced_program(self, name: str, container: str, image: str, namespace: str) -> Iterator[None]:
        self.swapped.append((name, container, image))
        self.world.dead = name
        yield
        self.world.dead = ""

    def raw_samples(self, selector: str, seconds: float) -> list[Any]:
        assert selector == CHAIN.selector
        pods: list[Pod] = [*self.world.pods, *self.world.gone]
        return [SimpleNamespace(labels={"pod": each.name}, samples=each.samples) for each in pods]

    def pods(self, namespace: str, selector: object = None) -> list[Any]:
        ready = self.world.ready
        return [pod(each.name, *self.containers, ready=each in ready) for each in self.world.pods]

    def stage(self) -> PodStage:
        stage = super().stage()
        node = SimpleNamespace(raw={"status": {"images": [{"names": ["k/base:1"]}, {"names": [PAUSE]}]}})
        monitor = {
            "metadata": {"namespace": "web", "name": "web"},
            "spec": {"selector": {}, "podMetricsEndpoints": [{"port": "metrics"}]},
        }
        kube = SimpleNamespace(
            hpa=self.hpa,
            pods=self.pods,
            nodes=lambda: [node],
            service=lambda *_: None,
            deployment=lambda *_: SimpleNamespace(
                raw={"spec": {"template": {"metadata": {"labels": {"app": "web"}}}}}
            ),
            items=lambda _, kind: [monitor] if kind == "podmonitors" else [],
        )
        prometheus = SimpleNamespace(
            raw_samples=self.raw_samples,
            targets=lambda: [target(each.name) for each in self.world.ready],
            latest=lambda _: [SimpleNamespace(labels={"pod": p.name}, value=1.0) for p in self.world.ready],
        )
        return PodStage(
            **{
                **vars(stage),
                "expect": WEB,
                "chain": CHAIN,
                "kube": kube,
                "prometheus": prometheus,
                "faults": SimpleNamespace(replaced_program=self.replaced_program),
            }
        )
