"""The whole examination: every check in its order, grouped by what it is about."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from enum import StrEnum
from functools import partial

from ...words import Connection
from .account_checks import account_checks, reach_check, server_checks
from .findings import Finding, Level
from .hook_checks import hook_checks
from .host_checks import HOST, SETTINGS, disk_checks, public_checks, settings_checks
from .patient import Patient
from .people_checks import people_checks, reader_checks
from .project_checks import project_checks
from .rounds import Check, Found, carefully
from .rule_checks import PLUGINS, RULES, plugin_checks, rule_checks
from .store_checks import STORE, store_checks
from .visit import Visit
from .words_checks import words_checks

GROUPS = (STORE, HOST, SETTINGS, RULES, PLUGINS)
"""What `only` can name beside the connections."""


class Part(StrEnum):
    """What of a connection can be examined by itself."""

    ACCOUNT = "account"
    PROJECTS = "projects"
    HOOKS = "hooks"
    WORDS = "words"
    """Costs a request for each person, and some for each project."""


EVERY_PART = tuple(Part)
_VISITS: tuple[tuple[Part, str, Callable[[Visit], Found]], ...] = (
    (Part.ACCOUNT, "the tracker's kind and clock", server_checks),
    (Part.ACCOUNT, "our account", account_checks),
    (Part.PROJECTS, "the projects and our rights", project_checks),
    (Part.HOOKS, "the webhooks", hook_checks),
    (Part.WORDS, "the words of `_names.yaml`", words_checks),
    (Part.WORDS, "the people", people_checks),
    (Part.WORDS, "who may read internal texts", reader_checks),
)


def examine(patient: Patient, only: Collection[str] = (), begins: Callable[[str], object] = str) -> Iterator[Finding]:
    """Every finding, one group after the other; `only` names groups or connections. Never raises, never hangs.

    `begins` is told before each check what it looks at.
    """
    for check in _here(patient):
        if not only or check.where in only:
            begins(check.what)
            yield from carefully(check, patient.patience)
    for name, connection in patient.connections.items():
        if not only or name in only:
            yield from examine_connection(patient, connection, begins)


def examine_connection(
    patient: Patient,
    connection: Connection,
    begins: Callable[[str], object] = str,
    parts: Collection[Part] = EVERY_PART,
) -> Iterator[Finding]:
    """Everything about one connection; a tracker that does not answer is asked nothing more."""
    visit = Visit(patient, connection)
    lost = False
    begins(f"{visit.name}: does it answer?")
    for finding in carefully(Check(visit.name, "the tracker", partial(reach_check, visit)), patient.patience):
        lost = lost or finding.level is Level.PROBLEM or finding.code == "unchecked"
        yield finding
    if lost:
        return
    for part, what, check in _VISITS:
        if part in parts:
            begins(f"{visit.name}: {what}")
            yield from carefully(Check(visit.name, what, partial(check, visit)), patient.patience)


_NO_WORDS = frozenset({"right_missing", "right_later", "project_archived", "issues_disabled", "note_open"})
"""What a change of the rule files does not mend."""


def examine_words(patient: Patient) -> Iterator[Finding]:
    """What the trackers do not know of the words, people, projects and readers that rule files name."""
    for connection in patient.connections.values():
        if patient.book.projects(connection.name):
            every = examine_connection(patient, connection, parts=(Part.PROJECTS, Part.WORDS))
            yield from (each for each in every if each.code not in _NO_WORDS)


def _here(patient: Patient) -> tuple[Check, ...]:
    given = (
        (STORE, "the database", store_checks),
        (HOST, "the disk", disk_checks),
        (HOST, "POINTSMAN_PUBLIC_URL", public_checks),
        (SETTINGS, "the settings", settings_checks),
        (RULES, "the rule files", rule_checks),
        (PLUGINS, "the plugins", plugin_checks),
    )
    return tuple(Check(where, what, partial(check, patient)) for where, what, check in given)
