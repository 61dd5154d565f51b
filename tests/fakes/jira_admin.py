"""The administrative part of the fake Jira: permissions, projects, screens and the webhooks of an administrator."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import requests

from .jira_rest import Query, Response, Rest
from .jira_world import CUSTOM_FIELDS, PRIORITIES, STATUSES, SYSTEM_FIELDS, TYPES, Issue

EVENTS = (
    *("jira:issue_created", "jira:issue_updated", "jira:issue_deleted"),
    *("comment_created", "comment_updated", "comment_deleted", "issue_property_set", "issue_property_deleted"),
    *("worklog_created", "issuelink_created", "project_created", "sprint_started"),
)
PERMISSIONS = (
    *("BROWSE_PROJECTS", "CREATE_ISSUES", "EDIT_ISSUES", "ASSIGN_ISSUES", "ADD_COMMENTS", "TRANSITION_ISSUES"),
    *("LINK_ISSUES", "ADMINISTER", "USER_PICKER", "SERVICEDESK_AGENT", "ADMINISTER_PROJECTS"),
)
KEYS = {"name", "url", "events", "filters", "excludeBody", "enabled", "active", "secret", "configuration"}
OLD, NEW = "/rest/webhooks/1.0/webhook", "/rest/jira-webhook/1.0/webhooks"


@dataclass
class Hook:
    id: str
    given: dict[str, Any]
    answered: list[int] = field(default_factory=list)

    @property
    def on(self) -> bool:
        return bool(self.given.get("enabled", self.given.get("active", True)))


class Administration:
    """`version`, `permissions` and `about` (facts of a project by its key) are the test's to set.

    The body of a property's event is not documented by Atlassian: ours names the property and the issue.
    """

    def __init__(self, rest: Rest) -> None:
        self.rest, self.world = rest, rest.world
        self.version = "1001.0.0-SNAPSHOT" if self.world.cloud else "10.3.0"
        self.permissions = set(PERMISSIONS)
        self.about: dict[str, dict[str, Any]] = {}
        self.groups = {"helpers", "jira-users"}
        self.off_screen: set[str] = set()
        self.not_assignable: set[str] = set()
        self.hooks: dict[str, Hook] = {}
        self._numbers = iter(range(1, 10**6))

    def handle(self, method: str, path: str, query: Query, body: Any) -> Response | None:
        """The answer, None for what the other part of the fake answers."""
        root = OLD if self._old else NEW
        if path == root or path.startswith(f"{root}/"):
            return self._webhooks(method, path.removeprefix(root).strip("/"), body, f"{self.world.url}{root}")
        if not path.startswith("/rest/api/2/"):
            return None
        for verb, pattern, answer in self._routes():
            found = re.fullmatch(pattern, path.removeprefix("/rest/api/2"))
            if verb == method and found:
                return answer(query, body, *found.groups())
        return None

    def add_hook(self, url: str, **given: Any) -> str:
        """A webhook that somebody made by hand."""
        id = str(next(self._numbers))
        self.hooks[id] = Hook(id, {"name": "by hand", "url": url, "events": list(EVENTS[:6]), **given})
        return id

    def wanting(self, event: str, project: str) -> list[Hook]:
        """The webhooks that are told of this event."""
        told = [hook for hook in self.hooks.values() if hook.on and event in hook.given["events"]]
        return [hook for hook in told if _of(hook, project)]

    def deliver(self, hook: Hook, body: dict[str, Any]) -> None:
        content = json.dumps(body, ensure_ascii=False).encode()
        sent = {
            "Content-Type": "application/json; charset=UTF-8",
            "User-Agent": "Atlassian HttpClient unknown / JIRA",
        }
        if hook.given.get("secret"):
            digest = hmac.new(hook.given["secret"].encode(), content, hashlib.sha256).hexdigest()
            sent["X-Hub-Signature"] = f"sha256={digest}"
        if self.world.cloud:
            sent |= {"X-Atlassian-Webhook-Identifier": str(uuid.uuid4()), "X-Atlassian-Webhook-Flow": "Primary"}
        try:
            status = requests.post(hook.given["url"], data=content, headers=sent, timeout=10).status_code
        except requests.RequestException:
            status = 0
        hook.answered.append(status)

    def property_event(self, issue: Issue, key: str) -> dict[str, Any]:
        at = int(self.world.clock().timestamp() * 1000)
        body = {"timestamp": at, "webhookEvent": "issue_property_set", "property": {"key": key}}
        return {**body, "issue": self.world.issue_json(issue, {"summary", "project", "status"})}

    @property
    def _old(self) -> bool:
        return self.world.cloud or int(self.version.partition(".")[0]) < 10

    def _routes(self) -> list[tuple[str, str, Callable[..., Response]]]:
        return [
            ("GET", "/serverInfo", self.server_info),
            ("GET", "/mypermissions", self.mypermissions),
            ("GET", "/project", self.projects),
            ("GET", "/project/search", self.search),
            ("GET", "/project/([^/]+)", self.project),
            ("GET", "/project/([^/]+)/statuses", self.statuses),
            ("GET", "/project/([^/]+)/components", self.components),
            ("GET", "/priority", self.priorities),
            ("GET", "/groups/picker", self.group_picker),
            ("GET", "/issueLinkType", self.link_types),
            ("GET", "/user/assignable/search", self.assignable),
            ("GET", "/issue/([^/]+)/editmeta", self.editmeta),
            ("PUT", "/issue/([^/]+)/properties/([^/]+)", self.set_property),
            ("DELETE", "/issue/([^/]+)/properties/([^/]+)", self.drop_property),
        ]

    def server_info(self, query: Query, body: Any) -> Response:
        answer = self.rest.server_info(query, body)
        answer.body["version"] = self.version
        return answer

    def mypermissions(self, query: Query, body: Any) -> Response:
        wanted = [key for key in query.get("permissions", [""])[0].split(",") if key]
        unknown = set(wanted) - set(PERMISSIONS)
        if self.world.cloud and (unknown or not wanted):
            self.rest.violations.append(f"mypermissions without known permissions: {sorted(unknown)}")
            return _no(400, "Unrecognized permission")
        project = query.get("projectKey", [""])[0]
        if project and project not in self.world.projects:
            return _no(404, "No project could be found")
        # Data Center tells all, whatever was asked.
        shown = wanted if self.world.cloud else PERMISSIONS
        return Response(
            200,
            {"permissions": {key: {"key": key, "havePermission": key in self.permissions} for key in shown}},
        )

    def projects(self, query: Query, body: Any) -> Response:
        return Response(200, [self._project(key) for key in self.world.projects])

    def search(self, query: Query, body: Any) -> Response:
        if not self.world.cloud:
            return _no(404, "No project could be found with key 'search'.")
        wanted = query.get("query", [""])[0].casefold()
        found = [self._project(key) for key in self.world.projects if wanted in key.casefold()]
        return Response(200, {"isLast": True, "total": len(found), "values": found})

    def project(self, query: Query, body: Any, key: str) -> Response:
        if key not in self.world.projects or "BROWSE_PROJECTS" not in self.permissions:
            return _no(404, f"No project could be found with key '{key}'.")
        return Response(200, self._project(key))

    def _project(self, key: str) -> dict[str, Any]:
        known = self.world.projects[key]
        more = {"isPrivate": False} if self.world.cloud else {"archived": False}
        return {
            "id": known.id,
            "key": key,
            "name": key.title(),
            "projectTypeKey": known.type,
            **more,
            **self.about.get(key, {}),
        }

    def statuses(self, query: Query, body: Any, key: str) -> Response:
        names = [{"id": str(n), "name": name} for n, name in enumerate(STATUSES)]
        return Response(200, [{"name": type, "statuses": names} for type in TYPES])

    def components(self, query: Query, body: Any, key: str) -> Response:
        return Response(200, [{"id": "1", "name": name} for name in sorted(self.world.projects[key].components)])

    def priorities(self, query: Query, body: Any) -> Response:
        return Response(200, [{"id": str(n), "name": name} for n, name in enumerate(PRIORITIES)])

    def group_picker(self, query: Query, body: Any) -> Response:
        wanted = query.get("query", [""])[0].casefold()
        return Response(200, {"groups": [{"name": name} for name in sorted(self.groups) if wanted in name]})

    def link_types(self, query: Query, body: Any) -> Response:
        return Response(200, {"issueLinkTypes": [{"id": "1", "name": name} for name in ("Blocks", "Relates")]})

    def assignable(self, query: Query, body: Any) -> Response:
        name = "accountId" if self.world.cloud else "username"
        if "project" not in query or name not in query:
            self.rest.violations.append("user/assignable/search without its parameters")
            return _no(400, f"`{name}` and `project` are needed")
        user = self.world.users.get(query[name][0])
        known = user and user.active and user.kind == "atlassian" and user.account not in self.not_assignable
        return Response(200, [self.world.user_json(user.account)] if user and known else [])

    def editmeta(self, query: Query, body: Any, id: str) -> Response:
        issue = self.world.find(id)
        if issue is None:
            return _no(404, "Issue does not exist or you do not have permission to see it.")
        every = {**SYSTEM_FIELDS, **CUSTOM_FIELDS}
        shown = {key: {"name": n, "schema": s} for key, (n, s) in every.items() if key not in self.off_screen}
        if "priority" in shown:
            shown["priority"]["allowedValues"] = [{"name": name} for name in PRIORITIES]
        return Response(200, {"fields": shown})

    def set_property(self, query: Query, body: Any, id: str, key: str) -> Response:
        issue = self.world.find(id)
        if issue is None or "EDIT_ISSUES" not in self.permissions:
            return _no(404 if issue is None else 403, "You do not have permission to edit the issue.")
        new = key not in issue.properties
        issue.properties[key] = body
        self.rest.told("property", issue, self.rest.me, history={"key": key})
        return Response(201 if new else 200)

    def drop_property(self, query: Query, body: Any, id: str, key: str) -> Response:
        issue = self.world.find(id)
        if issue is None or issue.properties.pop(key, None) is None:
            return _no(404, "The property does not exist")
        return Response(204)

    def _webhooks(self, method: str, id: str, body: Any, root: str) -> Response:
        if "ADMINISTER" not in self.permissions:
            return _no(403, "You do not have permission to manage webhooks.")
        if id and id not in self.hooks:
            return _no(404, "Webhook not found")
        match method:
            case "GET":
                return Response(200, [self._shown(hook, root) for hook in self.hooks.values()])
            case "POST" | "PUT":
                wrong = self._wrong(body)
                if wrong:
                    return _no(400, wrong)
                id = id or str(next(self._numbers))
                kept = {k: v for k, v in self.hooks[id].given.items() if k == "secret"} if id in self.hooks else {}
                self.hooks[id] = Hook(id, {**kept, **body})
                return Response(201 if method == "POST" else 200, self._shown(self.hooks[id], root))
            case _:
                del self.hooks[id]
                return Response(204)

    def _wrong(self, body: Any) -> str:
        given = body if isinstance(body, dict) else {}
        self.rest.violations.extend(f"unknown key {name} of a webhook" for name in given if name not in KEYS)
        unknown = [event for event in given.get("events", ["none"]) if event not in EVENTS]
        if not given.get("name") or urlsplit(given.get("url", "")).scheme not in ("http", "https") or unknown:
            return f"The webhook is not valid: {unknown}"
        return ""

    def _shown(self, hook: Hook, root: str) -> dict[str, Any]:
        """The secret is never shown."""
        shown = {name: value for name, value in hook.given.items() if name != "secret"}
        if self._old:
            signed = {"isSigned": bool(hook.given.get("secret"))} if self.world.cloud else {}
            return {"enabled": True, **shown, **signed, "self": f"{root}/{hook.id}"}
        return {"active": True, **shown, "id": int(hook.id), "scopeType": "global"}


def _of(hook: Hook, project: str) -> bool:
    scope = hook.given.get("filters", {}).get("issue-related-events-section", "")
    return not scope or f'"{project}"' in scope


def _no(status: int, why: str) -> Response:
    return Response(status, {"errorMessages": [why], "errors": {}})
