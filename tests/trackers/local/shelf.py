"""The local tracker's storage as a dict: behaves as the store's own, one lock instead of transactions."""

from __future__ import annotations

from datetime import datetime
from threading import RLock
from typing import Any


class Shelf:
    """Implements `IssueStorage`."""

    def __init__(self, clock) -> None:
        self._clock = clock
        self._lock = RLock()
        self._issues: dict[str, dict[str, Any]] = {}
        self._comments: dict[str, list[dict[str, Any]]] = {}
        self._changes: dict[str, list[dict[str, Any]]] = {}
        self._keys: dict[str, str] = {}
        self._numbers = 0

    def create(self, project, title, body="", email="", name="", channel="form", key=""):
        with self._lock:
            if key and key in self._keys:
                id = self._keys[key]
                return id, self._issues[id]["key"]
            id = str(len(self._issues) + 1)
            now = self._clock()
            place = sum(issue["project"] == project for issue in self._issues.values()) + 1
            self._issues[id] = {
                "id": id,
                "key": f"{project.upper()}-{place}",
                "project": project,
                "title": title,
                "body": body,
                "email": email,
                "name": name,
                "channel": channel,
                "created": now,
                "updated": now,
            }
            self._keys[key or f"#{id}"] = id
            return id, self._issues[id]["key"]

    def get(self, id):
        with self._lock:
            return dict(self._issues[id]) if id in self._issues else None

    def update(self, id: str, fields: dict[str, Any], at: datetime, by: str) -> dict[str, Any]:
        with self._lock:
            issue = self._issues[id]
            for slot, value in fields.items():
                if issue.get(slot) == value:
                    continue
                row = {"id": self._number(), "slot": slot, "was": issue.get(slot), "value": value, "at": at, "by": by}
                self._changes.setdefault(id, []).append(row)
                issue[slot] = value
                issue["updated"] = at
            return dict(issue)

    def add_comment(self, id, text, audience, author, key=""):
        with self._lock:
            rows = self._comments.setdefault(id, [])
            known = next((row["id"] for row in rows if key and row["key"] == key), None)
            if known:
                return known
            number, at = self._number(), self._clock()
            rows.append({"id": number, "text": text, "audience": audience, "author": author, "at": at, "key": key})
            self._issues[id]["updated"] = at
            return number

    def edit_comment(self, id, comment_id, text):
        with self._lock:
            for row in self._comments.get(id, []):
                if row["id"] == comment_id:
                    row["text"] = text
                    return True
            return False

    def delete_comment(self, id, comment_id):
        with self._lock:
            rows = self._comments.get(id, [])
            kept = [row for row in rows if row["id"] != comment_id]
            self._comments[id] = kept
            return len(kept) < len(rows)

    def comments(self, id):
        with self._lock:
            return [dict(row) for row in self._comments.get(id, [])]

    def changes(self, id):
        with self._lock:
            return [dict(row) for row in self._changes.get(id, [])]

    def changed_since(self, project, at):
        with self._lock:
            found = [dict(i) for i in self._issues.values() if i["project"] == project and i["updated"] >= at]
        return sorted(found, key=lambda issue: issue["updated"])

    def _number(self) -> str:
        self._numbers += 1
        return str(self._numbers)
