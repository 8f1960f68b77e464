"""The one cluster that all mutants share, and how one after the other is judged on it."""

from __future__ import annotations

import json
import re
import shutil
import time
from collections.abc import Callable, Collection
from dataclasses import replace
from pathlib import Path
from typing import Any

from fixtures.install.kubectl import Kubectl
from fixtures.install.scenarios import DOJO, load_scenario
from fixtures.machine.tools import Tool
from tests.mutants import handover
from tests.mutants.handover import Ground, Handover
from tests.mutants.mutants import KUBECTL, OBJECTS, ROOT, TEARDOWN, Copy, Difference, OutOfDate
from tests.mutants.pieces import Installed, wanted
from tests.mutants.rest import Ended
from tests.mutants.scenery import Scenery
from tests.mutants.verdicts import STATIC

BEHAVIOURS = ROOT / "conformance"
SUITE = BEHAVIOURS / DOJO
LONGEST_RUN = 900.0
"""Seconds one run may take: the whole suite takes five minutes, and the first run installs everything."""
IMAGE = "{consumer}"
"""Stands for the consumer's image, the one with a Python in it, in what mutants bring along."""


class Shared:
    """Judges on one cluster, one scenario after the other. ``say`` prints a line.

    ``ground`` is the dojo's: the cluster comes with its images, and it is judged first.
    """

    def __init__(self, ground: Ground, scenery: Scenery, say: Callable[[str], None]) -> None:
        self.ground, self.scenery, self.say = ground, scenery, say
        self.scenario = DOJO
        self.installed = Installed()
        self.image = ground.bundle.images["consumer"]
        cluster = ground.cluster
        self.kubectl = Kubectl(ground.machine.tools["kubectl"].path, cluster.kubeconfig, cluster.context)

    def judge(
        self, judged: Collection[Difference], copy: Copy, folder: Path
    ) -> tuple[dict[str, Any], int, float]:
        """The report, the exit code and the seconds of a run of the behaviours that these name."""
        self._turn_to(copy.scenario)
        empty(folder)
        began = time.monotonic()
        asked = sorted({one for each in judged for one in each.asked})
        self._name_image(judged, copy)
        pieces = wanted(copy)
        ended = Ended(self.kubectl, self.say, load_scenario(copy.scenario), self.installed)
        ended.bring_to_rest(pieces)
        kept = self.installed.kept(pieces, asked)
        self.say(f"  installing {', '.join(sorted(pieces.keys() - kept)) or 'nothing'}")
        objects = [text for each in judged if (text := self._objects(each))]
        for text in objects:
            self.kubectl.apply_server_side(text)
        suite = BEHAVIOURS / copy.scenario
        words = [str(suite), "-k", only(asked), "--solution", str(copy.solution), "--report-dir", str(folder)]
        try:
            handed = Handover(self._ground(judged, folder), copy.charts, kept, folder)
            code = handover.run([*words, "-p", "no:cacheprovider"], handed, LONGEST_RUN)
        finally:
            for text in objects:
                ended.tries("delete", "--ignore-not-found", "--wait=false", "--filename=-", input=text)
        self._note(pieces, asked, folder)
        seconds = time.monotonic() - began
        report = folder / "latest" / "report.json"
        if not report.exists():
            raise AssertionError(f"the run wrote no report (exit code {code}): {folder / 'output.txt'}")
        return json.loads(report.read_text()), code, seconds

    def _turn_to(self, scenario: str) -> None:
        """Have what this scenario needs on the cluster, and nothing of the one before."""
        if scenario == self.scenario:
            return
        self.say(f"{scenario}: its turn")
        self.scenery.clean(scenario)
        self.ground = self.scenery.ground(scenario)
        self.scenario, self.installed = scenario, Installed()

    def _note(self, pieces: dict[str, str], asked: Collection[str], folder: Path) -> None:
        took = handover.installed(folder)
        if took is None or any(behaviour.endswith(TEARDOWN) for behaviour in asked):
            self.installed.pieces.clear()
        else:
            self.installed.done(pieces, took["installed"], took["tried"])

    def _ground(self, judged: Collection[Difference], folder: Path) -> Ground:
        """The session's, with a mutant's own kubectl in it; {kubectl} in that stands for the real one."""
        for each in judged:
            if program := each.part(KUBECTL):
                path, machine = folder / KUBECTL, self.ground.machine
                path.write_text(program.read_text().replace("{kubectl}", str(self.kubectl.binary)))
                path.chmod(0o755)
                tools = {**machine.tools, KUBECTL: Tool(KUBECTL, path, "", "the mutant's")}
                return replace(self.ground, machine=replace(machine, tools=tools))
        return self.ground

    def _objects(self, each: Difference) -> str:
        """A mutant's own objects."""
        path = each.part(OBJECTS)
        return path.read_text().replace(IMAGE, self.image) if path else ""

    def _name_image(self, judged: Collection[Difference], copy: Copy) -> None:
        """The same for what a mutant puts into the kit's charts."""
        for file in (change.file for each in judged for change in each.changes):
            path = copy.charts.parent / file
            if path.is_relative_to(copy.charts) and copy.charts != ROOT / "charts":
                path.write_text(path.read_text().replace(IMAGE, self.image))


def empty(folder: Path) -> None:
    """Make it anew, with nothing in it but what the static tier said: in one session that comes first."""
    said = folder / STATIC
    kept = said.read_bytes() if said.is_file() else b""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    if kept:
        said.write_bytes(kept)


def only(behaviours: Collection[str]) -> str:
    """The expression for pytest's -k, which looks for parts of names, that selects just these behaviours."""
    (scenario,) = {behaviour.split(".")[0] for behaviour in behaviours}
    asked = [f"test_{behaviour.split('.')[2].replace('-', '_')}" for behaviour in sorted(behaviours)]
    files = (BEHAVIOURS / scenario).glob("test_step_*.py")
    tests = re.compile(r"^(?:def )?(test_\w+)(?:\(| = )", re.MULTILINE)
    every = {name for file in files for name in tests.findall(file.read_text())}
    if unknown := set(asked) - every:
        raise OutOfDate(f"the suite has no {', '.join(sorted(unknown))}")
    longer = {name: sorted(n for n in every - set(asked) if name in n) for name in asked}
    return " or ".join(
        f"({' and not '.join((name, *longer[name]))})" if longer[name] else name for name in asked
    )
