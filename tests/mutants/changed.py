"""An installation that leaves alone what is there as it is wanted, and waits until a change is in force."""

from __future__ import annotations

import json
import time
from collections.abc import Collection
from datetime import datetime
from typing import Any

import yaml

from fixtures.install.installation import PROMETHEUS, Installation
from fixtures.install.pieces import InstalledPiece
from fixtures.install.releases import Wanted
from fixtures.machine.process import CommandError, run

MONITORING, RIGHTS = "monitoring.coreos.com", "rbac.authorization.k8s.io"
MONITORED = (PROMETHEUS, "prometheus-redis-exporter")
"""The charts with objects that prometheus-operator turns into Prometheus' configuration and rules; a
solution's own objects may be such, too."""
SERVICE = "/api/v1/namespaces/{0.namespace}/services/{0.release}-kube-prometheus-prometheus:9090/proxy"
PODS = "app.kubernetes.io/name=prometheus"
IN_FORCE = 45.0
"""Seconds until a change is in force, at most: operator 5, kubelet 15, reloader 6, and a slow machine."""
NUDGE = 1.5
"""Seconds between two nudges of the kubelet: the operator needs about one to write."""
PODS_GONE = 60.0
"""Seconds for Prometheus' pod to go: its grace is longer than it takes."""
ASK = 15.0
"""Seconds for helm or kubectl to answer a question about what is there."""
POLL = 0.5
"""Seconds between two questions to Prometheus."""


class OnlyChanged(Installation):
    """``kept`` names the pieces that are not installed again."""

    kept: Collection[str] = ()

    def _install(self, name: str) -> InstalledPiece:
        if name in self.kept:
            want = self._wanted(name)
            source = self._sources.get(self.scenario.pieces[name].chart)
            return InstalledPiece(name, want.release, want.namespace, source, 0.0)
        before = self._monitored(name)
        began = time.time()
        done = super()._install(name)
        after = self._monitored(name)
        if before is None or after is None or after == before:
            return done
        if _of(RIGHTS, before) != _of(RIGHTS, after):
            self._begin_anew()
        if _of(MONITORING, before) != _of(MONITORING, after):
            self._wait_in_force(name, began)
        return done

    def _monitored(self, name: str) -> list[Any] | None:
        """A release's objects as helm keeps them; None: none is for the operator, or it is not there."""
        piece = self.scenario.pieces[name]
        if not piece.checked and piece.chart not in MONITORED:
            return None
        want, helm = self._wanted(name), self._helm
        where = ["--kubeconfig", str(helm.kubeconfig), "--kube-context", str(helm.context)]
        command = [str(helm.binary), "get", "manifest", want.release, "--namespace", want.namespace, *where]
        try:
            text = run(command, timeout=ASK).stdout
        except CommandError:
            return None
        return [each for each in yaml.safe_load_all(text) if each]

    def _prometheus(self) -> tuple[str, Wanted]:
        """The piece that is Prometheus: whoever has objects for its operator has one."""
        name = next(name for name, piece in self.scenario.pieces.items() if piece.chart == PROMETHEUS)
        return name, self._wanted(name)

    def _begin_anew(self) -> None:
        """Replace Prometheus' pod: what it watches it goes on to see, whatever becomes of its rights."""
        name, want = self._prometheus()
        self._progress(f"{name} begins anew, as rights have changed")
        self._kubectl.delete("pods", namespace=want.namespace, selector=PODS, timeout=PODS_GONE)
        self._settle(name, want)

    def _wait_in_force(self, name: str, since: float) -> None:
        """Until Prometheus has read its configuration again.

        A pod that changes is synced at once, and its mounted files with it: an annotation saves the wait
        for the kubelet's next round. It changes when a file arrives, never what is in it.
        """
        namespace = self._prometheus()[1].namespace
        ends, nudged = time.monotonic() + IN_FORCE, time.monotonic()
        while time.monotonic() < ends:
            if self._read_at() >= int(since):
                self._progress(f"{name} is in force after {time.time() - since:.0f} s")
                return
            if time.monotonic() - nudged >= NUDGE:
                nudged = time.monotonic()
                self._kubectl_run(
                    "annotate",
                    "pods",
                    f"--selector={PODS}",
                    f"--namespace={namespace}",
                    "--overwrite",
                    f"kit/nudge={nudged:.0f}",
                )
            time.sleep(POLL)
        self._progress(f"{name}: Prometheus did not read its configuration again")

    def _read_at(self) -> float:
        """Unix seconds of Prometheus' last reading; 0 when it cannot be asked now."""
        path = f"{SERVICE.format(self._prometheus()[1])}/api/v1/status/runtimeinfo"
        try:
            info = json.loads(self._kubectl_run("get", "--raw", path))
            return datetime.fromisoformat(info["data"]["lastConfigTime"]).timestamp()
        except (CommandError, ValueError, KeyError):
            return 0.0

    def _kubectl_run(self, *words: str) -> str:
        kubectl = self._kubectl
        where = ["--kubeconfig", str(kubectl.kubeconfig), "--context", str(kubectl.context)]
        return run([str(kubectl.binary), *where, *words], timeout=ASK).stdout


def _of(group: str, objects: list[Any]) -> list[Any]:
    """The objects of an API group."""
    return [each for each in objects if str(each["apiVersion"]).startswith(group)]
