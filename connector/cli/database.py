"""`db`: where the data is, which schema it has, how much there is, and whether the record of plans is as written."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from tqdm import tqdm

from ..settings import Settings
from ..store import Store, status, upgrade
from .wiring import Wiring

NEXT = " (this program has {}; next: pointsman db upgrade, or just start it)"


def add(commands: Any) -> None:
    db = commands.add_parser("db", help="show the database, bring its schema up to date, or verify its plans")
    db.add_argument("what", nargs="?", choices=("show", "upgrade", "verify"), default="show")
    db.set_defaults(run=run)


def run(asked: argparse.Namespace, wiring: Wiring) -> int:
    settings = wiring.settings()
    if asked.what == "upgrade":
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        print(f"the schema is {upgrade(settings.database)}")
        return 0
    return _verify(settings) if asked.what == "verify" else _show(settings)


def _show(settings: Settings) -> int:
    found = status(settings.database)
    print(f"address   {found.url}")
    print(
        f"schema    {found.revision or 'none yet'}"
        + ("" if found.revision == found.newest else NEXT.format(found.newest))
    )
    for table, rows in found.rows:
        print(f"  {table:<16} {rows:>10}")
    if found.next_timer:
        print(f"next timer {found.next_timer:%Y-%m-%d %H:%M:%S} UTC")
    return 0


def _verify(settings: Settings) -> int:
    """Compare every plan with the digest it was stored with, and with the plan before it; write nothing."""
    if status(settings.database).revision is None:
        print("there is nothing to verify yet")
        return 0
    store = Store.open(settings.database, migrate=False)
    try:
        tickets = store.plans.tickets()
        changed = [one for one in tqdm(tickets, unit="ticket", disable=None) if not store.plans.chain_holds(*one)]
    finally:
        store.close()
    for tracker, ticket in changed:
        print(f"{tracker} {ticket}: its plans are not as they were stored", file=sys.stderr)
    print(f"the plans of {len(tickets) - len(changed)} tickets are as they were stored")
    return 1 if changed else 0
