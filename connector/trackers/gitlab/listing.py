"""Lists of issues: what changed since an instant, and what is open, each page found by where the last one ended.

With page numbers alone, an issue that leaves the list meanwhile (updated, closed) moves all others up one place, and
one of them would be missed.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, TypeAlias
from urllib.parse import parse_qsl

from ...core.spelling import did_you_mean
from ...errors import TrackerError
from .. import Listed, Search
from ..shapes import instant, mapping, word
from .client import MOST_CHANGED_PAGES, Client
from .lookups import path_of
from .ticket import issue_id

EVER = datetime(1970, 1, 1, tzinfo=UTC)
PARAMETERS = (
    *("labels", "not[labels]", "milestone", "not[milestone]", "author_username", "assignee_username", "assignee_id"),
    *("search", "in", "issue_type", "confidential", "weight", "iteration_title", "due_date"),
)
"""Those that narrow a list. GitLab ignores one that it does not know: a misspelt one would mean every issue."""

Issue: TypeAlias = Mapping[str, Any]


def changed(client: Client, projects: tuple[str, ...], since: datetime) -> Iterator[Issue]:
    """Issues updated at or after `since`, oldest update first; the error of a project is raised at the end."""
    failures: list[TrackerError] = []
    query = {"state": "all"}
    each = [_readable(client, project, "updated", since, query, failures) for project in dict.fromkeys(projects)]
    yield from heapq.merge(*each, key=lambda issue: instant(issue.get("updated_at")) or EVER)
    if failures:
        raise failures[0]


def open_issues(client: Client, search: Search) -> Iterator[Listed]:
    """See `Tracker.open_issues`; a project that cannot be read ends the list before it begins."""
    query = {**read_query(search.query), "state": "opened"}
    if search.created_before:
        query["created_before"] = _stamp(search.created_before)
    if search.updated_after:
        query["updated_after"] = _stamp(search.updated_after)
    since = search.created_after or EVER
    each = [_since(client, project, "created", since, query) for project in dict.fromkeys(search.projects)]
    for issue in heapq.merge(*each, key=lambda issue: instant(issue.get("created_at")) or EVER):
        created, id = instant(issue.get("created_at")), issue_id(issue)
        if id and search.meets(created, instant(issue.get("updated_at"))):
            full = word(mapping(issue.get("references")).get("full"))
            yield Listed(id, full, full.partition("#")[0], created)


def read_query(text: str) -> dict[str, str]:
    """`bug,ui` are labels; anything with `=` is parameters of the list, of which only those that narrow are taken."""
    if not text.strip():
        return {}
    if "=" not in text:
        return {"labels": text.strip()}
    found: dict[str, str] = {}
    for name, value in parse_qsl(text.strip(), keep_blank_values=True):
        if name not in PARAMETERS:
            hint = did_you_mean(name, PARAMETERS)
            raise _misread(f"`{name}` does not narrow a list of issues{hint}; what does: {', '.join(PARAMETERS)}")
        found[name] = value
    return found


def _misread(why: str) -> TrackerError:
    return TrackerError("GET issues", permanent=True, sent=False, detail=why)


def _readable(
    client: Client,
    project: str,
    field: str,
    since: datetime,
    query: Mapping[str, str],
    failures: list[TrackerError],
) -> Iterator[Issue]:
    try:
        yield from _since(client, project, field, since, query)
    except TrackerError as error:
        failures.append(error)


def _since(client: Client, project: str, field: str, since: datetime, query: Mapping[str, str]) -> Iterator[Issue]:
    """Issues whose `<field>_at` is `since` or later, in that order; each page begins at the last instant seen."""
    path, seen, page = f"/projects/{path_of(project)}/issues", set[tuple[str | None, str]](), 1
    for _ in range(MOST_CHANGED_PAGES):
        rows, more = client.page(path, {**query, **_page_query(field, since, page)})
        issues = [mapping(row) for row in rows]
        fresh = [issue for issue in issues if _state(issue, field) not in seen]
        seen.update(_state(issue, field) for issue in fresh)
        yield from (issue for issue in fresh if issue_id(issue))
        last = instant(issues[-1].get(f"{field}_at")) if issues else None
        if not more:
            return
        since, page = (last, 1) if last and last > since else (since, page + 1)
    raise TrackerError(f"GET {path}", status=200, detail=f"more than {MOST_CHANGED_PAGES} pages")


def _state(issue: Issue, field: str) -> tuple[str | None, str]:
    return issue_id(issue), word(issue.get(f"{field}_at"))


def _page_query(field: str, since: datetime, page: int) -> Mapping[str, str]:
    return {
        f"{field}_after": _stamp(since),
        "scope": "all",
        "order_by": f"{field}_at",
        "sort": "asc",
        "per_page": "100",
        "page": str(page),
    }


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
