"""A webhook's body → `Event`: which ticket, what kind, who, when. Pure, and unharmed by any body."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from ...errors import Rejected
from ...model import Actor, Audience, Comment, Event, FieldChange, Kind
from ...words import Words
from ..shapes import flag, instant, mapping, text, whole, word
from .changes import read_changes
from .people import read_actor

HIGHEST_IID = 2**31 - 1
HIGHEST_ID = 2**31 - 1
"""Of projects and users; the largest installation is far below. What is beyond is damage, not an id."""

TICKET_TYPES = frozenset({"issue", "incident", "ticket", "task"})
TICKET_BODIES = frozenset({"issue", "work_item"})
NOTE_TARGETS = frozenset({"issue", "workitem"})
KINDS = {"open": Kind.CREATED}

_EDIT_SHOWS = timedelta(seconds=1)
_PATH = re.compile(r"[^\s/#]+(?:/[^\s/#]+)+")
_CHAIN = re.compile(r"[0-9A-Za-z-]{1,64}")


def read(tracker: str, headers: Mapping[str, str], document: Any, words: Words) -> Event | None:
    """The event in a parsed body, None if it is about no ticket; raise `Rejected(400)` if it names none.

    The ticket is `<project id>/<iid>` as the issue itself says, never guessed from elsewhere in the body.
    """
    if not isinstance(document, Mapping):
        raise Rejected(400, "the body is no JSON object")
    kind = word(document.get("object_kind"))
    if kind in TICKET_BODIES:
        return _read_issue(tracker, headers, document, words)
    if kind == "note":
        return _read_note(tracker, headers, document, words)
    return None


def _read_issue(tracker: str, headers: Mapping[str, str], body: Mapping[str, Any], words: Words) -> Event | None:
    issue = mapping(body.get("object_attributes"))
    if not _is_ticket(issue) or _is_group_item(body, issue):
        return None
    ticket = _ticket(issue, issue.get("project_id"))
    kind = _kind(issue, mapping(body.get("changes")))
    at = _latest(issue) if kind is not Kind.CREATED else instant(issue.get("created_at")) or _latest(issue)
    actor = read_actor(body.get("user"), words)
    changes: tuple[FieldChange, ...] = ()
    if at and kind is not Kind.CREATED:
        changes = read_changes(body, issue, actor, at, words)
    return _event(tracker, headers, body, ticket, kind=kind, at=at, actor=actor, changes=changes)


def _read_note(tracker: str, headers: Mapping[str, str], body: Mapping[str, Any], words: Words) -> Event | None:
    note = mapping(body.get("object_attributes"))
    issue = mapping(body.get("issue")) or mapping(body.get("work_item"))
    if not _is_on_ticket(note, issue) or note.get("system") is True:
        return None
    project = issue.get("project_id", note.get("project_id", body.get("project_id")))
    ticket = _ticket(issue, project)
    number = whole(note.get("id"), 2**63 - 1)
    if number is None:
        raise Rejected(400, "the note has no id")
    edited = _is_edit(note)
    actor = read_actor(body.get("user"), words)
    at = _latest(note) if edited else instant(note.get("created_at")) or _latest(note)
    comment = Comment(
        id=str(number),
        text=text(note.get("note")) or text(note.get("description")),
        audience=_audience(headers, body, note, issue),
        author=Actor() if edited and not _by_author(body, note) else actor,
        at=instant(note.get("created_at")) or at,
    )
    kind = Kind.COMMENT_EDITED if edited else Kind.COMMENTED
    return _event(tracker, headers, body, ticket, kind=kind, at=at, actor=actor, comment=comment)


def _event(tracker: str, headers: Mapping[str, str], body: Mapping[str, Any], ticket: str, **rest: Any) -> Event:
    path = word(mapping(body.get("project")).get("path_with_namespace"))
    project = path if _PATH.fullmatch(path) else None
    key = f"{project}#{ticket.partition('/')[2]}" if project else None
    chain = headers.get("x-gitlab-event-uuid", "").strip()
    return Event(
        tracker=tracker,
        ticket=ticket,
        key=key,
        project=project,
        chain=chain if _CHAIN.fullmatch(chain) else "",
        **rest,
    )


def _ticket(issue: Mapping[str, Any], project: Any) -> str:
    project_id, iid = whole(project, HIGHEST_ID), whole(issue.get("iid"), HIGHEST_IID)
    if project_id is None or iid is None:
        raise Rejected(400, "the body does not name its issue: project_id and iid must be positive integers")
    return f"{project_id}/{iid}"


def _is_ticket(item: Mapping[str, Any]) -> bool:
    """Epics, objectives, requirements and their like are none; an item without a type is an issue."""
    kind = word(item.get("type"))
    return not kind or kind.casefold() in TICKET_TYPES


def _is_group_item(body: Mapping[str, Any], item: Mapping[str, Any]) -> bool:
    return bool(item) and "project" not in body and item.get("project_id") is None


def _is_on_ticket(note: Mapping[str, Any], issue: Mapping[str, Any]) -> bool:
    target = word(note.get("noteable_type"))
    if target:
        return target.casefold() in NOTE_TARGETS and _is_ticket(issue)
    return bool(issue) and _is_ticket(issue)


def _kind(issue: Mapping[str, Any], changes: Mapping[str, Any]) -> Kind:
    moved = whole(issue.get("moved_to_id"), 2**63 - 1) or whole(
        mapping(changes.get("moved_to_id")).get("current"), 2**63 - 1
    )
    return Kind.MOVED if moved else KINDS.get(word(issue.get("action")), Kind.UPDATED)


def _is_edit(note: Mapping[str, Any]) -> bool:
    """By `action` (16.11 and later); without it, a note updated later than created was edited."""
    action = word(note.get("action"))
    if action:
        return action != "create"
    created, updated = instant(note.get("created_at")), instant(note.get("updated_at"))
    return bool(created and updated and updated - created > _EDIT_SHOWS)


def _by_author(body: Mapping[str, Any], note: Mapping[str, Any]) -> bool:
    author = note.get("author_id")
    return author is not None and author == mapping(body.get("user")).get("id")


def _audience(
    headers: Mapping[str, str], body: Mapping[str, Any], note: Mapping[str, Any], issue: Mapping[str, Any]
) -> Audience | None:
    """`internal` decides. Else a confidential hook means internal, unless the issue itself is confidential:

    then its public notes come the same way, and the body alone cannot say (None).
    """
    internal = flag(note.get("internal"))
    if internal is not None:
        return Audience.INTERNAL if internal else Audience.PUBLIC
    secret_issue = flag(issue.get("confidential")) is True
    kind, hook = body.get("event_type"), headers.get("x-gitlab-event", "").casefold()
    if kind == "confidential_note" or "confidential" in hook:
        return None if secret_issue else Audience.INTERNAL
    if secret_issue or kind not in (None, "note"):
        return None
    return Audience.PUBLIC


def _latest(item: Mapping[str, Any]) -> datetime | None:
    return instant(item.get("updated_at")) or instant(item.get("created_at"))
