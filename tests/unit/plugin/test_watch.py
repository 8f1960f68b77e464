"""The line of readings that a long cycle prints, and the memory that is watched beside it."""

from __future__ import annotations

from dataclasses import dataclass

from fixtures.observe import signals
from fixtures.observe.record import Reading
from fixtures.terminal.status import Trace
from fixtures.watch import CELL, CELLS, Watch, extended, memory
from fixtures.watch import line as line_of


@dataclass
class Recorder:
    """Has one newest reading a signal."""

    readings: dict[str, Reading]

    def latest(self, signal: str) -> Reading | None:
        return self.readings.get(signal)


@dataclass
class Keeper:
    """Has the recorder."""

    recorder: Recorder


def line(*readings: Reading, since: float = 100.0) -> str:
    keeper = Keeper(Recorder({reading.signal: reading for reading in readings}))
    return line_of(Watch(keeper).newest(since))  # type: ignore[arg-type]


def test_line_shows_the_newest_readings() -> None:
    """A value is shown as it is, what is absent as -, and a failed read as ?, never as a number."""
    assert (
        line(
            Reading(101.0, signals.QUEUE, 40.0),
            Reading(101.0, signals.RECORDED, None),
            Reading(101.0, signals.READY, None, "refused"),
        )
        == "queue 40  metric -  ready ?"
    )


def test_only_what_a_scenario_samples_is_drawn() -> None:
    """A scenario of pods has no queue to draw; what was read once stays, with a gap where it was not."""
    keeper = Keeper(Recorder({signals.POD_METRIC: Reading(101.0, signals.POD_METRIC, 2.0)}))
    watch = Watch(keeper)  # type: ignore[arg-type]
    watch._remember(watch.newest(100.0))
    assert watch.readings == {"pods' metric": Trace(2.0, [2.0])}
    keeper.recorder.readings = {signals.READY: Reading(103.0, signals.READY, 1.0)}
    watch._remember(watch.newest(102.0))
    assert watch.readings == {"pods' metric": Trace(None, [2.0]), "ready": Trace(1.0, [1.0])}


def test_old_readings_are_not_shown() -> None:
    """Between two cycles nothing is read: no line, rather than one that repeats the last."""
    assert line(Reading(99.0, signals.QUEUE, 40.0)) == ""


def test_a_sparkline_cell_holds_the_greatest_of_its_looks() -> None:
    """Cells are filled one after the other, so that what is drawn moves only when one is full."""
    trace = Trace()
    for look, value in enumerate([3.0, None, 9.0, 4.0, 5.0]):
        trace = extended(trace, Reading(101.0, signals.QUEUE, value), begin=look % CELL == 0)
    assert trace == Trace(5.0, [9.0, 5.0])
    trace = extended(trace, None, begin=True)
    assert trace == Trace(None, [9.0, 5.0, None])
    for _ in range(2 * CELLS):
        trace = extended(trace, None, begin=True)
    assert len(trace.cells) == CELLS


def test_memory_counts_the_children_too() -> None:
    """This process is a part of the whole."""
    own, tree = memory()
    assert 0 < own <= tree
