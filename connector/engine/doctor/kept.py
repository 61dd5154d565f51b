"""The newest findings about each connection, kept in the store for `/readyz`, the pages and the API."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from ...store import Store
from .findings import Finding, Level, from_json

MOST = 100
"""Findings of one connection; the worst come first, so that a bound hides the least."""
OLD = timedelta(hours=1)
"""Findings that nobody has renewed for longer say nothing about now."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What was found at a connection, and when; nothing is older than the last round.

    `words_at` is when its words were last looked at, and `rules` names the rule files and the address of then.
    """

    at: datetime
    findings: tuple[Finding, ...] = ()
    words_at: datetime | None = None
    rules: str = ""

    def fresh(self, now: datetime) -> bool:
        """Young enough to be taken for the state of now?"""
        return now - self.at <= OLD


def keep(
    store: Store,
    connection: str,
    findings: Iterable[Finding],
    at: datetime,
    words_at: datetime | None = None,
    rules: str = "",
) -> None:
    """Keep what was found now in place of what was found before; `ok` is not kept."""
    worst = sorted((each for each in findings if each.level > Level.OK), key=lambda each: -each.level)
    said = {
        "at": at.isoformat(),
        "words_at": words_at and words_at.isoformat(),
        "rules": rules,
        "findings": [each.as_row() for each in worst[:MOST]],
    }
    store.meta.set(_key(connection), json.dumps(said, ensure_ascii=False))


def kept(store: Store, connection: str) -> Kept | None:
    """The newest findings about `connection`; None before its first round."""
    text = store.meta.get(_key(connection))
    if not text:
        return None
    said = json.loads(text)
    words_at = said.get("words_at")
    return Kept(
        datetime.fromisoformat(said["at"]),
        tuple(map(from_json, said["findings"])),
        datetime.fromisoformat(words_at) if words_at else None,
        said.get("rules", ""),
    )


def _key(connection: str) -> str:
    return f"doctor/{connection}"
