"""A ticket file of `pointsman try` → the ticket, every mistake named at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, assert_never

from ..desk import Desk
from ..frozen import FrozenDict
from ..model import Priority, Ticket
from .doc import Notes, TicketFileError, brief, document_of
from .event_file import event_in, read_event
from .fact_sources import events_told
from .fields import BUILT_IN, CHANNELS, PRIORITIES, STATUSES, Field, FieldType, Schema
from .json_values import value_from_json
from .reading import duration, instant, number
from .records import event_from_json, event_json, ticket_from_json, ticket_json
from .ticket_parts import read_change, read_comment, read_person, read_pin

__all__ = [
    "TicketFileError",
    "event_from_json",
    "event_json",
    "read_event",
    "read_ticket",
    "ticket_from_json",
    "ticket_json",
]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Kept as a word or a text of the ticket itself. Those that may be unknown are None when empty.
_TEXTS = ("tracker", "id", "key", "project", "url", "title", "body", "note_id")
_WORDS = ("type", "team", "assignee", "language")
_SETS = ("labels", "organisations", "links", "said", "marks")
_SPECIAL = (
    *("status", "priority", "severity", "channel", "requester", "created", "updated", "due", "reopen_count"),
    *("attachments", "confidential", "fields", "facts", "comments", "comment_count", "history", "deadlines"),
    *("ours", "pins", "released", "raw", "event", "as_of", "text", "age"),
)
_OWN = frozenset((*_TEXTS, *_WORDS, *_SETS, *_SPECIAL))


def read_ticket(document: Any, schema: Schema, now: datetime | None = None) -> Ticket:
    """The ticket in `document`, a parsed JSON object.

    Its keys are the fields of conditions, dotted (`customer.tier`) or nested, and what else a ticket
    carries (`tracker id key project comments history ours` …); without a tracker it is `local`.
    Instants are ISO text. `age` counts back from `now`; without
    `now` it stands for itself. Raises `TicketFileError` with all problems.
    """
    notes = Notes()
    row, named = _sorted_out(notes, document_of(document, "a ticket file"), schema)
    ticket = _ticket(notes, row, named, schema, now)
    notes.check()
    return replace(ticket, clock_events=events_told(ticket, ticket.event))


def _sorted_out(notes: Notes, document: Mapping[str, Any], schema: Schema) -> tuple[dict[str, Any], dict[str, Any]]:
    """The members of the ticket itself, and the other fields of the schema under their dotted names."""
    row: dict[str, Any] = {}
    named: dict[str, Any] = {}
    for key, value in document.items():
        group, _, rest = str(key).partition(".")
        if group in ("requester", "event") and rest:
            _put_inside(notes, row, group, rest, value)
        elif group in ("requester", "event") and isinstance(row.get(group), dict) and isinstance(value, Mapping):
            row[group].update(value)
        elif key in _OWN:
            row[key] = dict(value) if isinstance(value, Mapping) else value
        elif isinstance(value, Mapping) and key not in schema.fields:
            named |= _flattened(notes, str(key), value, schema)
        elif _is_named(notes, str(key), schema):
            named[key] = value
    return row, named


def _put_inside(notes: Notes, row: dict[str, Any], group: str, name: str, value: Any) -> None:
    if (group == "event" and name not in ("kind", "by")) or name.count("."):
        notes.unknown(f"{group}.{name}", BUILT_IN, "the ticket file")
        return
    inside = row.setdefault(group, {})
    if not isinstance(inside, dict):
        notes.bad(f"`{group}` and `{group}.{name}` are both given: write one object, or only dotted names")
        return
    inside[name] = value


def _flattened(notes: Notes, prefix: str, value: Mapping[str, Any], schema: Schema) -> dict[str, Any]:
    known = [name for name in schema.fields if name.startswith(f"{prefix}.")]
    if not known:
        _is_named(notes, prefix, schema)
        return {}
    found: dict[str, Any] = {}
    for key, inner in value.items():
        name = f"{prefix}.{key}"
        if isinstance(inner, Mapping) and name not in schema.fields:
            found |= _flattened(notes, name, inner, schema)
        elif _is_named(notes, name, schema):
            found[name] = inner
    return found


def _is_named(notes: Notes, name: str, schema: Schema) -> bool:
    if name in schema.fields:
        return True
    if later := schema.later(name):
        notes.bad(later)
    else:
        notes.unknown(name, (*schema.fields, *_OWN), "the ticket file")
    return False


def _ticket(notes: Notes, row: dict[str, Any], named: dict[str, Any], schema: Schema, now: datetime | None) -> Ticket:
    texts = {name: notes.word(name, row.get(name)) for name in _TEXTS}
    texts["tracker"] = texts["tracker"] or "local"
    texts["project"] = texts["project"] or _project_of(texts["key"])
    statuses = schema.fields.get("status", BUILT_IN["status"]).values or STATUSES
    members: dict[str, Any] = {
        **texts,
        **{name: notes.word(name, row.get(name)) or None for name in _WORDS},
        **{name: frozenset(notes.words(name, row.get(name))) for name in _SETS},
        **{name: notes.count(name, row.get(name)) or 0 for name in ("reopen_count", "attachments")},
        **_tables(notes, row, named, schema),
    }
    ticket = Ticket(
        **members,
        status=notes.one_of("status", row.get("status"), sorted(statuses)),
        priority=Priority.of(notes.one_of("priority", row.get("priority"), PRIORITIES[::-1]) or "none"),
        severity=notes.count("severity", row.get("severity"), 1, 4),
        channel=notes.one_of("channel", row.get("channel"), CHANNELS),
        requester=read_person(notes, "requester", row.get("requester", {})),
        confidential=notes.flag("confidential", row.get("confidential")),
        comments=notes.each("comments", row.get("comments"), lambda name, each: read_comment(notes, name, each)),
        comment_count=notes.count("comment_count", row.get("comment_count")),
    )
    return _with_event(notes, _with_text(notes, _with_times(notes, ticket, row, now), row.get("text")), row)


def _with_times(notes: Notes, ticket: Ticket, row: Mapping[str, Any], now: datetime | None) -> Ticket:
    age = _age(notes, row)
    created = notes.instant("created", row.get("created")) or (now - age if now and age else None)
    updated = notes.instant("updated", row.get("updated"))
    at = updated or created or _EPOCH
    return replace(
        ticket,
        fields=ticket.fields if created or age is None else FrozenDict({**ticket.fields, "age": row["age"]}),
        created=created,
        updated=updated,
        due=notes.day("due", row.get("due")),
        as_of=notes.instant("as_of", row.get("as_of")),
        history=notes.each("history", row.get("history"), lambda name, each: read_change(notes, name, each, at)),
    )


def _age(notes: Notes, row: Mapping[str, Any]) -> timedelta | None:
    if row.get("age") is None or row.get("created") is not None:
        return None
    age = duration(row["age"])
    if age is None:
        notes.bad(f"`age` wants a length of time such as 3d or 1h30m, not {brief(row['age'])}")
    return age


def _with_text(notes: Notes, ticket: Ticket, text: Any) -> Ticket:
    if text is None:
        return ticket
    if ticket.body:
        notes.bad("`text` is the title, the body and the comment together: give those instead")
        return ticket
    return replace(ticket, body=notes.word("text", text))


def _with_event(notes: Notes, ticket: Ticket, row: Mapping[str, Any]) -> Ticket:
    if row.get("event") is None:
        return ticket
    at = ticket.as_of or ticket.updated or ticket.created or _EPOCH
    return replace(ticket, event=event_in(notes, notes.table("event", row["event"]), ticket, Desk(), at))


def _tables(notes: Notes, row: Mapping[str, Any], named: Mapping[str, Any], schema: Schema) -> dict[str, Any]:
    """Everything that maps names to values; a dotted name is a fact, as `customer.tier` is."""
    typed = {name: _typed(notes, name, value, schema.fields[name]) for name, value in named.items()}
    given = {name: notes.table(name, row.get(name)) for name in ("fields", "facts", "ours", "raw")}
    whole = {name: {k: value_from_json(v) for k, v in table.items()} for name, table in given.items()}
    whole["facts"] |= {name: value for name, value in typed.items() if "." in name}
    whole["fields"] |= {name: value for name, value in typed.items() if "." not in name}
    times = {name: notes.table(name, row.get(name)) for name in ("deadlines", "released")}
    pins = notes.table("pins", row.get("pins"))
    return {
        **{name: FrozenDict(table) for name, table in whole.items()},
        **{name: FrozenDict(_instants(notes, name, table)) for name, table in times.items()},
        "pins": FrozenDict({slot: read_pin(notes, f"pins.{slot}", pin) for slot, pin in pins.items()}),
    }


def _instants(notes: Notes, name: str, table: Mapping[str, Any]) -> dict[str, datetime]:
    found = {key: notes.instant(f"{name}.{key}", value) for key, value in table.items()}
    return {key: at for key, at in found.items() if at is not None}


def _typed(notes: Notes, name: str, value: Any, field: Field) -> Any:
    value = value_from_json(value)
    if value is None:
        return None
    match field.type:
        case FieldType.NUMBER:
            found: Any = number(value)
        case FieldType.INSTANT:
            found = instant(value)
        case FieldType.DURATION:
            # Kept as written: conditions understand the text, and it is shown as the person wrote it.
            found = value if duration(value) is not None else None
        case FieldType.SET:
            return frozenset(notes.words(name, sorted(value) if isinstance(value, frozenset) else value))
        case FieldType.BOOL:
            return notes.flag(name, value)
        case FieldType.WORD | FieldType.TEXT:
            return value if isinstance(value, tuple | frozenset) else notes.word(name, value)
        case _:
            assert_never(field.type)
    if found is None:
        notes.bad(f"`{name}` is a {field.type.value}; {brief(value)} is none")
    return found


def _project_of(key: str) -> str:
    """The project that a key names: `SUP` of `SUP-42`, `acme/support` of `acme/support#12`."""
    return key.rpartition("#")[0] or (key.rpartition("-")[0] if key.rpartition("-")[2].isdecimal() else "")
