"""A desk file of `pointsman try` → people, teams, customers and what is known of people's work.

Every mistake is named at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from ..desk import Agent, Customer, Desk
from ..frozen import FrozenDict, frozen
from .agent_file import absent_until, read_agent
from .candidates import Record
from .doc import Notes, document_of

_PARTS = ("people", "teams", "customers", "notify", "load", "away")
_WHAT = "(people, teams, customers, notify, load, away)"


def read_desk(document: Any, base: Desk) -> Desk:
    """The desk in `document`, a parsed JSON object: `people`, `teams`, `customers`, `notify` as in the rule files.

    What it lacks is `base`'s; teams are added to those of `base`. `away` tells who is absent now, and until when.
    Raises `TicketFileError` with all problems.
    """
    if document is None:
        return base
    notes = Notes()
    row = document_of(document, f"a desk file {_WHAT}", '{"people": {"ann": {}}}')
    notes.only(row, _PARTS, f"the desk file {_WHAT}")
    told = notes.table("people", row.get("people"))
    people = {id_: read_agent(notes, id_, each, base.calendars) for id_, each in told.items()}
    customers = notes.each("customers", row.get("customers"), lambda name, each: _customer(notes, name, each))
    theirs = (team for one in people.values() for team in one.teams)
    teams = {*base.teams, *_names(notes, "teams", row.get("teams")), *theirs}
    notices = _names(notes, "notify", row.get("notify"))
    leads = _leads(notes, row.get("teams"))
    known = people if "people" in row else base.people
    away = _of_people(notes, "away", row, known, lambda name, value: notes.instant(name, value))
    _of_people(notes, "load", row, known, notes.amount)
    notes.check()
    return replace(
        base,
        people=FrozenDict({**known, **{id_: absent_until(known[id_], at) for id_, at in away.items()}}),
        teams=frozenset(teams),
        customers=customers if "customers" in row else base.customers,
        notices=frozenset(notices) if "notify" in row else base.notices,
        leads=FrozenDict({**base.leads, **leads}),
    )


def read_records(document: Any) -> Mapping[str, Record]:
    """What `load` in `document`, which `read_desk` found right, tells of people's other tickets, in units."""
    return FrozenDict({id_: Record(load=float(units)) for id_, units in ((document or {}).get("load") or {}).items()})


def _of_people(
    notes: Notes, name: str, row: Mapping[str, Any], people: Mapping[str, Agent], read: Callable[[str, Any], Any]
) -> dict[str, Any]:
    """One value for each of some people."""
    found = {}
    for id_, value in notes.table(name, row.get(name)).items():
        if id_ not in people:
            notes.unknown(id_, people, f"`{name}`")
        elif (told := read(f"{name}.{id_}", value)) is not None:
            found[id_] = told
    return found


def _names(notes: Notes, name: str, value: Any) -> tuple[str, ...]:
    """A list of names, or a map by name as in `_people.yaml`."""
    return tuple(map(str, value)) if isinstance(value, Mapping) else notes.words(name, value)


def _leads(notes: Notes, value: Any) -> dict[str, str]:
    """Who leads which team, where `teams` is a map as in `_people.yaml`."""
    told = value if isinstance(value, Mapping) else {}
    rows = {str(team): notes.table(f"teams.{team}", each) for team, each in told.items() if each is not None}
    return {team: notes.word(f"teams.{team}.lead", row["lead"]) for team, row in rows.items() if "lead" in row}


def _customer(notes: Notes, name: str, value: Any) -> Customer | None:
    row = notes.table(name, value)
    match = notes.word(f"{name}.match", row.get("match"))
    if not match:
        notes.bad(f"`{name}` lacks `match`: a mail address, `*@domain`, `*.domain` or `jira-org:NAME`")
        return None
    known = {key: frozen(each) for key, each in row.items() if key not in ("match", "from", "until")}
    start, until = (_day(notes, f"{name}.{key}", row.get(key)) for key in ("from", "until"))
    return Customer(match, FrozenDict(known), start, until)


def _day(notes: Notes, name: str, value: Any) -> date | None:
    return notes.day(name, value) if value != "" else None
