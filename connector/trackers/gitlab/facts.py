"""GitLab's answers to an administrator's questions as values. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import requests

from ...errors import TrackerError
from ..facts import Delivery, Hook, IssueLine, Label, Operation, Person, Project, Right, Token
from ..shapes import day, flag, instant, mapping, rows, text, whole, word
from .reader import HIGHEST_ID

EVENTS = ("issues_events", "confidential_issues_events", "note_events", "confidential_note_events")
GUEST, PLANNER, MAINTAINER = 10, 15, 40
REPORTER = "the role Reporter in the project"
NEEDED = {
    Operation.READ: (GUEST, REPORTER),
    Operation.EDIT: (PLANNER, REPORTER),
    Operation.LABEL: (PLANNER, REPORTER),
    Operation.ASSIGN: (PLANNER, REPORTER),
    Operation.COMMENT: (GUEST, REPORTER),
    Operation.INTERNAL: (PLANNER, REPORTER),
    Operation.MOVE: (PLANNER, REPORTER),
    Operation.LINK: (PLANNER, REPORTER),
    Operation.CREATE: (GUEST, REPORTER),
    Operation.HOOKS: (MAINTAINER, "the role Maintainer in the project"),
    Operation.LABELS: (PLANNER, REPORTER),
    Operation.PEOPLE: (0, "the scope api"),
}
"""The lowest access level for each operation, and what to ask for: Planner exists from 17.7 on only."""

READS = frozenset({Operation.READ, Operation.PEOPLE})


def rights_of(level: int, scopes: frozenset[str] | None, *, admin: bool) -> tuple[Right, ...]:
    """What an access level and a token's scopes allow; a scope that GitLab does not tell counts as given."""
    return tuple(_right(operation, level, scopes, admin=admin) for operation in Operation)


def _right(operation: Operation, level: int, scopes: frozenset[str] | None, *, admin: bool) -> Right:
    lowest, grant = NEEDED[operation]
    enough = {"api", "read_api"} if operation in READS else {"api"}
    if scopes is not None and not scopes & enough:
        return Right(operation, False, "the scope api for the token")
    return Right(operation, admin or level >= lowest, grant)


def level_of(project: Mapping[str, Any]) -> int | None:
    """The account's access level as the project tells it; None where it names none."""
    granted = mapping(project.get("permissions"))
    levels = [mapping(granted.get(name)).get("access_level") for name in ("project_access", "group_access")]
    return max((level for level in levels if isinstance(level, int)), default=None)


def project_of(raw: Any) -> Project | None:
    known = mapping(raw)
    id, path = whole(known.get("id"), HIGHEST_ID), word(known.get("path_with_namespace"))
    if id is None or not path:
        return None
    enabled = flag(known.get("issues_enabled"))
    if known.get("issues_access_level") == "disabled":
        enabled = False
    return Project(
        id=str(id),
        key=path,
        name=word(known.get("name_with_namespace")) or word(known.get("name")),
        archived=flag(known.get("archived")),
        issues=enabled,
        visibility=word(known.get("visibility")),
    )


def token_of(raw: Any) -> Token:
    known = mapping(raw)
    scopes = known.get("scopes")
    active = flag(known.get("active"))
    return Token(
        scopes=frozenset(map(word, scopes)) if isinstance(scopes, list) else None,
        expires=day(known.get("expires_at")),
        active=False if known.get("revoked") is True else active,
    )


def label_of(raw: Mapping[str, Any]) -> Label:
    id = whole(raw.get("id"), HIGHEST_ID) or ""
    return Label(str(id), word(raw.get("name")), word(raw.get("color")), raw.get("is_project_label") is False)


def hook_of(raw: Mapping[str, Any], project: str) -> Hook:
    alert = word(raw.get("alert_status"))
    return Hook(
        id=str(whole(raw.get("id"), HIGHEST_ID) or ""),
        url=word(raw.get("url")),
        name=word(raw.get("name")),
        events=frozenset(name for name in EVENTS if raw.get(name) is True),
        enabled=alert == "executable" if alert else None,
        alert=alert,
        disabled_until=instant(raw.get("disabled_until")),
        verifies_tls=flag(raw.get("enable_ssl_verification")),
        signed=flag(raw.get("signing_token_present")),
        secret=flag(raw.get("token_present")),
        template=bool(word(raw.get("custom_webhook_template")) or text(raw.get("custom_webhook_template"))),
        project=project,
    )


def delivery_of(raw: Mapping[str, Any]) -> Delivery:
    status = raw.get("response_status")
    number = int(status) if isinstance(status, str) and status.isascii() and status.isdigit() else status
    return Delivery(
        id=str(whole(raw.get("id"), HIGHEST_ID) or ""),
        status=number if isinstance(number, int) else 0,
        trigger=word(raw.get("trigger")),
        said="" if isinstance(number, int) else text(status, 200),
    )


def people_of(found: Any) -> tuple[Person, ...]:
    return tuple(
        Person(name, word(raw.get("name")), word(raw.get("public_email")), raw.get("state", "active") == "active")
        for raw in rows(found)
        if (name := word(raw.get("username")))
    )


def issue_of(raw: Any) -> IssueLine | None:
    known = mapping(raw)
    project, iid = (whole(known.get(name), HIGHEST_ID) for name in ("project_id", "iid"))
    if not project or not iid:
        return None
    full = word(mapping(known.get("references")).get("full"))
    return IssueLine(f"{project}/{iid}", full or f"#{iid}", full.partition("#")[0])


def json_of(answer: requests.Response) -> Any:
    """The JSON of an answer; raise `TrackerError` for anything else."""
    try:
        return answer.json()
    except (ValueError, RecursionError):
        call = f"{answer.request.method} {answer.request.path_url.partition('?')[0]}"
        raise TrackerError(call, status=answer.status_code, detail="the answer is no JSON") from None
