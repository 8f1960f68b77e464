"""The numbers of an upgrade's load, and what its record calls things."""

from __future__ import annotations

from typing import Final

LEVEL: Final = 70
"""Items that the queue is kept at: 3.5 consumers' worth, off the rounding edge, asks for 4."""
WANTED: Final = 4
TOP_UP: Final = 2.0
"""Seconds between two looks at the queue: four consumers take eight items meanwhile, a tenth of the level."""
BAND: Final = (60.5, 79.5)
"""Queue lengths at which four consumers are asked for (over 3 and at most 4, 20 items each)."""

BUSY: Final = "steady"
"""The load is on, and as many consumers as it asks for are Ready."""
DONE: Final = "changed"
"""The last chart is changed and was settled for longer than the HPA's window."""
WORKS: Final = "works on"
"""The chain still gives values after that time."""
ENDS: Final = "the load ends"
DRAINED: Final = "queue drained"
