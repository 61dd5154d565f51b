"""`sla`: a ticket's clocks at any instant, span by span, by what was known then."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from ..core.durations import show_open_time
from ..core.instants import seconds_of
from ..engine.clocks import TicketClocks, ticket_clocks
from ..store import Store
from .terminal import harmless
from .wiring import Wiring

PACES = {"counting": "counts", "paused": "paused", "solved": "solved", "no_goal": "no goal"}


def instant(text: str) -> datetime:
    """An instant as people type it; raise `ValueError`, which argparse tells, for one without a zone."""
    return datetime.fromtimestamp(seconds_of(text), UTC)


def add(commands: Any) -> None:
    sla = commands.add_parser("sla", help="a ticket's clocks, span by span, at any instant")
    sla.add_argument("key", help="the ticket's key or id, such as SUP-12 or acme/support#7")
    sla.add_argument("--tracker", metavar="NAME", help="the connection; without it the one that knows the key")
    sla.add_argument("--as-of", type=instant, metavar="T", help="how they stood then, such as 2026-03-02T09:00:00Z")
    sla.add_argument("--known-at", type=instant, metavar="T", help="by what was known then: why did we warn?")
    sla.add_argument("--json", action="store_true", help="everything, for programs")
    sla.set_defaults(run=run)


def run(asked: argparse.Namespace, wiring: Wiring) -> int:
    settings = wiring.settings()
    book, host = wiring.rulebook(settings, settings.rules_dir)
    host.close()
    store = wiring.store(settings)
    try:
        as_of = asked.as_of or store.now()
        names = [asked.tracker] if asked.tracker else _knowing(store, list(book.connections), asked.key)
        if len(names) > 1:
            print(f"{asked.key} is known to {', '.join(names)}: say which with --tracker", file=sys.stderr)
            return 2
        found = ticket_clocks(store, book, names[0], asked.key, as_of, asked.known_at) if names else None
    finally:
        store.close()
    if found is None:
        print(f"no ticket {asked.key} was worked yet: `pointsman backfill` takes up older ones", file=sys.stderr)
        return 1
    if asked.json:
        print(json.dumps(found.json(), ensure_ascii=False, indent=1))
    else:
        print(harmless("\n".join(_in_words(found))))
    return 0


def _knowing(store: Store, names: list[str], key: str) -> list[str]:
    return [name for name in names if store.tickets.find(name, key)]


def _in_words(found: TicketClocks) -> Iterator[str]:
    told = found.json()
    known = f", as known at {told['known_at']}" if told["known_at"] else ""
    policy = f"policy {found.policy}" if found.policy else "no policy applies"
    yield f"{found.row.key or found.row.id} of {found.row.tracker}, {policy}, as of {told['as_of']}{known}"
    if not found.clocks:
        yield "its rule file has no `sla` policies: nothing is counted"
    for name, metric in told["metrics"].items():
        zone = ZoneInfo(metric["zone"])
        yield ""
        yield _headline(name, metric, zone)
        for span in metric["spans"]:
            yield _span(span, zone)
    if found.odd:
        yield ""
    for event in told["odd"]:
        yield f"! {event['type']} {event['id']} is dated {event['at']}, before the creation or after that instant"


def _headline(name: str, metric: Mapping[str, Any], zone: ZoneInfo) -> str:
    if metric["state"] == "not_started":
        return f"{name}: not started"
    goal = f" of {_length(metric['goal_s'])}" if metric["goal_s"] is not None else ""
    parts = [f"{name}: {metric['state']}, {_length(metric['elapsed_s'])}{goal} used"]
    if metric["breached_at"]:
        parts.append(f"breached {_local(metric['breached_at'], zone)}")
    elif metric["due_at"]:
        parts.append(f"due {_local(metric['due_at'], zone)}")
    if metric["cycle"] > 1:
        parts.append(f"cycle {metric['cycle']}")
    return ", ".join(parts) + f" ({zone.key})"


def _span(span: Mapping[str, Any], zone: ZoneInfo) -> str:
    counted = f"+{_length(span['seconds'])} by {span['calendar']}" if span["pace"] == "counting" else ""
    return f"  {_local(span['from'], zone)} → {_local(span['to'], zone)}  {PACES[span['pace']]} {counted}".rstrip()


def _local(text: str, zone: ZoneInfo) -> str:
    return f"{instant(text).astimezone(zone):%Y-%m-%d %H:%M:%S}"


def _length(seconds: int) -> str:
    return show_open_time(timedelta(seconds=seconds), exact=True) if seconds else "0s"
