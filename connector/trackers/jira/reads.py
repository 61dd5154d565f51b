"""Reads of one ticket: the fewest requests that show it as it is, with its comments and our marks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote

from ...errors import TrackerError
from ...model import Audience, Comment, Ticket
from ...words import PlaceKind, Words
from .. import Past
from ..shapes import mapping, rows, word
from . import search
from .client import API, Client
from .issue import FIELDS, NOTE, PROPERTY, Lens, comments_of, history_of, read_comments, said_in, stamp_of, ticket_of
from .lookups import Lookups
from .people import account_of
from .reader import audience_of
from .roles import Roles
from .shapes import count, number

MAX_PAGES = 100


class Reads:
    """The reading half of one connection. Thread-safe."""

    def __init__(self, name: str, client: Client, ask: Lookups, roles: Roles) -> None:
        self._name, self._client, self._ask, self._roles = name, client, ask, roles
        self._service_met = False

    def ticket(self, ticket: str, words: Words) -> Ticket:
        """One request; at the first sight of a service project one more, since its fields were unknown till then."""
        issue, lens = self._issue(ticket, words)
        if lens.organisations and lens.organisations not in mapping(issue.get("fields")):
            issue, lens = self._issue(ticket, words)
        return ticket_of(issue, words, lens)

    def past(self, ticket: str, words: Words) -> Past:
        """One request; on Cloud a long history comes in pages of its own."""
        only = ("project", "comment", "assignee", "reporter", "creator")
        issue, lens = self._issue(ticket, words, only, expand="changelog")
        shown = mapping(issue.get("changelog"))
        if (count(shown.get("total")) or 0) > len(rows(shown.get("histories"))) and self._ask.cloud():
            issue = {**issue, "changelog": {"histories": list(self._histories(ticket))}}
        return Past(history_of(issue, words, lens), self._comments(ticket, issue, words, lens))

    def comments(self, ticket: str, words: Words) -> tuple[Comment, ...]:
        """All comments; in a service project by a request that shows whether each is public."""
        issue, lens = self._issue(ticket, words, ("project", "comment"))
        return self._comments(ticket, issue, words, lens)

    def audience(self, ticket: str, comment: str) -> Audience | None:
        """What the comment itself says; None where it says nothing, or is not there any more."""
        path = f"{API}/issue/{quote(ticket, safe='')}/comment/{quote(comment, safe='')}"
        try:
            return audience_of(mapping(self._client.get(path, {"expand": "properties"})), plain=False)
        except TrackerError as error:
            if error.status == 404:
                return None
            raise

    def marks(self, ticket: str, words: Words) -> frozenset[str]:
        """From our issue property, and in a service project from the comments' own."""
        issue, lens = self._issue(ticket, words, ("project",))
        marks = set(stamp_of(issue))
        for comment in self._raw_comments(ticket, "properties") if lens.service else ():
            for entry in rows(comment.get("properties")):
                marks.update(said_in(entry.get("value")) if entry.get("key") == PROPERTY else ())
        return frozenset(marks)

    def changed(self, projects: tuple[str, ...], since: datetime, now: datetime, words: Words) -> Iterator[Ticket]:
        query = search.jql(projects, since, now)
        fields = ",".join(self._fields(words))
        for issue in search.found(self._client, query, fields, cloud=self._ask.cloud()):
            ticket = ticket_of(issue, words, self._lens(issue, words))
            if ticket.updated is None or ticket.updated >= since:
                yield ticket

    def _issue(
        self, ticket: str, words: Words, only: tuple[str, ...] = (), expand: str = ""
    ) -> tuple[Mapping[str, Any], Lens]:
        fields = ",".join(only or self._fields(words))
        path = f"{API}/issue/{quote(ticket, safe='')}"
        params = {"fields": fields, "properties": PROPERTY, **({"expand": expand} if expand else {})}
        issue = mapping(self._client.get(path, params))
        if not number(issue.get("id")) or not isinstance(issue.get("fields"), Mapping):
            raise TrackerError(f"GET {path}", status=200, detail="the answer is no issue")
        return issue, self._lens(issue, words)

    def _fields(self, words: Words) -> tuple[str, ...]:
        """The usual fields, those that `_names.yaml` mentions, and the organisations of requests."""
        more = [info.id for name in _declared(words) if (info := self._ask.field(name))]
        if self._service_met:
            more.append(self._ask.organisations())
        return tuple(dict.fromkeys((*FIELDS, *filter(None, more))))

    def _lens(self, issue: Mapping[str, Any], words: Words) -> Lens:
        fields = mapping(issue.get("fields"))
        project = mapping(fields.get("project"))
        key = word(project.get("key")) or word(issue.get("key")).rpartition("-")[0]
        service = self._ask.known_service(key, word(project.get("projectTypeKey"))) if key else False
        self._service_met = self._service_met or service
        users = _users(fields)
        self._roles.met(*users)
        return Lens(
            tracker=self._name,
            base=self._client.base,
            fields={name.casefold(): info.id for name in _declared(words) if (info := self._ask.field(name))},
            mails=self._mails(users, words),
            service=service,
            me=self._ask.me().account if NOTE in stamp_of(issue) else "",
            organisations=self._ask.organisations() if service else "",
        )

    def _mails(self, users: list[Mapping[str, Any]], words: Words) -> Mapping[str, str]:
        """Asked for only where somebody's address is hidden and `_people.yaml` knows people by address."""
        hidden = any(account_of(user) and not word(user.get("emailAddress")) for user in users)
        return self._ask.mails(words) if hidden else {}

    def _comments(self, ticket: str, issue: Mapping[str, Any], words: Words, lens: Lens) -> tuple[Comment, ...]:
        fields = mapping(issue.get("fields"))
        shown = comments_of(fields, words, lens)
        all_there = (count(mapping(fields.get("comment")).get("total")) or 0) <= len(shown)
        if all_there and all(comment.audience for comment in shown):
            return shown
        return read_comments(list(self._raw_comments(ticket, "properties")), words, lens)

    def _raw_comments(self, ticket: str, expand: str = "") -> Iterator[Mapping[str, Any]]:
        extra = {"expand": expand} if expand else {}
        return self._pages(f"{API}/issue/{quote(ticket, safe='')}/comment", "comments", extra)

    def _histories(self, ticket: str) -> Iterator[Mapping[str, Any]]:
        return self._pages(f"{API}/issue/{quote(ticket, safe='')}/changelog", "values", {})

    def _pages(self, path: str, name: str, extra: Mapping[str, str]) -> Iterator[Mapping[str, Any]]:
        start = 0
        for _ in range(MAX_PAGES):
            answer = mapping(self._client.get(path, {"startAt": str(start), "maxResults": "100", **extra}))
            found = rows(answer.get(name))
            yield from found
            start += len(found)
            if not found or start >= (count(answer.get("total")) or 0):
                return


def _declared(words: Words) -> list[str]:
    """The fields that `_names.yaml` names for this connection, as shown or by id."""
    tables: tuple[Mapping[Any, Any], ...] = (words.priority, words.severity, words.team, words.status)
    named = {place.field for table in tables for places in table.values() for place in places}
    named |= {p.field or p.value for p in words.fields.values() if p.kind in (PlaceKind.FIELD, PlaceKind.NAME)}
    return sorted(named - {""})


def _users(fields: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    comments = rows(mapping(fields.get("comment")).get("comments"))
    users = [fields.get("assignee"), fields.get("reporter"), fields.get("creator")]
    return [mapping(user) for user in (*users, *(c.get("author") for c in comments))]
