"""One decision without a tracker or a store: what `try` prints."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from ..core.explain import plan_json
from ..core.ticket_file import TicketFileError, read_event, read_ticket
from ..desk import Customer, Desk
from ..frozen import FrozenDict
from ..model import Person
from ..plugins_host import PluginHost
from ..rulebook import Rulebook
from .planning import plan_for


def try_ticket(
    book: Rulebook,
    host: PluginHost,
    ticket: Any,
    event: Any,
    now: datetime,
    desk: Desk | None = None,
) -> Mapping[str, Any]:
    """The plan for the ticket file `ticket` on `event` (both parsed JSON; None: created by the requester).

    `{"applies": None}` where no rule file applies; raise `TicketFileError` naming unknown keys.
    """
    read = read_ticket(ticket, book.schema, now)
    desk = desk or book.desk
    file = book.file_for(read.tracker, read.project or None)
    seen = read_event(event, read, desk, now)
    if file is None:
        return {"applies": None}
    return plan_json(plan_for(host, file, read, seen, desk, now), file.name, file.mode)


def read_desk(document: Any, base: Desk) -> Desk:
    """The desk of a `--desk` file: `people`, `teams` and `customers` as in the rule files; what it lacks is `base`'s.

    Raise `TicketFileError` for anything else.
    """
    if document is None:
        return base
    if not isinstance(document, Mapping):
        raise TicketFileError(("the desk file must be an object with people, teams, customers",))
    if unknown := sorted(set(document) - {"people", "teams", "customers"}):
        raise TicketFileError(
            tuple(f"unknown key `{key}` in the desk file (people, teams, customers)" for key in unknown)
        )
    people = {id_: _person(id_, row) for id_, row in (document.get("people") or {}).items()}
    named = {team for person in people.values() for team in person.teams}
    customers = tuple(map(_customer, document.get("customers") or ()))
    return Desk(
        people=FrozenDict(people) if "people" in document else base.people,
        teams=frozenset({*base.teams, *named, *(document.get("teams") or ())}),
        customers=customers if "customers" in document else base.customers,
    )


def _person(id_: str, row: Mapping[str, Any]) -> Person:
    ids = {name: tuple([at] if isinstance(at, str) else at) for name, at in (row.get("ids") or {}).items()}
    return Person(
        id=id_,
        name=str(row.get("name") or id_),
        teams=frozenset(row.get("teams") or ()),
        role=str(row.get("role") or "first_line"),
        ids=FrozenDict(ids),
    )


def _customer(row: Mapping[str, Any]) -> Customer:
    known = {k: v for k, v in row.items() if k not in ("match", "from", "until")}
    start, until = (date.fromisoformat(row[k]) if row.get(k) else None for k in ("from", "until"))
    return Customer(match=str(row.get("match", "")), known=FrozenDict(known), start=start, until=until)
