"""Texts for people: who may read them, how Jira is told, and the marks by which we know them again.

In a service project a comment is public unless its property `sd.public.comment` says otherwise, so
both kinds always carry it. In a plain project an internal text can only be restricted to a role or a
group, where the connection's `internal_visibility` names one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from ...changes import Say
from ...core.digest import text_digest
from ...core.mention import mentioned
from ...frozen import FrozenDict, frozen
from ...model import Audience, Ticket
from .. import Call, NoteWrite, Stamp
from .client import API
from .edit import Edit
from .issue import NOTE, PROPERTY
from .markup import cut, harmless, note_text

MAX_PROPERTY = 30_000
"""Jira takes 32,768 characters of JSON in a property."""


@dataclass(frozen=True, slots=True)
class Desk:
    """How this connection speaks: `visibility` as `internal_visibility` says it, None for no restriction.

    `properties` is false once Jira has refused our issue property.
    """

    visibility: str = ""
    properties: bool = True


@dataclass(frozen=True, slots=True)
class Text:
    """A comment to be made, or edited where `id` is not ''. `key` is its effect, `said` its name in the marks."""

    key: str
    said: str
    body: str
    audience: Audience
    id: str = ""

    @property
    def what(self) -> str:
        return "note" if self.said == NOTE else "say"


def text_of(key: str, say: Say, desk: Desk, mention: Callable[[str], str]) -> Text:
    """The comment for `say`, with `mention(person id)` for each person mentioned.

    Raise `ValueError` with a sentence if it cannot be said.
    """
    body = cut(mentioned(harmless(say.text), mention))
    if not body.strip():
        raise ValueError(f"the text `{say.key}` is empty")
    if say.audience is not Audience.PUBLIC:
        restriction(desk)
    return Text(key, say.key, body, say.audience)


def note_of(ticket: Ticket, note: NoteWrite) -> Text | None:
    """The reasoning note, edited if it is still there; None if it reads so already."""
    body = note_text(note.lines)
    id = note.note_id or ticket.note_id
    listed = ticket.raw.get("comments")
    if listed is not None and id not in listed:
        id = ""  # Deleted: it is made anew.
    if id and any(c.id == id and text_digest(c.text) == text_digest(body) for c in ticket.comments):
        return None
    return Text(note.key, NOTE, body, Audience.INTERNAL, id)


def restriction(desk: Desk) -> Mapping[str, str]:
    """`role X` or `group X` as Jira's `visibility`; empty for none. Raise `ValueError` for anything else."""
    if not desk.visibility:
        return {}
    type, _, value = desk.visibility.strip().partition(" ")
    if type not in ("role", "group") or not value.strip():
        raise ValueError("`internal_visibility` in _trackers.yaml is neither `role X` nor `group X`")
    return {"type": type, "value": value.strip()}


def in_edit(edit: Edit, texts: Iterable[Text], desk: Desk) -> None:
    """Put the texts into the one PUT of a plain project."""
    for text in texts:
        comment: dict[str, Any] = {"body": text.body}
        if text.audience is not Audience.PUBLIC and (limit := restriction(desk)):
            comment["visibility"] = dict(limit)
        if text.id:
            comment = {"id": text.id, **comment}
        edit.do(text.key, "comment", "edit" if text.id else "add", comment)
        edit.digests[text.key] = text_digest(text.body)


def comment_calls(ticket: Ticket, texts: Iterable[Text], stamp: Stamp) -> list[Call]:
    """One call for each text of a service project."""
    return [_comment_call(ticket, text, stamp) for text in texts]


def property_of(ticket: Ticket, stamp: Stamp, here: Iterable[Text], apart: set[str]) -> dict[str, Any]:
    """Our issue property: the plan, and every text that is at the ticket once this request is done.

    `here` are the texts in the same request; those in `apart` go out later and mark themselves.
    """
    new = {text.said for text in here}
    earlier = {key for key in (*ticket.marks, *stamp.said) if key not in apart or key in ticket.marks}
    said = _that_fit([*sorted(new), *sorted(earlier - new)])
    return {"key": PROPERTY, "value": {"plan": stamp.plan, "said": sorted(said)}}


def _that_fit(keys: list[str]) -> list[str]:
    """As many of `keys`, from the first on, as the property holds."""
    sizes = accumulate(len(json.dumps(key)) + 2 for key in keys)
    return [key for key, size in zip(keys, sizes, strict=True) if size <= MAX_PROPERTY]


def _comment_call(ticket: Ticket, text: Text, stamp: Stamp) -> Call:
    internal = text.audience is not Audience.PUBLIC
    marks = [
        {"key": "sd.public.comment", "value": {"internal": internal}},
        {"key": PROPERTY, "value": {"plan": stamp.plan, "said": [text.said]}},
    ]
    path = f"{API}/issue/{ticket.id}/comment"
    return Call(
        "PUT" if text.id else "POST",
        f"{path}/{text.id}" if text.id else path,
        frozen({"body": text.body, "properties": marks}),
        covers=(text.key,),
        fields=FrozenDict(comment=(text.key,)),
        what=text.what,
        digests=FrozenDict({text.key: text_digest(text.body)}),
    )
