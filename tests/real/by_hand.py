"""The reference typed in by hand on a cluster: other releases, other namespaces; and what is there."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fixtures.install.chart_sources import CHARTS_DIR, bundled_chart
from fixtures.install.helm import Helm
from fixtures.install.kubectl import Kubectl
from fixtures.install.overlays import EXERCISE_VALUES, merge, overlay, split_reference, write_values
from fixtures.install.solutions import Solution

APP, WATCH = "shop", "observability"
CONSUMER = "workers-consumer"
EXPORTER = "watch-prometheus-redis-exporter"
PROMETHEUS = "mon-kube-prometheus-stack-prometheus"
READY = 300.0
"""Seconds for one release: helm's wait, on a machine that does other things besides."""
LISTED = 120.0
"""Seconds to list all objects of a cluster: some megabytes, of CRDs above all."""
NOT_LISTED = (
    # What its controllers rewrite all the time, and what is no object of anybody's.
    *("events", "events.events.k8s.io", "leases.coordination.k8s.io", "endpoints", "componentstatuses"),
    *("endpointslices.discovery.k8s.io", "pods", "nodes", "csistoragecapacities.storage.k8s.io"),
    *("pods.metrics.k8s.io", "nodes.metrics.k8s.io", "bindings"),
)


@dataclass
class ByHand:
    """Installs with plain helm and kubectl; nothing bears the kit's mark."""

    helm: Helm
    kubectl: Kubectl
    images: Mapping[str, str]
    folder: Path

    def install(self, reference: Path, crds: Path) -> None:
        """The platform, the applications and the solution under other names."""
        solution = Solution.load(reference)
        self.kubectl.apply_server_side(crds, field_manager="somebody", timeout=READY)
        self.release("disk", "storage", "disks")
        self.release("front-door", "ingress", "doors")
        # Prometheus' operator first: what comes after it brings objects of its kinds.
        self.release("mon", "kube-prometheus-stack", WATCH, solution.values["prometheus"])
        redis = {**EXERCISE_VALUES["redis"], "fullnameOverride": "redis"}
        self.release("store", "redis", APP, write_values(redis, self.folder, "redis"))
        for name, chart in (("front", "producer"), ("workers", "consumer")):
            source = CHARTS_DIR / chart if chart == "producer" else self._consumer(solution)
            version = split_reference(self.images[chart])[2]
            self.helm.upgrade_install(
                name, source, APP, sets={"version": version}, timeout=READY, create_namespace=True
            )
        exporter = {"redisAddress": f"redis://redis-master.{APP}:6379"}
        given = solution.values["exporter"]
        self.release("watch", "prometheus-redis-exporter", APP, given, **exporter)
        adapter = {"prometheus": {"url": f"http://{PROMETHEUS}.{WATCH}"}}
        self.release("bridge", "prometheus-adapter", WATCH, solution.values["adapter"], **adapter)

    def release(self, name: str, chart: str, namespace: str, given: Path | None = None, **own: Any) -> None:
        """One of the kit's charts under a name of ours; our values over those given."""
        source = bundled_chart(chart)
        defaults = self.helm.show_values(source.address)
        merge(own, overlay(source, self.images, defaults, images_built=True))
        values = [*([given] if given else []), write_values(own, self.folder, name)]
        self.helm.upgrade_install(
            name, source.address, namespace, values=values, timeout=READY, create_namespace=True
        )

    def _consumer(self, solution: Solution) -> Path:
        """The consumer's chart with the reference's rule and HPA, which name the exporter's Service."""
        chart = solution.chart(CHARTS_DIR / "consumer", self.folder)
        for template in ("prometheusrule", "horizontalpodautoscaler"):
            file = chart / "templates" / f"{template}.yaml"
            text = file.read_text().replace("prometheus-redis-exporter", EXPORTER)
            assert EXPORTER in text
            file.write_text(text)
        return chart

    def objects(self) -> dict[str, str]:
        """Every object of the cluster, with a digest of all of it but its status and its bookkeeping.

        The uid is in it: an object that was deleted and made again is another one.
        """
        listed = self.kubectl._call(["api-resources", "--verbs=list", "--output=name"]).stdout.split()
        kinds = ",".join(kind for kind in listed if kind not in NOT_LISTED and "custom.metrics" not in kind)
        answer = self.kubectl._call(["get", kinds, "--all-namespaces", "--output=json"], LISTED).stdout
        found: dict[str, str] = {}
        for item in json.loads(answer)["items"]:
            meta = item["metadata"]
            for noise in ("resourceVersion", "generation", "managedFields"):
                meta.pop(noise, None)
            item.pop("status", None)
            name = f"{item['apiVersion']} {item['kind']} {meta.get('namespace', '')}/{meta['name']}"
            found[name] = hashlib.sha256(json.dumps(item, sort_keys=True).encode()).hexdigest()[:12]
        return found


def differences(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, str]:
    """What was added, removed or changed, by object."""
    found = {name: "gone" for name in before if name not in after}
    found |= {name: "new" for name in after if name not in before}
    return found | {name: "changed" for name in before if name in after and before[name] != after[name]}
