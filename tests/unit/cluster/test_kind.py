from __future__ import annotations

import contextlib
import dataclasses
import json

import pytest
from filelock import FileLock

from fixtures.cluster import kind as kinds
from fixtures.cluster import state as states
from fixtures.cluster.kind import Plan, kind_cluster
from fixtures.cluster.state import MADE, ClusterState, Remembered
from fixtures.machine.errors import KitError
from tests.unit.machine.programs import program

# A kind with a folder for an engine: a file there is a cluster.
KIND = """
echo "$*" >> {0}/calls
case "$1 $2" in
"get clusters") for each in {0}/clusters/*; do [ -e "$each" ] && echo "${{each##*/}}"; done; true;;
"create cluster") : > {0}/clusters/kit
  [ -e {0}/refuse ] && {{ echo "node(s) exited" >&2; exit 1; }}
  for each in "$@"; do case "$each" in --kubeconfig=*) echo '{1}' > "${{each#*=}}";; esac; done; true;;
"delete cluster")
  [ -e {0}/busy ] && {{ /bin/rm {0}/busy; echo "volume: directory not empty" >&2; exit 1; }}
  /bin/rm -f {0}/clusters/kit;;
esac
"""
KUBECONFIG = json.dumps(
    {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "c",
        "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
        "clusters": [{"name": "c", "cluster": {"server": "http://127.0.0.1:1"}}],
        "users": [{"name": "u", "user": {}}],
    }
)


class World:
    """The fake kind, its clusters, and the kit's notes."""

    def __init__(self, folder):
        self.folder = folder
        (folder / "clusters").mkdir()
        self.state = ClusterState(folder / "state", "kit")
        self.plan = Plan(
            name="kit",
            image="node:1",
            config="kind: Cluster\nhostPort: {}\nhostPort: {}\n".format,
            ports=lambda: (8080, 8443),
            kind=program(folder / "bin", "kind", KIND.format(folder, KUBECONFIG)),
            kubectl=program(folder / "bin", "kubectl", f"[ ! -e {folder}/sick ]"),
            env={},
        )
        self.said: list[str] = []

    def run(self, *, keep: bool = False, run: str = ""):
        return kind_cluster(
            self.plan,
            self.state,
            keep=keep,
            kubernetes="1.37.1",
            say=self.said.append,
            timed=lambda _name: contextlib.nullcontext(),
            run=run,
        )

    @property
    def there(self) -> bool:
        return (self.folder / "clusters" / "kit").exists()

    def verbs(self) -> list[str]:
        """What kind was told to do, questions left out."""
        path = self.folder / "calls"
        calls = path.read_text().splitlines() if path.exists() else []
        return [verb for verb in (call.split()[0] for call in calls) if verb != "get"]


@pytest.fixture
def world(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(kinds, "KERNEL_MODULES", tmp_path)
    return World(tmp_path)


def test_a_cluster_is_made_and_deleted(world):
    """In between it is noted as in use; afterwards neither it nor a note is left."""
    with world.run() as made:
        assert world.there
        assert (made.context, made.http_port, made.kubernetes_version) == ("kind-kit", 8080, "v1.37.1")
        assert world.state.read().phase == "in use"
    assert not world.there
    assert world.state.read() is None


def test_a_deletion_that_fails_is_tried_again(world, monkeypatch):
    """An engine that could not remove the cluster at once is asked again, and then nothing is left."""
    monkeypatch.setattr(kinds, "DELETE_AGAIN", 0.0)
    with world.run():
        (world.folder / "busy").touch()
    assert not world.there
    assert world.verbs() == ["create", "delete", "delete"]


def test_another_ones_cluster_is_not_touched(world):
    """A cluster of the name that the kit did not make: an error that offers two ways on, and it stands."""
    (world.folder / "clusters" / "kit").touch()
    with pytest.raises(KitError, match="did not make") as caught, world.run():
        pass
    assert world.there
    assert "--cluster-name" in caught.value.remedy
    assert "--kubecontext kind-kit" in caught.value.remedy
    assert world.verbs() == []


def test_a_killed_runs_cluster_is_replaced(world):
    """One that the kit was making, or using, when it was killed is deleted, said, and made anew."""
    for phase in ("creating", "in use"):
        (world.folder / "clusters" / "kit").touch()
        world.state.write(Remembered(phase, world.plan.made_from, 80, 443))
        with world.run(keep=True):
            pass
        assert world.verbs()[-2:] == ["delete", "create"]
        assert "replacing cluster kit" in " ".join(world.said)


def test_a_kept_cluster_is_used_again(world):
    """Kept, healthy and made from the same plan: it is taken with its ports, and nothing is made."""
    with world.run(keep=True):
        pass
    assert world.there
    with world.run(keep=True) as again:
        assert again.http_port == 8080
    assert world.verbs() == ["create"]


def test_a_kept_cluster_that_is_sick_is_replaced(world):
    """Its nodes are not ready: it is made anew."""
    with world.run(keep=True):
        pass
    (world.folder / "sick").touch()
    with pytest.raises(KitError), world.run(keep=True):
        pass
    assert world.verbs() == ["create", "delete", "create", "delete"]


def test_a_failed_creation_leaves_nothing(world):
    """What kind half made is deleted, the note too, and the error has a remedy."""
    (world.folder / "refuse").touch()
    with pytest.raises(KitError, match="could not make the cluster") as caught, world.run():
        pass
    assert "preflight" in caught.value.remedy
    assert not world.there
    assert world.state.read() is None


def test_a_failing_run_deletes_its_cluster(world):
    """Whatever ends the run, an interrupt too, the cluster goes."""

    def interrupted() -> None:
        with world.run():
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert not world.there


def test_ports_do_not_make_another_plan(world):
    """A kept cluster's ports may differ from those that are free now; anything else is another cluster."""

    def plan(config: str, image: str = "node:1") -> str:
        return dataclasses.replace(world.plan, config=lambda *_: config, image=image).made_from

    assert plan("a: 1\nhostPort: 80\n") == plan("a: 1\nhostPort: 8080\n")
    assert len({plan("a: 1\n"), plan("a: 2\n"), plan("a: 1\n", "node:2")}) == 3


def test_sessions_of_one_run_share_a_cluster(world):
    """The first makes it, the second finds it, and neither deletes it: the run holds the name."""
    with world.state.held():
        with world.run(run="r") as one, world.run(run="r") as two:
            assert (one.http_port, two.http_port) == (8080, 8080)
            assert world.state.done(MADE, "r")
            assert not one.alone
            assert not two.alone
        assert world.there
    assert world.verbs() == ["create"]
    with world.run() as alone:
        assert alone.alone
    assert world.verbs() == ["create", "delete", "create", "delete"]  # it was nobody's to be used again


def test_a_session_does_not_replace_its_neighbours_cluster(world):
    """One that asks for another cluster than the first made is told the way on, and the cluster stands."""
    with world.run(run="r"):
        world.plan = dataclasses.replace(world.plan, config=lambda *_: "kind: Other\n")
        with pytest.raises(KitError, match="made otherwise") as caught, world.run(run="r"):
            pass
    assert "--lanes 1" in caught.value.remedy
    assert world.there


def test_ports_are_chosen_while_nobody_else_makes_a_cluster(world):
    """Two runs that begin at once would choose the same ones, and the second could not be made."""
    world.state.folder.mkdir()
    other = FileLock(world.state.folder / "making.lock", thread_local=False)
    other.acquire()

    class Said(list):
        def append(self, line):
            super().append(line)
            if "waiting" in line:  # the other one is made, and has the usual ports
                other.release()

    world.said = Said()
    usual, free = (8080, 8443), (18080, 18443)
    world.plan = dataclasses.replace(world.plan, ports=lambda: usual if other.is_locked else free)
    with world.run() as made:
        assert (made.http_port, made.https_port) == free
    assert "hostPort: 18080" in (world.state.folder / "kit.kind.yaml").read_text()
    assert world.said == ["another run is making a cluster: waiting for it", *world.said[1:]]


def test_a_cluster_that_is_made_for_ever_is_told(world, monkeypatch):
    """With the file that is held, and how to see by whom."""
    monkeypatch.setattr(states, "LONGEST_MAKING", 0.1)
    world.state.folder.mkdir()
    making = pytest.raises(KitError, match="making a cluster")
    with FileLock(world.state.folder / "making.lock"), making as caught, world.run():
        pass
    assert caught.value.where.endswith("making.lock")
    assert world.verbs() == []
