"""What a cluster is brought of the images that were built here."""

from __future__ import annotations

from types import SimpleNamespace

from fixtures.machine.bundle.bundle import Bundle
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
