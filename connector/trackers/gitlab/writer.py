"""Changes → the fewest requests: one `PUT` for all fields, one `POST` per text and per link, one call for the note.

Pure but for look-ups of labels and users, which the caller hands in.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Protocol, assert_never

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
from ...frozen import FrozenDict
from ...model import Audience, Priority, Ticket
from ...words import Place, Words
from .. import Call, Composed, NoteWrite, Write
from . import markup
from .edit import CannotWrite, Edit
from .mapping import CLOSED, is_state, label_for, labels_of, severities, starred

LINK_TYPES = {"relates_to": "relates_to", "blocks": "blocks", "is_blocked_by": "is_blocked_by"}
_TARGET = re.compile(r"(?P<project>[^\s#]*)#(?P<iid>\d{1,10})|(?P<id>\d{1,13})/(?P<iid2>\d{1,10})")


class Finds(Protocol):
    """The look-ups that composing needs."""

    def label(self, project: str, name: str) -> str: ...

    def user_id(self, account: str) -> int | None: ...


def compose(
    ticket: Ticket, writes: tuple[Write, ...], note: NoteWrite | None, words: Words, finds: Finds
) -> Composed:
    """The requests in order: fields, links, texts, the note; what `ticket` shows already costs none.

    `refused` says per effect why GitLab cannot take it.
    """
    project = ticket.id.partition("/")[0]
    edit = Edit(ticket, lambda name: finds.label(project, name))
    refused: dict[str, str] = {}
    links: list[Call] = []
    texts: list[Call] = []
    for write in writes:
        if _there(write, ticket):
            continue
        try:
            match write.change:
                case Say():
                    texts.append(_say_call(ticket, write.key, write.change, words))
                case Link():
                    links.append(_link_call(ticket, write.key, write.change))
                case _:
                    _edit(edit, write, words, finds)
        except CannotWrite as error:
            refused[write.key] = str(error)
    calls = [*_fields_call(ticket, edit), *links, *texts, *([_note_call(ticket, note)] if note else [])]
    return Composed(tuple(calls), FrozenDict(refused))


def _there(write: Write, ticket: Ticket) -> bool:
    """Whether a text may be said again is the plan's decision: here only the very same effect counts."""
    return write.key in ticket.marks if isinstance(write.change, Say) else write.change.seen_in(ticket)


def _edit(edit: Edit, write: Write, words: Words, finds: Finds) -> None:
    key = write.key
    match write.change:
        case SetPriority(value=Priority.NONE):
            _clear(edit, key, labels_of(words.priority), "priority")
        case SetPriority(value=level):
            _put_word(edit, key, words.priority, level.word, "priority")
        case SetSeverity(value=level):
            _put_word(edit, key, severities(words), level, "severity")
        case RouteTo(team=team):
            _put_word(edit, key, words.team, team, "team")
        case AddLabel(name=name):
            _add_label(edit, key, name)
        case RemoveLabel(name=name):
            edit.remove(key, name)
        case AssignTo(person=person):
            edit.put(key, "assignee_ids", [_user(person, words, finds)])
        case SetField(name=name, value=value):
            _set_field(edit, key, name, value, words)
        case DueBy() as due:
            _due(edit, key, due)
        case MoveTo(status=status):
            _move(edit, key, status, words)
        case WakeAt() | SetFact() | Notify():
            raise CannotWrite("this is remembered, not written to a tracker")
        case Say() | Link():
            raise AssertionError("texts and links are requests of their own")
        case _:
            assert_never(write.change)


def _put_word(edit: Edit, key: str, table: Mapping[Any, tuple[Place, ...]], word: object, what: str) -> None:
    """The label of `word`; those of the other words of its table go, other labels stay."""
    names = (label_for(place, str(word)) for place in table.get(word, ()))
    label = next((name for name in names if name), None)
    if label is None:
        raise CannotWrite(f"_names.yaml names no GitLab label for the {what} `{word}`")
    edit.add(key, label, instead_of=edit.present(labels_of(table, but=word)))


def _clear(edit: Edit, key: str, labels: frozenset[str], what: str) -> None:
    there = edit.present(labels)
    if not there:
        raise CannotWrite(f"there is no {what} to take away")
    for label in sorted(there):
        edit.remove(key, label)


def _add_label(edit: Edit, key: str, name: str) -> None:
    there = edit.has(name)
    if there and there != name:
        raise CannotWrite(f"the label is there already, written `{there}`")
    edit.add(key, name)


def _user(person: str | None, words: Words, finds: Finds) -> int:
    """The numeric id; 0 takes everybody off. Somebody unknown is refused: the field is never blanked by a mistake."""
    if person is None:
        return 0
    for account in words.people.get(person, (person,)):
        number = finds.user_id(account)
        if number:
            return number
    raise CannotWrite(f"GitLab knows no active user for `{person}`: see `ids` in _people.yaml")


def _set_field(edit: Edit, key: str, name: str, value: Any, words: Words) -> None:
    place = words.fields.get(name)
    pattern = label_for(place, "*") if place else None
    if pattern is None or pattern == "*":
        raise CannotWrite(f"_names.yaml names no GitLab label for the field `{name}`")
    if "*" not in pattern:
        (edit.add if value else edit.remove)(key, pattern)
        return
    held = frozenset(label for label in edit.ticket.labels if starred(pattern, label) is not None)
    if value is None:
        _clear(edit, key, held, f"value of `{name}`")
    elif isinstance(value, str | int) and not isinstance(value, bool):
        edit.add(key, pattern.replace("*", str(value)), instead_of=held)
    else:
        raise CannotWrite(f"the value of `{name}` must be a word to become a label")


def _due(edit: Edit, key: str, due: DueBy) -> None:
    """An issue has one due date: the earliest of several."""
    earlier = edit.params.get("due_date")
    day = due.day.isoformat()
    edit.put(key, "due_date", min(day, earlier) if earlier else day)


def _move(edit: Edit, key: str, status: str, words: Words) -> None:
    """A status that is a state opens or closes; one that is a label is put on an open issue."""
    places = words.status.get(status, ())
    if not places:
        raise CannotWrite(f"_names.yaml names no GitLab label or state for the status `{status}`")
    first = places[0]
    others = edit.present(labels_of(words.status, but=status))
    if is_state(first) and first.value == CLOSED:
        edit.put(key, "state_event", "close")
        return
    if not is_state(first):
        _put_word(edit, key, words.status, status, "status")
    for label in sorted(others) if is_state(first) else ():
        edit.remove(key, label)
    if edit.is_closed or (is_state(first) and not others):
        edit.put(key, "state_event", "reopen")


def _fields_call(ticket: Ticket, edit: Edit) -> list[Call]:
    body = edit.body()
    if not body:
        return []
    path = _issue_path(ticket)
    return [Call("PUT", path, body=body, covers=edit.covers(), fields=FrozenDict(edit.fields), what="fields")]


def _say_call(ticket: Ticket, key: str, say: Say, words: Words) -> Call:
    body = markup.said(markup.with_mentions(say.text, words), say.key, key)
    internal = say.audience is not Audience.PUBLIC
    return Call(
        "POST",
        f"{_issue_path(ticket)}/notes",
        body=FrozenDict({"body": body, "internal": internal}),
        covers=(key,),
        what="say",
        digests=FrozenDict({key: text_digest(body)}),
    )


def _note_call(ticket: Ticket, note: NoteWrite) -> Call:
    text = markup.note(note.lines)
    notes = f"{_issue_path(ticket)}/notes"
    made = not note.note_id.isdigit()
    return Call(
        "POST" if made else "PUT",
        notes if made else f"{notes}/{note.note_id}",
        body=FrozenDict({"body": text, "internal": True} if made else {"body": text}),
        covers=(note.key,),
        what="note",
        digests=FrozenDict({note.key: text_digest(text)}),
    )


def _link_call(ticket: Ticket, key: str, link: Link) -> Call:
    target, kind = _TARGET.fullmatch(link.key), LINK_TYPES.get(link.kind)
    if not target or not kind:
        raise CannotWrite(f"`{link.kind} {link.key}` is no link GitLab knows: use a key like group/project#12")
    project = target["project"] or target["id"] or ticket.id.partition("/")[0]
    body = {"target_project_id": project, "target_issue_iid": target["iid"] or target["iid2"], "link_type": kind}
    return Call("POST", f"{_issue_path(ticket)}/links", body=FrozenDict(body), covers=(key,), what="link")


def _issue_path(ticket: Ticket) -> str:
    project, _, iid = ticket.id.partition("/")
    return f"/projects/{project}/issues/{iid}"
