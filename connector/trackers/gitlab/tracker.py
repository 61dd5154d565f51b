"""GitLab behind the `Tracker` protocol: reading and composing are pure, this puts them and the client together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from ...core.neutral import neutral
from ...errors import Gone, TrackerError
from ...messages import Draft
from ...model import Actor, Audience, Comment, Event, Role, Ticket
from ...words import Connection, Words
from .. import Answer, Call, Composed, Listed, NoteWrite, Past, Search, Stamp, Write
from ..shapes import mapping, storable, whole
from . import listing, markup, verify
from .client import Client
from .history import past_changes
from .lookups import Lookups, path_of
from .people import is_bot, is_support_bot
from .reader import read
from .ticket import issue_id, read_comments, read_ticket
from .writer import compose

LONGEST_TITLE = 255
ALREADY_LINKED = 409
_NO_WORDS = Words()


class GitLabTracker:
    """One GitLab connection. Thread-safe. A ticket's id is `<project id>/<iid>`."""

    kind = "gitlab"

    def __init__(self, connection: Connection, *, clock: Callable[[], datetime]) -> None:
        self.name = connection.name
        self._connection = connection
        self._client = Client(connection, clock)
        self.gate = self._client.gate
        self._lookups = Lookups(self._client, clock)

    def verify(self, headers: Mapping[str, str], body: bytes, path_secret: str | None, now: datetime) -> None:
        """Raise `Rejected(401)` unless the request is genuine; `headers` has lower-case names."""
        verify.verify(headers, body, path_secret, now, self._connection.secrets)

    def delivery(self, headers: Mapping[str, str], body: bytes) -> str:
        """The id that GitLab keeps when it sends this delivery again; a digest of the body in older releases."""
        return verify.delivery(headers, body)

    def read(self, headers: Mapping[str, str], document: Any, words: Words) -> Event | None:
        """The event in a parsed body, None if it is not about a ticket; raise `Rejected(400)` if unreadable. Pure."""
        return read(self.name, headers, document, words)

    def fetch(self, ticket: str, words: Words) -> Ticket:
        """The ticket as it is now, in one request; raise `Gone` for a 404."""
        path = _issue(ticket)
        found = read_ticket(self.name, mapping(self._client.get(path)), words)
        if found.id != ticket:
            raise TrackerError(f"GET {path}", status=200, detail="the answer is another issue, or none")
        return found

    def past(self, ticket: str, words: Words) -> Past:
        """Its changes and comments so far, in three lists; title, assignee and due date from English system notes."""
        path = _issue(ticket)
        notes = list(self._client.pages(f"{path}/notes", {"sort": "asc", "order_by": "created_at"}))
        labels = self._events(f"{path}/resource_label_events")
        states = self._events(f"{path}/resource_state_events")
        return Past(past_changes(notes, labels, states, words), read_comments(notes, words))

    def comments(self, ticket: str, words: Words) -> tuple[Comment, ...]:
        """All comments by people and programs, oldest first."""
        return read_comments(self._notes(ticket), words)

    def audience(self, ticket: str, comment: str) -> Audience | None:
        """From the note itself: hooks of confidential issues do not always tell public notes from internal ones."""
        number = whole(int(comment), 2**63 - 1) if comment.isascii() and comment.isdigit() else None
        try:
            note = mapping(self._client.get(f"{_issue(ticket)}/notes/{number}")) if number else {}
        except Gone:
            return None
        return next((found.audience for found in read_comments([note], _NO_WORDS) if found.id == comment), None)

    def changed(self, projects: tuple[str, ...], since: datetime, words: Words) -> Iterator[Ticket]:
        """Tickets of `projects` updated at or after `since`, oldest update first, a hundred per request.

        A project that cannot be read does not hide the others: its error is raised at the end.
        """
        for issue in listing.changed(self._client, projects, since):
            yield read_ticket(self.name, issue, words)

    def open_issues(self, search: Search) -> Iterator[Listed]:
        """Open issues by creation; `query` is labels, or parameters of GitLab's list (`labels=a,b&milestone=x`)."""
        return listing.open_issues(self._client, search)

    def marks(self, ticket: str, words: Words) -> frozenset[str]:
        """The keys of texts, and of effects, in the markers of notes that we wrote (`note` among them)."""
        me = self.me().account
        mine = [c for c in self.comments(ticket, words) if c.author.account == me or is_bot(c.author.account)]
        return frozenset(key for comment in mine for key in markup.markers(comment.text))

    def role(self, actor: Actor, project: str, words: Words) -> Role:
        """`_people.yaml` first; bots are systems, the support bot speaks for customers; members from Reporter on
        are agents; everybody else is a customer."""
        listed = words.role_of(actor.account)
        if listed:
            return listed
        if not actor.account or is_support_bot(actor.account):
            return Role.CUSTOMER
        if is_bot(actor.account):
            return Role.SYSTEM
        agent = bool(project) and self._lookups.is_agent(actor.account, project)
        return Role.AGENT if agent else Role.CUSTOMER

    def me(self) -> Actor:
        """The account that our token belongs to. Cached."""
        return self._lookups.me(_NO_WORDS)

    def compose(
        self, ticket: Ticket, writes: tuple[Write, ...], note: NoteWrite | None, stamp: Stamp, words: Words
    ) -> Composed:
        """The fewest requests that bring `writes` about; GitLab has no place for `stamp`, markers do its work."""
        del stamp
        return compose(ticket, writes, note, words, self._lookups)

    def send(self, call: Call, chain: str = "") -> Answer:
        """Carry out one call of `compose`; raise `TrackerError`, `Gone` when the note to edit was deleted."""
        try:
            answer = self._client.request(call.method, call.path, params=call.params, body=call.body, chain=chain)
        except TrackerError as error:
            if call.what == "link" and error.status == ALREADY_LINKED:
                return Answer(ALREADY_LINKED)
            if call.what == "note" and call.method == "PUT" and error.status == 404:
                raise Gone(error.call, status=404, permanent=True, detail="the note was deleted") from None
            raise
        body = _json_of(answer)
        if _became_public(call, body):
            self._client.request("DELETE", f"{call.path}/{whole(mapping(body).get('id'), 2**63 - 1)}", chain=chain)
            detail = "this GitLab cannot keep a note internal (15.5 or later can): it was deleted at once"
            raise TrackerError(f"{call.method} {call.path}", status=422, permanent=True, detail=detail)
        return _answer(call, answer.status_code, body)

    def create(self, draft: Draft, key: str, words: Words) -> str:
        """Make an issue and return its ticket id; one that carries the marker of `key` already is not made again."""
        del words
        path = f"/projects/{path_of(draft.project)}/issues"
        made = self._made_before(path, key)
        if made:
            return made
        body: dict[str, Any] = {
            "title": storable(" ".join(draft.title.split()))[:LONGEST_TITLE] or "(no subject)",
            "description": markup.described("\n".join(map(neutral, draft.body.splitlines())), key),
        }
        labels = sorted(label for label in draft.labels if "," not in label)
        if labels:
            body["labels"] = ",".join(labels)
        answer = mapping(_json_of(self._client.request("POST", path, body=body)))
        ticket = issue_id(answer)
        if ticket is None:
            raise TrackerError(f"POST {path}", status=0, detail="the answer names no issue")
        return ticket

    def probe(self) -> None:
        """Raise `TrackerError` if GitLab cannot be reached with our token."""
        self._client.get("/user")

    def _events(self, path: str) -> list[Any]:
        """Older releases lack one or the other list; that the issue is there was seen before."""
        try:
            return list(self._client.pages(path))
        except Gone:
            return []

    def _notes(self, ticket: str) -> Iterator[Any]:
        query = {"sort": "asc", "order_by": "created_at", "activity_filter": "only_comments"}
        return self._client.pages(f"{_issue(ticket)}/notes", query)

    def _made_before(self, path: str, key: str) -> str | None:
        for issue in self._client.pages(path, {"search": key, "in": "description", "scope": "all", "state": "all"}):
            if key in markup.markers(str(mapping(issue).get("description") or "")):
                return issue_id(mapping(issue))
        return None


def _issue(ticket: str) -> str:
    project, _, iid = ticket.partition("/")
    if not (project.isascii() and project.isdigit() and iid.isascii() and iid.isdigit()):
        raise Gone(f"GET issue {ticket[:40]!r}", status=404, permanent=True, sent=False)
    return f"/projects/{project}/issues/{iid}"


def _answer(call: Call, status: int, body: Any) -> Answer:
    """A note of commands only is answered 202 and is not posted: nobody was told anything."""
    posts_text = call.what in ("say", "note") and call.method == "POST"
    number = whole(mapping(body).get("id"), 2**63 - 1) if call.what in ("say", "note") else None
    if posts_text and (status == 202 or number is None):
        what, eaten = f"{call.method} {call.path}", status == 202
        raise TrackerError(what, status=status if eaten else 0, permanent=eaten, detail="no note made")
    return Answer(status, body, str(number) if number else "")


def _became_public(call: Call, body: Any) -> bool:
    """Releases before 15.5 ignore `internal` without a word: what was meant for the desk would stay public."""
    said = mapping(body)
    return call.body.get("internal") is True and said.get("internal", said.get("confidential")) is False


def _json_of(answer: Any) -> Any:
    """The parsed body; an empty or unreadable one of a 2xx is None: the status alone says it was done."""
    try:
        return answer.json()
    except (ValueError, RecursionError):
        return None
