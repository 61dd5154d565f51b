"""`db`: where the data is and how much, its schema, whether plans are as written; backup, restore, sums, vacuum."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tqdm import tqdm

from ..settings import Settings
from ..store import Store, archive, status, upgrade, upkeep
from ..store.load_rows import UNIT
from .wiring import Wiring

NEXT = " (this program has {}; next: pointsman db upgrade, or just start it)"
UNITS = ("B", "KB", "MB", "GB", "TB")
KEYS = ("*.key", "setup/*.json")
"""What lies beside the database and is part of a backup."""


def add(commands: Any) -> None:
    db = commands.add_parser(
        "db",
        help="show the database and its size, bring its schema up to date, verify, add up, back up, restore, vacuum",
    )
    db.add_argument("what", nargs="?", choices=sorted(_DO), default="show", help="what to do (default: show)")
    db.add_argument("file", nargs="?", type=Path, help="of backup and restore")
    db.add_argument("--yes", action="store_true", help="restore: what is in the database and the keys there are lost")
    db.set_defaults(run=run, usage=db.error)


def run(asked: argparse.Namespace, wiring: Wiring) -> int:
    if (asked.what in ("backup", "restore")) != (asked.file is not None):
        needed = "name the FILE" if asked.file is None else "takes no file"
        asked.usage(f"db {asked.what}: {needed}")
    if asked.yes and asked.what != "restore":
        asked.usage(f"db {asked.what}: --yes is for restore")
    return _DO[asked.what](wiring.settings(), asked)


def _show(settings: Settings, _asked: argparse.Namespace) -> int:
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


def _upgrade(settings: Settings, _asked: argparse.Namespace) -> int:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    print(f"the schema is {upgrade(settings.database)}")
    return 0


def _verify(settings: Settings, _asked: argparse.Namespace) -> int:
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


def _rebuild_load(settings: Settings, _asked: argparse.Namespace) -> int:
    """Add up the ledger of loads anew, and say where the sums were others."""
    if status(settings.database).revision is None:
        print("there is nothing to add up yet")
        return 0
    store = Store.open(settings.database)
    try:
        found = store.loads.rebuild()
    finally:
        store.close()
    for each in found:
        (was, tickets), (now, held) = each.was, each.now
        print(f"{each.person}: {was / UNIT:g} units on {tickets} tickets stood there, it is {now / UNIT:g} on {held}")
    print(f"corrected: {len(found)}" if found else "all sums are as the ledger says")
    return 0


def _stats(settings: Settings, _asked: argparse.Namespace) -> int:
    found = upkeep.sizes(settings.database)
    about = "about " if found.estimated else ""
    print(f"{'table':<18} {'rows':>12} {'size':>10}")
    for table in found.tables:
        print(f"{table.name:<18} {about + format(table.rows, ','):>12} {_size(table.bytes):>10}")
    texts = sum(table.bytes for table in found.tables if table.name == "payload")
    print(f"total              {_size(found.total)}, of which texts {texts / max(found.total, 1):.0%}")
    print(f"free within        {about}{_size(found.free)}" + (f", log {_size(found.log)}" if found.log else ""))
    if found.oldest:
        print(f"oldest event       {found.oldest:%Y-%m-%d %H:%M} UTC")
    return 0


def _vacuum(settings: Settings, _asked: argparse.Namespace) -> int:
    before, after = upkeep.vacuum(settings.database)
    print(f"{_size(before)} before, {_size(after)} now")
    return 0


def _backup(settings: Settings, asked: argparse.Namespace) -> int:
    files = [path for pattern in KEYS for path in sorted(settings.data_dir.glob(pattern))]
    keys = {path.relative_to(settings.data_dir).as_posix(): path.read_bytes() for path in files}
    with tqdm(unit="row", unit_scale=True, disable=None) as bar:
        made = archive.backup(settings.database, asked.file, keys, datetime.now(UTC), bar.update)
    print(f"{asked.file}: {made.rows:,} rows of {made.database}, schema {made.revision}, {_listed(keys)}")
    print("It holds what customers wrote, and secrets: keep it as you keep those.")
    return 0


def _restore(settings: Settings, asked: argparse.Namespace) -> int:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    with tqdm(desc="checking", unit="row", unit_scale=True, disable=None) as bar:
        contents = archive.check(asked.file, bar.update)
    with tqdm(desc="restoring", total=contents.rows, unit="row", unit_scale=True, disable=None) as bar:
        keys = archive.restore(settings.database, asked.file, bar.update, replace=asked.yes)
    for name, content in keys.items():
        _put_key(settings.data_dir / name, content, replace=asked.yes)
    print(f"{contents.rows:,} rows as of {contents.made_at:%Y-%m-%d %H:%M:%S} UTC, {_listed(keys)}")
    return 0


def _put_key(path: Path, content: bytes, *, replace: bool) -> None:
    if path.exists() and path.read_bytes() != content and not replace:
        print(f"{path} is another one than in the backup, and stays: add --yes to replace it", file=sys.stderr)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(0o600)
    path.write_bytes(content)


def _listed(keys: dict[str, bytes]) -> str:
    return f"with {', '.join(sorted(keys))}" if keys else "without keys: there are none in POINTSMAN_DATA_DIR"


def _size(count: float) -> str:
    for unit in UNITS[:-1]:
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} {UNITS[-1]}"


_DO: dict[str, Callable[[Settings, argparse.Namespace], int]] = {
    "show": _show,
    "upgrade": _upgrade,
    "verify": _verify,
    "rebuild-load": _rebuild_load,
    "stats": _stats,
    "vacuum": _vacuum,
    "backup": _backup,
    "restore": _restore,
}
