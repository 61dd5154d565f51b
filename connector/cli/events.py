"""`parked` and `replay`: what nobody works any more, and how to bring it back."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from tqdm import tqdm

from ..store import Store
from .actor import actor
from .numbers import row_number
from .wiring import Wiring

PAGE = 500


def add(commands: Any) -> None:
    parked = commands.add_parser("parked", help="list the events that were given up")
    parked.set_defaults(run=run_parked)
    replay = commands.add_parser("replay", help="work parked events again")
    replay.add_argument("id", nargs="*", type=row_number, help="their numbers, as `parked` shows them")
    replay.add_argument("--all", action="store_true", help="all of them")
    replay.set_defaults(run=run_replay)


def run_parked(_: argparse.Namespace, wiring: Wiring) -> int:
    store = wiring.store(wiring.settings())
    try:
        rows = store.inbox.parked(limit=PAGE)
        total = store.inbox.count_parked()
    finally:
        store.close()
    for row in rows:
        print(f"{row.id:>8}  {row.parked_at:%Y-%m-%d %H:%M}  {row.lane}  {row.kind}  {row.error}")
    print(f"{total} parked." + (" Next: pointsman replay ID, or pointsman replay --all" if total else ""))
    return 0


def run_replay(asked: argparse.Namespace, wiring: Wiring) -> int:
    if not asked.id and not asked.all:
        print("name the events to replay, or --all", file=sys.stderr)
        return 2
    store = wiring.store(wiring.settings())
    try:
        ids = _all(store) if asked.all else asked.id
        who = actor()
        missing = [id_ for id_ in tqdm(ids, unit="event", disable=None) if not store.inbox.replay(id_, who)]
    finally:
        store.close()
    for id_ in missing:
        print(f"{id_} is not parked", file=sys.stderr)
    replayed = len(ids) - len(missing)
    print(f"{replayed} replayed{'; a running worker takes them up at once' if replayed else ''}.")
    return 1 if missing else 0


def _all(store: Store) -> list[int]:
    ids: list[int] = []
    while rows := store.inbox.parked(limit=PAGE, offset=len(ids)):
        ids += [row.id for row in rows]
    return ids
