"""Past changes as rows of the store and back, and which of them were our own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from ..core.change_json import change_from_json
from ..core.digest import text_digest
from ..core.explain import HEADING
from ..core.slots import stood_for
from ..frozen import frozen
from ..model import Actor, Comment, Event, FieldChange, Role
from ..store import CommentRow, EffectRow, HistoryRow, Store
from ..trackers import Tracker

ECHO = timedelta(hours=1)
"""A change under our own account is taken for our echo if we sent that value within this time."""

SAME_INSTANT = timedelta(seconds=2)

MARKER = "<!-- pointsman:"

UNNAMED = "~"
"""Begins the id under which a text of ours is kept by its digest, until the tracker has told its own."""


def rows_of(changes: Iterable[FieldChange]) -> tuple[HistoryRow, ...]:
    return tuple(
        HistoryRow(
            slot=c.slot,
            was=c.was,
            value=c.value,
            at=c.at,
            by_role=(c.by.role or Role.CUSTOMER).value,
            by_account=c.by.account,
            by_name=c.by.name,
            by_person=c.by.person,
            source_id=c.id,
            kind="field",
        )
        for c in changes
    )


def change_of(row: HistoryRow) -> FieldChange:
    role = Role(row.by_role) if row.by_role else None
    by = Actor(account=row.by_account, name=row.by_name, role=role, person=row.by_person)
    return FieldChange(row.slot, frozen(row.was), frozen(row.value), row.at, by, row.source_id)


def own_changes(store: Store, tracker: Tracker, event: Event) -> Event:
    """`event` with role `us` on its changes if they echo effects of ours, by value, not by account alone."""
    return replace(event, changes=ours_marked(store, tracker, event.ticket, event.changes))


def ours_marked(
    store: Store, tracker: Tracker, ticket: str, changes: tuple[FieldChange, ...]
) -> tuple[FieldChange, ...]:
    """`changes` with role `us` on those under our account that bring a value we sent.

    What comes along at the same instant (the labels behind a priority) is ours with it.
    """
    mine = [change for change in changes if _is_me(tracker, change.by)]
    instants = [change.at for change in mine if _sent(store, tracker, ticket, change)]
    ours = {id(c) for c in mine if any(abs(c.at - at) <= SAME_INSTANT for at in instants)}
    return tuple(replace(c, by=replace(c.by, role=Role.US)) if id(c) in ours else c for c in changes)


def _sent(store: Store, tracker: Tracker, ticket: str, change: FieldChange) -> bool:
    sent = store.plans.sent(tracker.name, ticket, change.slot, change.at - ECHO)
    return any(value_sent(effect) == change.value for effect in sent)


def value_sent(effect: EffectRow) -> Any:
    """The (JSON) value that `effect` brings to its slot."""
    return stood_for(change_from_json(effect.after))


def is_our_comment(store: Store, tracker: Tracker, event: Event, comment: Comment) -> bool:
    """Known by its stored id; else, under our own account, by its marker or the digest of a text we sent."""
    return is_ours(tracker, store.tickets.comments(event.tracker, event.ticket), comment, event.actor)


def is_ours(tracker: Tracker, rows: Sequence[CommentRow], comment: Comment, actor: Actor) -> bool:
    """The same, by the `rows` that are stored of the ticket's comments; `actor` counts where it names no author."""
    if any(row.ours and row.id == comment.id for row in rows):
        return True
    if not _is_me(tracker, comment.author if comment.author.account else actor):
        return False
    digest = text_digest(comment.text)
    return MARKER in comment.text or any(row.ours and row.digest == digest for row in rows)


def is_note(tracker: Tracker, comment: Comment) -> bool:
    """Whether `comment` is our reasoning note: under our account, with its marker or its heading."""
    if not _is_me(tracker, comment.author):
        return False
    first = comment.text.strip().partition("\n")[0]
    return f"{MARKER}note" in comment.text or any(heading in first for heading in HEADING.values())


def _is_me(tracker: Tracker, actor: Actor) -> bool:
    me = tracker.me()
    return bool(actor.account) and actor.account == me.account


def each_role(change: Callable[[Actor], Actor], event: Event) -> Event:
    """`event` with `change` applied to its actor, its comment's author, and who made each of its changes."""
    comment = event.comment and replace(event.comment, author=change(event.comment.author))
    changes = tuple(replace(c, by=change(c.by)) for c in event.changes)
    return replace(event, actor=change(event.actor), comment=comment, changes=changes)
