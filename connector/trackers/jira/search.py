"""What changed since an instant, by JQL, in pages.

JQL knows minutes only and reads dates in our account's time zone; "so many minutes ago" means the same
everywhere. The window is a little wider than asked for, and what is older is left out here.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from ..shapes import mapping, rows, word
from .client import API, Client
from .shapes import count, number

PAGE = 100
OVERLAP = 10
"""Rows of the last page that are asked for again: a row that moves to the end meanwhile shifts the others."""

MARGIN = timedelta(minutes=2)
"""How far our clock may run behind Jira's."""

MAX_PAGES = 10_000


def jql(projects: tuple[str, ...], since: datetime, now: datetime) -> str:
    """Issues of `projects` that were updated at or after `since`, oldest update first."""
    minutes = max(1, math.ceil((now - since + MARGIN) / timedelta(minutes=1)))
    names = ", ".join(quoted(project) for project in projects)
    return f'project in ({names}) AND updated >= "-{minutes}m" ORDER BY updated ASC, key ASC'


def quoted(word: str) -> str:
    """`word` as a JQL string."""
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'


def found(client: Client, query: str, fields: str, *, cloud: bool) -> Iterator[Mapping[str, Any]]:
    """The issues that match, each once per state: one that changes while we read may come again."""
    pages = _by_token(client, query, fields) if cloud else _by_offset(client, query, fields)
    seen: set[tuple[str, str]] = set()
    for issue in pages:
        state = (number(issue.get("id")), word(mapping(issue.get("fields")).get("updated")))
        if state[0] and state not in seen:
            seen.add(state)
            yield issue


def _by_token(client: Client, query: str, fields: str) -> Iterator[Mapping[str, Any]]:
    token = ""
    for _ in range(MAX_PAGES):
        params = {"jql": query, "fields": fields, "maxResults": str(PAGE), "properties": "pointsman"}
        answer = mapping(client.get(f"{API}/search/jql", {**params, **({"nextPageToken": token} if token else {})}))
        yield from rows(answer.get("issues"))
        following = answer.get("nextPageToken")
        if answer.get("isLast") is True or not isinstance(following, str) or following in ("", token):
            return
        token = following


def _by_offset(client: Client, query: str, fields: str) -> Iterator[Mapping[str, Any]]:
    start, known = 0, set[str]()
    for _ in range(MAX_PAGES):
        params = {"jql": query, "fields": fields, "maxResults": str(PAGE), "startAt": str(start)}
        answer = mapping(client.get(f"{API}/search", params))
        issues, total = rows(answer.get("issues")), count(answer.get("total"))
        ids = [number(issue.get("id")) for issue in issues]
        if known and issues and not known.intersection(ids):
            # More rows moved away than the overlap covers: step back until we stand on known ground.
            start = max(0, start - len(issues) + OVERLAP)
            known = set() if start == 0 else known
            continue
        yield from issues
        if not issues or (len(issues) < PAGE if total is None else start + len(issues) >= total):
            return
        known |= set(ids)
        start += max(1, len(issues) - OVERLAP)
