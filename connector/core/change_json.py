"""Changes as JSON and back, for effects that outlive the process that decided them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any

from ..changes import CHANGES, Change, Once
from ..frozen import frozen
from ..model import Audience, Priority
from ..plan import jsonable

_CLASSES = {cls.__name__: cls for cls in CHANGES}


def change_json(change: Change) -> dict[str, Any]:
    """`{"change": <class name>, …its fields}`; `change_from_json` gives back an equal change."""
    row: dict[str, Any] = {"change": type(change).__name__}
    for f in fields(change):
        value = getattr(change, f.name)
        row[f.name] = value.word if isinstance(value, Priority) else jsonable(value)
    return row


def change_from_json(row: Mapping[str, Any]) -> Change:
    """The change that `change_json` wrote; keys that this release does not know are ignored."""
    cls = _CLASSES[row["change"]]
    values = {f.name: _read(cls.__name__, f.name, row[f.name]) for f in fields(cls) if f.name in row}
    return cls(**values)


def _read(cls: str, name: str, value: Any) -> Any:
    match cls, name:
        case "SetPriority", "value":
            return Priority.of(value)
        case (("DueBy" | "WakeAt"), "at"):
            return datetime.fromisoformat(value)
        case _, "audience":
            return Audience(value)
        case _, "once":
            return Once(value)
        case _:
            return frozen(value)
