"""Makes what was asked and answered readable: structure is indented, what cannot be seen is shown.

The texts come from clusters and solutions and may be anything: nothing here fails on them.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterable
from pprint import pformat
from typing import Any

# Longer answers (a whole Prometheus config) are cut for reading; report.json has them whole.
LONGEST_ANSWER = 20_000
# All messages and answers of a page, so that it stays below 1.5 MB whatever the run has seen.
MOST_CHARACTERS = 600_000
SHORTEST_ANSWER = 200
# Python's own values are printed as wide as a page; a phone breaks the lines again.
WIDTH = 100


def pretty(text: str, longest: int = LONGEST_ANSWER) -> str:
    """JSON and Python's values are indented, the rest stays; what is too long is cut and says so."""
    shown = _structured(text) if len(text) <= LONGEST_ANSWER else text
    shown = visible(shown)
    if len(shown) <= longest:
        return shown
    return shown[:longest] + f"\n… {len(shown) - longest} more characters in report.json"


def visible(text: str) -> str:
    """Characters that cannot be seen as their numbers: some turn the reading direction of all after them."""
    return text if text.isprintable() else "".join(map(_seen, text))


def _seen(character: str) -> str:
    shown = character.isprintable() or character in "\n\t"
    return character if shown else f"\\x{ord(character):02x}"


def fitting(texts: Iterable[str]) -> int:
    """How long one text may be, so that all of them together are not too many characters."""
    lengths = [len(pretty(text)) for text in texts]
    longest = LONGEST_ANSWER
    while longest > SHORTEST_ANSWER and sum(min(length, longest) for length in lengths) > MOST_CHARACTERS:
        longest //= 2
    return longest


def _structured(text: str) -> str:
    if not text.lstrip().startswith(("{", "[", "(")):
        return text
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        pass  # not JSON, or nested so deep that nobody reads it
    try:
        value: Any = ast.literal_eval(text.strip())
        return pformat(value, width=WIDTH, compact=True, sort_dicts=False)
    except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError):
        return text  # no value of Python's either: it stays as it is
