"""The projects that rule files apply to: there, alive, and with the rights that what the rules do takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ...errors import TrackerError
from ...rulebook import RuleFile
from ...rulebook.mentions import About
from ...trackers.facts import Operation, Project, Right
from .findings import Finding, fine
from .sentences import Said, near, phrase, say
from .visit import Visit

FAILS = (
    *(Operation.READ, Operation.EDIT, Operation.LABEL, Operation.ASSIGN, Operation.COMMENT, Operation.INTERNAL),
    *(Operation.MOVE, Operation.PEOPLE),
)
"""What rules may need; a sentence for each tells what fails without it."""


def project_checks(visit: Visit) -> Iterator[Finding]:
    """Each project by itself."""
    spots = {m.text: m.place for m in visit.mentions if m.about is About.PROJECT}
    for key in visit.keys:
        spot = spots.get(key, "")
        project = visit.project(key)
        if project is None:
            yield _missing(visit, key, spot)
            continue
        yield from _state(visit, key, project, spot)
        yield from _rights(visit, key, project)


def _missing(visit: Visit, key: str, spot: str) -> Finding:
    try:
        meant = near(key, [each.key for each in visit.ask(visit.admin.projects)])
    except TrackerError:
        meant = Said()
    do = say("join_gitlab" if visit.gitlab else "join_jira")
    return visit.tell("project_missing", key=key, near=meant, do=do, project=key, spot=spot)


def _state(visit: Visit, key: str, project: Project, spot: str) -> Iterator[Finding]:
    if project.key.casefold() != key.casefold():
        yield visit.tell("project_moved", key=key, now=project.key, project=key, spot=spot)
    if project.archived:
        yield visit.tell("project_archived", key=key, project=key, spot=spot)
    if project.issues is False:
        yield visit.tell("issues_disabled", key=key, project=key, spot=spot)


def _rights(visit: Visit, key: str, project: Project) -> Iterator[Finding]:
    rights = {right.operation: right for right in visit.rights(project)}
    file = visit.file(key)
    now = _needed(visit, file, project, live=False)
    later = _needed(visit, file, project, live=True)
    lacking = [rights[operation] for operation in later if operation in rights and rights[operation].has is False]
    for right in lacking:
        in_force = file is not None and (file.mode == "live" or right.operation in now)
        yield _lacks(visit, key, right, "right_missing" if in_force else "right_later")
    if not lacking:
        yield fine("rights", visit.name, f"our account may do in {key} what its rules do")


def _needed(visit: Visit, file: RuleFile | None, project: Project, *, live: bool) -> tuple[Operation, ...]:
    """What the rules of `file` take, in the order of `FAILS`; for shadow reading is enough."""
    wanted = {Operation.READ}
    if any(m.about is About.PERSON and "@" in m.text for m in visit.mentions):
        wanted.add(Operation.PEOPLE)
    if live and file is not None:
        wanted |= {Operation.LABEL} if visit.gitlab else {Operation.EDIT}
        if file.explain or "replies" in file.plugins:
            wanted.add(Operation.INTERNAL if project.service or visit.gitlab else Operation.COMMENT)
        if "replies" in file.plugins:
            wanted.add(Operation.COMMENT)
        if "commands" in file.plugins:
            wanted |= {Operation.ASSIGN, Operation.MOVE}
        if assignees(file):
            wanted.add(Operation.ASSIGN)
    return tuple(operation for operation in FAILS if operation in wanted)


def _lacks(visit: Visit, key: str, right: Right, code: str) -> Finding:
    who = visit.ask(visit.admin.account).actor
    menu = "Manage → Members" if visit.gitlab else "Project settings → Permissions"
    fails, grant = say(f"may_not_{right.operation}"), phrase(right.grant)
    return visit.tell(code, key=key, fails=fails, grant=grant, who=who.account or who.name, menu=menu, project=key)


def assignees(file: RuleFile) -> frozenset[str]:
    """The people whom the rules of `file` assign tickets to."""
    return frozenset(_values(file.sections, "assignee"))


def _values(inside: Any, key: str) -> Iterator[str]:
    if isinstance(inside, Mapping):
        for name, value in inside.items():
            if name == key and isinstance(value, str):
                yield value
            else:
                yield from _values(value, key)
    elif isinstance(inside, list | tuple):
        for value in inside:
            yield from _values(value, key)
