from __future__ import annotations

from pathlib import Path

import pytest

from fixtures.install.helm import ChartAddress, Helm, HelmError
from fixtures.machine.errors import KitError

CLUSTER = ["--kubeconfig", "kube.config", "--kube-context", "kind-x"]


@pytest.mark.parametrize(
    ("version", "more"),
    [("v3.15.2", []), ("v4.3.1", ["--server-side=false"]), ("v4.3", ["--server-side=false"])],
)
def test_upgrade_install(tools, helm, version, more):
    """Both majors get the same command; Helm 4 is told not to fight the HPA over the replica count."""
    tools.helm_version = version
    helm.upgrade_install(
        "redis", Path("charts/redis"), "default", values=[Path("v.yaml")], sets={"version": "1.10"},
        labels={"a/b": "true"}, timeout=90, create_namespace=True,
    )  # fmt: skip
    assert tools.calls[-1] == [
        "helm", "upgrade", "--install", "redis", "charts/redis", "--namespace", "default",
        "--values", "v.yaml", "--set-string", "version=1.10", "--timeout", "90s", "--wait",
        "--create-namespace", "--labels", "a/b=true", *more, *CLUSTER,
    ]  # fmt: skip


@pytest.mark.parametrize(("version", "all_flag"), [("v3.18.0", True), ("v4.0.0", False)])
def test_list_shows_every_state(tools, helm, version, all_flag):
    """Releases in any state are listed: Helm 3 needs --all for it, Helm 4 has no such flag."""
    tools.helm_version = version
    tools.add_release("redis", "default", own=True, status="pending-install")
    assert [(r.name, r.status) for r in helm.list_releases(selector="k=v")] == [("redis", "pending-install")]
    assert ("--all" in tools.calls[-1]) is all_flag


@pytest.mark.parametrize("version", ["v3.14.4", "v2.17.0", "v5.0.0", "nonsense"])
def test_unknown_version(tools, helm, version):
    """A helm the kit does not know is refused with the versions it does know."""
    tools.helm_version = version
    with pytest.raises(KitError, match=r"helm 3\.15 or later, or 4"):
        _ = helm.version


@pytest.mark.parametrize(
    ("address", "arguments"),
    [
        (ChartAddress("redis", "http://127.0.0.1:8080", "1.2.3"),
         ["redis", "--repo", "http://127.0.0.1:8080", "--version", "1.2.3"]),
        (ChartAddress("oci://127.0.0.1:5000/c/redis", "", "1.2.3"),
         ["oci://127.0.0.1:5000/c/redis", "--version", "1.2.3", "--plain-http"]),
        (ChartAddress("oci://localhost:5000/redis"), ["oci://localhost:5000/redis", "--plain-http"]),
        (ChartAddress("oci://r.example.org/redis"), ["oci://r.example.org/redis"]),
    ],
)  # fmt: skip
def test_chart_address(address, arguments):
    """A repository and a registry are named as helm takes them; only a local registry goes without TLS."""
    assert address.arguments() == arguments


def test_error_names_chart_and_release(tools, helm):
    """A failure says which release of which chart, and the last line helm printed."""
    tools.fail["upgrade redis"] = "Error: context deadline exceeded"
    with pytest.raises(HelmError) as raised:
        helm.upgrade_install("redis", "charts/redis", "default")
    for part in ("release redis in namespace default", "chart charts/redis", "context deadline exceeded"):
        assert part in str(raised.value)


def test_no_cluster(tools):
    """With no kubeconfig helm renders, and refuses what would fall on the user's current context."""
    helm = Helm(Path("helm"), run=tools)
    assert helm.show_chart("charts/x")["image"]
    with pytest.raises(KitError, match="no cluster"):
        helm.list_releases()


def test_uninstall_waits_until_gone(tools, helm):
    """An uninstall waits for the objects' end and takes a release that is not there for done."""
    helm.uninstall("redis", "default", timeout=30)
    assert tools.calls[-1] == [
        "helm", "uninstall", "redis", "--namespace", "default", "--ignore-not-found", "--timeout", "30s",
        "--wait=legacy", "--cascade", "foreground", *CLUSTER,
    ]  # fmt: skip


def test_a_path_with_a_comma_is_one_path(tools, helm):
    """helm takes a list of paths: the second half of a folder's name must not become a file of its own."""
    helm.template("a", "c", values=[Path("ada,/etc/passwd")])
    assert tools.calls[-1][5:] == ["default", "--values", '"ada,/etc/passwd"']
