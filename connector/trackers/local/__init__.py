"""The `local` tracker: issues kept in our own store, so that everything can be tried with nothing else installed.

Words are identity, nobody sends it webhooks, and texts can be internal or public.
"""

# A protocol's methods take what other trackers need.
# ruff: noqa: ARG002

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from ...errors import Gone, Rejected, TrackerError
from ...messages import Draft
from ...model import Actor, Audience, Comment, Event, Role, Ticket
from ...words import Words
from .. import Answer, Call, Composed, Listed, NoteWrite, Past, Search, Stamp, Write
from .reader import ME, NOTE, actor_of, read_changes, read_comments, read_ticket, split_key
from .storage import IssueStorage
from .writer import compose

__all__ = ["IssueStorage", "LocalTracker"]

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class LocalTracker:
    """A `Tracker` whose far end is a table; every call is one short transaction there."""

    kind = "local"

    def __init__(self, storage: IssueStorage, name: str = "local", *, clock: Callable[[], datetime]) -> None:
        self.name = name
        self._storage = storage
        self._clock = clock

    def verify(self, headers: Mapping[str, str], body: bytes, path_secret: str | None, now: datetime) -> None:
        """Nothing is genuine: this tracker has no secret, and what happens at it needs no webhook."""
        raise Rejected(401, f"the tracker `{self.name}` takes no webhooks")

    def delivery(self, headers: Mapping[str, str], body: bytes) -> str:
        return hashlib.sha256(body).hexdigest()

    def read(self, headers: Mapping[str, str], document: Any, words: Words) -> Event | None:
        return None

    def fetch(self, ticket: str, words: Words) -> Ticket:
        issue = self._issue(ticket, "read")
        return read_ticket(self.name, issue, self._storage.comments(ticket), words)

    def past(self, ticket: str, words: Words) -> Past:
        return Past(read_changes(self._storage.changes(ticket), words), self.comments(ticket, words))

    def comments(self, ticket: str, words: Words) -> tuple[Comment, ...]:
        return read_comments(self._storage.comments(ticket), words)

    def audience(self, ticket: str, comment: str) -> Audience | None:
        return next((c.audience for c in self.comments(ticket, Words()) if c.id == comment), None)

    def changed(self, projects: tuple[str, ...], since: datetime, words: Words) -> Iterator[Ticket]:
        issues = [issue for project in projects for issue in self._storage.changed_since(project, since)]
        for issue in sorted(issues, key=lambda issue: issue["updated"]):
            yield read_ticket(self.name, issue, self._storage.comments(str(issue["id"])), words)

    def open_issues(self, search: Search) -> Iterator[Listed]:
        if search.query:
            raise TrackerError("list issues", permanent=True, sent=False, detail="the local tracker takes no query")
        found = [issue for project in search.projects for issue in self._storage.changed_since(project, _LONG_AGO)]
        for issue in sorted(found, key=lambda issue: issue["created"]):
            if issue.get("status") != "done" and search.meets(issue["created"], issue["updated"]):
                yield Listed(str(issue["id"]), str(issue["key"]), str(issue["project"]), issue["created"])

    def marks(self, ticket: str, words: Words) -> frozenset[str]:
        keys = (split_key(row.get("key") or "") for row in self._storage.comments(ticket))
        return frozenset(said for key in keys if key for said in key)

    def role(self, actor: Actor, project: str, words: Words) -> Role:
        return actor_of(actor.account or actor.email, words).role or Role.CUSTOMER

    def me(self) -> Actor:
        return actor_of(ME, Words())

    def compose(
        self, ticket: Ticket, writes: tuple[Write, ...], note: NoteWrite | None, stamp: Stamp, words: Words
    ) -> Composed:
        return compose(ticket, writes, note, words)

    def send(self, call: Call, chain: str = "") -> Answer:
        """Carry out one call; sent again under the same key, it changes nothing."""
        issue = self._issue(call.path.split("/")[1], f"{call.method} {call.what}")
        if call.what == "fields":
            self._storage.update(str(issue["id"]), _merged(issue, call.body), self._clock(), ME)
            return Answer(200)
        return Answer(200, comment_id=self._put_comment(str(issue["id"]), call.body))

    def create(self, draft: Draft, key: str, words: Words) -> str:
        """Make an issue; asked again with the same `key`, it gives the one made before."""
        id, _ = self._storage.create(
            draft.project,
            draft.title,
            body=draft.body,
            email=draft.requester.email,
            name=draft.requester.name,
            channel=draft.channel,
            key=key,
        )
        return id

    def probe(self) -> None:
        """It is always there: it lives where we live."""

    def _issue(self, ticket: str, call: str) -> Mapping[str, Any]:
        issue = self._storage.get(ticket)
        if issue is not None:
            return issue
        if call == "read":
            raise Gone(f"read local issue {ticket}", status=404, permanent=True, sent=False)
        raise TrackerError(f"{call} local issue {ticket}", status=404, permanent=True)

    def _put_comment(self, id: str, body: Mapping[str, Any]) -> str:
        old = body.get("comment")
        if old and self._storage.edit_comment(id, old, body["text"]):
            return str(old)
        # A note that somebody deleted is made anew.
        made = self._storage.add_comment(id, body["text"], body["audience"], ME, body["key"])
        if split_key(body["key"]) == (NOTE, NOTE):
            # The key was taken when an answer got lost: then the note is there, with an older text.
            self._storage.edit_comment(id, made, body["text"])
        return made


def _merged(issue: Mapping[str, Any], body: Mapping[str, Any]) -> dict[str, Any]:
    """The call's body with its wishes about members of sets carried out on what the issue holds now."""
    merged = dict(body)
    for name in ("labels", "links"):
        if name in merged:
            kept = {member for member in issue.get(name) or () if merged[name].get(member, True)}
            merged[name] = sorted(kept | {member for member, wanted in merged[name].items() if wanted})
    if "fields" in merged:
        merged["fields"] = {**(issue.get("fields") or {}), **merged["fields"]}
    return merged
