"""An installation that leaves alone what is there as it is wanted, and waits until a change is in force."""

from __future__ import annotations

import json
import time
from collections.abc import Collection
from datetime import datetime
from typing import Any

import yaml

from fixtures.install.installation import Installation
from fixtures.install.pieces import PIECES, InstalledPiece
from fixtures.machine.process import CommandError, run
from tests.mutants.pieces import SOLVED

MONITORING = "monitoring.coreos.com"
MONITORED = ("prometheus", "exporter", SOLVED)
"""The pieces with objects that prometheus-operator turns into Prometheus' configuration and rules."""
PROMETHEUS = "/api/v1/namespaces/prometheus/services/prometheus-kube-prometheus-prometheus:9090/proxy"
IN_FORCE = 45.0
"""Seconds until a change is in force, at most: operator 5, kubelet 15, reloader 6, and a slow machine."""
NUDGE = 1.5
"""Seconds between two nudges of the kubelet: the operator needs about one to write."""
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
            source = self._sources[PIECES[name].chart]
            return InstalledPiece(name, want.release, want.namespace, source, 0.0)
        before = self._monitored(name)
        began = time.time()
        done = super()._install(name)
        if before is not None and self._monitored(name) != before:
            self._wait_in_force(name, began)
        return done

    def _monitored(self, name: str) -> list[Any] | None:
        """A release's objects for the operator, as helm keeps them; None: it has none, or is not there."""
        if name not in MONITORED:
            return None
        want, helm = self._wanted(name), self._helm
        where = ["--kubeconfig", str(helm.kubeconfig), "--kube-context", str(helm.context)]
        command = [str(helm.binary), "get", "manifest", want.release, "--namespace", want.namespace, *where]
        try:
            text = run(command, timeout=ASK).stdout
        except CommandError:
            return None
        found = [each for each in yaml.safe_load_all(text) if each]
        return [each for each in found if str(each["apiVersion"]).startswith(MONITORING)]

    def _wait_in_force(self, name: str, since: float) -> None:
        """Until Prometheus has read its configuration again.

        A pod that changes is synced at once, and its mounted files with it: an annotation saves the wait
        for the kubelet's next round. It changes when a file arrives, never what is in it.
        """
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
                    "--selector=app.kubernetes.io/name=prometheus",
                    "--namespace=prometheus",
                    "--overwrite",
                    f"kit/nudge={nudged:.0f}",
                )
            time.sleep(POLL)
        self._progress(f"{name}: Prometheus did not read its configuration again")

    def _read_at(self) -> float:
        """Unix seconds of Prometheus' last reading; 0 when it cannot be asked now."""
        try:
            info = json.loads(self._kubectl_run("get", "--raw", f"{PROMETHEUS}/api/v1/status/runtimeinfo"))
            return datetime.fromisoformat(info["data"]["lastConfigTime"]).timestamp()
        except (CommandError, ValueError, KeyError):
            return 0.0

    def _kubectl_run(self, *words: str) -> str:
        kubectl = self._kubectl
        where = ["--kubeconfig", str(kubectl.kubeconfig), "--context", str(kubectl.context)]
        return run([str(kubectl.binary), *where, *words], timeout=ASK).stdout
