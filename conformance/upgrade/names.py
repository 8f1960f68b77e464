"""The numbers of an upgrade's load, and what its record calls things."""

from __future__ import annotations

from typing import Final

LEVEL: Final = 70
"""Items that the queue is kept at: 3.5 consumers' worth, off the rounding edge, asks for 4."""
WANTED: Final = 4
TOP_UP: Final = 1.0
"""Seconds between two looks at the queue: four consumers take four items meanwhile. Ten items less than the
level ask for a consumer less, and a machine that is late by a second is not to matter.
"""
LOST: Final = 6
"""Looks after which an item that the producer has taken and not published is published no more."""

LOAD: Final = "load"
ENOUGH: Final = "as many as are asked for"
NO_MORE: Final = "no more than are asked for"
BUSY: Final = "steady"
"""The load is on, and as many consumers as it asks for are Ready."""
DONE: Final = "changed"
"""The last chart was changed so long ago that the HPA has decided on what came of it."""
WORKS: Final = "works on"
"""The chain still gives values after that time."""
ENDS: Final = "the load ends"
DRAINED: Final = "queue drained"
AT_REST: Final = "at rest"
BY_CHANGE: Final = "by change"
"""The title of the evidence that says, for each change, how long a link of the chain was away."""
