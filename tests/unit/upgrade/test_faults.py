"""Upgrades with a fault, as data: each can be made, and names behaviours that there are."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from fixtures.install.solutions import Solution
from fixtures.install.stacks import load_stack
from reports.catalogue import collect
from tests.upgrade_faults.faults import ROOT, Fault, load

FAULTS = load()
CRD = """apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: prometheusrules.monitoring.coreos.com
spec:
  versions:
    - name: v1
      schema:
        openAPIV3Schema:
          properties:
            spec:
              properties:
                groups:
                  items:
                    properties:
                      rules: {type: array, items: {properties: {record: {}, expr: {}}}}
"""


@pytest.fixture
def crds(tmp_path):
    folder = tmp_path / "all-crds"
    folder.mkdir()
    (folder / "rules.yaml").write_text(CRD)
    (folder / "other.yaml").write_text("metadata:\n  name: other\n")
    return folder


@pytest.mark.parametrize("fault", [pytest.param(each, id=each.name) for each in FAULTS])
def test_it_can_be_made(fault: Fault, tmp_path: Path, crds: Path) -> None:
    """Its stacks are read, its patch still fits the reference, and something changes."""
    options = fault.options(tmp_path / fault.name, lambda: crds)
    asked = dict(zip(options[::2], options[1::2], strict=True))
    old, new = load_stack(asked["--from"]), load_stack(asked["--to"])
    assert old.kubernetes == new.kubernetes
    solutions = {key: Path(asked[key]) for key in ("--solution", "--to-solution") if key in asked}
    assert all(Solution.load(path).values for path in solutions.values())
    assert old.path != new.path or solutions
    assert fault.why
    assert fault.step in ("01", "02", "03", "04")


def test_behaviours_are_those_of_an_upgrade():
    """A name that is none would be an error on the cluster, half an hour later."""
    known = {each.id for each in collect(tests=ROOT / "conformance" / "upgrade")}
    assert known.issuperset(one for fault in FAULTS for one in (*fault.fails, *fault.passes))
    assert len(FAULTS) >= 12


def test_field_is_gone_from_the_copy_alone(tmp_path, crds):
    """The CRD of the module is as it was; other CRDs are copied as they are."""
    (fault,) = (each for each in FAULTS if each.crd)
    fault.options(tmp_path / "made", lambda: crds)
    made = yaml.safe_load((tmp_path / "made" / "crds" / "rules.yaml").read_text())
    groups = made["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]["properties"]
    assert groups["groups"]["items"]["properties"]["rules"]["items"]["properties"] == {"expr": {}}
    assert (tmp_path / "made" / "crds" / "other.yaml").read_text() == "metadata:\n  name: other\n"
    assert "record" in (crds / "rules.yaml").read_text()
