from __future__ import annotations

import os

import pytest

from fixtures.cluster.existing import existing_cluster
from fixtures.cluster.state import ClusterState, Remembered
from fixtures.machine.errors import KitError
from tests.unit.machine.programs import program

NOTE = Remembered("kept", "abc", 80, 443)
KUBECTL = """case "$*" in
*"--context here version"*) echo '{"serverVersion": {"gitVersion": "v1.36.2"}}';;
*version*) echo "Unable to connect to the server: dial tcp: connection refused" >&2; exit 1;;
*view*) echo "current-context: here";;
esac"""


def test_notes_are_kept_and_forgotten(tmp_path):
    """What was written is read by the next run; what was forgotten, with its kubeconfig, is not."""
    state = ClusterState(tmp_path / "state", "kit")
    assert state.read() is None
    state.write(NOTE)
    state.kubeconfig.touch()
    assert ClusterState(tmp_path / "state", "kit").read() == NOTE
    state.forget()
    assert state.read() is None
    assert not state.kubeconfig.exists()


def test_a_note_is_replaced_in_one_step(tmp_path, monkeypatch):
    """Stopped before the last step, the note is the old one, whole."""
    state = ClusterState(tmp_path, "kit")
    state.write(NOTE)

    def stop(*_args):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", stop)
    with pytest.raises(KeyboardInterrupt):
        state.write(Remembered("in use", "abc", 80, 443))
    assert state.read() == NOTE


@pytest.mark.parametrize("text", ["", "{", "[]", '{"phase": "kept"}'])
def test_a_broken_note_is_none(tmp_path, text):
    """What is no note of ours does not claim a cluster for the kit."""
    (tmp_path / "kit.json").write_text(text)
    assert ClusterState(tmp_path, "kit").read() is None


def test_a_name_is_held_by_one_run(tmp_path):
    """A second run on the name is refused with a way on; when the first has ended it may."""
    with ClusterState(tmp_path, "kit").held():
        with pytest.raises(KitError, match="another run") as caught, ClusterState(tmp_path, "kit").held():
            pass
        with ClusterState(tmp_path, "other").held():
            pass
    assert "--cluster-name" in caught.value.remedy
    with ClusterState(tmp_path, "kit").held():
        pass


@pytest.fixture
def kubectl(tmp_path):
    return program(tmp_path / "bin", "kubectl", KUBECTL)


def test_an_existing_cluster_is_described(kubectl):
    """Its version and context come from it; its kubeconfig is a copy that others may not enter."""
    found = existing_cluster("here", kubectl, None, lambda: None)
    assert (found.kubernetes_version, found.owned, found.provider) == ("v1.36.2", False, "existing")
    assert found.kubeconfig.read_text() == "current-context: here\n"
    assert found.kubeconfig.parent.stat().st_mode & 0o077 == 0


def test_a_cluster_that_does_not_answer_is_said(kubectl):
    """The error has kubectl's own reason, and the command to check it with."""
    with pytest.raises(KitError, match="connection refused") as caught:
        existing_cluster("there", kubectl, None, lambda: None)
    assert "kubectl --context there version" in caught.value.remedy


def test_what_is_to_be_done_once_is_done_by_the_first_session_of_a_run(tmp_path):
    """The second one finds it done; one that failed leaves it to the next; another run does it again."""
    state = ClusterState(tmp_path / "state", "kit")

    def fails():
        with state.first("platform", "run-1") as first:
            assert first
            raise KitError("no")

    with pytest.raises(KitError):
        fails()
    seen = []
    for run in ("run-1", "run-1", "run-2"):
        with state.first("platform", run) as first:
            seen.append(first)
    assert seen == [True, False, True]


def test_what_is_undone_is_to_be_done_again(tmp_path):
    """What one scenario put there is gone, for whoever asks."""
    state = ClusterState(tmp_path, "kit")
    state.do("dojo.there", "run-1")
    assert state.done("dojo.there", "run-1")
    state.undo("dojo.there")
    state.undo("dojo.there")
    assert not state.done("dojo.there", "run-1")
    state.do("made", "run-1")
    state.forget()
    assert not list(tmp_path.iterdir())  # with the cluster goes what was noted of it


def test_a_cluster_that_stays_is_noted_as_kept(tmp_path):
    """The sessions that shared it are gone: a later run may use it as it is. Without one nothing is noted."""
    state = ClusterState(tmp_path, "kit")
    state.keep()
    assert state.read() is None
    state.write(Remembered("in use", "abc", 80, 443))
    state.keep()
    assert state.read() == NOTE
