"""A behaviour that several scenarios have: written once, with an id in each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import FunctionType
from typing import Any

from conformance.behaviour import Document, Level, behaviour


@dataclass(frozen=True)
class Shared:
    """A test whose texts are the same in every scenario; its fixture `expect` is the scenario's own."""

    slug: str
    test: Callable[..., None]
    feature: str
    hint: str
    look: str
    read: Document | None
    level: Level
    budget: str | None
    source: str | None

    def of(
        self,
        scenario: str,
        step: str,
        *,
        needs: Sequence[str] = (),
        level: Level | None = None,
        says: str = "",
        hint: str = "",
        look: str = "",
        read: Document | None = None,
    ) -> Callable[..., None]:
        """This behaviour of one scenario: `test_x = x.of("shopfront", "03", needs=("shopfront.02.y",))`.

        says: the statement, where the shared docstring is too general; hint, look, read: likewise.
        """
        code: Any = self.test
        made = FunctionType(
            code.__code__, code.__globals__, code.__name__, code.__defaults__, code.__closure__
        )
        made.__kwdefaults__, made.__annotations__ = code.__kwdefaults__, code.__annotations__
        made.__doc__ = says or code.__doc__
        mark = behaviour(
            f"{scenario}.{step}.{self.slug}",
            level=level or self.level,
            feature=self.feature,
            hint=hint or self.hint,
            look=look or self.look,
            read=read or self.read,
            needs=needs,
            budget=self.budget,
            source=self.source,
        )
        return mark(made)


def shared(
    slug: str,
    *,
    feature: str,
    hint: str,
    look: str = "",
    read: Document | None = None,
    level: Level = "core",
    budget: str | None = None,
    source: str | None = None,
) -> Callable[[Callable[..., None]], Shared]:
    """Make a test a behaviour that scenarios may adopt: see :meth:`Shared.of`."""

    def make(test: Callable[..., None]) -> Shared:
        return Shared(slug, test, feature, hint, look, read, level, budget, source)

    return make
