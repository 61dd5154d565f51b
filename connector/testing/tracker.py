"""`FakeTracker`: the `local` tracker over a dict, with every write recorded."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from itertools import count
from threading import RLock
from typing import Any

from ..frozen import FrozenDict, frozen
from ..model import Ticket
from ..trackers import Answer, Call
from ..trackers.local import LocalTracker
from ..words import Words
from .values import FixedClock


class FakeTracker(LocalTracker):
    """A `Tracker` in memory; `writes` holds every call that was sent to it, in order."""

    def __init__(
        self, name: str = "local", *, clock: Callable[[], datetime] | None = None, words: Words | None = None
    ) -> None:
        self.clock = clock or FixedClock()
        self.words = words or Words()
        self.storage = MemoryIssues(self.clock)
        self.writes: list[Call] = []
        super().__init__(self.storage, name, clock=self.clock)

    def add(self, title: str, *, project: str = "desk", **fields: Any) -> str:
        """Keep an issue and return its ticket id; `fields` are those of `IssueStorage`."""
        id, _ = self.storage.create(project, title)
        self.storage.set(id, fields)
        return id

    def edit(self, ticket: str, by: str, **fields: Any) -> None:
        """A person changes fields; `by` is their account."""
        self.storage.update(ticket, fields, self.clock(), by)

    def ticket(self, ticket: str) -> Ticket:
        """The ticket as it is now."""
        return self.fetch(ticket, self.words)

    def texts(self, ticket: str) -> list[tuple[str, str]]:
        """(audience, text) of every comment, oldest first."""
        return [(row["audience"], row["text"]) for row in self.storage.comments(ticket)]

    def send(self, call: Call, chain: str = "") -> Answer:
        """Carry out one call and record it."""
        answer = super().send(call, chain)
        self.writes.append(call)
        return answer


class MemoryIssues:
    """An `IssueStorage` that forgets everything with the process. Thread-safe."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._lock = RLock()
        self._ids = count(1)
        self._issues: dict[str, FrozenDict[str, Any]] = {}
        self._comments: dict[str, dict[str, dict[str, Any]]] = {}
        self._changes: dict[str, list[dict[str, Any]]] = {}
        self._made: dict[str, str] = {}

    def create(
        self,
        project: str,
        title: str,
        body: str = "",
        email: str = "",
        name: str = "",
        channel: str = "form",
        key: str = "",
    ) -> tuple[str, str]:
        with self._lock:
            id = self._made.get(key) if key else None
            if id is None:
                id = str(next(self._ids))
                issue = {"id": id, "key": f"{project.upper()}-{id}", "project": project, "title": title, "body": body}
                issue |= {"email": email, "name": name, "channel": channel, "priority": "none", "status": "new"}
                self._issues[id] = FrozenDict({**issue, "created": self._clock(), "updated": self._clock()})
                self._comments[id], self._changes[id] = {}, []
                if key:
                    self._made[key] = id
            return id, str(self._issues[id]["key"])

    def get(self, id: str) -> Mapping[str, Any] | None:
        return self._issues.get(id)

    def set(self, id: str, fields: Mapping[str, Any]) -> None:
        """Set fields without a trace in the change log, as if the issue had been made so."""
        with self._lock:
            self._issues[id] = FrozenDict({**self._issues[id], **fields})

    def update(self, id: str, fields: Mapping[str, Any], at: datetime, by: str) -> Mapping[str, Any]:
        with self._lock:
            before = self._issues[id]
            for slot, value in fields.items():
                if before.get(slot) != value:
                    row = {"id": str(next(self._ids)), "slot": slot, "was": before.get(slot)}
                    self._changes[id].append({**row, "value": frozen(value), "at": at, "by": by})
            self._issues[id] = FrozenDict({**before, **{k: frozen(v) for k, v in fields.items()}, "updated": at})
            return self._issues[id]

    def add_comment(self, id: str, text: str, audience: str, author: str, key: str = "") -> str:
        with self._lock:
            for row in self._comments[id].values():
                if key and row["key"] == key:
                    return str(row["id"])
            made = str(next(self._ids))
            row = {"id": made, "text": text, "audience": audience, "author": author, "at": self._clock(), "key": key}
            self._comments[id][made] = row
            return made

    def edit_comment(self, id: str, comment_id: str, text: str) -> bool:
        with self._lock:
            row = self._comments[id].get(comment_id)
            if row is None:
                return False
            row["text"] = text
            return True

    def delete_comment(self, id: str, comment_id: str) -> bool:
        with self._lock:
            return self._comments[id].pop(comment_id, None) is not None

    def comments(self, id: str) -> Sequence[Mapping[str, Any]]:
        with self._lock:
            return [dict(row) for row in self._comments.get(id, {}).values()]

    def changes(self, id: str) -> Sequence[Mapping[str, Any]]:
        with self._lock:
            return list(self._changes.get(id, ()))

    def changed_since(self, project: str, at: datetime) -> Sequence[Mapping[str, Any]]:
        with self._lock:
            mine = [i for i in self._issues.values() if i["project"] == project and i["updated"] >= at]
            return sorted(mine, key=lambda issue: issue["updated"])
