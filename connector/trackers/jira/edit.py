"""The body of one edit, as it grows: `fields` and `update`, and which effect stands in which field."""

from __future__ import annotations

from typing import Any

from ...frozen import FrozenDict, frozen

UPDATED = frozenset({"labels", "components", "comment"})
"""Fields that are edited by operations. Jira wants a field in `fields` or in `update`, never in both."""


class Edit:
    """Collects what one PUT carries; each operation is an object of its own, as Jira demands."""

    def __init__(self) -> None:
        self.fields: dict[str, Any] = {}
        self.digests: dict[str, str] = {}
        self._update: dict[str, list[dict[str, Any]]] = {}
        self._carried: dict[str, tuple[str, ...]] = {}

    def set(self, key: str, field: str, value: Any) -> None:
        """The effect `key` sets `field`."""
        self.fields[field] = value
        self._carry(key, field)

    def do(self, key: str, field: str, operation: str, value: Any) -> None:
        """The effect `key` does one operation (`add`, `remove`, `edit`); the last word on a value holds."""
        done = self._update.setdefault(field, [])
        if field != "comment":
            done[:] = [step for step in done if value not in step.values()]
        done.append({operation: value})
        self._carry(key, field)

    @property
    def empty(self) -> bool:
        return not self._carried

    @property
    def covers(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(key for keys in self._carried.values() for key in keys))

    @property
    def carried(self) -> FrozenDict[str, tuple[str, ...]]:
        return FrozenDict(self._carried)

    def body(self, properties: list[dict[str, Any]]) -> Any:
        """The JSON to send; parts that would be empty are left out."""
        parts = {"fields": self.fields, "update": self._update, "properties": properties}
        return frozen({name: part for name, part in parts.items() if part})

    def _carry(self, key: str, field: str) -> None:
        self._carried[field] = tuple(dict.fromkeys((*self._carried.get(field, ()), key)))
