"""`_names.yaml` and `_people.yaml` together, turned into the `Words` of each connection."""

from __future__ import annotations

from collections.abc import Mapping

from ..core.fields import STATUSES
from ..frozen import FrozenDict
from ..model import Person
from ..words import Connection, Place, PlaceKind, Words
from .names import LEVELS, Names, Told
from .places import NoPlace, place

SEVERITIES = (1, 2, 3, 4)
Places = tuple[Place, ...]


def tracker_words(connection: Connection, names: Names, people: Mapping[str, Person], teams: frozenset[str]) -> Words:
    """What `connection` calls our words. The `local` tracker calls everything as we do."""
    if connection.kind == "local":
        return _own_words(names, people, teams)
    severity = {int(word): found for word, found in _table(connection, names, "severity").items()}
    return Words(
        priority=FrozenDict(_table(connection, names, "priority")),
        severity=FrozenDict({n: severity.get(n, _severity_label(n)) for n in SEVERITIES}),
        team=FrozenDict(_table(connection, names, "team")),
        status=FrozenDict(_narrow_first(_table(connection, names, "status"))),
        fields=FrozenDict({word: found[0] for word, found in _table(connection, names, "fields").items()}),
        people=FrozenDict({p.id: accounts for p in people.values() if (accounts := _accounts(p, connection))}),
        names=FrozenDict({p.id: p.name for p in people.values()}),
        teams=teams,
    )


def _own_words(names: Names, people: Mapping[str, Person], teams: frozenset[str]) -> Words:
    statuses = (*STATUSES, *(word for word in names.words("status") if word not in STATUSES))
    return Words(
        priority=FrozenDict({word: _itself(word) for word in LEVELS}),
        severity=FrozenDict({n: _itself(str(n)) for n in SEVERITIES}),
        team=FrozenDict({word: _itself(word) for word in sorted(teams)}),
        status=FrozenDict({word: _itself(word) for word in statuses}),
        fields=FrozenDict({word: Place(PlaceKind.FIELD, "*", word) for word in names.words("fields")}),
        people=FrozenDict({p.id: tuple(dict.fromkeys((p.id, *p.ids.get("local", ())))) for p in people.values()}),
        names=FrozenDict({p.id: p.name for p in people.values()}),
        teams=teams,
    )


def _itself(word: str) -> Places:
    return (Place(PlaceKind.NAME, word),)


def _severity_label(n: int) -> Places:
    return (Place(PlaceKind.LABEL, f"severity::{n}"),)


def _accounts(person: Person, connection: Connection) -> tuple[str, ...]:
    return tuple(person.ids.get(connection.name, person.ids.get(connection.kind, ())))


def _table(connection: Connection, names: Names, table: str) -> dict[str, Places]:
    found = {word: _places(connection.kind, table, told) for word, told in names.at(connection, table).items()}
    return {word: places for word, places in found.items() if places}


def _places(kind: str, table: str, told: tuple[Told, ...]) -> Places:
    found = []
    for word in told:
        try:
            found.append(place(kind, table, word.text))
        except NoPlace:  # reported when the file was read
            continue
    return tuple(found)


def _narrow_first(table: dict[str, Places]) -> dict[str, Places]:
    """`closed` before labels before `opened`: every open issue is `opened`, whatever its labels say."""
    return dict(sorted(table.items(), key=lambda line: max(map(_breadth, line[1]))))


def _breadth(found: Place) -> int:
    if found.kind is not PlaceKind.STATE:
        return 1
    return 0 if found.value == "closed" else 2
