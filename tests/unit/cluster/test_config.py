from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from fixtures.cluster.config import EXERCISE_FLAGS, ClusterSettings, kind_config, settings_of
from fixtures.machine.errors import KitError

REFERENCE = Path(__file__).parents[3] / "solutions" / "dojo" / "reference" / "kind-cluster.yaml"
AS_MAP = """
kind: Cluster
apiVersion: kind.x-k8s.io/v1alpha4
featureGates: {HPAScaleToZero: true}
kubeadmConfigPatches:
  - |
    kind: ClusterConfiguration
    controllerManager:
      extraArgs:
        horizontal-pod-autoscaler-sync-period: 7s
        kubeconfig: /etc/evil
nodes: [{role: control-plane}]
"""


def made(version: str, settings: ClusterSettings | None = None, **changes: bool) -> dict:
    machine = {"cgroup_v1": False, "may_lower_oom_score": True, **changes}
    text = kind_config(
        settings or ClusterSettings(), kubernetes=version, http_port=8080, https_port=8443, **machine
    )
    return yaml.safe_load(text)


@pytest.mark.parametrize("version", ["1.36.0", "1.37.1", "v1.37.1"])
def test_from_1_36_on_flags_are_added_to_the_list(version):
    """kubeadm v1beta4 takes extraArgs as a list: each flag is one addition to it."""
    config = made(version)
    (patch,) = config["kubeadmConfigPatchesJSON6902"]
    adds = yaml.safe_load(patch["patch"])
    assert {add["value"]["name"]: add["value"]["value"] for add in adds} == EXERCISE_FLAGS
    assert {add["path"] for add in adds} == {"/controllerManager/extraArgs/-"}
    assert len(config["kubeadmConfigPatches"]) == 1


def test_before_1_36_flags_are_a_map():
    """Older kubeadm takes extraArgs as a map, merged into its configuration."""
    config = made("1.35.2")
    assert not config["kubeadmConfigPatchesJSON6902"]
    manager = yaml.safe_load(config["kubeadmConfigPatches"][1])["controllerManager"]
    assert manager["extraArgs"] == EXERCISE_FLAGS


def test_a_solution_that_sets_no_flag_gets_none():
    """A cluster with the defaults is what such a solution asks for."""
    for version in ("1.35.2", "1.37.1"):
        config = made(version, ClusterSettings({}, {}))
        assert not config["kubeadmConfigPatchesJSON6902"]
        assert len(config["kubeadmConfigPatches"]) == 1
        assert config["featureGates"] == {}


def test_ports_are_opened_on_the_loopback_interface_alone():
    """The ingress is reached at the chosen ports of 127.0.0.1, and from nowhere else."""
    (node,) = made("1.37.1")["nodes"]
    assert [
        (each["containerPort"], each["hostPort"], each["listenAddress"]) for each in node["extraPortMappings"]
    ] == [
        (80, 8080, "127.0.0.1"),
        (443, 8443, "127.0.0.1"),
    ]


@pytest.mark.parametrize(
    ("version", "cgroup_v1", "told"),
    [("1.37.1", True, True), ("1.37.1", False, False), ("1.34.0", True, False)],
)
def test_the_kubelet_is_told_of_cgroup_v1_where_it_would_refuse(version, cgroup_v1, told):
    """failCgroupV1 is a setting from 1.35 on, and of use on such a machine only."""
    kubelet = yaml.safe_load(made(version, cgroup_v1=cgroup_v1)["kubeadmConfigPatches"][0])
    assert (kubelet.get("failCgroupV1") is False) is told


def test_oom_scores_are_left_alone_where_they_cannot_be_lowered():
    """Without the capability containerd must not ask for it; with it nothing is changed."""
    assert "containerdConfigPatches" not in made("1.37.1")
    assert "restrict_oom_score_adj" in made("1.37.1", may_lower_oom_score=False)["containerdConfigPatches"][0]


def test_a_version_that_is_none_is_refused():
    """The error shows how one is written."""
    with pytest.raises(KitError, match="latest"):
        made("latest")


def test_the_references_file_is_the_exercises():
    """The reference's own file, in the list form, says what the kit takes when there is none."""
    assert settings_of(REFERENCE) == settings_of(None) == ClusterSettings()


def test_the_map_form_is_read_and_only_the_autoscalers_flags_are_taken(tmp_path):
    """A solution is foreign input: of the controller manager's flags it may set those of the HPA."""
    (tmp_path / "kind.yaml").write_text(AS_MAP)
    found = settings_of(tmp_path / "kind.yaml")
    assert found.flags == {"horizontal-pod-autoscaler-sync-period": "7s"}
    assert found.gates == {"HPAScaleToZero": True}


@pytest.mark.parametrize("text", ["nodes: [", "- a\n- b\n", "nodes: [1]", "kubeadmConfigPatches: ['a: [']"])
def test_a_file_that_is_no_cluster_is_refused_with_its_name(tmp_path, text):
    """Malformed YAML, or YAML of another shape, names the file."""
    path = tmp_path / "kind.yaml"
    path.write_text(text)
    with pytest.raises(KitError) as caught:
        settings_of(path)
    assert caught.value.where == str(path)
