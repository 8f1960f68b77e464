"""Faults are carried out, recorded and undone."""

from __future__ import annotations

from dataclasses import replace
from itertools import count

import pytest

from fixtures.drive.errors import DriveFailed
from fixtures.drive.faults import Faults
from fixtures.machine.process import CommandError
from tests.unit.drive.kubectl_edge import ClusterEdge, deployment

EXPORTER = "deployment/exporter"


@pytest.fixture
def edge() -> ClusterEdge:
    return ClusterEdge(
        objects={EXPORTER: deployment(2), "deployment/consumer": deployment(1)}, pods={"1": "old"}
    )


@pytest.fixture
def faults(edge: ClusterEdge) -> Faults:
    return Faults(edge.kubectl(), now=lambda: 1000.0)


def replicas(edge: ClusterEdge, workload: str = EXPORTER) -> int:
    count: int = edge.objects[workload]["spec"]["replicas"]
    return count


def test_gone_means_the_pods_are_gone(edge, faults):
    """Inside the block the workload has 0 replicas and its pods were waited for; after it, its former 2."""
    with faults.gone(EXPORTER, "default"):
        assert replicas(edge) == 0
        assert edge.called("^wait pod/old --for=delete .*--namespace=default")
        assert not edge.called("--replicas=2")
    assert replicas(edge) == 2
    assert edge.calls[-1].startswith("rollout status deployment/exporter")
    assert [(change.at, change.detail["replicas"]) for change in faults.changes] == [(1000.0, 0), (1000.0, 2)]


def test_gone_gives_back_after_an_error(edge, faults):
    """An error inside the block is passed on, and the workload has its replicas back."""
    with pytest.raises(RuntimeError, match="a read failed"), faults.gone(EXPORTER, "default"):
        raise RuntimeError("a read failed")
    assert replicas(edge) == 2


def test_gone_gives_back_when_going_away_fails_half_way(edge, faults):
    """When the pods do not go away in time the block is not entered, and the replicas are given back."""
    edge.broken = "^wait .*--for=delete"
    with pytest.raises(CommandError), faults.gone(EXPORTER, "default"):
        pytest.fail("the block was entered")
    assert replicas(edge) == 2


def test_scaling_what_is_not_there_is_an_error(edge, faults):
    """A workload that does not exist is named, and nothing is to be undone."""
    with pytest.raises(DriveFailed, match="deployment/nothing in default to 3: there is no such workload"):
        faults.scale("deployment/nothing", 3, "default")
    faults.restore_all()
    assert not edge.called("^scale")


def test_restore_all_gives_back_the_first_count(edge, faults):
    """However often a workload was scaled, it gets the count it had before the first time; once."""
    faults.scale(EXPORTER, 5, "default")
    faults.scale(EXPORTER, 1, "default")
    faults.restore_all()
    faults.restore_all()
    assert replicas(edge) == 2
    assert len(edge.called("--replicas=2")) == 1


def test_restore_all_goes_on_after_a_failure(edge, faults):
    """One workload that cannot be restored is named, the others are restored, and it is tried again later."""
    faults.scale("deployment/consumer", 3, "default")
    faults.scale(EXPORTER, 0, "default")
    edge.broken = "^scale deployment/exporter"
    with pytest.raises(DriveFailed, match=r"deployment/exporter in default: [\s\S]*the server is gone"):
        faults.restore_all()
    assert (replicas(edge), replicas(edge, "deployment/consumer")) == (0, 1)
    edge.broken = ""
    faults.restore_all()
    assert replicas(edge) == 2


def test_restore_all_is_done_before_an_interrupt_ends_it(edge, faults):
    """Ctrl-C while the cluster is given back: what is left is given back first, then the run ends."""
    faults.scale("deployment/consumer", 3, "default")
    faults.scale(EXPORTER, 0, "default")
    run, interrupts = edge.run, iter([KeyboardInterrupt()])

    def interrupted(argv, **options):
        if "rollout" in argv and (interrupt := next(interrupts, None)):
            raise interrupt
        return run(argv, **options)

    faults.kubectl = replace(faults.kubectl, run=interrupted)
    with pytest.raises(KeyboardInterrupt):
        faults.restore_all()
    assert (replicas(edge), replicas(edge, "deployment/consumer")) == (2, 1)
    faults.restore_all()
    assert len(edge.called("^scale deployment/consumer")) == 2


def test_restore_all_after_a_teardown(edge, faults):
    """A workload that was uninstalled after it was scaled needs no restoring."""
    faults.scale(EXPORTER, 5, "default")
    del edge.objects[EXPORTER]
    faults.restore_all()
    assert len(edge.called("^scale")) == 1


def test_deleted_pods_are_replaced(edge, faults):
    """The wait for Ready begins when the new pod is listed, and is for that one: never for the old."""
    edge.replacements = [{}, {"1": "old"}, {"2": "redis-0"}]
    faults.delete_pods("app=redis", "default")
    assert edge.called("^delete pod .*--selector=app=redis")
    assert len(edge.called("^wait")) == 1
    assert edge.called("^wait pod/redis-0 --for=condition=Ready")
    assert faults.changes[0].detail == {"pods": ["old"]}


def test_pods_that_are_not_replaced(edge, faults):
    """When no new pod comes in time the error says so; a selector without pods is an error at once."""
    edge.replacements = [{}]
    ticks = count(step=50)
    faults.monotonic = lambda: float(next(ticks))
    with pytest.raises(DriveFailed, match="app=redis in default: 0 of 1 are there after 120 s"):
        faults.delete_pods("app=redis", "default")
    with pytest.raises(DriveFailed, match="there is none"):
        faults.delete_pods("app=redis", "default")


def test_one_pod_is_deleted(edge, faults):
    """Of several pods the first goes, by its name; that it is gone was waited for, and it is told."""
    edge.pods = {"1": "b", "2": "a"}
    assert faults.delete_pod("app=adapter", "default") == "a"
    assert edge.called("^delete pod/a .*--namespace=default")
    assert not edge.called("^delete pod/b")
    edge.pods = {}
    with pytest.raises(DriveFailed, match="delete a pod of app=adapter in default: there is none"):
        faults.delete_pod("app=adapter", "default")


def test_evictions_are_answered_one_by_one(edge, faults):
    """Each pod is asked for right after the one before, and what a budget refuses is told and no error."""
    edge.pods = {"1": "a", "2": "b"}
    edge.refused = "pods/b/eviction"
    answers = faults.evict("app=adapter", "default")
    assert answers["a"] == ""
    assert "disruption budget" in answers["b"]
    assert edge.called("^create --raw /api/v1/namespaces/default/pods/a/eviction")
    assert [change.detail["refused"] == "" for change in faults.changes] == [True, False]


def test_an_eviction_that_fails_otherwise_is_an_error(edge, faults):
    """No answer of the API server is neither an eviction nor a refusal."""
    edge.broken = "eviction"
    with pytest.raises(CommandError, match="the server is gone"):
        faults.evict("app=exporter", "default")


def test_a_restart_is_waited_for(edge, faults):
    """The pods are replaced by the workload's own strategy, and that is over when the call is."""
    faults.restart(EXPORTER, "default")
    assert edge.calls[0].startswith("rollout restart deployment/exporter")
    assert edge.calls[1].startswith("rollout status deployment/exporter")


POD = {
    "metadata": {"name": "web-1"},
    "spec": {"containers": [{"name": "nginx", "image": "n:1"}, {"name": "exporter", "image": "e:1"}]},
}


def test_a_container_runs_another_program_and_then_its_own(edge, faults):
    """Only the named container's image is set, and set back once, at the end of the block."""
    edge.objects["pod/web-1"] = POD
    with faults.replaced_program("web-1", "exporter", "pause:3", "default"):
        assert edge.calls[-1] == "set image pod/web-1 exporter=pause:3 --namespace=default"
    assert edge.calls[-1] == "set image pod/web-1 exporter=e:1 --namespace=default"
    faults.restore_all()
    assert len(edge.called("^set image")) == 2
    assert [change.detail["image"] for change in faults.changes] == ["pause:3", "e:1"]


def test_a_pod_that_is_gone_needs_no_image_back(edge, faults):
    """Scaled down meanwhile: its container has nothing to be given back, and that is no error."""
    edge.objects["pod/web-1"] = POD
    with faults.replaced_program("web-1", "exporter", "pause:3", "default"):
        del edge.objects["pod/web-1"]
    assert len(edge.called("^set image")) == 1


def test_an_image_that_could_not_be_given_back_is_tried_again_at_the_end(edge, faults):
    """The block fails, as the container still runs the other program; restore_all names it or undoes it."""
    edge.objects["pod/web-1"] = POD
    with pytest.raises(CommandError), faults.replaced_program("web-1", "exporter", "pause:3", "default"):
        edge.broken = "^set image"
    with pytest.raises(DriveFailed, match="container exporter of pod web-1 in default"):
        faults.restore_all()
    edge.broken = ""
    faults.restore_all()
    assert edge.calls[-1] == "set image pod/web-1 exporter=e:1 --namespace=default"


def test_no_container_of_that_name(edge, faults):
    """What is not there cannot be replaced, and nothing is to be undone."""
    edge.objects["pod/web-1"] = POD
    for pod, container in (("web-1", "sidecar"), ("web-2", "exporter")):
        with (
            pytest.raises(DriveFailed, match="there is no such container"),
            faults.replaced_program(pod, container, "pause:3", "default"),
        ):
            pytest.fail("the block was entered")
    assert not edge.called("^set image")


def test_a_container_is_stopped_in_its_pod(edge, faults):
    """Its first process is told to end, in the container that was named; nothing is left to restore."""
    faults.stop_container("shop-1", "shop", container="nginx")
    assert edge.calls == ["exec shop-1 --container nginx --namespace=shop -- sh -c kill 1"]
    assert faults.changes[0].verb == "stop"
    faults.restore_all()
    assert len(edge.calls) == 1
