"""`_people.yaml`: who works here, in which teams, and by which accounts each tracker knows them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..desk import Agent
from ..frozen import EMPTY, FrozenDict
from ..words import Connection
from .dates import day, ordered, zone
from .names import KINDS
from .nodes import Map, Node
from .notices import receivers
from .report import nearest, shown
from .scope import BAD, Scope
from .shapes import Record, key_among, list_of, map_of, number, text, texts

DEFAULT_ROLE = "first_line"

_AWAY = Record("an absence", {"from": day, "until": day}, required=("from", "until"))


@dataclass(frozen=True, slots=True)
class People:
    """`people` by id; `teams` are the ones that people belong to, `addresses` has every name that notices
    go to, each with its Apprise addresses. `leads` maps a team to the person who leads it.
    """

    people: Mapping[str, Agent] = EMPTY
    teams: frozenset[str] = frozenset()
    addresses: Mapping[str, tuple[str, ...]] = field(default=EMPTY, repr=False)
    leads: Mapping[str, str] = EMPTY

    @property
    def notices(self) -> frozenset[str]:
        """The names that notices go to."""
        return frozenset(self.addresses)


def read_people(
    node: Node,
    scope: Scope,
    connections: Mapping[str, Connection],
    calendars: frozenset[str],
    teams: frozenset[str],
    env: Mapping[str, str] = EMPTY,
) -> People:
    """The people of `_people.yaml`; `teams` are those that `_names.yaml` knows already."""
    trackers = (*KINDS, "local", *connections)
    shape = Record(
        "`_people.yaml`",
        {
            "people": map_of(_person(trackers)),
            "teams": map_of(Record("a team", {"lead": text})),
            "notify": receivers(env),
        },
    )
    found = shape(node, scope)
    if found is BAD:
        return People()
    people = {id_: _as_person(id_, told) for id_, told in found.get("people", {}).items()}
    theirs = frozenset(team for person in people.values() for team in person.teams)
    _check_teams(node, scope, people, theirs | teams)
    _check_accounts(node, scope, people)
    _check_calendars(node, scope, calendars)
    leads = {team: told["lead"] for team, told in found.get("teams", {}).items() if "lead" in told}
    return People(FrozenDict(people), theirs, FrozenDict(found.get("notify", {})), FrozenDict(leads))


def _person(trackers: tuple[str, ...]) -> Record:
    return Record(
        "a person",
        {
            "name": text,
            "ids": map_of(texts, key=key_among("tracker", trackers)),
            "teams": texts,
            "role": text,
            "skills": map_of(number(0, whole=False)),
            "languages": texts,
            "channels": texts,
            "calendar": text,
            "tz": zone,
            "capacity": number(0),
            "since": day,
            "away": list_of(_away, empty=None),
            "ics": texts,
        },
    )


def _away(node: Node, scope: Scope) -> Any:
    found = _AWAY(node, scope)
    if found is not BAD and len(found) == 2 and not ordered(found["from"], found["until"]):
        return scope.bad(node, "the absence ends before it begins: look at `from` and `until`")
    return found


def _as_person(id_: str, told: Mapping[str, Any]) -> Agent:
    return Agent(
        id=id_,
        name=told.get("name", id_),
        teams=frozenset(told.get("teams", ())),
        role=told.get("role", DEFAULT_ROLE),
        ids=FrozenDict(told.get("ids", {})),
    )


def _check_teams(node: Node, scope: Scope, people: Mapping[str, Agent], teams: frozenset[str]) -> None:
    told = node.get("teams") if isinstance(node, Map) else None
    for entry in told if isinstance(told, Map) else ():
        if entry.key not in teams:
            scope.bad(
                entry,
                f"nobody is in the team {shown(entry.key)} and `_names.yaml` lacks it{nearest(entry.key, teams)}",
            )
        lead = entry.value.get("lead") if isinstance(entry.value, Map) else None
        name = lead.plain() if lead else None
        if lead and isinstance(name, str) and name not in people:
            scope.bad(lead, f"unknown person {shown(name)}{nearest(name, people)}")


def _check_accounts(node: Node, scope: Scope, people: Mapping[str, Agent]) -> None:
    """An account belongs to one person: else the desk could not say who acted."""
    owners: dict[tuple[str, str], str] = {}
    told = node.get("people") if isinstance(node, Map) else None
    for entry in told if isinstance(told, Map) else ():
        person = people.get(entry.key)
        for tracker, accounts in (person.ids if person else EMPTY).items():
            for account in accounts:
                owner = owners.setdefault((tracker, account.casefold()), entry.key)
                if owner != entry.key:
                    scope.bad(entry, f"{shown(account)} on `{tracker}` is already the account of `{owner}`")


def _check_calendars(node: Node, scope: Scope, calendars: frozenset[str]) -> None:
    told = node.get("people") if isinstance(node, Map) else None
    for entry in told if isinstance(told, Map) else ():
        calendar = entry.value.get("calendar") if isinstance(entry.value, Map) else None
        name = calendar.plain() if calendar else None
        if calendar and isinstance(name, str) and name not in calendars:
            scope.warn(calendar, f"`_calendars.yaml` has no calendar {shown(name)}{nearest(name, calendars)}")
