from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
import yaml

from fixtures.install.scenario_solutions import load_solution
from fixtures.install.scenarios import DOJO, known, load_scenario
from tests.mutants import patches, table
from tests.mutants.mounted import mount_applications
from tests.mutants.mutants import CLUSTER, OBJECTS, ROOT, Difference, make, mutants, read, variants
from tests.mutants.patches import OutOfDate
from tests.mutants.verdicts import Finding, live, static

MUTANTS, VARIANTS = mutants(), variants()
DOJOS = mutants(DOJO)
LEVELS = {name: level for scenario in known() for name, level in table.levels(scenario).items()}
TOOLS = Difference(
    Path("b"), "why", tier="live", fails={"dojo.01.tools": "too old"}, passes=("dojo.02.nodes-ready",)
)


def report(
    tools: str, message: str = "helm is too old", nodes: str = "passed", level: str = "core"
) -> dict[str, object]:
    judged = {"dojo.01.tools": (tools, message), "dojo.02.nodes-ready": (nodes, "")}
    return {
        "behaviours": [{"id": k, "outcome": o, "message": m, "level": level} for k, (o, m) in judged.items()]
    }


@pytest.mark.parametrize("each", [*MUTANTS, *VARIANTS], ids=lambda each: each.case)
def test_fits_todays_files(each, tmp_path):
    """Each mutant and variant can be made, names only behaviours that exist, and its values are YAML."""
    copy = each.make(tmp_path / "copy")
    assert each.changes or each.part(OBJECTS) or each.part("kubectl"), "it changes nothing"
    named = {*each.static, *each.asked, *each.may_fail, *each.may_find}
    assert not named - LEVELS.keys()
    assert {name.split(".")[0] for name in named} <= {each.scenario}
    assert not {*each.asked} & {*each.may_fail}, "what is judged is not left open"
    load_solution(copy.solution, load_scenario(each.scenario))  # refuses what is no YAML
    for file in (copy.solution / "helm" / "values").glob("*.yaml"):
        assert isinstance(yaml.safe_load(file.read_text()), dict), file


@pytest.mark.parametrize("scenario", known())
def test_every_core_behaviour_is_failed_by_a_mutant(scenario):
    """No core behaviour is there that no wrong solution was ever seen to fail on a cluster."""
    assert table.uncovered(scenario, MUTANTS) == []


def test_a_mutant_says_who_sees_it():
    """What the static tier sees is said of each mutant, and what it cannot see is judged on a cluster."""
    for each in MUTANTS:
        assert (each.tier == "static") == bool(each.static), each.id
        assert each.live or each.static, each.id


def test_variants_name_nothing_that_fails():
    """A variant is right: nothing may fail with it, in either tier."""
    assert not [each.id for each in VARIANTS if each.fails or each.static or each.may_fail]


def test_variants_that_are_judged_together_fit_together(tmp_path):
    """What one run judges can be made in one copy."""
    for scenario, group in {(each.scenario, each.together) for each in VARIANTS if each.together}:
        fit = [each for each in VARIANTS if (each.scenario, each.together) == (scenario, group)]
        assert make(fit, tmp_path / scenario / group)


def test_another_cluster_comes_last():
    """What is about the cluster itself needs one of its own, and is judged after all that share one."""
    assert [each.own_cluster for each in DOJOS] == sorted(each.own_cluster for each in DOJOS)
    assert any(change.file == CLUSTER for each in DOJOS for change in each.changes)
    assert not any(each.own_cluster for each in MUTANTS if each not in DOJOS)


def test_plain_tox_judges_a_mutant_a_step_on_one_cluster():
    """One of each step with cheap ones; none needs a cluster of its own, or leaves the shared one empty."""
    cheap = [each for each in DOJOS if each.smoke]
    assert [each.id[:2] for each in cheap] == ["01", "02", "03", "05", "06", "07", "08", "09"]
    assert all(each.fails and each.turn[0] == 0 for each in cheap)


PATCH = "--- a/file\n+++ b/file\n@@ -2,3 +2,3 @@\n two\n-three\n+3\n four\n"


def test_patch_is_made_wherever_its_lines_are(tmp_path):
    """Lines that moved are found again."""
    (tmp_path / "file").write_text("zero\none\none\ntwo\nthree\nfour\n")
    patches.apply(patches.parse(PATCH, "p"), tmp_path, "p")
    assert (tmp_path / "file").read_text() == "zero\none\none\ntwo\n3\nfour\n"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("one\ntwo\nTHREE\nfour\n", "this is not there:\ntwo\nthree"),
        ("one\none\ntwo\nthree\nfour\ntwo\nthree\nfour\n", "there 2 times, and not at line 2"),
        (None, "file is not there"),
    ],
)
def test_patch_that_does_not_fit_says_so(tmp_path, text, says):
    """A patch whose lines are gone, or are there more than once, is refused, and changes nothing."""
    if text is not None:
        (tmp_path / "file").write_text(text)
    with pytest.raises(OutOfDate, match=says):
        patches.apply(patches.parse(PATCH, "p"), tmp_path, "p")
    assert text is None or (tmp_path / "file").read_text() == text


def test_patch_makes_and_removes_files(tmp_path):
    """A file may be new, or be gone afterwards; one that is to be new and is there is refused."""
    new = "--- /dev/null\n+++ b/deep/new\n@@ -0,0 +1,2 @@\n+a\n+b\n"
    gone = "--- a/deep/new\n+++ /dev/null\n@@ -1,2 +0,0 @@\n-a\n-b\n"
    patches.apply(patches.parse(new, "p"), tmp_path, "p")
    assert (tmp_path / "deep" / "new").read_text() == "a\nb\n"
    with pytest.raises(OutOfDate, match="there already"):
        patches.apply(patches.parse(new, "p"), tmp_path, "p")
    patches.apply(patches.parse(gone, "p"), tmp_path, "p")
    assert not (tmp_path / "deep" / "new").exists()


@pytest.mark.parametrize("text", ["", "just words\n", "--- a/file\n+++ b/file\n@@ nonsense @@\n x\n"])
def test_what_is_no_patch_is_refused(text):
    """An empty patch, or text that is none, is out of date and not a mutant that changes nothing."""
    with pytest.raises(OutOfDate):
        patches.parse(text, "p")


def test_what_later_steps_add_is_left_out(tmp_path):
    """On a cluster a mutant is judged with the exercise finished to its step, and no further."""
    wrong = next(each for each in MUTANTS if each.id == "07-no-absent")
    helm = wrong.finished_to_its_step(tmp_path).solution / "helm"
    assert (helm / "charts/consumer/templates/prometheusrule.yaml").is_file()
    assert not (helm / "charts/consumer/templates/horizontalpodautoscaler.yaml").exists()
    assert not (helm / "values/prometheus-adapter.yaml").exists()


def test_unknown_field_is_refused(tmp_path):
    """A misspelt field of a mutant's file is an error that names the file."""
    (tmp_path / "mutant.toml").write_text('why = "w"\nmay-fail = []\n')
    with pytest.raises(OutOfDate, match=r"mutant\.toml.*may-fail"):
        read(tmp_path / "mutant.toml")


def test_changed_application_is_mounted(tmp_path):
    """A mutant of an application runs from the image there is: its source is laid over the image's."""
    wrong = next(each for each in MUTANTS if each.id == "03-item-lost-on-stop")
    copy = wrong.make(tmp_path)
    for chart in (copy.charts / "consumer", copy.solution / "helm/charts/consumer"):
        assert "blpop" in (chart / "app.py").read_text()
        assert "subPath: app.py" in (chart / "templates" / "deployment.yaml").read_text()
    assert "subPath" not in (ROOT / "charts/consumer/templates/deployment.yaml").read_text()
    with pytest.raises(ValueError, match="cannot be mounted"):
        mount_applications(tmp_path, ["images/apps/service.py"])


@pytest.mark.parametrize(
    ("outcomes", "exit_code", "says"),
    [
        (report("failed"), 1, None),
        (report("passed", ""), 1, "is to be failed, and was passed"),
        (report("error"), 1, "is to be failed, and was error"),
        (report("blocked"), 1, "is to be failed, and was blocked"),
        (report("failed", "it never started"), 1, "failed for another reason than /too old/"),
        (report("failed", nodes="failed"), 1, "nodes-ready is to be passed, and was failed"),
        (report("failed"), 0, "exit code was 0"),
        (report("failed", level="extended"), 1, None),
        (report("failed", level="extended"), 0, "exit code was 0"),
        (report("failed", level="advisory"), 0, None),
        ({"behaviours": []}, 1, "and was not judged"),
    ],
)
def test_a_mutant_is_caught_only_by_its_behaviour_and_for_its_reason(outcomes, exit_code, says):
    """Caught: the named behaviour failed with the expected message, its neighbours passed, and the run
    failed, if it is a core one.
    """
    problems = live("b", [TOOLS], outcomes, exit_code, 1.0).problems
    assert (says is None and not problems) or (says is not None and says in problems[0])


def test_a_failure_beside_a_mutant_is_told():
    """A behaviour that a mutant does not name and that fails with it is the wrong one catching it."""
    outcomes = report("failed")
    outcomes["behaviours"].append({"id": "dojo.03.nothing-lost", "outcome": "failed", "level": "core"})
    assert live("b", [TOOLS], outcomes, 1, 1.0).problems == ["failed beside it: dojo.03.nothing-lost"]


NAMED = Difference(
    MUTANTS[0].folder.parent / "09-target-200", "why", tier="static", static={"dojo.09.target": "200"}
)
HPA = "helm/charts/consumer/templates/horizontalpodautoscaler.yaml"


@pytest.mark.parametrize(
    ("findings", "says"),
    [
        ([Finding("dojo.09.target", "averageValue is 200", HPA, 33)], None),
        ([], "dojo.09.target is to be found, and is not"),
        ([Finding("dojo.09.target", "it is wrong", HPA, 33)], "is to be found, and it says"),
        ([Finding("dojo.09.target", "averageValue is 200", "other.yaml", 3)], "no finding names a line of"),
        ([Finding("dojo.09.target", "averageValue is 200", HPA)], "no finding names a line of"),
        (
            [
                Finding("dojo.09.target", "averageValue is 200", HPA, 33),
                Finding("dojo.01.tools", "?", HPA, 1),
            ],
            "found beside it: dojo.01.tools",
        ),
    ],
)
def test_the_static_tier_names_file_and_line(findings, says):
    """Seen: the behaviour is named in the expected words, with a line of a file that was changed."""
    problems = static(NAMED, findings, 0.1).problems
    assert (says is None and not problems) or (says is not None and says in problems[0])


def test_table_names_every_behaviour_and_mutant(tmp_path):
    """The page can be made before anything was run, and says so."""
    text = table.table(tmp_path)
    for name in (*LEVELS, *(each.id for each in (*MUTANTS, *VARIANTS))):
        assert f"`{name}`" in text
    assert "(not run)" in text
    assert table.HEAD in text


def test_table_names_no_folder_of_the_machine():
    """Paths in what a tool said are shown from the repository's root on."""
    said = table.cell(f"helm template {table.ROOT}/charts/redis: exit code 1", "exit code")
    assert said == "helm template charts/redis: exit code 1"
    given = f"--values {tempfile.gettempdir()}/pytest-7/copy/values.yaml --wait"
    assert table.cell(given, "given") == "--values …/values.yaml --wait"
