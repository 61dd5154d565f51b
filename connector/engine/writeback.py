"""A stored plan is carried to its end: what is there already is settled, the rest is sent, each effect once."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from .. import traces
from ..changes import Say
from ..core.digest import value_digest
from ..core.explain import told_left, told_refused
from ..core.slots import holds, pins_of, stood_for
from ..errors import Gone, TrackerError
from ..model import Ticket
from ..store import EffectRow, StoredPlan
from ..store.meta import RESTORED
from ..trackers import Answer, Call, Composed, NoteWrite, Stamp, Write
from .history import is_note
from .look import Look, again
from .record import NOTE, as_note, as_write
from .services import Services

log = logging.getLogger(__name__)
FRESH = timedelta(seconds=10)
"""Every write follows a read younger than this."""
DOUBTFUL = timedelta(days=30)
"""So long after a backup was put back, every text is looked for at the tracker before it is said."""


@dataclass(slots=True)
class Carried:
    """What became of each effect so far, by its key: the answer, or why it was dropped or refused.

    `statuses` holds what the tracker answered to those it refused itself. `comments` maps a text to the id
    (if told) and digest of its comment. `error` stopped the rest.
    """

    look: Look
    done: dict[str, Mapping[str, object]] = field(default_factory=dict)
    dropped: dict[str, str] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    statuses: dict[str, int] = field(default_factory=dict)
    comments: dict[str, tuple[str, str]] = field(default_factory=dict)
    note_id: str | None = None
    note_digest: str | None = None
    error: TrackerError | None = None

    @property
    def settled_keys(self) -> set[str]:
        return {*self.done, *self.dropped, *self.refused}


def carry(services: Services, look: Look, stored: StoredPlan, chain: str, *, retried: bool) -> Carried:
    """Send what is still pending of `stored`.

    `retried` says that an earlier try may have reached the tracker: then `look` is fresh, and effects
    that are there already are marked done, those whose slot a person has changed since are dropped.
    Nothing is raised for the tracker's refusals and failures: they are in the result.
    """
    carried = Carried(look)
    try:
        if look.written or services.clock() - look.read_at > FRESH:
            carried.look = again(services, look)
            retried = True
        if retried or _may_be_said(services, stored):
            _settle(services, carried, stored)
        _send_all(services, carried, stored, chain)
    except TrackerError as error:
        carried.error = error
    return carried


def _may_be_said(services: Services, stored: StoredPlan) -> bool:
    """After a backup was put back the tracker may have texts of which we know nothing."""
    if not any(row.op in ("Say", "Note") for row in stored.effects):
        return False
    restored = services.store.meta.get(RESTORED)
    return restored is not None and services.clock() - datetime.fromisoformat(restored) < DOUBTFUL


def _pending(stored: StoredPlan, carried: Carried) -> list[EffectRow]:
    return [row for row in stored.effects if row.state == "pending" and row.key not in carried.settled_keys]


def _settle(services: Services, carried: Carried, stored: StoredPlan) -> None:
    look = carried.look
    rows = _pending(stored, carried)
    marks = look.ticket.marks
    if any(row.op in ("Say", "Note") for row in rows):
        marks = marks | look.tracker.marks(look.ticket.id, services.words(look.tracker.name))
    held = pins_of(replace(look.ticket, ours={}, pins={}))
    found: list[EffectRow] = []
    for row in rows:
        if row.op == "Note":
            continue
        change = as_write(row).change
        if isinstance(change, Say):
            if row.key in marks or change.key in marks - look.memory.said:
                carried.done[row.key] = {"found": True}
                found.append(row)
            continue
        if change.seen_in(look.ticket):
            carried.done[row.key] = {"found": True}
            continue
        comparable, now = holds(look.ticket, row.slot)
        pin = held.get(row.slot)
        moved_on = comparable and now not in (row.before, stood_for(change))
        if not change.by and (moved_on or (pin and pin.at and pin.at > stored.at)):
            carried.dropped[row.key] = "a person changed it since"
    found += [row for row in rows if row.op == "Note" and NOTE in marks]
    _know_again(services, carried, found)
    if NOTE in marks and not look.ticket.note_id:
        carried.look = replace(look, ticket=_with_found_note(services, look))


def _know_again(services: Services, carried: Carried, found: list[EffectRow]) -> None:
    """Remember the digests of texts that got there without an answer: by them their echoes are known as ours."""
    if not found:
        return
    look = carried.look
    bare = replace(look.ticket, marks=frozenset(), said=frozenset(), note_id="")
    writes = tuple(as_write(row) for row in found if row.op != "Note")
    note = next((as_note(row, "") for row in found if row.op == "Note"), None)
    composed = look.tracker.compose(bare, writes, note, Stamp(""), services.words(look.tracker.name))
    for call in composed.calls:
        carried.comments.update({key: ("", digest) for key, digest in call.digests.items()})


def _with_found_note(services: Services, look: Look) -> Ticket:
    """Our note is there, but the answer that would have named it was lost: find it among the comments."""
    for comment in look.tracker.comments(look.ticket.id, services.words(look.tracker.name)):
        if is_note(look.tracker, comment):
            return replace(look.ticket, note_id=comment.id)
    return look.ticket


def _send_all(services: Services, carried: Carried, stored: StoredPlan, chain: str) -> None:
    composed = _compose(services, carried, stored)
    anew = False
    while composed.calls:
        if services.clock() - carried.look.read_at > FRESH:
            # A slow answer before: what was read for this call is too old by now.
            carried.look = again(services, carried.look)
            _settle(services, carried, stored)
            composed = _compose(services, carried, stored)
            continue
        call, composed = composed.calls[0], replace(composed, calls=composed.calls[1:])
        try:
            with traces.span("effects", tracker=carried.look.tracker.name, effects=len(call.covers)):
                answer = carried.look.tracker.send(call, chain)
        except Gone:
            if not carried.look.ticket.note_id or not _carries_note(stored, call):
                raise
            carried.look = replace(carried.look, ticket=replace(carried.look.ticket, note_id=""))
            composed = _compose(services, carried, stored)
            if anew:
                raise
            anew = True
        except TrackerError as error:
            if not error.permanent:
                raise
            named = _named(call, error)
            _refuse(carried, named or call.covers, error)
            if not named:
                raise
            # Some trackers name one bad field at a time; every round has fewer, so this ends.
            composed = _compose(services, carried, stored)
        else:
            _take_answer(carried, stored, call, answer)


def _compose(services: Services, carried: Carried, stored: StoredPlan) -> Composed:
    rows = _pending(stored, carried)
    look = carried.look
    writes = tuple(as_write(row) for row in rows if row.op != "Note")
    notes = [as_note(row, look.ticket.note_id) for row in rows if row.op == "Note"]
    note = _true_now(notes[0], services, carried, stored) if notes else None
    if not writes and not note:
        return Composed()
    said = sorted(look.memory.said | {w.change.key for w in writes if isinstance(w.change, Say)})
    stamp = Stamp(str(stored.id), tuple(said))
    composed = look.tracker.compose(look.ticket, writes, note, stamp, services.words(look.tracker.name))
    carried.refused.update(composed.refused)
    if composed.refused and note:
        return _compose(services, carried, stored)
    covered = {key for call in composed.calls for key in call.covers}
    # What the tracker shows already needs no request.
    carried.done.update({row.key: {"found": True} for row in rows if row.key not in covered | carried.settled_keys})
    return composed


def _true_now(note: NoteWrite, services: Services, carried: Carried, stored: StoredPlan) -> NoteWrite:
    """The note without a claim that did not come true: what was refused or dropped is told as that."""
    lines, language = note.lines, services.settings.language
    for row in stored.effects:
        if row.op == "Note":
            continue
        if row.key in carried.refused or row.state == "refused":
            lines = told_refused(lines, as_write(row).change, carried.refused.get(row.key, row.why), language)
        elif row.key in carried.dropped or row.state == "dropped":
            lines = told_left(lines, as_write(row).change, language)
    return replace(note, lines=lines)


def _carries_note(stored: StoredPlan, call: Call) -> bool:
    return any(row.op == "Note" and row.key in call.covers for row in stored.effects)


def _named(call: Call, error: TrackerError) -> tuple[str, ...]:
    return tuple(dict.fromkeys(key for name in error.fields for key in call.fields.get(name, ())))


def _refuse(carried: Carried, keys: tuple[str, ...], error: TrackerError) -> None:
    for key in keys:
        carried.refused[key] = error.detail or f"the tracker answered {error.status}"
        carried.statuses[key] = error.status
    log.warning(
        "write_refused",
        extra={"tracker": carried.look.tracker.name, "status": error.status, "effects": len(keys)},
    )


def _take_answer(carried: Carried, stored: StoredPlan, call: Call, answer: Answer) -> None:
    rows = {row.key: row for row in stored.effects}
    for key in call.covers:
        carried.done[key] = {"status": answer.status, "comment": answer.comment_id}
        row = rows[key]
        if row.op == "Note":
            carried.note_digest = value_digest(tuple(row.after["lines"]))
            carried.note_id = answer.comment_id or carried.look.ticket.note_id
    for key, digest in call.digests.items():
        alone = len(call.digests) == 1
        carried.comments[key] = (answer.comment_id if alone else "", digest)
    written = tuple(as_write(rows[key]) for key in call.covers if rows[key].op != "Note")
    carried.look = replace(carried.look, ticket=applied(carried.look.ticket, written), written=True)


def applied(ticket: Ticket, writes: tuple[Write, ...]) -> Ticket:
    """`ticket` as the next read will show it."""
    for write in writes:
        ticket = write.change.on(ticket)
    return ticket
