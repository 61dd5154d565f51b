"""Reads a rules folder into a `Rulebook`, or says everything that is wrong with it, at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from ..core.calendars import EVERY_DESK, Calendar
from ..core.fields import Schema
from ..core.sla_digest import clocks_digest
from ..desk import Desk
from ..errors import RulesError
from ..frozen import EMPTY, FrozenDict
from ..words import Connection, Words
from .agents import DEFAULT_ROLE
from .book import Rulebook, RuleFile
from .calendars import read_calendars
from .catalog import PluginCatalog
from .claims import refuse_double_claims
from .closed_days import EventsFile
from .connections import LOCAL, read_connections
from .customers import Customers, read_csv, read_customers
from .folder import Folder, read_folder
from .gaps import warn_of_gaps
from .later import ASSIGNS
from .names import Names, read_names
from .nodes import Node, is_null
from .notices import without_addresses
from .people import People, read_people
from .report import Report
from .schema import customer_words, schema_for
from .scope import Scope
from .staffing import warn_of_empty_hours
from .team_file import TeamFile, read_team_file
from .tracker_words import tracker_words
from .yaml_tree import NOT_YAML, read_tree


@dataclass(frozen=True, slots=True)
class Shared:
    """What the files that begin with `_` say."""

    connections: Mapping[str, Connection]
    names: Names
    people: People
    customers: Customers
    calendars: Mapping[str, Calendar]

    @property
    def teams(self) -> frozenset[str]:
        return self.people.teams | frozenset(self.names.words("team"))


def load(
    folder: Path,
    catalog: PluginCatalog,
    *,
    env: Mapping[str, str],
    defaults: Mapping[str, Connection] = EMPTY,
    language: str = "en",
    assigns: bool = ASSIGNS,
) -> Rulebook:
    """The rules in `folder`. Raises `RulesError` with all problems of all files, sorted by place.

    `env` is where `{env: NAME}` looks; `defaults` are the connections beside those of `_trackers.yaml`.
    `language` is what the team reads. `assigns`: the files may say how people are chosen.
    """
    report = Report()
    found = read_folder(folder, report)
    shared = _shared(found, Scope(report, Schema()), env, defaults)
    sure = not _unreadable(found, report)
    schema = schema_for(
        shared.names,
        shared.teams if sure else frozenset(),
        shared.customers,
        catalog,
        shared.calendars if sure else EMPTY,
    )
    scope = replace(_scope(report, schema, shared, sure), assigns=assigns)
    files = _team_files(found, scope, catalog, shared.connections)
    warn_of_empty_hours((file.rules for file in files), shared.people, report)
    refuse_double_claims((claim for file in files for claim in file.claims), report)
    if report.problems:
        raise RulesError(report.sorted_problems())
    return _book(found, shared, schema, files, report, language)


def _shared(found: Folder, scope: Scope, env: Mapping[str, str], defaults: Mapping[str, Connection]) -> Shared:
    def tree(name: str) -> Node | None:
        path = found.shared.get(name)
        node = _tree(path, found.texts[path], scope.report) if path else None
        return None if is_null(node) else node

    trackers, people, names, calendars, customers = map(
        tree, ("_trackers", "_people", "_names", "_calendars", "_customers")
    )
    connections = (
        read_connections(trackers, scope, env, defaults) if trackers else FrozenDict({LOCAL.name: LOCAL, **defaults})
    )
    named = read_names(names, scope, connections) if names else Names()
    events = {name: EventsFile(path, found.texts[path]) for name, path in found.ics.items()}
    hours = read_calendars(calendars, scope, events) if calendars else EVERY_DESK
    teams = frozenset(named.words("team"))
    scope = replace(scope, sure=not _unreadable(found, scope.report))
    return Shared(
        connections,
        named,
        read_people(people, scope, connections, hours, teams, env, events) if people else People(),
        read_customers(customers, scope) if customers else Customers(),
        hours,
    )


def _unreadable(found: Folder, report: Report) -> bool:
    """Is a shared file no YAML at all? Then what it would have named must not be called unknown."""
    broken = {problem.file for problem in report.problems if problem.text.startswith(NOT_YAML)}
    return not broken.isdisjoint(found.shared.values())


def _tree(path: str, content: str, report: Report) -> Node | None:
    if path.endswith(".csv"):
        return read_csv(content, path, report)
    return read_tree(content, path, report, switches=("explain",))


def _scope(report: Report, schema: Schema, shared: Shared, sure: bool) -> Scope:
    people = shared.people.people
    return Scope(
        report,
        schema,
        teams=shared.teams,
        people=people,
        notices=shared.people.notices,
        leads=shared.people.leads,
        roles=frozenset(person.role for person in people.values()) | {DEFAULT_ROLE},
        sure=sure,
        customer_words=customer_words(shared.customers),
    )


def _team_files(
    found: Folder, scope: Scope, catalog: PluginCatalog, connections: Mapping[str, Connection]
) -> tuple[TeamFile, ...]:
    files = []
    for path in found.teams:
        content = found.texts[path]
        node = read_tree(content, path, scope.report, switches=("explain",))
        read = read_team_file(path, content, node, scope, catalog, connections) if node else None
        if read:
            files.append(read)
    return tuple(files)


def _book(
    found: Folder, shared: Shared, schema: Schema, files: tuple[TeamFile, ...], report: Report, language: str
) -> Rulebook:
    people, addresses = shared.people.people, shared.people.addresses
    words = {name: tracker_words(c, shared.names, people, shared.teams) for name, c in shared.connections.items()}
    for file in files:
        warn_of_gaps(file.rules, file.claims, words, report)
    return Rulebook(
        files=tuple(_with_clocks(file.rules, shared.calendars) for file in files),
        connections=shared.connections,
        desk=Desk(
            people,
            shared.teams,
            shared.customers.lines,
            shared.calendars,
            fields=_fields(shared.names, words),
            language=language,
            notices=shared.people.notices,
            leads=shared.people.leads,
        ),
        words=FrozenDict(words),
        schema=schema,
        warnings=report.sorted_warnings(),
        texts=FrozenDict({path: without_addresses(text, addresses) for path, text in found.texts.items()}),
        addresses=addresses,
        digest=_digest(found.texts),
    )


def _with_clocks(file: RuleFile, calendars: Mapping[str, Calendar]) -> RuleFile:
    policies = file.sections.get("sla") or ()
    return replace(file, clocks=clocks_digest(policies, file.lists, calendars))


def _fields(names: Names, words: Mapping[str, Words]) -> Mapping[str, frozenset[str]]:
    """The declared fields, each with the connections that have a place for it."""
    return FrozenDict(
        {
            name: frozenset(tracker for tracker, at in words.items() if name in at.fields)
            for name in names.words("fields")
        }
    )


def _digest(texts: Mapping[str, str]) -> str:
    """Covers names and texts, not the folder: the same rules elsewhere are the same rules."""
    total = sha256()
    for path in sorted(texts, key=lambda path: Path(path).name):
        for part in (Path(path).name, texts[path]):
            encoded = part.encode()
            total.update(b"%d:" % len(encoded) + encoded)
    return total.hexdigest()


def empty_book(defaults: Mapping[str, Connection] = EMPTY) -> Rulebook:
    """A rulebook that applies to nothing, for the time until the first good one."""
    connections: dict[str, Any] = {LOCAL.name: LOCAL, **defaults}
    words = {name: tracker_words(each, Names(), EMPTY, frozenset()) for name, each in connections.items()}
    return Rulebook(connections=FrozenDict(connections), words=FrozenDict(words))
