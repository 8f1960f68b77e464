from __future__ import annotations

import pytest

from tests.mutants import breaks
from tests.mutants.breaks import Break, OutOfDate, Result

BREAKS = breaks.load()
TOOLS = Break("b", "reference", "f", {"dojo.01.tools": "too old"}, "why", passes=("dojo.02.nodes-ready",))


def report(
    tools: str, message: str = "helm is too old", nodes: str = "passed", level: str = "core"
) -> dict[str, object]:
    judged = {"dojo.01.tools": (tools, message), "dojo.02.nodes-ready": (nodes, "")}
    return {
        "behaviours": [{"id": k, "outcome": o, "message": m, "level": level} for k, (o, m) in judged.items()]
    }


@pytest.mark.parametrize("wrong", BREAKS, ids=lambda each: each.id)
def test_break_fits_the_files(wrong, tmp_path):
    """Each break can be made in today's solution or repository, and the behaviours it names exist."""
    copy = wrong.make(tmp_path) if wrong.base == "reference" else None
    if copy is not None:
        there = breaks.REFERENCE / wrong.file
        assert not there.exists() or (copy / wrong.file).read_text() != there.read_text()
    elif wrong.replace:
        assert all(change["old"] in (breaks.ROOT / wrong.file).read_text() for change in wrong.replace)
    assert breaks.only(wrong.asked)


def test_every_step_has_a_break():
    """There is a deliberate break for each step of the exercise that is judged."""
    assert {wrong.id.split("-")[1] for wrong in BREAKS} == {
        "01", "02", "03", "05", "06", "07", "08", "09", "10", "11"
    }  # fmt: skip


def test_break_that_is_out_of_date_says_so(tmp_path):
    """What is to be replaced and is not there is an error that names it."""
    with pytest.raises(OutOfDate, match="has no 'no such text'"):
        Break(
            "b", "reference", "kind-cluster.yaml", {}, "why", replace=({"old": "no such text", "new": ""},)
        ).make(tmp_path)


def test_only_selects_no_longer_names():
    """-k looks for parts of names: those that contain an asked one are shut out, unless asked for, too."""
    assert breaks.only(["dojo.05.ingress"]) == "(test_ingress and not test_ingress_answers)"
    assert (
        breaks.only(["dojo.05.ingress", "dojo.02.ingress-answers"]) == "test_ingress or test_ingress_answers"
    )


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
def test_a_break_is_caught_only_by_its_behaviour_and_for_its_reason(outcomes, exit_code, says):
    """Caught: the named behaviour failed with the expected message, its neighbours passed, and the run
    failed, if it is a core one.
    """
    problems = Result.of(TOOLS, outcomes, exit_code, 1.0).problems
    assert (says is None and not problems) or (says is not None and says in problems[0])
