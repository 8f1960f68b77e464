"""What a cluster is brought of the images that were built here."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from fixtures.machine.bundle.bundle import Bundle
from fixtures.observe.errors import ReadFailed
from fixtures.session import ground
from fixtures.session.ground import _lacking

BUNDLE = Bundle("built", "", "1.37.1", "", {}, None, {}, {}, frozenset({"kit.local/a:1", "kit.local/b:1"}))


def cluster(*nodes):
    """Nodes that have these images, each under a name and a digest."""
    items = [
        {"status": {"images": [{"names": [f"{name}@sha256:0", name]} for name in node]}} for node in nodes
    ]
    return SimpleNamespace(items=lambda version, kind: items)


def test_a_kept_cluster_gets_what_it_lacks():
    """What came with the node, or an earlier scenario brought, is not loaded once more."""
    assert _lacking(cluster(["kit.local/a:1"]), BUNDLE) == {"kit.local/b:1"}
    assert _lacking(cluster(["kit.local/a:1", "kit.local/b:1", "c"]), BUNDLE) == set()


def test_every_node_has_to_have_it():
    """A pod may be put on any of them; a node that has said nothing yet has none."""
    assert _lacking(cluster(["kit.local/a:1", "kit.local/b:1"], ["kit.local/b:1"]), BUNDLE) == {
        "kit.local/a:1"
    }
    assert _lacking(cluster([]), BUNDLE) == BUNDLE.archived
    assert _lacking(cluster(), BUNDLE) == BUNDLE.archived


def test_one_read_that_is_late_does_not_end_a_run(monkeypatch):
    """Beside other scenarios an API server may be slow once; one that stays away is told."""
    monkeypatch.setattr(ground, "READ_AGAIN", 0.0)
    answers = [ReadFailed("GET nodes", "timed out"), *cluster(["kit.local/a:1"]).items("v1", "nodes")]

    def items(*_):
        if isinstance(answers[0], ReadFailed):
            raise answers.pop(0)
        return answers

    assert _lacking(SimpleNamespace(items=items), BUNDLE) == {"kit.local/b:1"}

    def never(*_):
        raise ReadFailed("GET nodes", "timed out")

    with pytest.raises(ReadFailed):
        _lacking(SimpleNamespace(items=never), BUNDLE)
