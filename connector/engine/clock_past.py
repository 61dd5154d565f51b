"""What a look and its events tell the SLA clock: facts, each stored once, with who it was and who could read it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from ..core.clock_facts import CREATED, MERGED, Fact, events_of, latest
from ..core.fact_sources import change_fact, comment_fact, created_fact, made_before, merged_fact, seen_facts
from ..frozen import frozen
from ..model import Actor, Audience, Comment, Event, Kind, Role
from ..store import CommentRow, HistoryRow, Work
from ..trackers import MERGED_INTO
from .history import UNNAMED, change_of, is_ours
from .look import Look, with_role
from .services import Services

SETTLED = timedelta(minutes=5)
"""A comment older than this that a full list lacks was deleted; a younger one may not be in it yet."""
FULL = 5_000
"""A list with more comments than this may have been cut."""


@dataclass(frozen=True, slots=True)
class Told:
    """What is to be stored beside the changes: facts of comments and merges, before them those known so far.

    `by` is the requester's role, None where the creation is known already.
    """

    known: tuple[Fact, ...]
    facts: tuple[Fact, ...]
    by: Role | None


def told(services: Services, look: Look, heard: Iterable[Fact], events: Iterable[Event]) -> Told:
    """What `look`, the comments `heard`, and deletions among `events` tell; a role may have to be asked for."""
    known = services.store.tickets.facts(look.tracker.name, look.ticket.id)
    held = latest(known)
    rows = services.store.tickets.comments(look.tracker.name, look.ticket.id)
    facts: dict[str, Fact] = {}
    if CREATED not in held:
        facts |= {fact.source: fact for fact in _stored(services, look, rows)}
    for fact in heard:
        facts.setdefault(fact.source, fact)
    facts = {source: fact for source, fact in facts.items() if source not in held}
    for comment in look.ticket.comments if look.listed is None else look.listed:
        source = f"c{comment.id}"
        if found := _listed(services, look, rows, comment, facts.get(source) or held.get(source)):
            facts[source] = found
    facts |= {fact.source: fact for fact in _deleted(look, {**held, **facts}, events)}
    facts |= {fact.source: fact for fact in _missing(look, held)}
    facts |= {fact.source: fact for fact in _merged(look, held.get(MERGED))}
    by = _asked_by(services, look) if CREATED not in held else None
    return Told(known, tuple(facts.values()), by)


def keep(
    work: Work, look: Look, told: Told, new: tuple[tuple[int, HistoryRow], ...]
) -> tuple[Mapping[str, Any], ...]:
    """Store what was told, and the changes `new` to the history; all events that the clock has to go by."""
    tracker, id = look.tracker.name, look.ticket.id
    created = latest(told.known).get(CREATED)
    every = {number: change_of(row) for number, row in work.history(tracker, id)} if new or not created else {}
    if created is None:
        first = created_fact(look.ticket, told.by, every.values(), look.read_at)
    else:
        first = made_before(created, every.values())
    wanted = every if created is None else [number for number, _ in new]
    found = (change_fact(number, every[number]) for number in wanted)
    others = sorted((*filter(None, found), *told.facts), key=lambda fact: fact.at)
    facts = (*told.known, *work.add_facts(tracker, id, (first, *others)))
    seen = seen_facts(look.ticket, facts, min(look.ticket.updated or look.read_at, look.read_at))
    return tuple(map(frozen, events_of((*facts, *work.add_facts(tracker, id, seen)))))


def heard_fact(look: Look, row: CommentRow, person: str) -> Fact | None:
    """A comment as it was heard of; None for a text of ours of which the tracker has not told an id."""
    if row.at is None or row.id.startswith(UNNAMED):
        return None
    role = Role(row.by_role or Role.CUSTOMER)
    by = Role.US if row.ours else _side(look, Actor(row.by_account, role=role, person=person))
    return comment_fact(row.id, row.at, by, public=row.audience == Audience.PUBLIC.value, person=person)


def _stored(services: Services, look: Look, rows: Iterable[CommentRow]) -> Iterator[Fact]:
    """What an earlier release has kept of the ticket's comments."""
    words = services.words(look.tracker.name)
    facts = (heard_fact(look, row, words.person_of(row.by_account)) for row in rows)
    return filter(None, facts)


def _listed(
    services: Services, look: Look, rows: tuple[CommentRow, ...], comment: Comment, known: Fact | None
) -> Fact | None:
    """A comment that nobody told of; or that it is public, which nobody knew when it was told of."""
    public = comment.audience is Audience.PUBLIC
    if known is not None:
        unknown = public and not known.deleted and known.data.get("public") is False
        return replace(known, data=frozen({**known.data, "public": True})) if unknown else None
    author = with_role(services, look.tracker, look.ticket.project, comment.author)
    by = Role.US if is_ours(look.tracker, rows, comment, comment.author) else _side(look, author)
    return comment_fact(comment.id, comment.at or look.read_at, by, public=public, person=author.person)


def _deleted(look: Look, held: Mapping[str, Fact], events: Iterable[Event]) -> Iterator[Fact]:
    """Comments that were deleted, also one never heard of: what is told of it later does not bring it back."""
    for event in events:
        if event.kind is Kind.COMMENT_DELETED and event.comment:
            source = f"c{event.comment.id}"
            known = held.get(source) or Fact(source, event.comment.at or event.at or look.read_at, "comment")
            yield replace(known, deleted=True)


def _missing(look: Look, held: Mapping[str, Fact]) -> Iterator[Fact]:
    """Comments that a full list of them lacks: not every tracker tells of a deletion."""
    if look.listed is None or len(look.listed) > FULL:
        return
    there = {f"c{comment.id}" for comment in look.listed}
    for source, fact in held.items():
        if fact.type == "comment" and source not in there and fact.at < look.read_at - SETTLED:
            yield replace(fact, deleted=True)


def _merged(look: Look, known: Fact | None) -> Iterator[Fact]:
    """That the ticket goes on elsewhere, from when it was closed on; or that it does not any more."""
    target = next((link for link in look.ticket.links if link.startswith(MERGED_INTO)), "")
    if target:
        closed = [c.at for c in look.ticket.history if c.slot == "status" and c.value == "done"]
        at = closed[-1] if closed else known.at if known else look.ticket.updated or look.read_at
        yield merged_fact(target.removeprefix(MERGED_INTO), at)
    elif known:
        yield replace(known, deleted=True)


def _asked_by(services: Services, look: Look) -> Role | None:
    """The role of the ticket's requester; what our own account has made came by mail or form, from a customer."""
    asks = look.ticket.requester
    actor = with_role(services, look.tracker, look.ticket.project, Actor(asks.account, asks.name, email=asks.email))
    ours = bool(asks.account) and asks.account == look.tracker.me().account
    return Role.CUSTOMER if ours and not actor.person else _side(look, actor)


def _side(look: Look, actor: Actor) -> Role | None:
    """The role by which clocks go: who asks for a ticket is its customer, unless `_people.yaml` lists them.

    In Jira's plain projects everybody with an account is a colleague, and none would be kept waiting.
    """
    asks = bool(actor.account) and actor.account == look.ticket.requester.account
    asks_of_colleagues = asks and look.tracker.kind == "jira" and not actor.person
    return Role.CUSTOMER if asks_of_colleagues and actor.role is Role.AGENT else actor.role
