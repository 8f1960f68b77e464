"""The errors a reader of reports can get; each message says what to do about it."""

from __future__ import annotations


class ReportError(Exception):
    """A report that cannot be read, is of a version not known here, or breaks its own schema."""
