"""Jira's answers to an administrator's questions as values, and the webhooks to ask for. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ..facts import Field, Hook, IssueLine, Operation, Person, Project, Right, Server
from ..shapes import flag, mapping, rows, text, word
from .people import account_of
from .reader import EVENTS, PLAIN, PROPERTY_SET
from .search import quoted
from .shapes import number

NEEDED_EVENTS = tuple(EVENTS)
WANTED_EVENTS = (*NEEDED_EVENTS, PROPERTY_SET)
"""The last one is for the proof that webhooks arrive: a property touched on an issue."""

OLD_HOOKS, HOOKS = "/rest/webhooks/1.0/webhook", "/rest/jira-webhook/1.0/webhooks"
MOVED = 10
"""Data Center has its webhooks elsewhere from this release on."""

ISSUES = "issue-related-events-section"
NEEDED = {
    Operation.READ: ("BROWSE_PROJECTS", "the permission Browse projects"),
    Operation.EDIT: ("EDIT_ISSUES", "the permission Edit issues"),
    Operation.LABEL: ("EDIT_ISSUES", "the permission Edit issues"),
    Operation.ASSIGN: ("ASSIGN_ISSUES", "the permission Assign issues"),
    Operation.COMMENT: ("ADD_COMMENTS", "the permission Add comments"),
    Operation.INTERNAL: ("ADD_COMMENTS", "the permission Add comments"),
    Operation.MOVE: ("TRANSITION_ISSUES", "the permission Transition issues"),
    Operation.LINK: ("LINK_ISSUES", "the permission Link issues"),
    Operation.CREATE: ("CREATE_ISSUES", "the permission Create issues"),
    Operation.HOOKS: ("ADMINISTER", "the global permission Administer Jira"),
    Operation.LABELS: ("EDIT_ISSUES", "the permission Edit issues"),
    Operation.PEOPLE: ("USER_PICKER", "the global permission Browse users and groups"),
}
AGENT = ("SERVICEDESK_AGENT", "a place among the project's agents (Service Desk Team)")

_LIMITED = re.compile(r'project in \(((?:"[^"]+"(?:, )?)+)\)')


def asked(*, service: bool) -> tuple[str, ...]:
    """The permissions to ask for; in a service project also whether we are an agent."""
    return tuple(dict.fromkeys([key for key, _ in NEEDED.values()] + ([AGENT[0]] if service else [])))


def rights_of(answer: Any, *, service: bool) -> tuple[Right, ...]:
    """One `Right` for each operation; None where Jira did not tell."""
    known = mapping(mapping(answer).get("permissions"))
    found = []
    for operation, (key, grant) in NEEDED.items():
        has = flag(mapping(known.get(key)).get("havePermission"))
        if service and operation is Operation.INTERNAL and has is not False:
            has, grant = flag(mapping(known.get(AGENT[0])).get("havePermission")), AGENT[1]
        found.append(Right(operation, has, grant))
    return tuple(found)


def project_of(raw: Any) -> Project | None:
    known = mapping(raw)
    key, type = word(known.get("key")), word(known.get("projectTypeKey"))
    if not key:
        return None
    private = flag(known.get("isPrivate"))
    return Project(
        id=number(known.get("id")),
        key=key,
        name=word(known.get("name")),
        archived=flag(known.get("archived")),
        issues=True,
        visibility="" if private is None else "private" if private else "public",
        service=bool(type) and type not in PLAIN,
    )


def hooks_of(server: Server) -> str:
    """Where this Jira has its webhooks."""
    return OLD_HOOKS if server.flavor == "cloud" or server.major < MOVED else HOOKS


def hook_of(raw: Mapping[str, Any]) -> Hook:
    """A webhook of `/rest/webhooks/1.0` (Cloud, Data Center 9) or of `/rest/jira-webhook/1.0` (10 and later)."""
    configuration, events = mapping(raw.get("configuration")), raw.get("events")
    id = number(raw.get("id")) or word(raw.get("self")).rstrip("/").rpartition("/")[2]
    scope = word(mapping(raw.get("filters")).get(ISSUES)) or word(configuration.get("FILTERS"))
    active = raw.get("enabled", raw.get("active"))
    return Hook(
        id=id,
        url=word(raw.get("url")),
        name=word(raw.get("name")),
        events=frozenset(filter(None, map(word, events))) if isinstance(events, list) else frozenset(),
        enabled=active.casefold() == "true" if isinstance(active, str) else flag(active),
        verifies_tls=flag(raw.get("sslVerificationRequired")),
        signed=flag(raw.get("isSigned")),
        template=raw.get("excludeBody") is True or configuration.get("EXCLUDE_BODY") in (True, "true"),
        scope=scope,
    )


def limited_to(projects: Iterable[str]) -> str:
    """The JQL that limits a webhook to `projects`."""
    return f"project in ({', '.join(map(quoted, projects))})"


def covers(scope: str, project: str) -> bool | None:
    """Whether a webhook with this JQL is told of `project`; None for a JQL that somebody else wrote."""
    found = _LIMITED.fullmatch(scope)
    if not scope or not found:
        return None if scope else True
    return project.casefold() in (each.casefold() for each in _projects(scope))


def widened(scope: str, project: str) -> str:
    """`scope` with `project` in it; a JQL that somebody else wrote stays as it is."""
    return limited_to([*_projects(scope), project]) if covers(scope, project) is False else scope


def _projects(scope: str) -> list[str]:
    return re.findall(r'"([^"]+)"', scope)


def people_of(found: Any) -> tuple[Person, ...]:
    return tuple(
        Person(
            account,
            word(raw.get("displayName")),
            word(raw.get("emailAddress")),
            raw.get("active") is not False,
        )
        for raw in rows(found)
        if (account := account_of(raw))
    )


def fields_of(found: Any) -> tuple[Field, ...]:
    kept = [raw for raw in rows(found) if word(raw.get("id"))]
    return tuple(
        Field(word(raw.get("id")), word(raw.get("name")), word(mapping(raw.get("schema")).get("type")))
        for raw in kept
    )


def screen_of(answer: Any) -> tuple[Field, ...]:
    """The fields of `editmeta`, each with the names it can take."""
    found = mapping(mapping(answer).get("fields"))
    return tuple(
        Field(
            word(id),
            word(mapping(raw).get("name")),
            word(mapping(mapping(raw).get("schema")).get("type")),
            tuple(text(each.get("value") or each.get("name")) for each in rows(mapping(raw).get("allowedValues"))),
        )
        for id, raw in found.items()
    )


def names_of(found: Any) -> tuple[str, ...]:
    """The `name` of each row, each once."""
    return tuple(dict.fromkeys(name for raw in rows(found) if (name := word(raw.get("name")))))


def statuses_of(found: Any) -> tuple[str, ...]:
    """Each status of each issue type, once."""
    return tuple(dict.fromkeys(name for type in rows(found) for name in names_of(type.get("statuses"))))


def issue_of(raw: Any) -> IssueLine | None:
    known = mapping(raw)
    id, key = number(known.get("id")), word(known.get("key"))
    return IssueLine(id, key, key.rpartition("-")[0]) if id and key else None
