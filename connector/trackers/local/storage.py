"""What the local tracker asks of whoever keeps its issues; the store fits it, and so does a dict in tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol


class IssueStorage(Protocol):
    """Keeps issues, their comments and their change log. Each method is one short transaction.

    An issue is a mapping with the keys `id` (`"1"`), `key` (`"DESK-1"`), `project`, `title`, `body`,
    `type`, `status`, `priority` (a level's word), `severity`, `team`, `assignee`, `email`, `name`,
    `channel`, `labels` (sorted list), `links` (sorted list of `kind:key`), `fields` (mapping), `due`
    (ISO day), `created` and `updated` (aware instants, UTC). Absent keys read as empty.
    """

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
        """Keep a new issue and return its id and key; a `key` used before makes none and gives those made then."""

    def get(self, id: str) -> Mapping[str, Any] | None:
        """The issue, None if there is no such thing."""

    def update(self, id: str, fields: Mapping[str, Any], at: datetime, by: str) -> Mapping[str, Any]:
        """Set `fields`, log each that differs (slot = the field's name, whole values), return the issue."""

    def add_comment(self, id: str, text: str, audience: str, author: str, key: str = "") -> str:
        """Keep a comment and return its id; a `key` that this issue has already is not kept twice."""

    def edit_comment(self, id: str, comment_id: str, text: str) -> bool:
        """Replace a comment's text; False if it is gone."""

    def delete_comment(self, id: str, comment_id: str) -> bool:
        """Forget a comment and its key; False if it is gone."""

    def comments(self, id: str) -> Sequence[Mapping[str, Any]]:
        """Mappings `id text audience author at key`, oldest first."""

    def changes(self, id: str) -> Sequence[Mapping[str, Any]]:
        """Mappings `id slot was value at by`, oldest first."""

    def changed_since(self, project: str, at: datetime) -> Sequence[Mapping[str, Any]]:
        """Issues of `project` updated at or after `at`, oldest update first."""
