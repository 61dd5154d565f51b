"""The reference of the settings: what is read, how, and what it means."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

from connector.settings import MEGABYTE, PREFIX, READERS, SECRET, Settings

from .markdown import code, head, plain, rows_of, table

_REFUSED = ("\0", "")


def page() -> str:
    """Every setting by its whole name, how it is read and what it is when unset."""
    meaning = _meanings()
    defaults = Settings()
    rows = [
        [
            code(f"{PREFIX}{name.upper()}"),
            plain(_read_as(name)),
            code(_shown(getattr(defaults, name))),
            "yes" if name in SECRET else "",
            meaning[name],
        ]
        for name in sorted(READERS)
    ]
    intro = (
        "[Running it](../running.md#settings) has them by subject, and says where they may stand.",
        "A value that cannot be read stops the start, and every such value is named at once.",
    )
    return head("Settings", *intro) + "\n" + table(["name", "read as", "default", "secret", "meaning"], rows)


def _meanings() -> dict[str, str]:
    found = {}
    for cells in rows_of("running.md"):
        for name in re.findall(r"`([A-Z_]+)`", cells[0]):
            if name.lower() in READERS:
                # Links of that page lead from here one folder up.
                found[name.lower()] = re.sub(r"\]\((?!https?:)([\w./#-]+)\)", r"](../\1)", cells[2])
    return found


def _read_as(name: str) -> str:
    """What a reader says of a value that is none, which tells what one is."""
    for wrong in _REFUSED:
        try:
            value = READERS[name](wrong)
        except ValueError as error:
            return str(error).removeprefix("must be ")
    return "a list, commas between" if isinstance(value, tuple) else "a path" if isinstance(value, Path) else "text"


def _shown(value: Any) -> str:
    match value:
        case timedelta():
            days = value.total_seconds() / 86400
            return f"{int(days)}d" if days >= 1 else f"{int(value.total_seconds() // 60)}m"
        case tuple() | None:
            return ", ".join(value or ())
        case int() if value >= MEGABYTE:
            return f"{value // MEGABYTE} MB"
        case float():
            return f"{value:g}"
        case _:
            return str(value)
