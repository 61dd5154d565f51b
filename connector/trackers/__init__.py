"""What the engine asks of a tracker. One file family per tracker: mapping, pure reader, pure writer, thin client.

Reading and composing are pure and take the `Words` of the connection; only `fetch`, `past`,
`comments`, `audience`, `changed`, `open_issues`, `marks`, `role` and `send` talk to the network, each with a timeout,
and raise `TrackerError` (never a client library's exception).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from ..changes import Change
from ..frozen import EMPTY
from ..messages import Draft
from ..model import Actor, Audience, Comment, Event, FieldChange, Role, Ticket
from ..words import Connection as Connection
from ..words import Words as Words

MERGED_INTO = "merged_into:"
"""Begins the link of a ticket that goes on in another one; behind it stands what the tracker calls that one."""


@dataclass(frozen=True, slots=True)
class Write:
    """One effect to bring about; `key` is its idempotency key and stays the same over retries."""

    key: str
    change: Change


@dataclass(frozen=True, slots=True)
class NoteWrite:
    """The reasoning note: `lines` as text in our own words, to be put into the tracker's markup.

    `note_id` is the id of the comment to edit, '' to make it anew.
    """

    key: str
    lines: tuple[str, ...]
    note_id: str = ""


@dataclass(frozen=True, slots=True)
class Stamp:
    """What marks our write at the tracker: the plan's id and all texts said on this ticket, these included."""

    plan: str
    said: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Call:
    """One request. `covers` names the effects it brings about; `fields` which effects each tracker field carries.

    `body` is JSON. `what` is one of `fields`, `say`, `note`, `move`, `link`, `create`, for logs and counts.
    `digest` is set for calls that make or edit a comment: the digest of the text, by which we know it again.
    """

    method: str
    path: str
    body: Mapping[str, Any] = EMPTY
    params: Mapping[str, str] = EMPTY
    covers: tuple[str, ...] = ()
    fields: Mapping[str, tuple[str, ...]] = EMPTY
    what: str = "fields"
    digests: Mapping[str, str] = EMPTY


@dataclass(frozen=True, slots=True)
class Composed:
    """The fewest requests for a set of writes, in order; `refused` says per effect why this tracker cannot."""

    calls: tuple[Call, ...] = ()
    refused: Mapping[str, str] = EMPTY


@dataclass(frozen=True, slots=True)
class Answer:
    """What the tracker answered; `comment_id` where the call made a comment and the answer names it."""

    status: int
    body: Any = None
    comment_id: str = ""


@dataclass(frozen=True, slots=True)
class Past:
    """What happened to a ticket before we met it, oldest first."""

    changes: tuple[FieldChange, ...] = ()
    comments: tuple[Comment, ...] = ()


@dataclass(frozen=True, slots=True)
class Search:
    """Which open issues are meant; `query` narrows them in the tracker's own language. Instants are inclusive."""

    projects: tuple[str, ...]
    query: str = ""
    created_after: datetime | None = None
    created_before: datetime | None = None
    updated_after: datetime | None = None

    def meets(self, created: datetime | None, updated: datetime | None) -> bool:
        """Whether an issue of that age is meant; one whose age nobody knows is."""
        early = created and self.created_after and created < self.created_after
        late = created and self.created_before and created > self.created_before
        still = updated and self.updated_after and updated < self.updated_after
        return not (early or late or still)


@dataclass(frozen=True, slots=True)
class Listed:
    """One issue of a list: enough to know it by, not to decide on."""

    id: str
    key: str = ""
    project: str = ""
    created: datetime | None = None


class Tracker(Protocol):
    """One connection to one tracker. Thread-safe: each worker thread gets its own HTTP session inside."""

    name: str
    kind: str

    def verify(self, headers: Mapping[str, str], body: bytes, path_secret: str | None, now: datetime) -> None:
        """Raise `Rejected(401)` unless the request is genuine; `headers` has lower-case names."""

    def delivery(self, headers: Mapping[str, str], body: bytes) -> str:
        """The id under which the tracker would send this delivery again; a digest of the body where it has none."""

    def read(self, headers: Mapping[str, str], document: Any, words: Words) -> Event | None:
        """The event in a parsed body, None if it is not about a ticket; raise `Rejected(400)` if unreadable. Pure."""

    def fetch(self, ticket: str, words: Words) -> Ticket:
        """The ticket as it is now, in one request; raise `Gone` for a 404."""

    def past(self, ticket: str, words: Words) -> Past:
        """Its changes and comments so far; asked once per ticket."""

    def comments(self, ticket: str, words: Words) -> tuple[Comment, ...]:
        """All comments by people and programs, oldest first, without the tracker's own remarks."""

    def audience(self, ticket: str, comment: str) -> Audience | None:
        """Who may read a comment whose event could not say; None if that stays unknown. At most one request."""

    def changed(self, projects: tuple[str, ...], since: datetime, words: Words) -> Iterator[Ticket]:
        """Tickets of `projects` updated at or after `since`, oldest first, paged. Comments if they cost nothing."""

    def open_issues(self, search: Search) -> Iterator[Listed]:
        """Issues that are not done, created first first, paged; some may come twice, none is left out.

        Raise `TrackerError`, a permanent one for a query that the tracker does not understand.
        """

    def marks(self, ticket: str, words: Words) -> frozenset[str]:
        """The keys of texts of ours that are at the tracker (`note` among them), read after an unknown outcome."""

    def role(self, actor: Actor, project: str, words: Words) -> Role:
        """Who `actor` is to `project`; people of `_people.yaml` first; undecidable = customer. Cached."""

    def me(self) -> Actor:
        """The account that our token belongs to. Cached."""

    def compose(
        self, ticket: Ticket, writes: tuple[Write, ...], note: NoteWrite | None, stamp: Stamp, words: Words
    ) -> Composed:
        """The fewest requests that bring `writes` about on `ticket`; look-ups it needs are cached. Sends no write."""

    def send(self, call: Call, chain: str = "") -> Answer:
        """Carry out one call of `compose`; raise `TrackerError`."""

    def create(self, draft: Draft, key: str, words: Words) -> str:
        """Make an issue and return its ticket id; `key` marks it, so that it is found again. Raise `TrackerError`."""

    def probe(self) -> None:
        """Raise `TrackerError` if the tracker cannot be reached with our token."""
