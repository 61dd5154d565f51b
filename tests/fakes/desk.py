"""What the store tells the guard, in memory: API tokens, the door, the audit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from connector.frozen import EMPTY
from connector.store import AuditRow, TokenRow
from connector.web.guesses import Memory

THEN = datetime(2026, 11, 1, tzinfo=UTC)


class FakeTokens:
    """`given` maps a token to what it is; whoever is taken out is revoked."""

    def __init__(self) -> None:
        self.given: dict[str, TokenRow] = {}

    def grant(self, name: str, *scopes: str) -> str:
        """A token of `name` with `scopes`."""
        token = f"pmt_{name}"
        self.given[token] = TokenRow(len(self.given) + 1, name, scopes, THEN, "test", None, None)
        return token

    def find(self, token: str) -> TokenRow | None:
        return self.given.get(token)


class FakeDoor(Memory):
    """The door of one process."""

    def __init__(self) -> None:
        super().__init__()
        self.over: set[str] = set()

    def end(self, id: str, until: datetime) -> bool:
        known = id in self.over
        self.over.add(id)
        return not known

    def is_over(self, id: str) -> bool:
        return id in self.over


class FakeAudit:
    """`rows` are the lines, the oldest first."""

    def __init__(self) -> None:
        self.rows: list[AuditRow] = []

    def add(self, actor: str, what: str, detail: Mapping[str, Any] = EMPTY) -> None:
        self.rows.append(AuditRow(len(self.rows) + 1, THEN, actor, what, None, None, detail))

    def newest(
        self, limit: int, *, before: int | None = None, who: str = "", what: str = "", people: bool = False
    ) -> Sequence[AuditRow]:
        found = [row for row in reversed(self.rows) if before is None or row.id < before]
        if people:
            found = [row for row in found if row.actor != "pointsman" and row.what != "parked"]
        return [row for row in found if who.lower() in row.actor.lower() and what in ("", row.what)][:limit]
