"""What runs says its own version, and that is held against its image's."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from conformance.upgrade.test_step_03_after import _said, _tagged


def sample(name: str, version: str):
    return SimpleNamespace(labels={"__name__": name, "version": version})


def test_what_has_a_version_says_it():
    """By the name of its image; what was built with none has nothing to say."""
    samples = [sample("redis_exporter_build_info", "v1.86.0"), sample("etcd_build_info", "(devel)")]
    samples.append(SimpleNamespace(labels={"__name__": "kubernetes_build_info", "git_version": "v1.37.1"}))
    assert _said(samples) == {("redis-exporter", "v1.86.0")}


@pytest.mark.parametrize(
    ("version", "fits"),
    [("v1.86.0", True), ("1.86.0", True), ("v1.74.0", False)],
)
def test_old_process_behind_a_new_name(version, fits):
    """An image with a new tag in which the old program is."""
    assert _tagged("redis-exporter", version, {"redis_exporter:v1.86.0", "redis:7.0"}) == fits


def test_tag_that_says_more():
    """Upstream's tags go on behind the version."""
    assert _tagged("prometheus", "3.15.0", {"prometheus:v3.15.0-distroless"})


def test_part_of_another_image():
    """A library's version is not that of an image."""
    assert _tagged("skipper", "1.0.0", {"prometheus:v3.15.0"})
