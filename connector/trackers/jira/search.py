"""What changed since an instant, by JQL, in pages.

JQL knows minutes only and reads dates in our account's time zone; "so many minutes ago" means the same
everywhere. The window is a little wider than asked for, and what is older is left out here.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from ...errors import TrackerError
from ..shapes import mapping, rows, word
from .client import API, Client
from .shapes import count, number

PAGE = 100
OVERLAP = 10
"""Rows of the last page that are asked for again: a row that moves to the end meanwhile shifts the others."""

MARGIN = timedelta(minutes=2)
"""How far our clock may run behind Jira's."""

MAX_PAGES = 10_000

State: TypeAlias = tuple[str, str]
"""An issue's id and when it was updated last."""


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
    seen: set[State] = set()
    for issue in pages:
        state = _state(issue)
        if state[0] and state not in seen:
            seen.add(state)
            yield issue


def _state(issue: Mapping[str, Any]) -> State:
    return number(issue.get("id")), word(mapping(issue.get("fields")).get("updated"))


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
    raise _endless(f"{API}/search/jql")


def _by_offset(client: Client, query: str, fields: str) -> Iterator[Mapping[str, Any]]:
    start, seen = 0, set[State]()
    for _ in range(MAX_PAGES):
        params = {"jql": query, "fields": fields, "maxResults": str(PAGE), "startAt": str(start)}
        answer = mapping(client.get(f"{API}/search", params))
        issues, total = rows(answer.get("issues")), count(answer.get("total"))
        states = [_state(issue) for issue in issues]
        if start and seen.isdisjoint(states[:OVERLAP]):
            # More rows went to the end than the overlap covers, and the others moved up: step back.
            start = max(0, start - PAGE + OVERLAP)
            continue
        yield from issues
        if not issues or (len(issues) < PAGE if total is None else start + len(issues) >= total):
            return
        seen.update(states)
        start += max(1, len(issues) - OVERLAP)
    raise _endless(f"{API}/search")


def _endless(path: str) -> TrackerError:
    return TrackerError(f"GET {path}", detail=f"the search did not end within {MAX_PAGES} pages")
