"""Jira's administrative side, see `Admin`. Webhooks are those of an administrator: no app is needed for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from itertools import islice
from typing import Any

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
    Operation,
    Person,
    Project,
    Right,
    Server,
    Token,
    WantedHook,
)
from ..heard import clock_of, headroom_of
from ..shapes import mapping, rows, word
from .client import API, Client
from .facts import (
    ISSUES,
    NEEDED_EVENTS,
    OLD_HOOKS,
    WANTED_EVENTS,
    asked,
    covers,
    fields_of,
    hook_of,
    hooks_of,
    issue_of,
    limited_to,
    names_of,
    people_of,
    project_of,
    rights_of,
    screen_of,
    statuses_of,
    widened,
)
from .limits import Limits
from .people import actor_of
from .reader import SETUP
from .search import found, quoted
from .verify import proven


class JiraAdmin:
    """See `Admin`; a project is given by its key. With the `limits` of a tracker both wait when one is told to."""

    kind = "jira"
    events = NEEDED_EVENTS

    def __init__(
        self, connection: Connection, *, clock: Callable[[], datetime], limits: Limits | None = None
    ) -> None:
        self.name = connection.name
        self._client = Client(connection, clock=clock, limits=limits)
        self._clock = clock
        self._headroom = Headroom()
        self._server: Server | None = None

    def server(self) -> Server:
        answer = self._client.send("GET", f"{API}/serverInfo")
        said = mapping(answer.body)
        flavor = "cloud" if word(said.get("deploymentType")).casefold() == "cloud" else "dc"
        at, version, url = clock_of(answer.headers), word(said.get("version")), word(said.get("baseUrl"))
        self._server = Server("jira", version, flavor, url, at, self._clock())
        return self._server

    def account(self) -> Account:
        user = mapping(self._get(f"{API}/myself"))
        admin = self._permitted({"permissions": "ADMINISTER"}, service=False)[Operation.HOOKS].has
        return Account(actor_of(user, Words()), admin, word(user.get("accountType")) == "app" or None)

    def token(self) -> Token:
        return Token()

    def headroom(self) -> Headroom:
        return self._headroom

    def project(self, key: str) -> Project | None:
        with suppress(Gone):
            return project_of(self._get(f"{API}/project/{key}"))
        return None

    def projects(self, text: str = "") -> tuple[Project, ...]:
        """Data Center lists all at once, so the search is ours there."""
        if self._cloud:
            params = {"maxResults": "100", **({"query": text} if text else {})}
            raw = mapping(self._get(f"{API}/project/search", params)).get("values")
        else:
            raw = self._get(f"{API}/project")
        known = [project for each in rows(raw) if (project := project_of(each))]
        wanted = text.casefold()
        return tuple(p for p in known if wanted in p.key.casefold() or wanted in p.name.casefold())[:100]

    def rights(self, project: str) -> tuple[Right, ...]:
        service = bool((known := self.project(project)) and known.service)
        wanted = {"projectKey": project, "permissions": ",".join(asked(service=service))}
        return tuple(self._permitted(wanted, service=service).values())

    def labels(self, project: str) -> tuple[Label, ...]:  # noqa: ARG002
        return ()

    def label_used(self, project: str, label: str) -> bool:
        query = f"project = {quoted(project)} AND labels = {quoted(label)}"
        return any(True for _ in found(self._client, query, "id", cloud=self._cloud))

    def hooks(self, project: str) -> tuple[Hook, ...]:  # noqa: ARG002
        """All of the site: on Jira a webhook belongs to no project."""
        return tuple(map(hook_of, rows(self._get(self._hooks))))

    def covers(self, hook: Hook, project: str) -> bool | None:
        return covers(hook.scope, project)

    def deliveries(self, project: str, hook: str) -> tuple[Delivery, ...]:  # noqa: ARG002
        return ()

    def people(self, text: str) -> tuple[Person, ...]:
        """By account first: a search shows a few of many, and on Data Center none who left."""
        if "@" not in text and " " not in text:
            with suppress(Gone):
                return people_of([self._get(f"{API}/user", {"accountId" if self._cloud else "username": text})])
        return people_of(self._get(f"{API}/user/search", {"query" if self._cloud else "username": text}))

    def assignable(self, project: str, account: str) -> bool | None:
        wanted = {"project": project, "accountId" if self._cloud else "username": account}
        try:
            answer = self._get(f"{API}/user/assignable/search", wanted)
        except TrackerError as error:
            if not error.permanent:
                raise
            return None
        return any(each.account.casefold() == account.casefold() for each in people_of(answer))

    def statuses(self, project: str) -> tuple[str, ...]:
        return statuses_of(self._get(f"{API}/project/{project}/statuses"))

    def priorities(self) -> tuple[str, ...]:
        return names_of(self._get(f"{API}/priority"))

    def components(self, project: str) -> tuple[str, ...]:
        return names_of(self._get(f"{API}/project/{project}/components"))

    def fields(self) -> tuple[Field, ...]:
        return fields_of(self._get(f"{API}/field"))

    def screen(self, issue: str) -> tuple[Field, ...]:
        return screen_of(self._get(f"{API}/issue/{issue}/editmeta"))

    def roles(self, project: str) -> tuple[str, ...]:
        return tuple(mapping(self._get(f"{API}/project/{project}/role")))

    def group_exists(self, name: str) -> bool | None:
        try:
            known = names_of(mapping(self._get(f"{API}/groups/picker", {"query": name})).get("groups"))
        except TrackerError as error:
            if not error.permanent:
                raise
            return None
        return name.casefold() in (each.casefold() for each in known)

    def link_types(self) -> tuple[str, ...]:
        return names_of(mapping(self._get(f"{API}/issueLinkType")).get("issueLinkTypes"))

    def issues(self, project: str, limit: int = 10) -> tuple[IssueLine, ...]:
        query = f"project = {quoted(project)} ORDER BY updated DESC"
        listed = islice(found(self._client, query, "updated", cloud=self._cloud), limit)
        return tuple(line for raw in listed if (line := issue_of(raw)))

    def issue(self, key: str) -> IssueLine | None:
        with suppress(Gone):
            return issue_of(self._get(f"{API}/issue/{key}", {"fields": "updated"}))
        return None

    def make_label(self, project: str, name: str, color: str) -> Call | None:  # noqa: ARG002
        return None

    def remove_label(self, project: str, label: str) -> Call | None:  # noqa: ARG002
        return None

    def make_hook(self, project: str, wanted: WantedHook) -> Call:
        body = {"name": wanted.name, "excludeBody": False, "filters": {ISSUES: limited_to([project])}}
        return Call("POST", self._hooks, {**body, **self._wanted(wanted)}, what="hook")

    def mend_hook(self, project: str, hook: Hook, wanted: WantedHook | None) -> Call:
        body = self._wanted(wanted) if wanted else {"url": hook.url, "events": list(WANTED_EVENTS)}
        scope = {ISSUES: widened(hook.scope, project)} if hook.scope else {}
        on = {"enabled": True} if self._hooks == OLD_HOOKS else {"active": True}
        whole = {"name": hook.name, "excludeBody": False, "filters": scope, **on, **body}
        return Call("PUT", f"{self._hooks}/{hook.id}", whole, what="hook")

    def remove_hook(self, project: str, hook: str) -> Call:  # noqa: ARG002
        return Call("DELETE", f"{self._hooks}/{hook}", what="hook")

    def try_hook(self, project: str, hook: str) -> Call | None:  # noqa: ARG002
        return None

    def sample(self, secret: str) -> tuple[Mapping[str, str], bytes]:
        body = b'{"webhookEvent": "sprint_started"}'
        return proven(body, secret), body

    def touch(self, issue: IssueLine) -> Call | None:
        body = {"at": self._clock().isoformat()}
        return Call("PUT", f"{API}/issue/{issue.ticket}/properties/{SETUP}", body, what="try")

    def untouch(self, issue: IssueLine) -> Call | None:
        return Call("DELETE", f"{API}/issue/{issue.ticket}/properties/{SETUP}", what="try")

    def send(self, call: Call) -> Any:
        return self._client.send(call.method, call.path, params=call.params, body=call.body or None).body

    def made(self, answer: Any) -> str:
        return hook_of(mapping(answer)).id

    def _wanted(self, wanted: WantedHook) -> dict[str, Any]:
        """Cloud signs; Data Center has no secret that we may rely on, so it stands in the path."""
        if self._cloud:
            return {"url": wanted.url, "events": list(WANTED_EVENTS), "secret": wanted.secret}
        return {"url": f"{wanted.url}/{wanted.secret}", "events": list(WANTED_EVENTS)}

    @property
    def _cloud(self) -> bool:
        return (self._server or self.server()).flavor == "cloud"

    @property
    def _hooks(self) -> str:
        return hooks_of(self._server or self.server())

    def _permitted(self, wanted: Mapping[str, str], *, service: bool) -> dict[Operation, Right]:
        answer = self._get(f"{API}/mypermissions", wanted)
        return {right.operation: right for right in rights_of(answer, service=service)}

    def _get(self, path: str, params: Mapping[str, str] | None = None) -> Any:
        answer = self._client.send("GET", path, params=params)
        self._headroom = headroom_of(answer.headers)
        return answer.body
