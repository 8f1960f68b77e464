"""The one door through which a test function becomes a behaviour."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal, NamedTuple, TypeVar

import pytest

Test = TypeVar("Test", bound=Callable[..., Any])
Level = Literal["core", "extended", "advisory"]


class Document(NamedTuple):
    """Where something is explained: the page's title and its address."""

    title: str
    url: str


def behaviour(
    id: str,
    *,
    level: Level = "core",
    feature: str,
    hint: str,
    look: str = "",
    read: Document | None = None,
    needs: Sequence[str] = (),
    budget: str | None = None,
    source: str | None = None,
) -> Callable[[Test], Test]:
    """Mark a test as the behaviour `id` ("dojo.07.one-series"); its docstring is the asserted statement.

    level: core (the exercise asks for it), extended (beyond it), advisory (said, never a failure).
    feature: the part of the chain it is about ("recording-rule"), for grouping in the report.
    hint: the question that leads on when it fails. Three depths, and none of them tells the solution:
    look: where to look, that is which object, file, page or command.
    read: the document that explains what is to be understood.
    needs: ids of behaviours without which this one cannot be judged (outcome: blocked).
    budget: the name of the budget (an attribute of the `budgets` fixture) that limits it.
    source: where the asserted rule is written down (a link or a file), when it is not the exercise.

    The marker is read, and a malformed one refused, by fixtures/judge/behaviours.py at collection.
    """
    marker = pytest.mark.behaviour(
        id=id,
        level=level,
        feature=feature,
        hint=hint,
        look=look,
        read=read,
        needs=tuple(needs),
        budget=budget,
        source=source,
    )

    def mark(test: Test) -> Test:
        marked: Test = marker(test)
        return marked

    return mark
