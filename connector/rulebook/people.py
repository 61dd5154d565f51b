"""`_people.yaml`: who works here, in which teams, and by which accounts each tracker knows them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..core.calendars import Calendar
from ..desk import Agent
from ..frozen import EMPTY, FrozenDict
from ..words import Connection
from .agents import Roster, person
from .closed_days import EventsFile
from .names import KINDS
from .nodes import Map, Node, Spot
from .notices import receivers
from .report import nearest, shown
from .scope import BAD, Scope
from .shapes import Record, map_of, text


@dataclass(frozen=True, slots=True)
class People:
    """`people` by id; `teams` are the ones that people belong to, `addresses` has every name that notices
    go to, each with its Apprise addresses. `leads` maps a team to the person who leads it, `spots` to where
    the file speaks of it first.
    """

    people: Mapping[str, Agent] = EMPTY
    teams: frozenset[str] = frozenset()
    addresses: Mapping[str, tuple[str, ...]] = field(default=EMPTY, repr=False)
    leads: Mapping[str, str] = EMPTY
    spots: Mapping[str, Spot] = EMPTY

    @property
    def notices(self) -> frozenset[str]:
        """The names that notices go to."""
        return frozenset(self.addresses)


def read_people(
    node: Node,
    scope: Scope,
    connections: Mapping[str, Connection],
    calendars: Mapping[str, Calendar],
    teams: frozenset[str],
    env: Mapping[str, str] = EMPTY,
    files: Mapping[str, EventsFile] = EMPTY,
) -> People:
    """The people of `_people.yaml`; `teams` are those that `_names.yaml` knows already.

    `files` are the `.ics` files beside it.
    """
    trackers = (*KINDS, "local", *connections)
    shape = Record(
        "`_people.yaml`",
        {
            "people": map_of(person(trackers, calendars)),
            "teams": map_of(Record("a team", {"lead": text})),
            "notify": receivers(env),
        },
    )
    found = shape(node, scope)
    if found is BAD:
        return People()
    roster = Roster(scope, calendars, files)
    people = {id_: roster.agent(id_, told) for id_, told in found.get("people", {}).items()}
    theirs = frozenset(team for each in people.values() for team in each.teams)
    _check_teams(node, scope, people, theirs | teams)
    _check_accounts(node, scope, people)
    leads = {team: told["lead"] for team, told in found.get("teams", {}).items() if "lead" in told}
    return People(
        FrozenDict(people), theirs, FrozenDict(found.get("notify", {})), FrozenDict(leads), _spots(node, people)
    )


def _spots(node: Node, people: Mapping[str, Agent]) -> Mapping[str, Spot]:
    """Under `teams`, else where the first person of the team stands."""
    found: dict[str, Spot] = {}
    for part in ("teams", "people"):
        told = node.get(part) if isinstance(node, Map) else None
        for entry in told if isinstance(told, Map) else ():
            for team in (entry.key,) if part == "teams" else people[entry.key].teams if entry.key in people else ():
                found.setdefault(team, entry.spot)
    return FrozenDict(found)


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
        owner_of = people.get(entry.key)
        for tracker, accounts in (owner_of.ids if owner_of else EMPTY).items():
            for account in accounts:
                owner = owners.setdefault((tracker, account.casefold()), entry.key)
                if owner != entry.key:
                    scope.bad(entry, f"{shown(account)} on `{tracker}` is already the account of `{owner}`")
