"""The doctor: looks at everything a working installation needs, and says what is wrong and what helps."""

from __future__ import annotations

from .examine import GROUPS, examine, examine_connection, examine_words
from .findings import CODES, Finding, Level
from .kept import Kept, keep, kept
from .patient import Patient
from .troubles import troubles_of
from .watch import EXAMINE_EVERY, look_after

__all__ = [
    "CODES",
    "EXAMINE_EVERY",
    "GROUPS",
    "Finding",
    "Kept",
    "Level",
    "Patient",
    "examine",
    "examine_connection",
    "examine_words",
    "keep",
    "kept",
    "look_after",
    "troubles_of",
]
