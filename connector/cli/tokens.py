"""`token`: make an API token, list those there are, revoke one."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from ..core.spelling import did_you_mean
from ..store import Store, TokenRow
from ..web.visitor import SCOPES
from .actor import actor
from .wiring import Wiring

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}")


def add(commands: Any) -> None:
    token = commands.add_parser("token", help="make, list or revoke tokens of the API")
    token.add_argument("what", choices=("make", "list", "revoke"), help="what to do")
    token.add_argument("name", nargs="?", help="what it is for, as it stands in the record of changes")
    token.add_argument(
        "--scope",
        default="read",
        help="one or more of read, act, admin, metrics, with commas between; read by default",
    )
    token.set_defaults(run=run)


def run(asked: argparse.Namespace, wiring: Wiring) -> int:
    if mistakes := _mistakes(asked):
        print("\n".join(mistakes), file=sys.stderr)
        return 2
    store = wiring.store(wiring.settings())
    try:
        match asked.what:
            case "make":
                return _make(store, asked.name, _scopes(asked.scope))
            case "revoke":
                return _revoke(store, asked.name)
            case _:
                return _list(store)
    finally:
        store.close()


def _mistakes(asked: argparse.Namespace) -> list[str]:
    if asked.what == "list":
        return []
    found = []
    if asked.name is None:
        found.append(f"name the token: pointsman token {asked.what} NAME")
    elif not NAME.fullmatch(asked.name):
        found.append(
            "a name has up to 60 letters, digits, dots, hyphens and underscores, and begins with one of the two"
        )
    if asked.what == "make":
        scopes = _scopes(asked.scope)
        found += [
            f"scope `{s}` is unknown{did_you_mean(s, SCOPES)}; there are {', '.join(SCOPES)}"
            for s in scopes
            if s not in SCOPES
        ]
        if not scopes:
            found.append(f"name a scope: {', '.join(SCOPES)}")
    return found


def _scopes(given: str) -> list[str]:
    return list(dict.fromkeys(part.strip() for part in given.split(",") if part.strip()))


def _make(store: Store, name: str, scopes: Sequence[str]) -> int:
    token = store.tokens.make(name, scopes, actor())
    if token is None:
        print(
            f"there is a token {name} already: choose another name, or pointsman token revoke {name}", file=sys.stderr
        )
        return 1
    print(token)
    # Apart from the token, so that `TOKEN=$(pointsman token make …)` holds nothing else.
    print("This is shown once; keep it. Send it as `Authorization: Bearer …`.", file=sys.stderr)
    return 0


def _revoke(store: Store, name: str) -> int:
    if not store.tokens.revoke(name, actor()):
        print(f"there is no token {name} that is good; see pointsman token list", file=sys.stderr)
        return 1
    print(f"{name} opens nothing any more.")
    return 0


def _list(store: Store) -> int:
    rows = store.tokens.all()
    for row in rows:
        print(f"{row.name:<24} {','.join(row.scopes):<18} made {_day(row.made_at)} by {row.made_by}, {_state(row)}")
    good = sum(row.revoked_at is None for row in rows)
    print(f"{good} good." + ("" if rows else " Make one: pointsman token make NAME --scope read"))
    return 0


def _state(row: TokenRow) -> str:
    if row.revoked_at:
        return f"revoked {_day(row.revoked_at)}"
    return f"used {_day(row.used_at)}" if row.used_at else "never used"


def _day(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"
