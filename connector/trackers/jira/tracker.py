"""`JiraTracker`: one connection to Jira Cloud or Data Center, plain and service projects alike."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from ...core.digest import text_digest
from ...errors import Gone, TrackerError
from ...messages import Draft
from ...model import Actor, Audience, Comment, Event, Role, Ticket
from ...words import Connection, Words
from .. import Answer, Call, Composed, Listed, NoteWrite, Past, Search, Stamp, Write
from ..shapes import mapping
from . import listing
from .client import API, Client
from .create import create
from .lookups import Lookups
from .reader import read
from .reads import Reads
from .roles import Roles
from .shapes import number
from .texts import Desk
from .verify import Proof, delivery, verify
from .writer import compose

WARNED_FOR = timedelta(hours=1)
"""So long a weaker proof is not told again."""

RETRIED = timedelta(hours=24)
"""How long an effect is tried at most."""


log = logging.getLogger(__name__)


class JiraTracker:
    """A `Tracker` for Jira by REST v2. Thread-safe.

    The option `internal_visibility` (`role X` or `group X`) says who may read internal texts in plain
    projects. The flavour is asked once where the connection does not say it.
    """

    kind = "jira"

    def __init__(self, connection: Connection, *, clock: Callable[[], datetime]) -> None:
        self.name = connection.name
        self._secrets = connection.secrets
        self._client_secrets = connection.client_secrets
        self._warned = datetime.min.replace(tzinfo=UTC)
        self._options = connection.options
        self._clock = clock
        self._client = Client(connection, clock=clock)
        self.limits = self._client.limits
        self._ask = Lookups(self._client, flavor=connection.flavor, clock=clock)
        self._roles = Roles(self._client, self._ask)
        self._reads = Reads(self.name, self._client, self._ask, self._roles)
        self._properties = True

    def verify(self, headers: Mapping[str, str], body: bytes, path_secret: str | None, now: datetime) -> None:
        """Jira signs no time, so a replay is told by its delivery id alone; `now` is for a bearer token."""
        proof = verify(headers, body, path_secret, self._secrets, self._client_secrets, now)
        if proof is Proof.BEARER and now >= self._warned + WARNED_FOR:
            self._warned = now
            log.warning(
                "weaker_proof", extra={"tracker": self.name, "why": "the bearer token does not sign the body"}
            )

    def delivery(self, headers: Mapping[str, str], body: bytes) -> str:
        return delivery(headers, body)

    def read(self, headers: Mapping[str, str], document: Any, words: Words) -> Event | None:  # noqa: ARG002
        return read(document, words, tracker=self.name)

    def fetch(self, ticket: str, words: Words) -> Ticket:
        return self._reads.ticket(ticket, words)

    def past(self, ticket: str, words: Words) -> Past:
        return self._reads.past(ticket, words)

    def comments(self, ticket: str, words: Words) -> tuple[Comment, ...]:
        return self._reads.comments(ticket, words)

    def audience(self, ticket: str, comment: str) -> Audience | None:
        """By the comment's mark, which only a request for it shows: older Data Centers tell it nowhere else."""
        return self._reads.audience(ticket, comment)

    def changed(self, projects: tuple[str, ...], since: datetime, words: Words) -> Iterator[Ticket]:
        return self._reads.changed(projects, since, self._clock(), words) if projects else iter(())

    def open_issues(self, search: Search) -> Iterator[Listed]:
        """Open issues by creation; `query` is JQL without an order."""
        return listing.open_issues(self._client, search, self._clock, cloud=self._ask.cloud)

    def marks(self, ticket: str, words: Words) -> frozenset[str]:
        return self._reads.marks(ticket, words)

    def role(self, actor: Actor, project: str, words: Words) -> Role:
        return self._roles.role(actor, project, words)

    def me(self) -> Actor:
        return self._ask.me()

    def compose(
        self, ticket: Ticket, writes: tuple[Write, ...], note: NoteWrite | None, stamp: Stamp, words: Words
    ) -> Composed:
        desk = Desk(str(self._options.get("internal_visibility") or ""), self._properties)
        return compose(ticket, writes, note, stamp, words, self._ask, desk)

    def send(self, call: Call, chain: str = "") -> Answer:
        """Send it once. An edit whose issue property Jira refuses goes out again without it: nothing was applied."""
        body = dict(call.body)
        if not self._properties and call.what == "fields":
            body = self._unmarked(call, body)
            if not body:
                return Answer(204)
        try:
            reply = self._client.send(call.method, call.path, params=call.params or None, body=body)
        except TrackerError as error:
            if _property_refused(call, body, error):
                self._properties = False
                return self.send(call, chain)
            raise self._meant(call, body, error) from None
        made = number(mapping(reply.body).get("id")) if call.what in ("say", "note") else ""
        if made and _became_public(body, reply.body):
            self._client.send("DELETE", f"{API}/issue/{call.path.split('/')[5]}/comment/{made}")
            detail = "Jira made an internal comment public: it was deleted at once"
            raise TrackerError(f"{call.method} {call.path}", status=422, permanent=True, detail=detail)
        return Answer(reply.status, reply.body, made)

    def create(self, draft: Draft, key: str, words: Words) -> str:  # noqa: ARG002
        type = self._ask.issue_type(draft.project)
        return create(self._client, draft, key, type, cloud=self._ask.cloud())

    def probe(self) -> None:
        self._client.get(f"{API}/myself")

    def _unmarked(self, call: Call, body: Mapping[str, Any]) -> dict[str, Any]:
        """The edit for a Jira that refuses our issue property: texts of ours that are there already are left out.

        Nothing else tells whether an earlier answer was lost, so the comments are read and compared by digest.
        """
        kept = {name: part for name, part in body.items() if name != "properties"}
        update = dict(kept.get("update", {}))
        if not any("add" in step for step in update.get("comment", ())):
            return kept
        there = self._lately_said(call.path.rpartition("/")[2])
        steps = [s for s in update.pop("comment") if "add" not in s or text_digest(s["add"]["body"]) not in there]
        if steps:
            update["comment"] = steps
        kept.pop("update")
        return {**kept, "update": update} if update else kept

    def _lately_said(self, ticket: str) -> frozenset[str]:
        """Digests of the comments under our own account that are no older than an effect can be retried."""
        me, since = self.me().account, self._clock() - RETRIED
        comments = self._reads.comments(ticket, Words())
        return frozenset(text_digest(c.text) for c in comments if c.author.account == me and c.at and c.at >= since)

    def _meant(self, call: Call, body: Mapping[str, Any], error: TrackerError) -> TrackerError:
        """The same failure as whoever sent the call should take it."""
        if _note_missing(body, error):
            return Gone(error.call, status=404, permanent=True, detail="the note was deleted")
        if error.status == 404 and call.what != "link":
            return Gone(error.call, status=404, permanent=True, detail=error.detail)
        if call.what == "move" and error.permanent and self._ask.forget_transitions():
            # The transition may have been renumbered since we asked: the next try asks again.
            return TrackerError(error.call, status=error.status, detail=error.detail)
        return error


def _became_public(body: Mapping[str, Any], answer: Any) -> bool:
    """Whether customers can read what was marked as internal: the mark was lost."""
    marks = {mark["key"]: mark["value"] for mark in body.get("properties", ())}
    internal = mapping(marks.get("sd.public.comment")).get("internal") is True
    return internal and mapping(answer).get("jsdPublic") is True


def _note_missing(body: Mapping[str, Any], error: TrackerError) -> bool:
    """Whether an edit failed because the comment that it edits, our note, is not there any more."""
    edits = any("edit" in step for step in mapping(body.get("update")).get("comment", ()))
    named = "comment" in error.fields or (not error.fields and "comment" in error.detail.casefold())
    return edits and named and error.status in (400, 404)


def _property_refused(call: Call, body: Mapping[str, Any], error: TrackerError) -> bool:
    """Whether it was our mark, and not a field, that Jira did not take."""
    if call.what != "fields" or "properties" not in body or error.status not in (400, 403):
        return False
    named = not set(error.fields).isdisjoint({"properties", "pointsman"})
    return named or (not error.fields and "propert" in error.detail.casefold())
