"""How a scenario is brought to rest before the next mutant of it is judged."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from fixtures.install.kubectl import Kubectl
from fixtures.install.scenarios import DOJO, Scenario
from fixtures.machine.process import CommandError
from tests.mutants.pieces import SOLVED, WIRING, Installed

ASK = 30.0
"""Seconds for kubectl to do a thing."""
DEPLOYMENT, HPA = "deployment/consumer", "hpa/consumer"
NEAR_REST = 4
"""Replicas from which an HPA comes to rest within its window, while the next mutant is being installed."""
KEYS = ("padok", "padok:in-hand", "padok:published", "padok:consumed", "padok:turn")
"""The queue and its books: what a mutant did to them is not the next one's."""


@dataclass(frozen=True)
class Ended:
    """What stands on the cluster after a mutant, as far as it is known."""

    kubectl: Kubectl
    say: Callable[[str], None]
    scenario: Scenario
    installed: Installed

    def bring_to_rest(self, pieces: Mapping[str, str]) -> None:
        """Before ``pieces`` are installed, for the next one."""
        if found := RESTS.get(self.scenario.name):
            found(self, pieces)

    def tries(self, *words: str, input: str | None = None) -> None:
        """kubectl with these words; what it cannot do is said."""
        where = ["--kubeconfig", str(self.kubectl.kubeconfig), "--context", self.kubectl.context]
        try:
            self.kubectl.run([str(self.kubectl.binary), *where, *words], timeout=ASK, input=input)
        except CommandError as error:
            self.say(f"  {error}")


def empty_queue(ended: Ended, pieces: Mapping[str, str]) -> None:
    """Nothing is queued, and nothing counted."""
    if "redis" in ended.installed.pieces:
        ended.tries("exec", "redis-master-0", "--", "redis-cli", "DEL", *KEYS)


def dojo(ended: Ended, pieces: Mapping[str, str]) -> None:
    """Empty the queue, and give an HPA that is new, or that has scaled, a fresh start with one consumer.

    An HPA's status tells of the one before for a while, it remembers what it wanted, and it wakes only
    what it put to sleep itself.
    """
    kubectl, installed = ended.kubectl, ended.installed.pieces
    empty_queue(ended, pieces)
    if not {"redis", SOLVED} <= installed.keys():
        return
    hpa = kubectl.get_json(HPA, namespace="default")
    if hpa is None or (installed[SOLVED] == pieces.get(SOLVED) and _rests(kubectl, hpa)):
        return
    kubectl.delete(HPA, namespace="default")
    kubectl.scale(DEPLOYMENT, 1, namespace="default")
    installed[SOLVED] = ""  # its release is there, and not as anybody wants it


def _rests(kubectl: Kubectl, hpa: Mapping[str, Any]) -> bool:
    """Whether it is near enough to its rest, and can leave that again."""
    found = kubectl.get_json(DEPLOYMENT, namespace="default") or {"spec": {"replicas": 0}}
    conditions = {each["type"]: each["status"] for each in hpa.get("status", {}).get("conditions", ())}
    replicas = found["spec"]["replicas"]
    return 0 < replicas <= NEAR_REST or (replicas == 0 and conditions.get("ScaledToZero") == "True")


def fresh_pods(replicas: int) -> Callable[[Ended, Mapping[str, str]], None]:
    """So many new pods, and new HPAs: a rate over minutes knows an earlier load as long as its pods live."""

    def begin(ended: Ended, pieces: Mapping[str, str]) -> None:
        if not ended.installed.pieces:
            return
        there = f"--namespace={ended.scenario.namespace}"
        ended.tries("delete", "hpa", "--all", there)
        ended.tries("scale", "deployment", "--all", f"--replicas={replicas}", there)
        ended.tries("delete", "pods", "--all", "--grace-period=1", there)
        ended.installed.pieces.pop(WIRING, None)

    return begin


RESTS: Mapping[str, Callable[[Ended, Mapping[str, str]], None]] = {
    DOJO: dojo,
    "keda": empty_queue,  # KEDA itself puts to sleep what has nothing to do
    "shopfront": fresh_pods(1),
    "sidecar": fresh_pods(1),
    "event_loop": fresh_pods(2),
    "cpu": fresh_pods(2),
}
"""Scenario -> how it is brought to rest; with the least replicas that its HPA is to have."""
