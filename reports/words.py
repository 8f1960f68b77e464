"""How outcomes, durations and counts are said: one place, so that all reports say the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .model import (
    BLOCKED,
    CONFORMANT,
    ERROR,
    FAILED,
    NON_CONFORMANT,
    PARTIAL,
    PASSED,
    RUNNING,
    SKIPPED,
    UPSTREAM_DEFECT,
    Run,
)

# A sign beside the word, so that no outcome is told by colour alone.
SIGNS = {
    PASSED: "✓",
    FAILED: "✗",
    ERROR: "!",
    BLOCKED: "∥",
    SKIPPED: "–",
    UPSTREAM_DEFECT: "↑",
    CONFORMANT: "✓",
    PARTIAL: "◐",
    NON_CONFORMANT: "✗",
    RUNNING: "…",
}
MEANINGS = {
    PASSED: "the behaviour was seen",
    FAILED: "the behaviour was not seen, or the opposite was",
    ERROR: "could not be told: a read or the machinery failed",
    BLOCKED: "not judged: an earlier behaviour it needs did not pass",
    SKIPPED: "not supported here",
    UPSTREAM_DEFECT: "a known defect of an upstream project, counted as passed",
}


# The depths of a behaviour's hints, in their order.
HINTS = ("Hint", "Where to look", "What explains it")


def named(hints: Sequence[str]) -> list[str]:
    """Each hint with the name of its depth before it."""
    return [f"{name}: {hint}" for name, hint in zip(HINTS, hints, strict=False)]


def duration(seconds: float) -> str:
    """`0.42` -> `0.42 s`, `75` -> `1 min 15 s`, `3700` -> `1 h 1 min 40 s`."""
    if seconds < 10:
        return f"{seconds:.2f} s"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min {rest} s" if hours else f"{minutes} min {rest} s"


def moment(time: str | None) -> str:
    """`2026-11-22T02:30:00.000Z` -> `2026-11-22 02:30:00 UTC`; empty for None."""
    return f"{time.split('.')[0].removesuffix('Z').replace('T', ' ')} UTC" if time else ""


def counted(counts: Mapping[str, int]) -> str:
    """`{"passed": 58, "upstream-defect": 1}` -> `58 passed, 1 upstream-defect`."""
    return ", ".join(f"{number} {outcome}" for outcome, number in counts.items()) or "nothing judged"


def one_line(text: str, limit: int = 240) -> str:
    """The first line that says something, shortened, with control characters taken out."""
    line = next((part.strip() for part in text.splitlines() if part.strip()), "")
    line = "".join(c for c in line if c.isprintable())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def flowing(text: str) -> str:
    """A docstring's lines as paragraphs: where it was broken for the source it is not broken here."""
    return "\n\n".join(" ".join(part.split()) for part in text.split("\n\n"))


def plainly(run: Run, judged: int) -> list[str]:
    """What a reader of an unfinished or broken run must know before anything else; empty otherwise."""
    missing = max(0, (run.asked or 0) - judged)
    left = f" {missing} of {run.asked} without a result." if missing else ""
    if run.outcome == RUNNING:
        unfinished = "This run has not ended: it still goes on, or it was killed."
        return [f"{unfinished} Nothing here is a verdict; it is what the run had by then.{left}"]
    said = []
    if run.interrupted:
        said.append(f"The run was stopped by {run.interrupted} before its end.{left}")
    elif missing:
        said.append(f"The run broke off before its end.{left}")
    return said
