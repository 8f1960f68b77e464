"""The one cluster that all mutants share, and how one after the other is judged on it."""

from __future__ import annotations

import json
import re
import shutil
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from fixtures.install.kubectl import Kubectl
from fixtures.machine.process import CommandError, run
from fixtures.machine.tools import Tool
from tests.mutants import handover
from tests.mutants.handover import Ground, Handover
from tests.mutants.mutants import KUBECTL, OBJECTS, ROOT, TEARDOWN, Copy, Difference, OutOfDate
from tests.mutants.pieces import SOLVED, Installed, wanted

SUITE = ROOT / "conformance" / "dojo"
LONGEST_RUN = 900.0
"""Seconds one run may take: the whole suite takes five minutes, and the first run installs everything."""
ASK = 30.0
IMAGE = "{consumer}"
"""Stands for the consumer's image, the one with a Python in it, in what mutants bring along."""
DEPLOYMENT, HPA = "deployment/consumer", "hpa/consumer"
NEAR_REST = 4
"""Replicas from which an HPA comes to rest within its window, while the next mutant is being installed."""
KEYS = ("padok", "padok:in-hand", "padok:published", "padok:consumed", "padok:turn")
"""The queue and its books: what a mutant did to them is not the next one's."""


class Shared:
    """Judges on one cluster. ``say`` prints a line."""

    def __init__(self, ground: Ground, say: Callable[[str], None]) -> None:
        self.ground, self.say = ground, say
        self.installed = Installed()
        cluster = ground.cluster
        self.kubectl = Kubectl(ground.machine.tools["kubectl"].path, cluster.kubeconfig, cluster.context)

    def judge(
        self, judged: Collection[Difference], copy: Copy, folder: Path
    ) -> tuple[dict[str, Any], int, float]:
        """The report, the exit code and the seconds of a run of the behaviours that these name."""
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        began = time.monotonic()
        asked = sorted({one for each in judged for one in each.asked})
        self._name_image(judged, copy)
        pieces = wanted(copy)
        self._calm(pieces)
        kept = self.installed.kept(pieces, asked)
        self.say(f"  installing {', '.join(sorted(pieces.keys() - kept)) or 'nothing'}")
        objects = [text for each in judged if (text := self._objects(each))]
        for text in objects:
            self.kubectl.apply_server_side(text)
        words = [str(SUITE), "-k", only(asked), "--solution", str(copy.solution), "--report-dir", str(folder)]
        try:
            handed = Handover(self._ground(judged, folder), copy.charts, kept, folder)
            code = handover.run([*words, "-p", "no:cacheprovider"], handed, LONGEST_RUN)
        finally:
            for text in objects:
                self._kubectl("delete", "--ignore-not-found", "--wait=false", "--filename=-", input=text)
        self._note(pieces, asked, folder)
        seconds = time.monotonic() - began
        report = folder / "latest" / "report.json"
        if not report.exists():
            raise AssertionError(f"the run wrote no report (exit code {code}): {folder / 'output.txt'}")
        return json.loads(report.read_text()), code, seconds

    def _note(self, pieces: dict[str, str], asked: Collection[str], folder: Path) -> None:
        took = handover.installed(folder)
        if took is None or TEARDOWN in asked:
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
        return path.read_text().replace(IMAGE, self.ground.bundle.images["consumer"]) if path else ""

    def _name_image(self, judged: Collection[Difference], copy: Copy) -> None:
        """The same for what a mutant puts into the kit's charts."""
        for file in (change.file for each in judged for change in each.changes):
            path = copy.charts.parent / file
            if path.is_relative_to(copy.charts) and copy.charts != ROOT / "charts":
                path.write_text(path.read_text().replace(IMAGE, self.ground.bundle.images["consumer"]))

    def _calm(self, pieces: dict[str, str]) -> None:
        """Empty the queue, and give an HPA that is new, or that has scaled, a fresh start with one consumer.

        An HPA's status tells of the one before for a while, it remembers what it wanted, and it wakes only
        what it put to sleep itself.
        """
        if "redis" not in self.installed.pieces:
            return
        self._kubectl("exec", "redis-master-0", "--", "redis-cli", "DEL", *KEYS)
        if SOLVED not in self.installed.pieces:
            return
        hpa = self.kubectl.get_json(HPA, namespace="default")
        if hpa is None or (self.installed.pieces[SOLVED] == pieces.get(SOLVED) and self._rests(hpa)):
            return
        self.kubectl.delete(HPA, namespace="default")
        self.kubectl.scale(DEPLOYMENT, 1, namespace="default")
        self.installed.pieces[SOLVED] = ""  # its release is there, and not as anybody wants it

    def _rests(self, hpa: Mapping[str, Any]) -> bool:
        """Whether it is near enough to its rest, and can leave that again."""
        found = self.kubectl.get_json(DEPLOYMENT, namespace="default") or {"spec": {"replicas": 0}}
        conditions = {each["type"]: each["status"] for each in hpa.get("status", {}).get("conditions", ())}
        replicas = found["spec"]["replicas"]
        return 0 < replicas <= NEAR_REST or (replicas == 0 and conditions.get("ScaledToZero") == "True")

    def _kubectl(self, *words: str, input: str | None = None) -> None:
        where = ["--kubeconfig", str(self.kubectl.kubeconfig), "--context", self.kubectl.context]
        try:
            run([str(self.kubectl.binary), *where, *words], timeout=ASK, input=input)
        except CommandError as error:
            self.say(f"  {error}")


def only(behaviours: Collection[str]) -> str:
    """The expression for pytest's -k, which looks for parts of names, that selects just these behaviours."""
    asked = [f"test_{behaviour.split('.')[2].replace('-', '_')}" for behaviour in sorted(behaviours)]
    files = SUITE.glob("test_step_*.py")
    every = {
        name for file in files for name in re.findall(r"^def (test_\w+)", file.read_text(), re.MULTILINE)
    }
    if unknown := set(asked) - every:
        raise OutOfDate(f"the suite has no {', '.join(sorted(unknown))}")
    longer = {name: sorted(n for n in every - set(asked) if name in n) for name in asked}
    return " or ".join(
        f"({' and not '.join((name, *longer[name]))})" if longer[name] else name for name in asked
    )
