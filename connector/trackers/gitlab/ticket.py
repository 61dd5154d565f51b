"""An issue and its notes, as REST gives them → `Ticket` and `Comment`. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ...frozen import FrozenDict
from ...model import Audience, Comment, Priority, Ticket
from ...words import Words
from .. import MERGED_INTO
from ..shapes import day, flag, instant, mapping, rows, text, whole, word
from .mapping import CLOSED, OPENED, Labels, field_of, slots
from .people import is_support_bot, person_or_account, read_actor, read_requester
from .reader import HIGHEST_ID, HIGHEST_IID

# Without brackets in the address: so no part of a text is looked at twice.
_UPLOAD = re.compile(r"\]\((?:https?://[^\s()\[\]]+)?(?:/-/project/\d+)?/uploads/")


def issue_id(issue: Mapping[str, Any]) -> str | None:
    """`<project id>/<iid>`, None if the object is no issue."""
    project, iid = whole(issue.get("project_id"), HIGHEST_ID), whole(issue.get("iid"), HIGHEST_IID)
    return f"{project}/{iid}" if project and iid else None


def read_ticket(tracker: str, issue: Mapping[str, Any], words: Words) -> Ticket:
    """The ticket in an issue of REST v4. `raw` keeps what only the writer needs: the state in GitLab's words."""
    names = _label_names(issue.get("labels"))
    state = CLOSED if issue.get("state") == CLOSED else OPENED
    value = slots(words, names, state)
    key = word(mapping(issue.get("references")).get("full"))
    labels = Labels(names)
    fields = {name: found for name, place in words.fields.items() if (found := field_of(place, labels)) is not None}
    return Ticket(
        tracker=tracker,
        id=issue_id(issue) or "",
        key=key,
        project=key.rpartition("#")[0],
        url=word(issue.get("web_url")),
        title=text(issue.get("title")),
        body=text(issue.get("description")),
        type=(word(issue.get("issue_type")) or word(issue.get("type"))).casefold() or "issue",
        status=value["status"],
        priority=Priority.of(value["priority"]),
        severity=value["severity"],
        team=value["team"],
        assignee=_assignee(issue, words),
        requester=read_requester(issue, words),
        channel="mail" if _by_mail(issue) else "tracker",
        labels=names,
        created=instant(issue.get("created_at")),
        updated=instant(issue.get("updated_at")),
        due=day(issue.get("due_date")),
        attachments=len(_UPLOAD.findall(text(issue.get("description")))),
        confidential=flag(issue.get("confidential")) or False,
        fields=FrozenDict(fields),
        comment_count=_count(issue.get("user_notes_count")),
        links=frozenset(_went_to(issue) if state == CLOSED else ()),
        raw=FrozenDict({"state": state}),
    )


def read_comments(notes: Iterable[Any], words: Words) -> tuple[Comment, ...]:
    """The notes by people and programs; GitLab's own remarks and rows without an id are left out."""
    return tuple(
        Comment(
            id=str(number),
            text=text(note.get("body")),
            audience=_audience(note),
            author=read_actor(note.get("author"), words),
            at=instant(note.get("created_at")),
        )
        for note in map(mapping, notes)
        if note.get("system") is not True and (number := whole(note.get("id"), 2**63 - 1))
    )


def _audience(note: Mapping[str, Any]) -> Audience:
    """`internal`, in older releases `confidential`; a note that says neither is taken as internal."""
    internal = flag(note.get("internal"))
    if internal is None:
        internal = flag(note.get("confidential"))
    return Audience.PUBLIC if internal is False else Audience.INTERNAL


def _label_names(value: Any) -> frozenset[str]:
    """Names, or (with label details) objects that have one."""
    plain = [word(name) for name in value if isinstance(name, str)] if isinstance(value, list) else []
    return frozenset(filter(None, [*plain, *(word(row.get("name")) for row in rows(value))]))


def _assignee(issue: Mapping[str, Any], words: Words) -> str | None:
    users = [*rows(issue.get("assignees")), mapping(issue.get("assignee"))]
    return next((found for user in users if (found := person_or_account(user, words))), None)


def _went_to(issue: Mapping[str, Any]) -> Iterator[str]:
    """Where a closed issue goes on: it was moved to another project, or closed as a duplicate."""
    if moved := whole(issue.get("moved_to_id"), 2**63 - 1):
        yield f"{MERGED_INTO}{moved}"
    elif duplicated := word(mapping(issue.get("_links")).get("closed_as_duplicate_of")):
        yield f"{MERGED_INTO}{duplicated}"


def _by_mail(issue: Mapping[str, Any]) -> bool:
    author = word(mapping(issue.get("author")).get("username"))
    return is_support_bot(author) or bool(word(issue.get("service_desk_reply_to")))


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
