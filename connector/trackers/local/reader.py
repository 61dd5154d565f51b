"""What the local storage holds, as our words: nearly the same thing, since it is kept in them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from ...frozen import EMPTY, frozen
from ...model import Actor, Audience, Comment, FieldChange, Person, Priority, Role, Ticket
from ...words import Words

ME = "pointsman"
NOTE = "note"
SETS = {"labels": "label", "links": "link"}


def read_ticket(tracker: str, issue: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], words: Words) -> Ticket:
    """The ticket in `issue`, with its comments and what we have said on it so far."""
    ours = [key for row in rows if (key := split_key(row.get("key") or ""))]
    email = issue.get("email") or ""
    return Ticket(
        tracker=tracker,
        id=str(issue["id"]),
        key=issue.get("key") or "",
        project=issue.get("project") or "",
        title=issue.get("title") or "",
        body=issue.get("body") or "",
        type=issue.get("type") or "issue",
        status=issue.get("status") or "new",
        priority=_priority(issue.get("priority")),
        severity=issue.get("severity"),
        team=issue.get("team") or None,
        assignee=issue.get("assignee") or None,
        requester=Person(name=issue.get("name") or "", email=email, account=email),
        channel=issue.get("channel") or "form",
        labels=frozenset(issue.get("labels") or ()),
        created=issue.get("created"),
        updated=issue.get("updated"),
        due=_day(issue.get("due")),
        fields=frozen(issue.get("fields") or EMPTY),
        comments=read_comments(rows, words),
        comment_count=len(rows),
        links=frozenset(issue.get("links") or ()),
        said=frozenset(said for _, said in ours if said != NOTE),
        marks=frozenset(part for pair in ours for part in pair),
        note_id=next((str(row["id"]) for row in rows if split_key(row.get("key") or "") == (NOTE, NOTE)), ""),
    )


def read_comments(rows: Sequence[Mapping[str, Any]], words: Words) -> tuple[Comment, ...]:
    """Comments with their audience; one whose audience is unreadable is internal."""
    return tuple(
        Comment(
            id=str(row["id"]),
            text=row.get("text") or "",
            audience=Audience.PUBLIC if row.get("audience") == Audience.PUBLIC.value else Audience.INTERNAL,
            author=actor_of(row.get("author") or "", words),
            at=row.get("at"),
        )
        for row in rows
    )


def read_changes(rows: Sequence[Mapping[str, Any]], words: Words) -> tuple[FieldChange, ...]:
    """The change log by slot: sets of labels, links and fields are told apart into their members."""
    return tuple(change for row in rows for change in _slots(row, actor_of(row.get("by") or "", words)))


def actor_of(account: str, words: Words) -> Actor:
    """Who `account` is: this program, somebody of `_people.yaml`, else a customer."""
    if account == ME:
        return Actor(account=ME, name="Pointsman", role=Role.US)
    person = account if account in words.people or account in words.names else words.person_of(account)
    if person:
        return Actor(account=account, name=words.names.get(person, person), role=Role.AGENT, person=person)
    return Actor(account=account, role=Role.CUSTOMER, email=account if "@" in account else "")


def join_key(effect: str, said: str) -> str:
    """The storage key of a text of ours: unique per effect, and it tells which text it is."""
    return json.dumps([effect, said], ensure_ascii=True)


def split_key(key: str) -> tuple[str, str] | None:
    """(effect, said) of a key made by `join_key`; None for somebody else's comment."""
    try:
        effect, said = json.loads(key)
    except (TypeError, ValueError):
        return None
    return str(effect), str(said)


def _slots(row: Mapping[str, Any], by: Actor) -> list[FieldChange]:
    slot, was, value = str(row["slot"]), row.get("was"), row.get("value")
    if slot == "priority":
        was, value = was or Priority.NONE.word, value or Priority.NONE.word
    pairs: list[tuple[str, Any, Any]] = [(slot, was, value)]
    if slot in SETS:
        old, new = frozenset(was or ()), frozenset(value or ())
        pairs = [(f"{SETS[slot]}:{name}", name in old, name in new) for name in sorted(old ^ new)]
    elif slot == "fields":
        before, after = was or EMPTY, value or EMPTY
        names = sorted(name for name in {*before, *after} if before.get(name) != after.get(name))
        pairs = [(f"field:{name}", before.get(name), after.get(name)) for name in names]
    return [_change(row, by, *pair) for pair in pairs]


def _change(row: Mapping[str, Any], by: Actor, slot: str, was: Any, value: Any) -> FieldChange:
    return FieldChange(slot=slot, was=was, value=value, at=row["at"], by=by, id=f"{row['id']}:{slot}")


def _priority(word: Any) -> Priority:
    try:
        return Priority.of(str(word or "none"))
    except KeyError:
        return Priority.NONE


def _day(value: Any) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) and value else None
