"""Which issues are open, by JQL, created first first."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from ...errors import TrackerError
from .. import Listed, Search
from ..shapes import instant, mapping, word
from .client import Client
from .search import MARGIN, found, quoted
from .shapes import number

FIELDS = "project,created,updated"
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"|' + r"'(?:[^'\\]|\\.)*'")


def open_issues(
    client: Client, search: Search, clock: Callable[[], datetime], cloud: Callable[[], bool]
) -> Iterator[Listed]:
    """See `Tracker.open_issues`. A page that was read before shows at most two minutes of the list once more."""
    query = jql(search, clock())
    for issue in found(client, query, FIELDS, cloud=cloud()) if search.projects else ():
        fields = mapping(issue.get("fields"))
        created, key = instant(fields.get("created")), word(issue.get("key"))
        project = word(mapping(fields.get("project")).get("key")) or key.rpartition("-")[0]
        if search.meets(created, instant(fields.get("updated"))):
            yield Listed(number(issue.get("id")), key, project, created)


def jql(search: Search, now: datetime) -> str:
    """The search in Jira's words. "So many minutes ago" means the same in every time zone."""
    names = ", ".join(quoted(project) for project in search.projects)
    clauses = [f"project in ({names})", "statusCategory != Done"]
    if search.created_after:
        clauses.append(f'created >= "-{_minutes(now - search.created_after + MARGIN, math.ceil)}m"')
    if search.created_before and (ago := _minutes(now - search.created_before - MARGIN, math.floor)):
        clauses.append(f'created <= "-{ago}m"')
    if search.updated_after:
        clauses.append(f'updated >= "-{_minutes(now - search.updated_after + MARGIN, math.ceil)}m"')
    if search.query.strip():
        clauses.append(f"({_closed(search.query.strip())})")
    return " AND ".join(clauses) + " ORDER BY created ASC, key ASC"


def _minutes(ago: timedelta, to_whole: Callable[[float], int]) -> int:
    return max(0, to_whole(ago / timedelta(minutes=1)))


def _closed(query: str) -> str:
    """`query`, which must stand between brackets without getting out of them."""
    bare = _QUOTED.sub("", query)
    if re.search(r"\border\s+by\b", bare, re.IGNORECASE):
        raise _misread("leave `ORDER BY` out: the oldest issues come first")
    depth = 0
    for sign in re.findall(r"[()\"']", bare):
        depth += {"(": 1, ")": -1}.get(sign, 0)
        if depth < 0 or sign in "\"'":
            raise _misread("its brackets and quotation marks do not match")
    if depth:
        raise _misread("its brackets do not match")
    return query


def _misread(why: str) -> TrackerError:
    return TrackerError("search", permanent=True, sent=False, detail=f"this JQL cannot be used: {why}")
