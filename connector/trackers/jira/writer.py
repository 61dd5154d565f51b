"""Changes as the fewest requests.

A plain project takes everything in one PUT: fields, label and component operations, comments, and the
issue property that marks them. A service project takes texts one by one, each with the mark that says
whether customers may see it: a comment without that mark is public there. Transitions and links are
requests of their own everywhere.
"""

from __future__ import annotations

from typing import assert_never

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
from ...frozen import FrozenDict
from ...model import Ticket
from ...words import PlaceKind, Words
from .. import Call, Composed, NoteWrite, Stamp, Write
from .changelog import same
from .client import API
from .edit import Edit
from .texts import Desk, Text, comment_calls, in_edit, note_of, property_of, restriction, text_of
from .wishes import Asked, Cannot, FieldWriter

LINKS = {"relates_to": ("Relates", False), "blocks": ("Blocks", False), "is_blocked_by": ("Blocks", True)}
"""Our kind of link → Jira's type, and whether the other issue comes first."""


def compose(
    ticket: Ticket,
    writes: tuple[Write, ...],
    note: NoteWrite | None,
    stamp: Stamp,
    words: Words,
    asked: Asked,
    desk: Desk,
) -> Composed:
    """The fewest calls for `writes` and the note, in order: fields, texts, note, links, the transition last."""
    return _Composer(ticket, words, asked, desk).compose(writes, note, stamp)


class _Composer:
    def __init__(self, ticket: Ticket, words: Words, asked: Asked, desk: Desk) -> None:
        self._ticket, self._words, self._asked, self._desk = ticket, words, asked, desk
        self._edit = Edit()
        self._fields = FieldWriter(self._edit, ticket, words, asked)
        self._after: list[Call] = []
        self._texts: list[Text] = []
        self._refused: dict[str, str] = {}
        self._unsaid: set[str] = set()

    def compose(self, writes: tuple[Write, ...], note: NoteWrite | None, stamp: Stamp) -> Composed:
        for write in _moves_last(writes):
            try:
                self._take(write)
            except Cannot as why:
                self._refused[write.key] = str(why)
                if isinstance(write.change, Say):
                    self._unsaid.add(write.change.key)
        calls = self._calls(stamp, self._readable(note))
        return Composed((*calls, *self._after), FrozenDict(self._refused))

    def _calls(self, stamp: Stamp, note: NoteWrite | None) -> list[Call]:
        ticket, edit = self._ticket, self._edit
        service = self._service() if note or self._texts or not edit.empty else False
        written = note_of(ticket, note) if note else None
        texts = [*self._texts, *([written] if written else [])]
        if not service:
            in_edit(edit, texts, self._desk)
            texts_here: list[Text] = texts
        else:
            texts_here = []
        calls = []
        if not edit.empty:
            apart = {text.said for text in texts if text not in texts_here} | self._unsaid
            mark = property_of(ticket, stamp, texts_here, apart)
            body = edit.body([mark] if self._desk.properties else [])
            path = f"{API}/issue/{ticket.id}"
            calls.append(
                Call("PUT", path, body, covers=edit.covers, fields=edit.carried, digests=FrozenDict(edit.digests))
            )
        if service:
            calls += comment_calls(ticket, texts, stamp)
        return calls

    def _readable(self, note: NoteWrite | None) -> NoteWrite | None:
        """The note, unless the connection does not say clearly who may read it."""
        try:
            restriction(self._desk)
        except ValueError as why:
            self._refused.update({note.key: str(why)} if note else {})
            return None
        return note

    def _service(self) -> bool:
        known = self._ticket.raw.get("service")
        return known if isinstance(known, bool) else self._asked.service(self._ticket.project)

    def _take(self, write: Write) -> None:
        # Whether a text may be said again is for the plan to decide; anything else that is so already costs nothing.
        if not isinstance(write.change, Say) and write.change.seen_in(self._ticket):
            return
        key, words = write.key, self._words
        match write.change:
            case SetPriority(value=level):
                self._fields.put_word(key, words.priority, level.word, f"priority {level.word}", name="priority")
            case SetSeverity(value=severity):
                self._fields.put_word(key, words.severity, severity, f"severity {severity}")
            case RouteTo(team=team):
                self._fields.put_word(key, words.team, team, f"team {team}")
            case AssignTo(person=person):
                self._edit.set(key, "assignee", None if person is None else self._fields.user_of(person))
            case AddLabel(name=name):
                self._fields.label(key, "add", name)
            case RemoveLabel(name=name):
                self._fields.label(key, "remove", name)
            case SetField(name=name, value=value):
                self._fields.field(key, name, value)
            case DueBy(day=day):
                earlier = self._edit.fields.get("duedate")
                self._edit.set(key, "duedate", min(earlier or day.isoformat(), day.isoformat()))
            case Say():
                self._texts.append(self._text(write))
            case MoveTo(status=status):
                self._move(key, status)
            case Link(kind=kind, key=other):
                self._after.append(self._link(key, kind, other))
            case WakeAt() | SetFact() | Notify():
                raise Cannot("this stays with Pointsman and is not written to Jira")
            case _:
                assert_never(write.change)

    def _text(self, write: Write) -> Text:
        assert isinstance(write.change, Say)
        try:
            return text_of(write.key, write.change, self._desk, self._fields.mention_of)
        except ValueError as why:
            raise Cannot(str(why)) from None

    def _move(self, key: str, status: str) -> None:
        places = self._words.status.get(status, ())
        if not places:
            raise Cannot(f"_names.yaml has no Jira word for status {status}")
        if places[0].kind is not PlaceKind.NAME:
            self._fields.put_word(key, self._words.status, status, f"status {status}")
            return
        ticket, raw = self._ticket, self._ticket.raw
        here = str(raw.get("status", ""))
        ways = self._asked.transitions(ticket.id, ticket.project, str(raw.get("type", "")), here)
        ids = (id for place in places for id, leads_to in ways if same(leads_to, place.value))
        id = next(ids, None)
        if id is None:
            wanted = " or ".join(place.value for place in places)
            raise Cannot(f"the workflow offers our account no way from `{here}` to {wanted}")
        body = FrozenDict(transition=FrozenDict(id=id))
        self._after.append(Call("POST", f"{API}/issue/{ticket.id}/transitions", body, covers=(key,), what="move"))

    def _link(self, key: str, kind: str, other: str) -> Call:
        if kind not in LINKS:
            raise Cannot(f"a link is one of {', '.join(LINKS)}, not `{kind}`")
        type, turned = LINKS[kind]
        first, second = (other, self._ticket.key) if turned else (self._ticket.key, other)
        # Jira reads it as "inward issue blocks outward issue".
        body = FrozenDict(
            type=FrozenDict(name=type), inwardIssue=FrozenDict(key=first), outwardIssue=FrozenDict(key=second)
        )
        return Call("POST", f"{API}/issueLink", body, covers=(key,), what="link")


def _moves_last(writes: tuple[Write, ...]) -> list[Write]:
    # A closed issue may refuse edits, so the transition comes after everything else.
    return sorted(writes, key=lambda write: isinstance(write.change, MoveTo))
