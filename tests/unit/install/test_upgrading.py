from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from fixtures.install.inventory import differences, take, text_diff
from fixtures.install.manifests import Manifest
from fixtures.install.pieces import InstallFailed
from fixtures.install.releases import Wanted
from fixtures.install.upgrading import Upgrading


def deployment(image: str, name: str = "web") -> Manifest:
    containers = [{"name": "web", "image": image}]
    spec = {"template": {"spec": {"containers": containers}}}
    return Manifest({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": spec})


CRD = """
kind: CustomResourceDefinition
metadata: {name: rules}
spec:
  versions:
    - name: v1
      schema:
        openAPIV3Schema:
          properties:
            spec: {type: array, items: {properties: {VERSION: {type: string}}}}
"""


class Side:
    """One side of an upgrade: what each piece would be installed as."""

    def __init__(self, crds: Path | None = None, **pieces: tuple[Manifest, ...]) -> None:
        self.pieces, self.folder = pieces, crds
        charts = {piece: SimpleNamespace(chart="" if piece == "app" else piece) for piece in pieces}
        self.scenario = SimpleNamespace(wanted=lambda piece, _stack: Wanted(piece, "n"), pieces=charts)
        self.stack = None
        self.values: tuple[dict, list] = ({}, [])

    def has(self, piece):
        return piece in self.pieces

    def last_pieces(self):
        return tuple(self.pieces)

    def rendered(self, piece):
        return self.pieces[piece]

    def crds_of(self, _piece):
        return self.folder

    def values_of(self, _piece):
        return self.values


def upgrading(old: Side, new: Side, helm, kubectl, images=({}, {})) -> Upgrading:
    return Upgrading(old, new, helm, kubectl, images)  # type: ignore[arg-type]


def test_what_renders_alike_is_no_change(helm, kubectl):
    """An upgrade that changes nothing has no changes: it would prove nothing."""
    same = Side(web=(deployment("a:1"),))
    found = upgrading(same, Side(web=(deployment("a:1"),)), helm, kubectl, ({"a": "x"}, {"a": "x"}))
    assert found.changes() == []
    assert found.new_images() == {}


def test_objects_that_come_go_or_differ_are_told(helm, kubectl):
    """Each with its difference, and rights that grow among them."""
    role = Manifest({"kind": "ClusterRole", "metadata": {"name": "all"}, "rules": []})
    old = Side(web=(deployment("a:1"), deployment("b:1", "gone")))
    (change,) = upgrading(old, Side(web=(deployment("a:2"), role)), helm, kubectl).changes()
    assert change.objects["ClusterRole all"] == "new"
    assert change.objects["Deployment gone"] == "gone"
    assert "-      - image: a:1\n+      - image: a:2" in change.objects["Deployment web"]
    assert change.grown_rights() == ["ClusterRole all"]


def test_a_label_with_the_charts_version_is_no_change(helm, kubectl):
    """Every object of a chart has one: what else differs would be lost among them."""

    def service(version: str) -> Manifest:
        labels = {"helm.sh/chart": f"web-{version}", "app": "web"}
        return Manifest({"kind": "Service", "metadata": {"name": "web", "labels": labels}})

    found = upgrading(Side(web=(service("1.0.0"),)), Side(web=(service("2.0.0"),)), helm, kubectl)
    assert found.changes() == []


def test_crds_that_differ_are_a_change_of_their_own(tmp_path, helm, kubectl):
    """Helm never upgrades them: a maintainer has to know."""
    folders = []
    for version in ("v1", "v2"):
        folders.append(tmp_path / version)
        folders[-1].mkdir()
        (folders[-1] / "crd.yaml").write_text(CRD.replace("VERSION", version))
    old, new = (Side(folder, web=(deployment("a:1"),)) for folder in folders)
    (change,) = upgrading(old, new, helm, kubectl).changes()
    assert not change.objects
    assert change.crds["CRD rules"] == "changed\ngone: v1.spec[].v1\nnew: v1.spec[].v2"


def test_values_that_the_new_chart_does_not_know_are_told(helm, kubectl):
    """They are given, and do nothing from now on; below an empty mapping anything may stand."""
    old, new = Side(web=(deployment("a:1"),)), Side(web=(deployment("a:2"),))
    given = {"image": {"tag": "x"}, "labels": {"any": "thing"}, "nobodys": 1, "replicas": 2}
    old.values = ({"image": {"tag": ""}, "labels": {}, "replicas": 1}, [given])
    new.values = ({"image": {"digest": ""}, "labels": {}, "replicas": 1}, [given])
    (change,) = upgrading(old, new, helm, kubectl).changes()
    assert change.unknown == ("image.tag",)


def test_an_image_of_another_digest_is_new(helm, kubectl):
    """The same name may be another image."""
    images = (
        {"a": "sha256:1", "b": "sha256:1", "c": ""},
        {"a": "sha256:2", "b": "sha256:1", "c": "sha256:3"},
    )
    assert upgrading(Side(), Side(), helm, kubectl, images).new_images() == {"a": "sha256:2"}


def test_what_the_new_side_runs_and_what_goes(helm, kubectl):
    """An operator's Prometheus names its image itself."""
    prometheus = Manifest({"kind": "Prometheus", "metadata": {"name": "p"}, "spec": {"image": "p:3"}})
    found = upgrading(
        Side(web=(deployment("a:1"),)), Side(web=(deployment("a:1"), prometheus)), helm, kubectl
    )
    assert found.images_that_change() == ({"p:3"}, set())


def test_releases_go_back_in_the_other_order(tools, helm, kubectl):
    """Each to the revision that it had; one that was not upgraded is left alone."""
    for name in ("first", "app"):
        tools.add_release(name, "n", own=True)
    old = Side(first=(), app=(), third=())
    new = Side(first=(), app=(), third=())
    new.put = lambda piece, **_: SimpleNamespace(seconds=1.0)  # type: ignore[attr-defined]
    found = upgrading(old, new, helm, kubectl)
    for name in ("first", "app"):
        found.upgrade(name)
    tools.calls.clear()
    found.roll_back()
    assert rolled_back(tools) == [["app", "1"], ["first", "1"]]
    waits = [next(word for word in call if word.startswith("--wait")) for call in tools.calls]
    assert waits == ["--wait=legacy", "--wait"], "each as it was installed"


def rolled_back(tools) -> list[list[str]]:
    return [call[2:4] for call in tools.calls if call[1] == "rollback"]


def test_a_release_that_does_not_go_back_keeps_no_other_from_it(tools, helm, kubectl):
    """It is told with what helm said, when all others were tried."""
    for name in ("first", "second"):
        tools.add_release(name, "n", own=True)
    side = Side(first=(), second=())
    side.put = lambda piece, **_: SimpleNamespace(seconds=1.0)  # type: ignore[attr-defined]
    found = upgrading(side, side, helm, kubectl)
    for name in ("first", "second"):
        found.upgrade(name)
    tools.fail["rollback second"] = "field is immutable"
    with pytest.raises(InstallFailed, match=r"^second: .*field is immutable"):
        found.roll_back()
    assert rolled_back(tools) == [["second", "1"], ["first", "1"]]


def item(kind: str, name: str, **spec) -> dict:
    metadata = {
        "name": name,
        "resourceVersion": "7",
        "annotations": {"deployment.kubernetes.io/revision": "2"},
    }
    return {"kind": kind, "metadata": metadata, "spec": spec, "status": {"ready": 1}}


def test_an_inventory_leaves_out_what_changes_by_itself(tools, kubectl):
    """Status, versions, and a replica count that an HPA sets."""
    scale = {"scaleTargetRef": {"kind": "Deployment", "name": "web"}}
    tools.objects["deployments --namespace=n"] = {
        "items": [
            item("Deployment", "web", replicas=4, paused=False),
            item("Deployment", "other", replicas=2),
        ]
    }
    hpa = item("HorizontalPodAutoscaler", "web", **scale)
    tools.objects["horizontalpodautoscalers --namespace=n"] = {"items": [hpa]}
    found = take(kubectl, ["n"])
    assert found["Deployment n/web"]["spec"] == {"paused": False}
    assert found["Deployment n/other"]["spec"] == {"replicas": 2}
    assert found["Deployment n/web"]["metadata"] == {"name": "web", "annotations": {}}
    assert "status" not in found["Deployment n/web"]


def test_inventories_differ_by_what_was_added_is_gone_or_changed():
    """A text each, with the lines that differ."""
    told = differences({"A x": {"n": 1}, "B y": {}}, {"A x": {"n": 2}, "C z": {}})
    assert told == ["A x: changed\n@@ -1 +1 @@\n-n: 1\n+n: 2", "B y: gone", "C z: added"]
    assert differences({"A x": {}}, {"A x": {}}) == []


def test_a_long_difference_is_cut():
    """A CRD has thousands of lines."""
    assert text_diff({str(n): 1 for n in range(99)}, {}, shown=2).endswith("more lines")


def test_helm_tells_the_values_of_a_release(helm, tools):
    """They are read from the cluster, which is named."""
    helm.values("web", "n")
    assert tools.calls[-1][1:4] == ["get", "values", "web"]
    assert "--kube-context" in tools.calls[-1]


def test_rights_that_were_taken_away_have_not_grown(helm, kubectl):
    """A role that allows less than before is a change, and nothing to be afraid of."""

    def role(*verbs: str) -> Manifest:
        rules = [{"apiGroups": [""], "resources": ["pods"], "verbs": list(verbs)}]
        return Manifest({"kind": "Role", "metadata": {"name": "reads"}, "rules": rules})

    def change(old: Manifest, new: Manifest) -> list[str]:
        (found,) = upgrading(Side(web=(old,)), Side(web=(new,)), helm, kubectl).changes()
        return found.grown_rights()

    assert change(role("get", "list"), role("get")) == []
    assert change(role("get"), role("get", "list")) == ["Role reads"]
