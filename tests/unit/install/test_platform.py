"""What a cluster lacks of the platform is installed; what it has of its own is left alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fixtures.install.chart_sources import resolve_charts
from fixtures.install.helm import Helm
from fixtures.install.kubectl import Kubectl
from fixtures.install.platform import Platform
from fixtures.install.stacks import load_stack


@pytest.fixture
def platform(helm: Helm, kubectl: Kubectl, tmp_path: Path) -> Platform:
    """The default stack's platform on the cluster in memory."""
    stack = load_stack()
    sources = resolve_charts(stack, "bundled", images_built=True)
    return Platform(helm, kubectl, stack, sources, {}, images_built=True, workdir=tmp_path)


def test_bare_cluster_gets_both(platform: Platform, tools: Any) -> None:
    """An ingress controller and a StorageClass are installed where there are none, and removed again."""
    assert [piece.name for piece in platform.install()] == ["storage", "ingress"]
    assert len(tools.releases) == 2

    assert platform.remove() == []
    assert tools.releases == {}


def test_own_of_the_cluster_stays(platform: Platform, tools: Any) -> None:
    """A cluster with an IngressClass nginx and a default StorageClass of its own gets neither."""
    tools.names["ingressclass"] = {"nginx"}
    annotations = {"storageclass.kubernetes.io/is-default-class": "true"}
    tools.objects["storageclass"] = {"items": [{"metadata": {"name": "fast", "annotations": annotations}}]}

    assert platform.install() == []
    assert platform.remove() == []
    assert tools.releases == {}
