"""A desk file of `pointsman try` → people, teams and customers, every mistake named at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from ..desk import Agent, Customer, Desk
from ..frozen import FrozenDict, frozen
from .doc import Notes, document_of

_PARTS = ("people", "teams", "customers", "notify")
_UNUSED = ("skills", "languages", "channels", "calendar", "tz", "capacity", "since", "away", "ics")
"""Known of people in the rule files, and not used yet."""


def read_desk(document: Any, base: Desk) -> Desk:
    """The desk in `document`, a parsed JSON object: `people`, `teams`, `customers`, `notify` as in the rule files.

    What it lacks is `base`'s; teams are added to those of `base`. Raises `TicketFileError` with all problems.
    """
    if document is None:
        return base
    notes = Notes()
    row = document_of(document, "a desk file (people, teams, customers, notify)", '{"people": {"ann": {}}}')
    notes.only(row, _PARTS, "the desk file (people, teams, customers, notify)")
    told = notes.table("people", row.get("people"))
    people = {id_: _person(notes, id_, notes.table(f"people.{id_}", each)) for id_, each in told.items()}
    customers = notes.each("customers", row.get("customers"), lambda name, each: _customer(notes, name, each))
    theirs = (team for one in people.values() for team in one.teams)
    teams = {*base.teams, *_names(notes, "teams", row.get("teams")), *theirs}
    notices = _names(notes, "notify", row.get("notify"))
    leads = _leads(notes, row.get("teams"))
    notes.check()
    return replace(
        base,
        people=FrozenDict(people) if "people" in row else base.people,
        teams=frozenset(teams),
        customers=customers if "customers" in row else base.customers,
        notices=frozenset(notices) if "notify" in row else base.notices,
        leads=FrozenDict({**base.leads, **leads}),
    )


def _person(notes: Notes, id_: str, row: Mapping[str, Any]) -> Agent:
    where = f"people.{id_}"
    notes.only(row, ("name", "email", "ids", "teams", "role", *_UNUSED), f"`{where}`")
    ids = notes.table(f"{where}.ids", row.get("ids"))
    return Agent(
        id=id_,
        name=notes.word(f"{where}.name", row.get("name")) or id_,
        email=notes.word(f"{where}.email", row.get("email")),
        teams=frozenset(notes.words(f"{where}.teams", row.get("teams"))),
        role=notes.word(f"{where}.role", row.get("role")) or "first_line",
        ids=FrozenDict({name: notes.words(f"{where}.ids.{name}", at) for name, at in ids.items()}),
    )


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
