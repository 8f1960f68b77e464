from __future__ import annotations

from reports.markdown import markdown
from reports.model import BehaviourResult, Evidence, Report, Run
from reports.upgrade import verdict


def one(id: str, outcome: str = "passed", message: str = "", steps: str = "none") -> BehaviourResult:
    return BehaviourResult(
        id=id,
        scenario=id.split(".", maxsplit=1)[0],
        step=int(id.split(".")[1]),
        level="core",
        outcome=outcome,
        message=message,
        statement="it holds",
        evidence=[Evidence("manual steps", "", steps)],
    )


def report(*behaviours: BehaviourResult, outcome: str = "conformant", asked: int = 2) -> Report:
    run = Run("r", "upgrade", "2026-11-22T00:00:00.000Z", outcome=outcome, asked=asked)
    return Report(run, behaviours=list(behaviours))


def test_an_upgrade_without_a_fault_is_safe():
    """All passed, and nothing is to be done by hand."""
    assert verdict(report(one("upgrade.01.differs"), one("upgrade.02.upgrades"))) == "safe"


def test_what_helm_does_not_do_is_a_manual_step():
    """An upgrade whose CRDs the kit applied is safe for those who apply them, too."""
    found = verdict(
        report(one("upgrade.01.differs", steps="apply the new CRDs of prometheus before its chart"))
    )
    assert found == "safe with manual steps: apply the new CRDs of prometheus before its chart"


def test_a_break_says_what_and_where_first():
    """The first failure is named, with the phase it lies in."""
    broken = one("upgrade.02.metric-gap", "failed", "120 s without\nand more")
    later = one("upgrade.03.conformant", "failed", "non-conformant")
    said = verdict(report(one("upgrade.01.differs"), broken, later, outcome="non-conformant"))
    assert said == "breaks while the charts were upgraded: upgrade.02.metric-gap failed: 120 s without"


def test_an_old_version_that_is_broken_says_nothing_of_the_upgrade():
    """What failed before the upgrade is not its fault."""
    said = verdict(report(one("upgrade.01.old-conformant", "failed", "5 wrong"), outcome="non-conformant"))
    assert said.startswith("nothing is said of the upgrade: upgrade.01.old-conformant")


def test_a_part_is_never_safe():
    """A run that was stopped, or asked for a part, is no proof."""
    said = verdict(report(one("upgrade.01.differs"), outcome="error", asked=16))
    assert said == "nothing is said of the upgrade: only 1 of 16 behaviours were judged"


def test_other_runs_have_no_such_line():
    """A run of the dojo says nothing of upgrades."""
    assert verdict(report(one("dojo.01.tools"))) == ""


def with_gaps(id: str, link: str, **seconds: str) -> BehaviourResult:
    told = one(id)
    lines = "\n".join(f"upgrade {name}: {time}" for name, time in seconds.items())
    told.evidence.append(Evidence("by change", f"longest time without {link}", lines))
    told.budget_seconds = 97.5
    return told


def test_how_long_each_change_kept_each_link_away():
    """A row a link, with the changes of both ways; a cell that is not told is empty."""
    there = with_gaps("upgrade.02.metric-gap", "a value", prometheus="13.2 s", adapter="1.0 s")
    back = with_gaps("upgrade.04.metric-gap", "a value", all="11.0 s")
    hpa = with_gaps("upgrade.02.hpa-gap", "an HPA", prometheus="5.0 s")
    text = markdown(report(there, hpa, back))
    assert "| | upgrade prometheus | upgrade adapter | upgrade all | allowed |" in text
    assert "| without a value | 13.2 s | 1.0 s | 11.0 s | 1 min 38 s |" in text
    assert "| without an HPA | 5.0 s |  |  | 1 min 38 s |" in text
    assert "| upgrade 02, while the charts were upgraded | 2 passed |" in text


def test_other_runs_tell_no_such_times():
    """The dojo's steps are called as ever."""
    text = markdown(report(one("dojo.01.tools")))
    assert "Longest time" not in text
    assert "| dojo 01 | 1 passed |" in text
