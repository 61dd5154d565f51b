"""The administrative part of the fake GitLab: projects, tokens, labels and webhooks, with the rights they take."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import unquote, urlsplit

import requests

from .gitlab_hooks import headers, issue_body, raw
from .gitlab_rest import Query, Refused, Response, Rest
from .gitlab_world import Issue, Project

EVENTS = (
    *("push_events", "tag_push_events", "issues_events", "confidential_issues_events", "note_events"),
    *("confidential_note_events", "merge_requests_events", "job_events", "pipeline_events", "wiki_page_events"),
)
PARAMETERS = {**dict.fromkeys((*EVENTS, "enable_ssl_verification"), bool), "url": str, "name": str, "token": str}
PARAMETERS |= {"description": str, "signing_token": str, "custom_webhook_template": str}
TESTS_A_MINUTE = 5
MAINTAINER, REPORTER = 40, 15


@dataclass
class Hook:
    id: int
    project: int
    given: dict[str, Any]
    alert: str = "executable"
    until: str | None = None
    tried: list[dict[str, Any]] = field(default_factory=list)


class Administration:
    """`version`, `scopes`, `expires`, `is_admin`, `about` (facts of a project by its path) are the test's to set."""

    def __init__(self, rest: Rest, url: Callable[[], str]) -> None:
        self.rest, self.url = rest, url
        self.version = "19.2.1-ee"
        self.scopes = ["api"]
        self.expires: str | None = "2099-01-01"
        self.is_admin: bool | None = None
        self.tells_tokens = True
        self.about: dict[str, dict[str, Any]] = {}
        self.hooks: dict[int, Hook] = {}
        self._tests: list[datetime] = []
        project, hook = r"/projects/(?P<project>[^/]+)", r"/projects/(?P<project>[^/]+)/hooks/(?P<hook>\d+)"
        rest.routes[:0] = [
            (verb, re.compile(pattern), do)
            for verb, pattern, do in (
                ("GET", "/version", self.told_version),
                ("GET", "/personal_access_tokens/self", self.token),
                ("GET", "/user", self.user),
                ("GET", "/users", self.users),
                ("GET", "/projects", self.projects),
                ("GET", project, self.project),
                ("GET", project + r"/members/all", self.members),
                ("GET", project + r"/members/all/(?P<user>\d+)", self.member),
                ("GET", project + "/merge_requests", self.merge_requests),
                ("GET", project + "/labels", self.labels),
                ("POST", project + "/labels", self.make_label),
                ("DELETE", project + "/labels/(?P<label>[^/]+)", self.remove_label),
                ("GET", project + "/hooks", self.list_hooks),
                ("POST", project + "/hooks", self.make_hook),
                ("PUT", hook, self.change_hook),
                ("DELETE", hook, self.remove_hook),
                ("GET", hook + "/events", self.tried),
                ("POST", hook + r"/test/(?P<trigger>\w+)", self.test_hook),
            )
        ]

    def allowed(self, verb: str) -> Response | None:
        """The refusal that a token's scopes earn."""
        needed = {"api"} if verb != "GET" else {"api", "read_api"}
        if needed & set(self.scopes):
            return None
        return Response(403, {"error": "insufficient_scope", "error_description": "The request requires more"})

    def add_hook(self, path: str, url: str, **given: Any) -> int:
        """A webhook that somebody made by hand."""
        project = self.rest.world.project(path)
        id = next(self.rest.world.ids)
        self.hooks[id] = Hook(id, project.id, {"url": url, "push_events": True, **given})
        return id

    def told_version(self, **_: Any) -> Response:
        return Response(200, {"version": self.version, "revision": "abcdef"})

    def token(self, **_: Any) -> Response:
        if not self.tells_tokens:
            raise Refused(404, {"message": "404 Not Found"})
        known = {"id": 7, "name": "pointsman", "revoked": False, "active": True, "user_id": self.rest.me.id}
        return Response(200, {**known, "scopes": self.scopes, "expires_at": self.expires})

    def user(self, **_: Any) -> Response:
        known = {**self.rest.me.brief(), "bot": False}
        return Response(200, known if self.is_admin is None else {**known, "is_admin": self.is_admin})

    def users(self, query: Query, **_: Any) -> Response:
        if "search" not in query:
            return self.rest.users(query=query)
        wanted = query["search"][0].casefold()
        everybody = self.rest.world.users.values()
        return Response(
            200, [u.brief() for u in everybody if wanted in f"{u.username} {u.name} {u.email}".casefold()]
        )

    def projects(self, query: Query, **_: Any) -> Response:
        wanted = query.get("search", [""])[0].casefold()
        rows = [self.shown(p) for p in self.rest.world.projects.values() if wanted in p.path.casefold()]
        return self.rest._page("/projects", query, rows)

    def project(self, project: str, **_: Any) -> Response:
        return Response(200, self.shown(self.rest._project(project)))

    def members(self, project: str, query: Query, **_: Any) -> Response:
        answer = self.rest.members(project=project, query=query)
        wanted = query.get("query", [""])[0].casefold()
        answer.body = [row for row in answer.body if wanted in f"{row['username']} {row['name']}".casefold()]
        return answer

    def member(self, project: str, user: str, **_: Any) -> Response:
        self.rest._project(project)
        for each in self.rest.world.users.values():
            if each.id == int(user) and each.level:
                return Response(200, {**each.brief(), "access_level": each.level})
        raise Refused(404, {"message": "404 Not found"})

    def merge_requests(self, project: str, **_: Any) -> Response:
        self.rest._project(project)
        return Response(200, [])

    def labels(self, project: str, query: Query, **_: Any) -> Response:
        found = self.rest._project(project)
        rows = [
            {"id": id, "name": name, "color": found.colors.get(name, "#428bca"), "is_project_label": True}
            for name, id in found.labels.items()
        ]
        return self.rest._page(f"/projects/{project}/labels", query, rows)

    def make_label(self, project: str, body: Any, **_: Any) -> Response:
        found = self._at_least(project, REPORTER)
        given = body if isinstance(body, dict) else {}
        missing = [name for name in ("name", "color") if not isinstance(given.get(name), str) or not given[name]]
        if missing or not re.fullmatch(r"#[0-9a-fA-F]{6}", given["color"]) or "," in given["name"]:
            raise Refused(400, {"error": ", ".join(f"{m} is missing" for m in missing) or "color is invalid"})
        if given["name"] in found.labels:
            raise Refused(409, {"message": "Label already exists"})
        found.labels[given["name"]] = next(self.rest.world.ids)
        found.colors[given["name"]] = given["color"]
        return Response(201, {"id": found.labels[given["name"]], **given})

    def remove_label(self, project: str, label: str, **_: Any) -> Response:
        found = self._at_least(project, REPORTER)
        name = unquote(label)
        if found.labels.pop(name, None) is None:
            raise Refused(404, {"message": "404 Label Not Found"})
        for issue in found.issues.values():
            issue.labels.discard(name)
        return Response(204)

    def list_hooks(self, project: str, query: Query, **_: Any) -> Response:
        found = self._at_least(project, MAINTAINER)
        rows = [self.shown_hook(hook) for hook in self.hooks.values() if hook.project == found.id]
        return self.rest._page(f"/projects/{project}/hooks", query, rows)

    def make_hook(self, project: str, body: Any, **_: Any) -> Response:
        found = self._at_least(project, MAINTAINER)
        given = self._given(body)
        if "url" not in given:
            raise Refused(400, {"error": "url is missing"})
        id = next(self.rest.world.ids)
        self.hooks[id] = Hook(id, found.id, {"push_events": True, "enable_ssl_verification": True, **given})
        return Response(201, self.shown_hook(self.hooks[id]))

    def change_hook(self, project: str, hook: str, body: Any, **_: Any) -> Response:
        found = self._hook(project, hook)
        found.given.update(self._given(body))
        return Response(200, self.shown_hook(found))

    def remove_hook(self, project: str, hook: str, **_: Any) -> Response:
        del self.hooks[self._hook(project, hook).id]
        return Response(204)

    def tried(self, project: str, hook: str, **_: Any) -> Response:
        return Response(200, list(reversed(self._hook(project, hook).tried)))

    def test_hook(self, project: str, hook: str, trigger: str, **_: Any) -> Response:
        found, home = self._hook(project, hook), self.rest._project(project)
        now = self.rest.world.clock()
        self._tests = [at for at in self._tests if (now - at).total_seconds() < 60] + [now]
        if len(self._tests) > TESTS_A_MINUTE:
            raise Refused(429, {"message": {"error": "This endpoint has been requested too many times."}})
        if trigger != "issues_events" or not home.issues:
            raise Refused(422, {"message": "Ensure the project has issues."})
        issue = list(home.issues.values())[-1]
        body = issue_body(self.url(), issue, self.rest.me, "open", {})
        del body["object_attributes"]["action"]
        status = self.deliver(found, body)
        if not 200 <= status < 300:
            raise Refused(422, {"message": f"Hook executed, but returned {status}"})
        found.alert, found.until = "executable", None
        return Response(201, {"message": "201 Created"})

    def wanting(self, issue: Issue, body: dict[str, Any]) -> list[Hook]:
        """The webhooks that are told of this event."""
        kind = "note" if body["object_kind"] == "note" else "issues"
        confidential = str(body["event_type"]).startswith("confidential")
        name = f"confidential_{kind}_events" if confidential else f"{kind}_events"
        of_project = [hook for hook in self.hooks.values() if hook.project == issue.project.id]
        return [hook for hook in of_project if hook.given.get(name) and hook.alert == "executable"]

    def deliver(self, hook: Hook, body: dict[str, Any], chain: str = "") -> int:
        """Post one event as this webhook is told to; what the receiver answered, 0 for nothing."""
        content = raw(body)
        signs = self._signs(hook)
        sent = headers(body, content, self.url(), signs or "whsec_c2VjcmV0", chain, self.rest.world.clock())
        if not signs:
            sent = {name: value for name, value in sent.items() if not name.startswith("webhook-")}
        if hook.given.get("token"):
            sent["X-Gitlab-Token"] = hook.given["token"]
        try:
            status = requests.post(hook.given["url"], data=content, headers=sent, timeout=10).status_code
        except requests.RequestException:
            status = 0
        said = str(status) if status else "internal error"
        number = next(self.rest.world.ids)
        hook.tried.append({"id": number, "url": hook.given["url"], "trigger": "issue_hooks", "response_status": said})
        return status

    def shown(self, project: Project) -> dict[str, Any]:
        name = project.path.rpartition("/")[2]
        level = self.rest.me.level
        return {
            "id": project.id,
            "path_with_namespace": project.path,
            "name": name,
            "name_with_namespace": project.path.replace("/", " / "),
            "archived": False,
            "issues_enabled": True,
            "issues_access_level": "enabled",
            "visibility": "private",
            "permissions": {"project_access": {"access_level": level} if level else None, "group_access": None},
            **self.about.get(project.path, {}),
        }

    def shown_hook(self, hook: Hook) -> dict[str, Any]:
        """Neither secret is ever shown."""
        shown = {name: value for name, value in hook.given.items() if name not in ("token", "signing_token")}
        return {
            **dict.fromkeys(EVENTS, False),
            **shown,
            "id": hook.id,
            "project_id": hook.project,
            "alert_status": hook.alert,
            "disabled_until": hook.until,
            "token_present": bool(hook.given.get("token")),
            **({"signing_token_present": bool(self._signs(hook))} if self._major >= 19 else {}),
        }

    @property
    def _major(self) -> int:
        return int(self.version.partition(".")[0])

    def _signs(self, hook: Hook) -> str:
        return str(hook.given.get("signing_token") or "") if self._major >= 19 else ""

    def _given(self, body: Any) -> dict[str, Any]:
        if not isinstance(body, dict):
            raise Refused(400, {"error": "the body is no object"})
        self.rest.violations.extend(f"unknown parameter {name} of a hook" for name in body if name not in PARAMETERS)
        wrong = [n for n, value in body.items() if n in PARAMETERS and not isinstance(value, PARAMETERS[n])]
        if wrong:
            raise Refused(400, {"error": ", ".join(f"{name} is invalid" for name in wrong)})
        if "url" in body and urlsplit(body["url"]).scheme not in ("http", "https"):
            raise Refused(422, {"error": "Invalid url given"})
        if not str(body.get("signing_token", "whsec_")).startswith("whsec_"):
            raise Refused(422, {"error": "Invalid signing token"})
        return json.loads(json.dumps(body))

    def _hook(self, project: str, hook: str) -> Hook:
        home = self._at_least(project, MAINTAINER)
        found = self.hooks.get(int(hook))
        if found is None or found.project != home.id:
            raise Refused(404, {"message": "404 Not found"})
        return found

    def _at_least(self, project: str, level: int) -> Project:
        found = self.rest._project(project)
        if self.rest.me.level < level and not self.is_admin:
            raise Refused(403, {"message": "403 Forbidden"})
        return found
