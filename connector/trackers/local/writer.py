"""Changes as calls on the local storage: one for all fields, one per text, one for the note."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, assert_never

from ...changes import (
    AddLabel,
    AssignTo,
    DueBy,
    Link,
    MoveTo,
    Notify,
    RemoveLabel,
    RouteTo,
    Say,
    SetFact,
    SetField,
    SetPriority,
    SetSeverity,
    WakeAt,
)
from ...core.digest import text_digest
from ...core.mention import with_names
from ...frozen import frozen
from ...model import Audience, Ticket
from ...words import Words
from .. import Call, Composed, NoteWrite, Write
from .reader import NOTE, join_key

STATUSES = frozenset({"new", "open", "pending", "on_hold", "done"})


def compose(ticket: Ticket, writes: tuple[Write, ...], note: NoteWrite | None, words: Words) -> Composed:
    """The fewest calls for `writes`; what `ticket` shows already costs none."""
    refused = {write.key: why for write in writes if (why := refusal(write, words))}
    wanted = [write for write in writes if write.key not in refused and not _there(write, ticket)]
    fields = [write for write in wanted if not isinstance(write.change, Say)]
    calls = [
        *([_fields_call(ticket, fields)] if fields else []),
        *(_say_call(ticket, write, write.change, words) for write in wanted if isinstance(write.change, Say)),
        *_note_calls(ticket, note),
    ]
    return Composed(tuple(calls), frozen(refused))


def refusal(write: Write, words: Words) -> str:
    """Why the local tracker cannot do this; '' if it can. A name nobody knows is refused, never blanked."""
    match write.change:
        case AssignTo(person=str(person)) if person not in words.people and person not in words.names:
            return f"nobody in _people.yaml is called `{person}`"
        case RouteTo(team=team) if words.teams and team not in words.teams and team not in words.team:
            return f"no team is called `{team}`"
        case MoveTo(status=status) if status not in STATUSES and status not in words.status:
            return f"no status is called `{status}`"
        case _:
            return ""


def _there(write: Write, ticket: Ticket) -> bool:
    # Whether a text may be said again is the plan's decision; here only the very same effect counts.
    if isinstance(write.change, Say):
        return write.key in ticket.marks
    return isinstance(write.change, SetFact | WakeAt | Notify) or write.change.seen_in(ticket)


def _fields_call(ticket: Ticket, writes: Iterable[Write]) -> Call:
    body: dict[str, Any] = {}
    fields: dict[str, tuple[str, ...]] = {}
    for write in writes:
        name = _put(body, write)
        fields[name] = (*fields.get(name, ()), write.key)
    covers = tuple(key for keys in fields.values() for key in keys)
    return Call("PUT", f"issues/{ticket.id}", body=frozen(body), covers=covers, fields=frozen(fields))


def _put(body: dict[str, Any], write: Write) -> str:
    """Note the write in `body`; return the name of the issue's field that carries it."""
    match write.change:
        case SetPriority(value=priority):
            body["priority"] = priority.word
            return "priority"
        case SetSeverity(value=severity):
            body["severity"] = severity
            return "severity"
        case RouteTo(team=team):
            body["team"] = team
            return "team"
        case AssignTo(person=person):
            body["assignee"] = person
            return "assignee"
        case MoveTo(status=status):
            body["status"] = status
            return "status"
        case DueBy(day=day):
            body["due"] = day.isoformat()
            return "due"
        case AddLabel(name=name):
            body.setdefault("labels", {})[name] = True
            return "labels"
        case RemoveLabel(name=name):
            body.setdefault("labels", {})[name] = False
            return "labels"
        case SetField(name=name, value=value):
            body.setdefault("fields", {})[name] = value
            return "fields"
        case Link(kind=kind, key=key):
            body.setdefault("links", {})[f"{kind}:{key}"] = True
            return "links"
        case Say() | Notify() | SetFact() | WakeAt():
            raise ValueError(f"{type(write.change).__name__} is no field")
        case _:
            assert_never(write.change)


def _say_call(ticket: Ticket, write: Write, say: Say, words: Words) -> Call:
    text = with_names(say.text, words.names)
    body = {"text": text, "audience": say.audience.value, "key": join_key(write.key, say.key)}
    return Call(
        "POST",
        f"issues/{ticket.id}/comments",
        body=frozen(body),
        covers=(write.key,),
        what="say",
        digests=frozen({write.key: text_digest(text)}),
    )


def _note_calls(ticket: Ticket, note: NoteWrite | None) -> list[Call]:
    if note is None:
        return []
    text = "\n".join(note.lines)
    id = note.note_id or ticket.note_id
    if any(comment.id == id and comment.text == text for comment in ticket.comments):
        return []
    body = {"text": text, "audience": Audience.INTERNAL.value, "key": join_key(NOTE, NOTE), "comment": id}
    method, path = ("PUT", f"issues/{ticket.id}/comments/{id}") if id else ("POST", f"issues/{ticket.id}/comments")
    digests = frozen({note.key: text_digest(text)})
    return [Call(method, path, body=frozen(body), covers=(note.key,), what="note", digests=digests)]
