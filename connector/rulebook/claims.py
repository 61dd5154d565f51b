"""`applies_to:` which projects of which trackers a file is for; no project has two files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePath

from ..frozen import FrozenDict
from ..words import Connection
from .names import KINDS
from .nodes import Entry, Map, Seq, Spot
from .report import Report, nearest, shown
from .scope import BAD, Scope
from .shapes import pattern

_project = pattern(r"[^\s*]+", "names no single project: write a Jira key, or a GitLab path like `acme/support`")


@dataclass(frozen=True, slots=True)
class Claim:
    """A project that a file says it applies to, and where it says so."""

    connection: str
    project: str
    spot: Spot


def read_claims(node: Map, scope: Scope, connections: Mapping[str, Connection]) -> tuple[Claim, ...]:
    told = node.get("applies_to")
    if not isinstance(told, Map) or not told.entries:
        wanted = "write the tracker and its projects, like `applies_to: {jira: [SUP]}`"
        scope.bad(told or node, f"`applies_to` is {'missing' if told is None else 'no map'}: {wanted}")
        return ()
    for entry in told:
        if entry.key not in connections:
            remedy = _how_to_connect(entry.key, connections)
            scope.warn(entry, f"the tracker {shown(entry.key)} is not connected{remedy}")
    return tuple(claim for entry in told for claim in _claimed(entry, scope))


def _how_to_connect(name: str, connections: Mapping[str, Connection]) -> str:
    if name in KINDS:
        setting = f"POINTSMAN_{name.upper()}"
        return f": set `{setting}_URL` and `{setting}_TOKEN`, or add it to `_trackers.yaml`"
    return nearest(name, (*KINDS, *connections)) or ": add it to `_trackers.yaml`"


def _claimed(entry: Entry, scope: Scope) -> list[Claim]:
    items = entry.value.items if isinstance(entry.value, Seq) else (entry.value,)
    if not items:
        scope.bad(entry, f"no project of `{entry.key}` is named")
    read = [(item, _project(item, scope)) for item in items]
    return [Claim(entry.key, project, item.spot) for item, project in read if project is not BAD]


def by_connection(claims: tuple[Claim, ...]) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for claim in claims:
        found[claim.connection] = (*found.get(claim.connection, ()), claim.project)
    return FrozenDict(found)


def refuse_double_claims(claims: Iterable[Claim], report: Report) -> None:
    """Report every project that is claimed a second time, by another file or the same."""
    owners: dict[tuple[str, str], Claim] = {}
    for claim in claims:
        first = owners.setdefault((claim.connection, claim.project.casefold()), claim)
        if first is not claim:
            where = f"{PurePath(first.spot.file).name}:{first.spot.line}"
            remedy = (
                "name it once"
                if first.spot.file == claim.spot.file
                else "a project has one rule file, write it there"
            )
            told = f"{where} applies to {shown(claim.project)} of `{claim.connection}` already"
            report.problem(claim.spot, f"{told}: {remedy}")
