"""The static tier judged without a cluster: it names each mutant that files can show, and no variant."""

from __future__ import annotations

import time
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from fixtures.install.admission import Admission
from fixtures.install.chart_sources import resolve_charts
from fixtures.install.helm import Helm
from fixtures.install.scenario_solutions import load_solution
from fixtures.install.scenarios import load_scenario
from fixtures.install.stacks import load_stack
from fixtures.machine.programs import Programs
from fixtures.session.static_tier import TIERS
from tests.mutants import verdicts
from tests.mutants.conftest import RESULTS, case
from tests.mutants.mutants import Difference, mutants, variants
from tests.mutants.verdicts import STATIC, Finding, Result

AT_ONCE = 2
"""Solutions analysed at once: each waits for helm and promtool most of the time."""
FILES = [each for each in (*mutants(*TIERS), *variants(*TIERS)) if each.base == "reference" and each.changes]


@pytest.fixture(scope="module")
def judged(request, say, tmp_path_factory):
    """All that were asked for, being analysed: id to a Result to come."""
    whole = load_stack(request.config.getoption("stack"))
    programs = Programs(whole.kubernetes, say)
    helm = programs.helm()

    def judge(each: Difference, folder: Path) -> Result:
        copy, scenario, began = each.make(folder / "copy"), load_scenario(each.scenario), time.monotonic()
        stack, solution = scenario.stack(whole), load_solution(copy.solution, scenario)
        sources = resolve_charts(stack, "auto", images_built=True)
        if not scenario.built_in:
            # One that a run would refuse is judged by nobody.
            admission = Admission(
                *(Helm(helm), stack, solution, sources),
                images={},
                images_built=True,
                workdir=folder / "admission",
                scenario=scenario,
            )
            admission.check()
        found = TIERS[each.scenario].analyse(
            *(solution, stack, sources),
            helm=helm,
            promtool=programs.promtool,
            workdir=folder / "work",
        )
        findings = [
            Finding(f.behaviour, f.found, str(f.file).removeprefix(f"{copy.solution}/"), f.line, f.level)
            for f in found.findings
        ]
        return verdicts.static(each, findings, time.monotonic() - began)

    asked = [item.callspec.params["each"] for item in request.session.items if item.module is request.module]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield {each.case: pool.submit(judge, each, tmp_path_factory.mktemp(each.id)) for each in asked}
        pool.shutdown(cancel_futures=True)


@pytest.mark.parametrize("each", [case(each) for each in FILES])
def test_static_tier(each: Difference, judged: dict[str, Future[Result]]):
    """A mutant that files can show is named, for its reason and with a line; nothing else is said against
    any, and nothing against a variant.
    """
    result = judged[each.case].result()
    result.save(RESULTS / each.place, STATIC)
    assert not result.problems, "\n".join(result.problems)
