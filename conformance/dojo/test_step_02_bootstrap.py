"""Step 2: the environment the exercise starts in."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.behaviour import behaviour

from . import names, reading, web


@behaviour(
    "dojo.02.nodes-ready",
    feature="cluster",
    budget="component_ready",
    hint="Which condition of the node is not as it should be in `kubectl describe node`, and what "
    "does it say?",
    look="Conditions and Events in `kubectl describe nodes`, then the pods of namespace kube-system: "
    "a node whose pod network does not work is not Ready.",
    read=reading.NODE_CONDITIONS,
)
def test_nodes_ready(installation: Any, kube: Any, eventually: Any, budgets: Any, evidence: Any) -> None:
    """Every node of the cluster is Ready."""

    def all_ready(nodes: Any) -> bool:
        assert nodes, "the cluster has no nodes"
        unready = [node.name for node in nodes if not node.ready]
        assert not unready, f"not Ready: {', '.join(unready)}"
        return True

    nodes = eventually(kube.nodes, all_ready, budget=budgets.component_ready, what="all nodes Ready")
    evidence("nodes", "list nodes", "\n".join(map(str, nodes)))


@behaviour(
    "dojo.02.controller-flags",
    feature="cluster",
    hint="With which --horizontal-pod-autoscaler-… flags does kube-controller-manager run, and where "
    "does the kind configuration hand such flags to kubeadm?",
    look="The command line in `kubectl -n kube-system get pods -l component=kube-controller-manager "
    "-o yaml`, and the kubeadmConfigPatches of kind-cluster.yaml.",
    read=reading.KUBEADM_PATCHES,
)
def test_controller_flags(kube: Any, cluster: Any, intervals: Any, evidence: Any, unsupported: Any) -> None:
    """kube-controller-manager syncs HPAs every 5 s and stabilizes downscales for 20 s; on a cluster that is
    not ours its own values are the ones the budgets are made of.
    """
    flags = controller_flags(kube)
    evidence("flags", "kube-controller-manager's command line", str(flags))
    if flags is None:
        unsupported(
            "kube-controller-manager is not visible on this cluster; its intervals were taken as given"
        )
    used = {"sync period": float(intervals.hpa_sync), "stabilization": float(intervals.downscale_window)}
    evidence("intervals", "what the budgets use", f"{used} from {intervals.origins()}")
    asked = {"sync period": float(names.SYNC_SECONDS), "stabilization": float(names.WINDOW_SECONDS)}
    if cluster.provider == "kind":
        assert used == asked, f"in force are {used}, the exercise runs with {asked}; flags: {flags}"
    assert min(used.values()) > 0, f"the intervals in force make no sense: {used}"


def controller_flags(kube: Any) -> list[str] | None:
    """The HPA's flags on kube-controller-manager's command line; None where its pod is not visible."""
    pods = kube.pods("kube-system", {"component": "kube-controller-manager"})
    running = [pod for pod in pods if not pod.deleting]
    if not running:
        return None
    return [word for word in running[0].arguments if "horizontal-pod-autoscaler" in word]


@behaviour(
    "dojo.02.scale-to-zero-allowed",
    feature="cluster",
    hint="What does the API server answer to an HPA with minReplicas 0, and which feature gate "
    "decides that, in which components?",
    look="The featureGates of kind-cluster.yaml, and --feature-gates on the command lines of "
    "kube-apiserver and kube-controller-manager: `kubectl -n kube-system get pods -o yaml`. "
    "Which version of Kubernetes is it?",
    read=reading.FEATURE_GATES,
)
def test_scale_to_zero_allowed(kube: Any, chain: Any, evidence: Any) -> None:
    """The API server accepts an HPA with minReplicas 0 and an Object metric (server-side dry run)."""
    manifest = {**HPA_TO_ZERO, "metadata": {**ASKED, "namespace": chain.hpa.namespace}}
    answer = kube.server_side_dry_run(manifest)
    evidence("dry run", str(manifest), str(answer))
    evidence.fact(f"feature gate {GATE}", kube.feature(GATE) or "not told")
    assert answer.accepted, f"the API server refuses minReplicas 0: {answer.message}"


GATE = "HPAScaleToZero"
ASKED = {"name": "may-scale-to-zero"}
HPA_TO_ZERO = {
    "apiVersion": "autoscaling/v2",
    "kind": "HorizontalPodAutoscaler",
    "spec": {
        "minReplicas": 0,
        "maxReplicas": 2,
        "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "may-scale-to-zero"},
        "metrics": [
            {
                "type": "Object",
                "object": {
                    "describedObject": {"apiVersion": "v1", "kind": "Service", "name": "may-scale-to-zero"},
                    "metric": {"name": "anything"},
                    "target": {"type": "AverageValue", "averageValue": "1"},
                },
            }
        ],
    },
}


@behaviour(
    "dojo.02.ingress-answers",
    feature="cluster",
    budget="component_ready",
    needs=("dojo.02.nodes-ready",),
    hint="Is the ingress controller's pod running, and does the kind configuration map the node's "
    "port 80 to the host?",
    look="The pod of the ingress controller in `kubectl get pods -A` and its log; then the address "
    "in this behaviour's evidence: which program of this machine listens there?",
    read=reading.PORT_MAPPINGS,
)
@pytest.mark.usefixtures("installation", "producer")  # which waits until an ingress controller is there
def test_ingress_answers(cluster: Any, eventually: Any, budgets: Any, evidence: Any) -> None:
    """The ingress controller answers HTTP on 127.0.0.1, also for a host name nobody has claimed."""
    host = "unclaimed.vcap.me"
    answer = eventually(
        lambda: web.get(cluster, host, "/"),
        lambda answer: answer.status is not None and answer.status < web.SERVER_ERROR,
        budget=budgets.component_ready,
        what=f"an HTTP answer on 127.0.0.1:{cluster.http_port}",
    )
    evidence("ingress", f"GET http://127.0.0.1:{cluster.http_port}/ with Host: {host}", str(answer))
