from __future__ import annotations

import copy
import json

import pytest

from reports.__main__ import main
from reports.errors import ReportError
from reports.model import BehaviourResult, Environment, Phase, Profile, Report, Run, _camel
from reports.validate import problems, schema, validate
from reports.write import read
from tests.unit.reports import sample


def test_the_schema_is_a_schema():
    """The published file is a valid JSON Schema of the 2020-12 draft."""
    from jsonschema import Draft202012Validator

    Draft202012Validator.check_schema(schema())


def test_a_rich_report_is_valid():
    """A report with every outcome, records and hostile texts follows the schema."""
    validate(sample.report().to_dict())


def test_every_key_that_is_written_is_in_the_schema():
    """What the kit writes is published: no key of the model is missing in the schema."""
    parts = {"run": Run, "environment": Environment, "behaviour": BehaviourResult, "profile": Profile}
    for name, part in {**parts, "phase": Phase}.items():
        known = set(schema()["$defs"][name]["properties"])
        assert set(map(_camel, part.__dataclass_fields__)) <= known, name
    assert set(sample.report().to_dict()) <= set(schema()["properties"])


@pytest.mark.parametrize(
    "version", [None, "", "v2", "autoscaling-conformance/v2", "autoscaling-conformance/v1.1", 1]
)
def test_any_other_version_is_refused_before_anything_else_is_read(version, tmp_path):
    """Also where nothing else fits: the message names both versions, and the kit that wrote it."""
    data = {"apiVersion": version, "kind": "ConformanceReport", "run": {"kitVersion": "9.9.9"}}
    file = tmp_path / "report.json"
    file.write_text(json.dumps(data))
    with pytest.raises(ReportError, match=r"reads 'autoscaling-conformance/v1'.*version 9\.9\.9"):
        read(file)


def test_a_report_of_an_older_v1_is_read():
    """Optional keys that an older kit did not write are not said, and no error."""
    data = sample.report().to_dict()
    for one in data["behaviours"]:
        for key in ("file", "line", "places", "link", "source", "budget"):
            one.pop(key, None)
    validate(data)
    assert Report.from_dict(data).behaviours[0].line is None


def test_a_report_survives_json():
    """Writing and reading back gives an equal report."""
    report = sample.report()
    assert Report.from_dict(json.loads(json.dumps(report.to_dict()))) == report


def test_unknown_keys_of_a_newer_v1_are_ignored():
    """A report of a newer kit of the same major version, with keys unknown here, is read."""
    data = sample.report().to_dict()
    data["run"]["colour"] = "blue"
    data["sound"] = {}
    validate(data)
    assert Report.from_dict(data) == sample.report()


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("apiVersion", "autoscaling-conformance/v2", "v2.*reads.*v1"),
        ("kind", "Pod", "no ConformanceReport"),
    ],
)
def test_another_major_version_or_kind_is_refused(key, value, words):
    """The reader says what it was given and what it reads."""
    data = sample.report().to_dict() | {key: value}
    with pytest.raises(ReportError, match=words):
        Report.from_dict(data)


@pytest.mark.parametrize(
    ("path", "value", "where"),
    [
        (("behaviours", 0, "outcome"), "fine", "$.behaviours[0].outcome"),
        (("behaviours", 0, "id"), "Dojo 1", "$.behaviours[0].id"),
        (("behaviours", 5, "message"), "", "$.behaviours[5].message"),
        (("run", "started"), "yesterday", "$.run.started"),
        (("profiles", 0, "outcome"), "great", "$.profiles[0].outcome"),
        (("run", "seconds"), -1, "$.run.seconds"),
    ],
)
def test_a_wrong_value_is_named_with_its_place(path, value, where):
    """Each break of the schema is reported with its place; a failure without a message is one."""
    data = sample.report().to_dict()
    target = data
    for key in path[:-1]:
        target = target[key]
    target[path[-1]] = value
    assert any(p.startswith(where) for p in problems(data))


def test_columns_of_unequal_length_are_refused():
    """A record whose columns do not match would be drawn wrong, so it is no valid report."""
    data = copy.deepcopy(sample.report().to_dict())
    data["records"][0]["signals"]["queue_length"]["value"].pop()
    assert "unequal length" in problems(data)[0]


def test_an_id_that_occurs_twice_is_refused():
    """Ids are anchors and keys of compare: there is one of each."""
    data = sample.report([sample.behaviour("01.tools"), sample.behaviour("01.tools")]).to_dict()
    assert problems(data) == ["behaviour dojo.01.tools occurs 2 times"]


def test_validate_on_the_command_line(tmp_path, capsys):
    """`python -m reports validate` exits 0 for a valid file and 2, with the reason, for any other."""
    good, cut = tmp_path / "good.json", tmp_path / "cut.json"
    good.write_text(json.dumps(sample.report().to_dict()))
    cut.write_text(good.read_text()[:500])
    assert main(["validate", str(good)]) == 0
    assert main(["validate", str(cut)]) == 2
    assert main(["validate", str(tmp_path / "none.json")]) == 2
    assert "was it cut off?" in capsys.readouterr().err
