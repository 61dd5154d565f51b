"""`db`: where the data is, which schema it has, and how much there is."""

from __future__ import annotations

import argparse
from typing import Any

from ..store import status, upgrade
from .wiring import Wiring

NEXT = " (this program has {}; next: pointsman db upgrade, or just start it)"


def add(commands: Any) -> None:
    db = commands.add_parser("db", help="show the database, or bring its schema up to date")
    db.add_argument("what", nargs="?", choices=("show", "upgrade"), default="show")
    db.set_defaults(run=run)


def run(asked: argparse.Namespace, wiring: Wiring) -> int:
    settings = wiring.settings()
    if asked.what == "upgrade":
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        print(f"the schema is {upgrade(settings.database)}")
        return 0
    found = status(settings.database)
    print(f"address   {found.url}")
    print(
        f"schema    {found.revision or 'none yet'}"
        + ("" if found.revision == found.newest else NEXT.format(found.newest))
    )
    for table, rows in found.rows:
        print(f"  {table:<16} {rows:>10}")
    return 0
