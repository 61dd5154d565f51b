"""Small bodies and words of our own, so that the tests need nothing from outside."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from connector.frozen import FrozenDict
from connector.words import Place, PlaceKind, Words

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
SHARED = Path(os.environ.get("SHARED_DIR", Path(__file__).parents[4] / "shared")) / "payloads" / "gitlab"


def label(name: str) -> tuple[Place, ...]:
    return (Place(PlaceKind.LABEL, name),)


def state(name: str) -> tuple[Place, ...]:
    return (Place(PlaceKind.STATE, name),)


WORDS = Words(
    priority=FrozenDict(
        {"urgent": label("priority::1"), "high": label("priority::2"), "normal": label("P3"), "low": label("P4")}
    ),
    team=FrozenDict(
        {"frontline": label("team::frontline"), "payments": label("team::payments"), "law": label("legal")}
    ),
    status=FrozenDict({"open": state("opened"), "pending": label("status::waiting"), "done": state("closed")}),
    fields=FrozenDict(
        {"environment": Place(PlaceKind.LABEL, "env::*"), "regulated": Place(PlaceKind.LABEL, "regulated")}
    ),
    people=FrozenDict({"ann": ("ann.li",), "bo": ("bo",)}),
    names=FrozenDict({"ann": "Ann Li", "bo": "Bo"}),
    teams=frozenset({"frontline", "payments", "law"}),
)


def user(username: str = "dana", id: int = 31) -> dict[str, Any]:
    return {"id": id, "username": username, "name": username.title(), "email": "[REDACTED]"}


def issue_hook(action: str | None = "update", **attributes: Any) -> dict[str, Any]:
    """An issue hook for `acme/support#12` in project 7."""
    issue = {
        "id": 900,
        "iid": 12,
        "project_id": 7,
        "title": "Card refused",
        "description": "It says no.",
        "state": "opened",
        "state_id": 1,
        "type": "Issue",
        "confidential": False,
        "labels": [],
        "created_at": "2026-11-01T10:00:00.000Z",
        "updated_at": "2026-11-02T08:30:00.250Z",
        **attributes,
    }
    if action:
        issue["action"] = action
    return {
        "object_kind": "issue",
        "event_type": "issue",
        "user": user(),
        "project": {"id": 7, "path_with_namespace": "acme/support"},
        "object_attributes": issue,
        "labels": issue["labels"],
        "changes": {},
    }


def note_hook(issue: dict[str, Any] | None = None, event_type: str = "note", **attributes: Any) -> dict[str, Any]:
    """A note hook on the same issue."""
    return {
        "object_kind": "note",
        "event_type": event_type,
        "user": user(),
        "project_id": 7,
        "project": {"id": 7, "path_with_namespace": "acme/support"},
        "object_attributes": {
            "id": 5001,
            "note": "Any news?",
            "noteable_type": "Issue",
            "author_id": 31,
            "project_id": 7,
            "system": False,
            "action": "create",
            "created_at": "2026-11-02 08:40:00 UTC",
            "updated_at": "2026-11-02 08:40:00 UTC",
            **attributes,
        },
        "issue": {
            "id": 900,
            "iid": 12,
            "project_id": 7,
            "title": "Card refused",
            "confidential": False,
            **(issue or {}),
        },
    }


def rest_issue(**over: Any) -> dict[str, Any]:
    """The same issue as REST v4 gives it."""
    return {
        "id": 900,
        "iid": 12,
        "project_id": 7,
        "title": "Card refused",
        "description": "It says no.",
        "state": "opened",
        "created_at": "2026-11-01T10:00:00.000Z",
        "updated_at": "2026-11-02T08:30:00.250Z",
        "labels": [],
        "author": {"id": 31, "username": "dana", "name": "Dana"},
        "assignees": [],
        "due_date": None,
        "confidential": False,
        "issue_type": "issue",
        "user_notes_count": 0,
        "references": {"full": "acme/support#12"},
        "web_url": "https://gitlab.example/acme/support/-/issues/12",
        **over,
    }


def shared_bodies() -> dict[str, Any]:
    """The collected real bodies by file name; empty where they are not at hand."""
    return {path.name: json.loads(path.read_bytes()) for path in sorted(SHARED.glob("*.json"))}
