"""The database: can it be written, is its schema ours, is anybody working, and does work pile up?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

from ...errors import StoreUnavailable
from ...store import Store
from .findings import Finding, fine, tell
from .patient import Patient
from .sentences import events, say

STORE = "store"
OLD = timedelta(minutes=15)
LATE = timedelta(minutes=5)
APART = timedelta(minutes=1)
"""How far the clocks of host and database may be apart; webhooks bear five minutes."""
_RELEASE = re.compile(r"r(\d+)_")


def store_checks(patient: Patient) -> Iterator[Finding]:
    """Everything about the database; nothing but that it is out of reach if it is."""
    store = patient.store
    if store is None and not patient.store_trouble:
        yield tell("schema_behind", STORE, "no_database")
        return
    if store is None:
        yield tell("store_unwritable", STORE, why=patient.store_trouble)
        return
    current, ours = store.pulse.schema()
    if current is None:
        yield tell("schema_behind", STORE, "empty")
        return
    yield from _schema(current, ours)
    try:
        store.ping()
    except StoreUnavailable as error:
        yield tell("store_unwritable", STORE, "full", why=error)
        return
    yield fine("store", STORE, "the database can be written")
    yield from _clock(patient, store)
    yield from _work(patient, store)
    yield from _jobs(patient, store)


def _schema(current: str, ours: str) -> Iterator[Finding]:
    if current == ours:
        yield fine("schema", STORE, f"the schema is {current}")
        return
    if _release(current) <= _release(ours) and current < ours:
        yield tell("schema_behind", STORE, current=current, ours=ours)
    elif _release(current) <= _release(ours) + 1:
        yield tell("schema_ahead", STORE, current=current, ours=ours)
    else:
        yield tell("schema_too_new", STORE, current=current, ours=ours)


def _release(revision: str) -> int:
    match = _RELEASE.match(revision)
    return int(match[1]) if match else 0


def _clock(patient: Patient, store: Store) -> Iterator[Finding]:
    apart = abs(store.now() - patient.clock())
    if apart > APART:
        yield tell("database_clock", STORE, seconds=f"{apart.total_seconds():.0f}")


def _work(patient: Patient, store: Store) -> Iterator[Finding]:
    now, depth = patient.clock(), store.inbox.depth()
    if depth.oldest and now - depth.oldest > OLD:
        yield tell("backlog", STORE, events=events(depth.waiting), since=f"{depth.oldest:%Y-%m-%d %H:%M}")
    if parked := store.inbox.count_parked():
        yield tell("parked", STORE, events=events(parked))
    due = store.pulse.next_timer()
    if due and now - due > LATE:
        yield tell("timers_late", STORE, due=f"{due:%Y-%m-%d %H:%M}")


def _jobs(patient: Patient, store: Store) -> Iterator[Finding]:
    """A worker claims the reconcile job each period; one that is far overdue tells that none runs."""
    due = store.pulse.next_runs().get("reconcile")
    late = 2 * patient.settings.reconcile_every + LATE
    if due is None or patient.clock() - due > late:
        since = say("since", at=f"{due:%Y-%m-%d %H:%M}") if due else say("so_far")
        yield tell("worker_silent", STORE, since=since)
    else:
        yield fine("worker", STORE, "a worker runs")
