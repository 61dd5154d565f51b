"""Without being asked: each connection is examined now and then, and what was found is kept."""

from __future__ import annotations

from datetime import datetime, timedelta

from ...store import Store
from ...words import Connection
from .examine import EVERY_PART, Part, examine_connection
from .findings import Finding
from .kept import Kept, keep, kept
from .patient import Patient

EXAMINE_EVERY = timedelta(minutes=15)
WORDS_EVERY = timedelta(hours=6)
"""Words and people cost a request each, and change seldom; new rule files are looked at with the next round."""
QUICK = tuple(part for part in EVERY_PART if part is not Part.WORDS)
OF_WORDS = frozenset(
    {
        *("word_missing", "field_missing", "field_unwritable", "visibility_unknown", "person_not_assignable"),
        *("label_missing", "status_missing", "status_unmapped", "person_unknown", "person_ambiguous"),
        *("person_inactive", "person_unmapped", "people_unseen", "scope_unused", "note_open"),
    }
)
"""What only a look at the words finds."""


def look_after(patient: Patient) -> None:
    """Examine every connection and keep what was found; what one tracker does has no effect on the others."""
    if patient.store is None:
        return
    for connection in patient.connections.values():
        _round(patient, patient.store, connection)


def _round(patient: Patient, store: Store, connection: Connection) -> None:
    now, before = patient.clock(), kept(store, connection.name)
    rules = f"{patient.book.digest} {connection.url}"
    words_at, known = _words_known(before, rules, now)
    if words_at is None:
        keep(store, connection.name, examine_connection(patient, connection), now, now, rules)
        return
    quick = list(examine_connection(patient, connection, parts=QUICK))
    keep(store, connection.name, [*quick, *known], now, words_at, rules)


def _words_known(before: Kept | None, rules: str, now: datetime) -> tuple[datetime | None, tuple[Finding, ...]]:
    """When the words of these very rules were looked at and what was found; None if it is time to look again."""
    if before is None or before.words_at is None or before.rules != rules or now - before.words_at >= WORDS_EVERY:
        return None, ()
    if any(each.code == "unchecked" for each in before.findings):
        return None, ()
    return before.words_at, tuple(each for each in before.findings if each.code in OF_WORDS)
