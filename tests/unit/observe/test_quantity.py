"""Kubernetes quantities and durations."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixtures.observe.quantity import duration, quantity


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("40", "40"),
        ("0", "0"),
        ("1500m", "1.5"),
        ("-9223372036854775808m", "-9223372036854775.808"),
        ("2k", "2000"),
        ("1Ki", "1024"),
        ("1.5Gi", "1610612736"),
        ("8Ei", "9223372036854775808"),
        ("1E", "1000000000000000000"),
        ("1E3", "1000"),
        ("12e-1", "1.2"),
        ("+.5", "0.5"),
        ("5.", "5"),
        ("3u", "0.000003"),
        ("7n", "0.000000007"),
        ("250M", "250000000"),
    ],
)
def test_quantities_are_exact(text, number):
    """Each suffix means exactly its power of ten or two."""
    assert quantity(text) == Decimal(number)


@pytest.mark.parametrize("text", ["", "m", "1 k", "1K", "0x1", "1kk", "1Kim", "nan", "--1", "1e", "٣"])
def test_no_quantity(text):
    """What Kubernetes would not write is refused, never guessed."""
    with pytest.raises(ValueError, match="is no Kubernetes quantity"):
        quantity(text)


@given(st.integers(-(2**63), 2**63 - 1))
def test_every_milli_value_is_exact(milli):
    """No 64-bit number of thousandths loses a digit."""
    assert quantity(f"{milli}m") * 1000 == milli


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("5s", 5),
        ("1m30s", 90),
        ("1m0s", 60),
        ("500ms", 0.5),
        ("1h", 3600),
        ("1d", 86400),
        ("1.5s", 1.5),
        ("0", 0),
    ],
)
def test_durations(text, seconds):
    """Durations as Go and Prometheus write them."""
    assert duration(text) == seconds


@pytest.mark.parametrize("text", ["", "5", "s", "5 s", "-5s", "5sm"])
def test_no_duration(text):
    """A number without a unit has no meaning as a duration."""
    with pytest.raises(ValueError, match="is no duration"):
        duration(text)
