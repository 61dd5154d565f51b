"""GitLab's administrative side, see `Admin`. Sources: the pages on project webhooks, labels and access tokens."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import requests

from ...errors import Gone, TrackerError
from ...words import Connection, Words
from .. import Call
from ..facts import (
    Account,
    Delivery,
    Field,
    Headroom,
    Hook,
    IssueLine,
    Label,
    Person,
    Project,
    Right,
    Server,
    Token,
    WantedHook,
)
from ..heard import clock_of, headroom_of
from ..http import Gate
from ..shapes import flag, mapping, rows, whole, word
from .client import Client
from .facts import (
    EVENTS,
    delivery_of,
    hook_of,
    issue_of,
    json_of,
    label_of,
    level_of,
    people_of,
    project_of,
    rights_of,
    token_of,
)
from .lookups import path_of
from .people import read_actor
from .reader import HIGHEST_ID
from .verify import proven

SIGNS = 19
"""From this release on a webhook has a signing token; older ones ignore the parameter without a word."""

_ISSUE = re.compile(r"(?:(?P<project>[^#\s]+))?#?(?P<iid>[1-9][0-9]{0,17})")


class GitLabAdmin:
    """See `Admin`; a project is given by its path or id. With a tracker's `gate` both wait when one is told."""

    kind = "gitlab"
    events = EVENTS

    def __init__(self, connection: Connection, *, clock: Callable[[], datetime], gate: Gate | None = None) -> None:
        self.name = connection.name
        self._client = Client(connection, clock, gate)
        self._clock = clock
        self._headroom = Headroom()
        self._server: Server | None = None

    def server(self) -> Server:
        answer = self._ask("/version")
        version = word(mapping(json_of(answer)).get("version"))
        self._server = Server("gitlab", version, at=clock_of(answer.headers), heard=self._clock())
        return self._server

    def account(self) -> Account:
        user = mapping(self._get("/user"))
        return Account(read_actor(user, Words()), flag(user.get("is_admin")), flag(user.get("bot")))

    def token(self) -> Token:
        try:
            return token_of(self._get("/personal_access_tokens/self"))
        except TrackerError as error:
            if not error.permanent:
                raise
            return Token()  # Releases before 15.5, and tokens of another kind, tell nothing.

    def headroom(self) -> Headroom:
        return self._headroom

    def project(self, key: str) -> Project | None:
        try:
            return project_of(self._get(_of(key)))
        except Gone:
            return None

    def projects(self, text: str = "") -> tuple[Project, ...]:
        wanted = {"search": text, "search_namespaces": "true"} if text else {}
        found = rows(self._get("/projects", {"membership": "true", "per_page": "100", **wanted}))
        return tuple(project for raw in found if (project := project_of(raw)))

    def rights(self, project: str) -> tuple[Right, ...]:
        user = mapping(self._get("/user"))
        level = level_of(mapping(self._get(_of(project))))
        if level is None:
            level = self._inherited(project, user)
        return rights_of(level, self.token().scopes, admin=user.get("is_admin") is True)

    def labels(self, project: str) -> tuple[Label, ...]:
        found = self._client.pages(f"{_of(project)}/labels", {"with_counts": "false"})
        return tuple(label_of(raw) for raw in map(mapping, found) if word(raw.get("name")))

    def label_used(self, project: str, label: str) -> bool:
        """Merge requests wear labels, too."""
        return any(self._wear(project, what, label) for what in ("issues", "merge_requests"))

    def hooks(self, project: str) -> tuple[Hook, ...]:
        return tuple(hook_of(mapping(raw), project) for raw in self._client.pages(f"{_of(project)}/hooks"))

    def covers(self, hook: Hook, project: str) -> bool | None:
        return hook.project in ("", project)

    def deliveries(self, project: str, hook: str) -> tuple[Delivery, ...]:
        try:
            found = self._get(f"{_of(project)}/hooks/{hook}/events", {"per_page": "20"})
        except Gone:
            return ()  # Releases before 17.3.
        return tuple(map(delivery_of, rows(found)))

    def people(self, text: str) -> tuple[Person, ...]:
        """By user name first: a search shows a few of many."""
        return people_of(self._get("/users", {"username": text})) or people_of(self._get("/users", {"search": text}))

    def assignable(self, project: str, account: str) -> bool | None:
        found = people_of(self._get(f"{_of(project)}/members/all", {"query": account, "per_page": "100"}))
        return any(each.account.casefold() == account.casefold() and each.active for each in found)

    def statuses(self, project: str) -> tuple[str, ...]:  # noqa: ARG002
        return ("opened", "closed")

    def priorities(self) -> tuple[str, ...]:
        return ()

    def components(self, project: str) -> tuple[str, ...]:  # noqa: ARG002
        return ()

    def fields(self) -> tuple[Field, ...]:
        return ()

    def screen(self, issue: str) -> tuple[Field, ...]:  # noqa: ARG002
        return ()

    def roles(self, project: str) -> tuple[str, ...]:  # noqa: ARG002
        return ()

    def group_exists(self, name: str) -> bool | None:  # noqa: ARG002
        return None

    def link_types(self) -> tuple[str, ...]:
        return ("relates_to", "blocks", "is_blocked_by")

    def issues(self, project: str, limit: int = 10) -> tuple[IssueLine, ...]:
        params = {"order_by": "updated_at", "sort": "desc", "scope": "all", "per_page": str(limit)}
        return tuple(line for raw in rows(self._get(f"{_of(project)}/issues", params)) if (line := issue_of(raw)))

    def issue(self, key: str) -> IssueLine | None:
        """`group/project#7`."""
        found = _ISSUE.fullmatch(key.strip())
        if not found or not found["project"]:
            return None
        try:
            return issue_of(self._get(f"{_of(found['project'])}/issues/{found['iid']}"))
        except Gone:
            return None

    def make_label(self, project: str, name: str, color: str) -> Call | None:
        return Call("POST", f"{_of(project)}/labels", {"name": name, "color": color}, what="label")

    def remove_label(self, project: str, label: str) -> Call | None:
        return Call("DELETE", f"{_of(project)}/labels/{path_of(label)}", what="label")

    def make_hook(self, project: str, wanted: WantedHook) -> Call:
        body = {"name": wanted.name, "push_events": False, "enable_ssl_verification": True}
        return Call("POST", f"{_of(project)}/hooks", {**self._wanted(wanted), **body}, what="hook")

    def mend_hook(self, project: str, hook: Hook, wanted: WantedHook | None) -> Call:
        body = self._wanted(wanted) if wanted else {"url": hook.url, **dict.fromkeys(EVENTS, True)}
        return Call("PUT", f"{_of(project)}/hooks/{hook.id}", body, what="hook")

    def remove_hook(self, project: str, hook: str) -> Call:
        return Call("DELETE", f"{_of(project)}/hooks/{hook}", what="hook")

    def try_hook(self, project: str, hook: str) -> Call | None:
        return Call("POST", f"{_of(project)}/hooks/{hook}/test/issues_events", what="try")

    def sample(self, secret: str) -> tuple[Mapping[str, str], bytes]:
        body = b'{"object_kind": "push"}'
        return proven(body, secret, self._clock()), body

    def touch(self, issue: IssueLine) -> Call | None:  # noqa: ARG002
        return None

    def untouch(self, issue: IssueLine) -> Call | None:  # noqa: ARG002
        return None

    def send(self, call: Call) -> Any:
        answer = self._client.request(call.method, call.path, params=call.params, body=call.body or None)
        return json_of(answer) if answer.content else None

    def made(self, answer: Any) -> str:
        return str(whole(mapping(answer).get("id"), HIGHEST_ID) or "")

    def _wanted(self, wanted: WantedHook) -> dict[str, Any]:
        signs = (self._server or self.server()).major >= SIGNS and wanted.secret.startswith("whsec_")
        return {
            "url": wanted.url,
            **dict.fromkeys(EVENTS, True),
            "signing_token" if signs else "token": wanted.secret,
        }

    def _inherited(self, project: str, user: Mapping[str, Any]) -> int:
        try:
            raw = self._get(f"{_of(project)}/members/all/{whole(user.get('id'), HIGHEST_ID)}")
        except Gone:
            return 0
        level = mapping(raw).get("access_level")
        return level if isinstance(level, int) else 0

    def _wear(self, project: str, what: str, label: str) -> bool:
        params = {"labels": label, "scope": "all", "state": "all", "per_page": "1"}
        try:
            return bool(rows(self._get(f"{_of(project)}/{what}", params)))
        except TrackerError as error:
            if what == "merge_requests" and error.status in (403, 404):
                return False  # The project has none.
            raise

    def _get(self, path: str, params: Mapping[str, str] | None = None) -> Any:
        return json_of(self._ask(path, params))

    def _ask(self, path: str, params: Mapping[str, str] | None = None) -> requests.Response:
        answer = self._client.request("GET", path, params=params)
        self._headroom = headroom_of(answer.headers)
        return answer


def _of(project: str) -> str:
    return f"/projects/{path_of(project)}"
