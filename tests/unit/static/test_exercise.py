"""The static tier's constants are the suite's own."""

from __future__ import annotations

import re
from pathlib import Path

from conformance.dojo import names
from conformance.dojo.cycles_load import ABOVE_MAX
from fixtures.static import exercise, hpa_checks

SUITE = Path(__file__).resolve().parents[3] / "conformance" / "dojo"


def test_names_and_numbers_agree() -> None:
    """What files are judged by is what a cluster is judged by."""
    assert (exercise.RULE_METRIC, exercise.KEY_METRIC) == (names.RULE_METRIC, names.KEY_METRIC)
    assert (exercise.MAX_REPLICAS, exercise.ITEMS_PER_CONSUMER) == (
        names.MAX_REPLICAS,
        names.ITEMS_PER_CONSUMER,
    )
    assert (exercise.KEY, exercise.SCRAPE_SECONDS) == (names.KEY, names.SCRAPE_SECONDS)
    assert float(hpa_checks.ABOVE_MAX) == ABOVE_MAX


def test_every_static_behaviour_is_one_of_the_suite() -> None:
    """A verdict is attached by id, so each id must be there."""
    text = "".join(file.read_text() for file in SUITE.glob("test_step_*.py"))
    ids = set(re.findall(r'"(dojo\.\d\d\.[a-z0-9-]+)"', text))
    assert set(exercise.JUDGED) <= ids
