"""An issue as REST v2 gives it → `Ticket`, and a search's page → tickets. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...frozen import EMPTY, FrozenDict, frozen
from ...model import Comment, FieldChange, Priority, Ticket
from ...words import Place, PlaceKind, Words, word_at
from ..shapes import day, instant, mapping, rows, text, word
from .changelog import behind, changes_of, same
from .markup import is_note
from .people import account_of, actor_of, aliases_of, requester_of
from .reader import comment_of
from .shapes import count, number, plain_value, words_in

PROPERTY = "pointsman"
NOTE = "note"
ORGANISATIONS = "com.atlassian.servicedesk:sd-customer-organizations"

FIELDS = (
    *("summary", "description", "issuetype", "project", "status", "priority", "assignee", "reporter", "creator"),
    *("labels", "components", "created", "updated", "duedate", "attachment", "comment", "issuelinks", "security"),
)
"""What every read asks for; custom fields that `_names.yaml` mentions come on top."""


@dataclass(frozen=True, slots=True)
class Lens:
    """What a read needs besides the issue itself.

    `fields` maps a field's display name (lower case) to its id, `mails` an account to an address that its
    profile hides. `service` says whether the project is a service project. `me` is our own account, and
    `organisations` the id of the field that lists the requester's organisations.
    """

    tracker: str
    base: str
    fields: Mapping[str, str] = EMPTY
    mails: Mapping[str, str] = EMPTY
    service: bool = False
    me: str = ""
    organisations: str = ""


def ticket_of(issue: Mapping[str, Any], words: Words, lens: Lens) -> Ticket:
    """The ticket in `issue`; a word that no line of `_names.yaml` maps reads as missing."""
    fields = mapping(issue.get("fields"))
    stamp = stamp_of(issue)
    comments = comments_of(fields, words, lens)
    key = word(issue.get("key"))
    assignee = actor_of(fields.get("assignee"), words, lens.mails)
    at = _Places(fields, lens.fields)
    note = _note(comments, stamp, lens.me)
    return Ticket(
        tracker=lens.tracker,
        id=number(issue.get("id")),
        key=key,
        project=word(mapping(fields.get("project")).get("key")) or key.rpartition("-")[0],
        url=f"{lens.base}/browse/{key}",
        title=text(fields.get("summary")),
        body=text(fields.get("description")),
        type=_type(fields),
        status=word_at(words.status, at.holds_status),
        priority=Priority.of(word_at(words.priority, at.holds_priority) or "none"),
        severity=word_at(words.severity, at.holds),
        team=word_at(words.team, at.holds),
        assignee=(assignee.person or assignee.account) or None,
        requester=requester_of(fields.get("reporter"), words, lens.mails),
        organisations=frozenset(_names(fields.get(lens.organisations))) if lens.organisations else frozenset(),
        channel="tracker",
        labels=frozenset(at.labels),
        created=instant(fields.get("created")),
        updated=instant(fields.get("updated")),
        due=day(fields.get("duedate")),
        attachments=len(rows(fields.get("attachment"))),
        confidential=bool(mapping(fields.get("security"))),
        fields=_declared(at, words),
        comments=comments,
        comment_count=count(mapping(fields.get("comment")).get("total")),
        links=frozenset(_links(fields)),
        said=frozenset(stamp) - {NOTE},
        marks=frozenset(stamp),
        note_id=note,
        raw=_raw(fields, at, lens),
    )


def comments_of(fields: Mapping[str, Any], words: Words, lens: Lens) -> tuple[Comment, ...]:
    """The comments that came with the issue, oldest first."""
    return read_comments(mapping(fields.get("comment")).get("comments"), words, lens)


def read_comments(raw: Any, words: Words, lens: Lens) -> tuple[Comment, ...]:
    """Comments in a list of Jira's, oldest first; what has no id is none."""
    found = [comment_of(c, words, plain=not lens.service, mails=lens.mails) for c in rows(raw)]
    return tuple(sorted((c for c in found if c.id), key=lambda c: int(c.id)))


def history_of(issue: Mapping[str, Any], words: Words, lens: Lens) -> tuple[FieldChange, ...]:
    """The changes in an issue read with its changelog, oldest first."""
    fields = mapping(issue.get("fields"))
    histories = sorted(rows(mapping(issue.get("changelog")).get("histories")), key=_by_id)
    people = [fields.get(name) for name in ("assignee", "reporter", "creator")]
    aliases = aliases_of(*people, *(history.get("author") for history in histories))
    found = [change for history in histories for change in _changes(history, words, lens, aliases)]
    return tuple(sorted(found, key=lambda change: change.at))


def stamp_of(issue: Mapping[str, Any]) -> tuple[str, ...]:
    """The keys of texts that our issue property says are there."""
    return said_in(mapping(issue.get("properties")).get(PROPERTY))


def said_in(value: Any) -> tuple[str, ...]:
    """The keys in a value of our property, on an issue or on a comment."""
    return tuple(words_in(mapping(value).get("said")))


class _Places:
    """What the issue holds at the places that `_names.yaml` may name."""

    def __init__(self, fields: Mapping[str, Any], ids: Mapping[str, str]) -> None:
        self._fields, self._ids = fields, ids
        self.labels = words_in(fields.get("labels"))
        self.components = _names(fields.get("components"))
        self.priority = word(mapping(fields.get("priority")).get("name"))
        self.status = word(mapping(fields.get("status")).get("name"))

    def field(self, name: str) -> Any:
        """The value of the field shown as `name`, as words; None where it is empty or not there."""
        return plain_value(self._fields.get(self._ids.get(name.casefold(), name)))

    def holds(self, place: Place) -> bool:
        match place.kind:
            case PlaceKind.LABEL:
                return any(same(place.value, label) for label in self.labels)
            case PlaceKind.COMPONENT:
                return any(same(place.value, component) for component in self.components)
            case PlaceKind.FIELD:
                held = self.field(place.field)
                return any(same(place.value, str(v)) for v in (held if isinstance(held, tuple) else (held,)) if v)
            case PlaceKind.NAME | PlaceKind.STATE | PlaceKind.GROUP:
                return False

    def holds_priority(self, place: Place) -> bool:
        return same(place.value, self.priority) if place.kind is PlaceKind.NAME else self.holds(place)

    def holds_status(self, place: Place) -> bool:
        return same(place.value, self.status) if place.kind is PlaceKind.NAME else self.holds(place)


def _declared(at: _Places, words: Words) -> Mapping[str, Any]:
    values = {name: _at_place(at, place, words) for name, place in words.fields.items()}
    return FrozenDict({name: value for name, value in values.items() if value is not None})


def _at_place(at: _Places, place: Place, words: Words) -> Any:
    match place.kind:
        case PlaceKind.COMPONENT:
            # One that stands for no team comes first: `component X` may name a team as well.
            ordered = sorted(at.components, key=lambda c: is_team(c, words))
            return next((b for c in ordered if (b := behind(place.value, c)) is not None), None)
        case PlaceKind.LABEL:
            return next((b for label in sorted(at.labels) if (b := behind(place.value, label)) is not None), None)
        case PlaceKind.FIELD:
            return at.field(place.field)
        case PlaceKind.NAME:
            return at.field(place.value)
        case PlaceKind.GROUP | PlaceKind.STATE:
            return None


def is_team(component: str, words: Words) -> bool:
    """Whether the component `component` stands for a team."""
    places = (place for places in words.team.values() for place in places)
    return any(place.kind is PlaceKind.COMPONENT and same(place.value, component) for place in places)


def _note(comments: tuple[Comment, ...], stamp: tuple[str, ...], me: str) -> str:
    """The id of our reasoning note: where the issue says there is one, the last comment of ours that looks so."""
    if NOTE not in stamp or not me:
        return ""
    return next((c.id for c in reversed(comments) if c.author.account == me and is_note(c.text)), "")


def _type(fields: Mapping[str, Any]) -> str | None:
    # Service projects come with "[System] Incident" and the like.
    name = word(mapping(fields.get("issuetype")).get("name")).removeprefix("[System]").strip()
    return name.lower() or None


def _names(value: Any) -> list[str]:
    return [word(item.get("name")) for item in rows(value) if word(item.get("name"))]


def _links(fields: Mapping[str, Any]) -> list[str]:
    found = []
    for link in rows(fields.get("issuelinks")):
        kind = word(mapping(link.get("type")).get("name")).casefold()
        outward, inward = (word(mapping(link.get(side)).get("key")) for side in ("outwardIssue", "inwardIssue"))
        if kind == "relates":
            found += [f"relates_to:{key}" for key in (outward, inward) if key]
        if kind == "blocks":
            found += [f"blocks:{outward}"] * bool(outward) + [f"is_blocked_by:{inward}"] * bool(inward)
    return found


def _by_id(history: Mapping[str, Any]) -> int:
    # Cloud lists the newest first, Data Center the oldest, and instants are only exact to a millisecond.
    return int(number(history.get("id")) or 0)


def _changes(
    history: Mapping[str, Any], words: Words, lens: Lens, aliases: Mapping[str, str]
) -> tuple[FieldChange, ...]:
    author = actor_of(history.get("author"), words, lens.mails)
    return changes_of(history, instant(history.get("created")), author, words, aliases)


def _raw(fields: Mapping[str, Any], at: _Places, lens: Lens) -> Mapping[str, Any]:
    """What composing needs beyond the ticket's words; JSON."""
    shown = mapping(fields.get("comment"))
    listed = rows(shown.get("comments"))
    total = count(shown.get("total"))
    return FrozenDict(
        service=lens.service,
        type=number(mapping(fields.get("issuetype")).get("id")),
        status=at.status,
        assignee=account_of(fields.get("assignee")),
        components=frozen(at.components),
        comments=tuple(number(c.get("id")) for c in listed) if total is None or total <= len(listed) else None,
    )
