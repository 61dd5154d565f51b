"""One look at a ticket: one read, what we remember of it, and its history, put together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from .. import traces
from ..core.memory import Memory, memory_from_json
from ..model import Actor, Comment, Event, FieldChange, Kind, Role, Ticket
from ..rulebook import RuleFile
from ..store import CommentRow, HistoryRow, TicketRow
from ..trackers import Past, Tracker
from .history import change_of, ours_marked, rows_of
from .services import Services, first_seen

AT_CREATION = timedelta(seconds=1)
"""GitLab records a new issue's first labels as changes up to this long after its creation."""


@dataclass(frozen=True, slots=True)
class Look:
    """A ticket as it is now. `file` is None where no rule file applies to its project.

    `learned` and `heard` hold history rows and comments that are not stored yet, `listed` all comments as the
    tracker lists them, None where it was not asked. `read_at` is when it was read;
    `written` says that we wrote since. `shadow`: it is looked at for a backfill that may write nothing.
    """

    tracker: Tracker
    ticket: Ticket
    file: RuleFile | None
    memory: Memory
    row: TicketRow | None
    read_at: datetime
    learned: tuple[HistoryRow, ...] = ()
    heard: tuple[CommentRow, ...] = ()
    listed: tuple[Comment, ...] | None = None
    written: bool = False
    shadow: bool = False

    @property
    def live(self) -> bool:
        """Whether we may write: the stricter of the rule file's word and the backfill's."""
        return self.file is not None and self.file.mode == "live" and not self.shadow

    @property
    def met(self) -> bool:
        """Whether we had to do with it before, other than to show what a backfill would do."""
        return self.row is not None and self.row.contact


def look_at(services: Services, tracker: Tracker, ticket_id: str, *, catch_up: bool = False) -> Look:
    """Read the ticket: one request; its past too at first contact, and with `catch_up`, after events were missed.

    Raise `Gone` or `TrackerError`.
    """
    book = services.rules.current
    words = services.words(tracker.name)
    with traces.span("fetch", tracker=tracker.name):
        ticket = tracker.fetch(ticket_id, words)
    read_at = services.clock()
    file = book.file_for(tracker.name, ticket.project)
    row = services.store.tickets.get(tracker.name, ticket_id)
    memory = memory_from_json(row.memory) if row else Memory()
    look = Look(tracker, ticket, file, memory, row, read_at)
    if file is not None and (catch_up or not look.met):
        look = _met(services, look)
    stored = tuple(map(change_of, services.store.tickets.history(tracker.name, ticket_id)))
    return with_history(look, stored)


def creation_missed(services: Services, look: Look, known: Iterable[tuple[int, Event]]) -> Event | None:
    """The creation of a ticket that we meet first by a later event: its own event is late, or lost."""
    ticket = look.ticket
    if look.met or ticket.created is None or ticket.created < start_of(services, look):
        return None
    if any(event.kind is Kind.CREATED for _, event in known):
        return None
    if all(event.backfill for _, event in known):
        # Nothing happened: to greet somebody weeks later is no use, and no backfill's business.
        return None
    asks = ticket.requester
    actor = with_role(services, look.tracker, ticket.project, Actor(asks.account, asks.name, email=asks.email))
    return Event(
        tracker=look.tracker.name,
        ticket=ticket.id,
        kind=Kind.CREATED,
        key=ticket.key,
        project=ticket.project,
        at=ticket.created,
        actor=actor,
    )


def start_of(services: Services, look: Look) -> datetime:
    """When we first started with this tracker: what is older is history."""
    first = services.store.meta.get(first_seen(look.tracker.name))
    return datetime.fromisoformat(first) if first else look.read_at


def caught_up(services: Services, look: Look) -> Look:
    """`look` with what the tracker's own record knows of the past."""
    return with_history(_met(services, look), look.ticket.history)


def again(services: Services, look: Look) -> Look:
    """The same look with a fresh read."""
    with traces.span("fetch", tracker=look.tracker.name):
        ticket = look.tracker.fetch(look.ticket.id, services.words(look.tracker.name))
    ticket = replace(ticket, clock_events=look.ticket.clock_events)
    fresh = replace(look, ticket=ticket, read_at=services.clock(), written=False)
    return with_history(fresh, look.ticket.history)


def with_history(look: Look, history: Iterable[FieldChange]) -> Look:
    """`look` whose ticket carries `history`, oldest first, and what we remember."""
    changes = tuple(sorted((*history, *map(change_of, look.learned)), key=lambda change: change.at))
    reopened = sum(1 for c in changes if c.slot == "status" and c.was == "done" and c.value != "done")
    ticket = replace(look.ticket, history=changes, reopen_count=max(reopened, look.ticket.reopen_count))
    # A note that this read shows is remembered: later reads may show but a page of many comments.
    memory = replace(look.memory, note_id=look.memory.note_id or ticket.note_id)
    return replace(look, memory=memory, ticket=_forget_lost_note(memory, memory.on(ticket)))


def _forget_lost_note(memory: Memory, ticket: Ticket) -> Ticket:
    """Where a read shows all comments, or that there are none, a note that is not among them was deleted."""
    all_shown = ticket.comments if ticket.comment_count is None else len(ticket.comments) >= ticket.comment_count
    if memory.note_id and all_shown and all(c.id != memory.note_id for c in ticket.comments):
        return replace(ticket, note_id="")
    return ticket


def _met(services: Services, look: Look) -> Look:
    """At first contact the past comes from the tracker, unless nothing can have happened yet."""
    ticket = look.ticket
    if ticket.created and ticket.updated and ticket.updated <= ticket.created:
        return look
    words = services.words(look.tracker.name)
    past = look.tracker.past(ticket.id, words)
    if any(comment.audience is None for comment in past.comments):
        past = replace(past, comments=look.tracker.comments(ticket.id, words))
    later = tuple(c for c in past.changes if not ticket.created or c.at > ticket.created + AT_CREATION)
    changes = ours_marked(services.store, look.tracker, ticket.id, later)
    rows = rows_of(_with_roles(services, look.tracker, ticket.project, changes))
    heard = tuple(_heard(services, look, past))
    return replace(look, learned=rows, heard=heard, listed=past.comments)


def _with_roles(
    services: Services, tracker: Tracker, project: str, changes: Iterable[FieldChange]
) -> tuple[FieldChange, ...]:
    return tuple(replace(c, by=with_role(services, tracker, project, c.by)) for c in changes)


def _heard(services: Services, look: Look, past: Past) -> Iterable[CommentRow]:
    """Comments from before our first start are history; later ones are events, told by webhook or reconcile."""
    start = start_of(services, look)
    for comment in past.comments:
        if comment.at and comment.at >= start:
            continue
        author = with_role(services, look.tracker, look.ticket.project, comment.author)
        yield CommentRow(
            tracker=look.tracker.name,
            ticket=look.ticket.id,
            id=comment.id,
            at=comment.at or look.read_at,
            by_role=(author.role or Role.CUSTOMER).value,
            by_account=author.account,
            audience=comment.audience.value if comment.audience else "internal",
            ours=False,
            digest="",
            worked=True,
            effect_key="",
        )


def with_role(services: Services, tracker: Tracker, project: str, actor: Actor) -> Actor:
    """`actor` with the role that the tracker, `_people.yaml`, or in doubt caution gives them, and their person."""
    words = services.words(tracker.name)
    person = actor.person or words.person_of(actor.account, actor.email, actor.name)
    if actor.role is not None:
        return replace(actor, person=person)
    return replace(actor, role=tracker.role(actor, project, words), person=person)


def with_project(event: Event, ticket: Ticket) -> Event:
    """`event` with the key and project that its body may have lacked."""
    return replace(event, key=ticket.key, project=ticket.project)
