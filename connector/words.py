"""What `_names.yaml` and `_people.yaml` say about one tracker connection: our words ↔ its words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeVar

from .frozen import EMPTY
from .model import Role

W = TypeVar("W")


class PlaceKind(StrEnum):
    """Where at the tracker a word lives."""

    NAME = "name"
    LABEL = "label"
    COMPONENT = "component"
    FIELD = "field"
    GROUP = "group"
    STATE = "state"


@dataclass(frozen=True, slots=True)
class Place:
    """One tracker word: its kind, its value, and for kind `field` the field's display name.

    A `*` in `value` stands for the word itself (`env::*`, or the whole value of a field or component).
    """

    kind: PlaceKind
    value: str = "*"
    field: str = ""


@dataclass(frozen=True, slots=True)
class Words:
    """The tables for one connection; our word → its places there, of which the first is written.

    `severity` is keyed `1` … `4`. `people` maps a person's id to their accounts there, `names` to the
    name shown. `teams` holds every team that exists, whether or not it has a place here.
    """

    priority: Mapping[str, tuple[Place, ...]] = EMPTY
    severity: Mapping[int, tuple[Place, ...]] = EMPTY
    team: Mapping[str, tuple[Place, ...]] = EMPTY
    status: Mapping[str, tuple[Place, ...]] = EMPTY
    fields: Mapping[str, Place] = EMPTY
    people: Mapping[str, tuple[str, ...]] = EMPTY
    names: Mapping[str, str] = EMPTY
    teams: frozenset[str] = frozenset()

    def person_of(self, *accounts: str) -> str:
        """The id of the person who has one of `accounts` here (case does not matter); '' for nobody listed."""
        wanted = {account.casefold() for account in accounts if account}
        for person, theirs in self.people.items():
            if any(account.casefold() in wanted for account in theirs):
                return person
        return ""

    def role_of(self, *accounts: str) -> Role | None:
        """The role that `_people.yaml` gives to one of `accounts`; None for nobody listed."""
        return Role.AGENT if self.person_of(*accounts) else None


@dataclass(frozen=True, slots=True)
class Connection:
    """One entry of `_trackers.yaml`, secrets resolved; lists of them have the newest first.

    `client_secrets` are those of an OAuth app. Only the networks of `allow_from` may knock; without any, all may.
    """

    name: str
    kind: str
    url: str = ""
    token: str = field(default="", repr=False)
    user: str = ""
    secrets: tuple[str, ...] = field(default=(), repr=False)
    flavor: str = ""
    options: Mapping[str, Any] = EMPTY
    client_secrets: tuple[str, ...] = field(default=(), repr=False)
    allow_from: tuple[str, ...] = ()


def word_at(table: Mapping[W, tuple[Place, ...]], present: Callable[[Place], bool]) -> W | None:
    """The first word one of whose places is `present` at the ticket; None if no line maps what is there."""
    for word, places in table.items():
        if any(present(place) for place in places):
            return word
    return None
