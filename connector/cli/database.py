"""`db`: where the data is, which schema it has, and how much there is."""

from __future__ import annotations

import argparse
from typing import Any

from ..store.database import describe
from .wiring import Wiring


def add(commands: Any) -> None:
    db = commands.add_parser("db", help="show the database, or bring its schema up to date")
    db.add_argument("what", nargs="?", choices=("show", "upgrade"), default="show")
    db.set_defaults(run=run)


def run(asked: argparse.Namespace, wiring: Wiring) -> int:
    settings = wiring.settings()
    if asked.what == "upgrade":
        wiring.store(settings).close()
    for name, value in describe(settings.database).items():
        print(f"{name:<12} {value}")
    return 0
