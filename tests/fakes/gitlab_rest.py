"""The part of GitLab's REST API v4 that issues need, as strict as the real one; anything else is a violation."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from urllib.parse import quote, unquote, urlencode

from .gitlab_world import LONGEST_NOTE, TYPES, Issue, Note, Project, User, World, stamp

Query = dict[str, list[str]]


@dataclass
class Response:
    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


class Refused(Exception):
    def __init__(self, status: int, body: Any) -> None:
        super().__init__(status)
        self.response = Response(status, body)


KNOWN = {
    "title": str,
    "description": str,
    "add_labels": str,
    "remove_labels": str,
    "labels": str,
    "assignee_ids": list,
    "due_date": str,
    "state_event": str,
    "confidential": bool,
    "issue_type": str,
    "discussion_locked": bool,
    "weight": int,
    "milestone_id": int,
}


LIST_PARAMETERS = (
    *("updated_after", "created_after", "created_before", "state", "scope", "order_by", "sort", "per_page", "page"),
    *("labels", "search", "in", "iids[]"),
)


class Rest:
    """`handle` answers one request; `changed` is told of every change, for the hooks."""

    def __init__(self, world: World, me: User, violations: list[str], changed: Callable[..., None]) -> None:
        self.world = world
        self.me = me
        self.violations = violations
        self.changed = changed
        self.url = ""
        self.knows_internal = True
        issue = r"/projects/(?P<project>[^/]+)/issues/(?P<iid>\d+)"
        self.routes: list[tuple[str, re.Pattern[str], Callable[..., Response]]] = [
            (verb, re.compile(pattern), do)
            for verb, pattern, do in (
                ("GET", r"/user", self.user),
                ("GET", r"/users", self.users),
                ("GET", r"/projects/(?P<project>[^/]+)/labels", self.labels),
                ("GET", r"/projects/(?P<project>[^/]+)/members/all", self.members),
                ("GET", r"/projects/(?P<project>[^/]+)/issues", self.issues),
                ("POST", r"/projects/(?P<project>[^/]+)/issues", self.create),
                ("GET", issue, self.issue),
                ("PUT", issue, self.update),
                ("GET", issue + r"/notes", self.notes),
                ("POST", issue + r"/notes", self.add_note),
                ("GET", issue + r"/notes/(?P<note>\d+)", self.note),
                ("PUT", issue + r"/notes/(?P<note>\d+)", self.edit_note),
                ("DELETE", issue + r"/notes/(?P<note>\d+)", self.delete_note),
                ("GET", issue + r"/resource_label_events", self.label_events),
                ("GET", issue + r"/resource_state_events", self.state_events),
                ("POST", issue + r"/links", self.link),
            )
        ]

    def handle(self, verb: str, path: str, query: Query, body: Any, chain: str) -> Response:
        for method, pattern, do in self.routes:
            found = pattern.fullmatch(path)
            if method == verb and found:
                try:
                    return do(query=query, body=body, chain=chain, **found.groupdict())
                except Refused as refused:
                    return refused.response
        self.violations.append(f"{verb} {path}: no such endpoint")
        return Response(404, {"error": "404 Not Found"})

    def user(self, **_: Any) -> Response:
        return Response(200, {**self.me.brief(), "bot": False})

    def users(self, query: Query, **_: Any) -> Response:
        wanted = query.get("username", [""])[0].casefold()
        return Response(200, [u.brief() for u in self.world.users.values() if u.username.casefold() == wanted])

    def labels(self, project: str, query: Query, **_: Any) -> Response:
        found = self._project(project)
        return self._page(
            f"/projects/{project}/labels", query, [{"id": n, "name": k} for k, n in found.labels.items()]
        )

    def members(self, project: str, query: Query, **_: Any) -> Response:
        self._project(project)
        rows = [{**u.brief(), "access_level": u.level} for u in self.world.users.values() if u.level]
        return self._page(f"/projects/{project}/members/all", query, rows)

    def issues(self, project: str, query: Query, **_: Any) -> Response:
        rows = list(self._project(project).issues.values())
        if "updated_after" in query:
            since = datetime.fromisoformat(query["updated_after"][0])
            rows = [issue for issue in rows if issue.updated >= since]
        if "created_after" in query:
            since = datetime.fromisoformat(query["created_after"][0])
            rows = [issue for issue in rows if issue.created >= since]
        if "created_before" in query:
            until = datetime.fromisoformat(query["created_before"][0])
            rows = [issue for issue in rows if issue.created <= until]
        state = query.get("state", ["all"])[0]
        rows = [issue for issue in rows if state in ("all", issue.state)]
        self.violations.extend(f"a list of issues takes no {name}" for name in query if name not in LIST_PARAMETERS)
        if "search" in query:
            rows = [issue for issue in rows if query["search"][0].casefold() in issue.description.casefold()]
        if "labels" in query:
            rows = [issue for issue in rows if set(query["labels"][0].split(",")) <= issue.labels]
        by_update = query.get("order_by", ["created_at"])[0] == "updated_at"
        rows.sort(
            key=lambda i: i.updated if by_update else i.created, reverse=query.get("sort", ["desc"])[0] == "desc"
        )
        return self._page(f"/projects/{project}/issues", query, rows, self.shown)

    def create(self, project: str, body: Any, chain: str, **_: Any) -> Response:
        found, params = self._project(project), self._params(body, {"title"})
        issue = self.world.new_issue(found, self.me, params["title"], "", params.get("issue_type", "issue"))
        text, _changes = self.world.quick_actions(issue, self.me, params.get("description", ""))
        issue.description = text
        if params.get("labels"):
            self.world.apply(issue, self.me, {"add_labels": params["labels"]})
        self.changed("open", issue, self.me, {}, chain)
        return Response(201, self.shown(issue))

    def issue(self, project: str, iid: str, **_: Any) -> Response:
        return Response(200, self.shown(self._issue(project, iid)))

    def update(self, project: str, iid: str, body: Any, chain: str, **_: Any) -> Response:
        issue, params = self._issue(project, iid), self._params(body, set())
        if not params:
            raise Refused(
                400, {"error": "add_labels, title, ... are missing, at least one parameter must be provided"}
            )
        changes = self.world.apply(issue, self.me, params)
        if changes:
            self.changed("update", issue, self.me, changes, chain)
        return Response(200, self.shown(issue))

    def notes(self, project: str, iid: str, query: Query, **_: Any) -> Response:
        rows = list(self._issue(project, iid).notes.values())
        if query.get("activity_filter", [""])[0] == "only_comments":
            rows = [note for note in rows if not note.system]
        rows.sort(key=lambda n: n.id, reverse=query.get("sort", ["desc"])[0] == "desc")
        return self._page(f"/projects/{project}/issues/{iid}/notes", query, rows, shown_note)

    def note(self, project: str, iid: str, note: str, **_: Any) -> Response:
        found = self._issue(project, iid).notes.get(int(note))
        if found is None:
            raise Refused(404, {"message": "404 Note Not Found"})
        return Response(200, shown_note(found))

    def add_note(self, project: str, iid: str, body: Any, chain: str, **_: Any) -> Response:
        issue = self._issue(project, iid)
        text, internal = self._note_body(body), body.get("internal", False)
        if not isinstance(internal, bool):
            raise Refused(400, {"error": "internal is invalid"})
        left, changes = self.world.quick_actions(issue, self.me, text)
        if changes:
            self.changed("update", issue, self.me, changes, chain)
        if not left:
            return Response(202, {"commands_changes": {}, "summary": ["Commands applied"]})
        note = self.world.add_note(issue, self.me, left, internal=internal and self.knows_internal)
        self.changed("note", issue, self.me, note, chain)
        return Response(201, {**shown_note(note), "commands_changes": {}})

    def edit_note(self, project: str, iid: str, note: str, body: Any, chain: str, **_: Any) -> Response:
        issue = self._issue(project, iid)
        found = issue.notes.get(int(note))
        if found is None or found.system:
            raise Refused(404, {"message": "404 Note Not Found"})
        found.body, found.updated = self._note_body(body), self.world.clock()
        issue.updated = found.updated
        self.changed("note-edit", issue, self.me, found, chain)
        return Response(200, shown_note(found))

    def delete_note(self, project: str, iid: str, note: str, **_: Any) -> Response:
        found = self._issue(project, iid).notes.pop(int(note), None)
        if found is None:
            raise Refused(404, {"message": "404 Note Not Found"})
        return Response(204)

    def label_events(self, project: str, iid: str, query: Query, **_: Any) -> Response:
        rows = self._issue(project, iid).label_events
        return self._page(f"/projects/{project}/issues/{iid}/resource_label_events", query, rows)

    def state_events(self, project: str, iid: str, query: Query, **_: Any) -> Response:
        rows = self._issue(project, iid).state_events
        return self._page(f"/projects/{project}/issues/{iid}/resource_state_events", query, rows)

    def link(self, project: str, iid: str, body: Any, **_: Any) -> Response:
        issue = self._issue(project, iid)
        if not isinstance(body, dict) or not {"target_project_id", "target_issue_iid"} <= body.keys():
            raise Refused(400, {"error": "target_project_id is missing, target_issue_iid is missing"})
        target = self._issue(quote(str(body["target_project_id"]), safe=""), str(body["target_issue_iid"]))
        link = (body.get("link_type", "relates_to"), target.ticket)
        if link in issue.links:
            raise Refused(409, {"message": "Issue(s) already assigned"})
        issue.links.append(link)
        return Response(201, {"link_type": link[0]})

    def _project(self, name: str) -> Project:
        found = self.world.find_project(unquote(name))
        if found is None:
            raise Refused(404, {"message": "404 Project Not Found"})
        return found

    def _issue(self, project: str, iid: str) -> Issue:
        issue = self._project(project).issues.get(int(iid))
        if issue is None:
            raise Refused(404, {"message": "404 Issue Not Found"})
        return issue

    def _params(self, body: Any, needed: set[str]) -> dict[str, Any]:
        """Known parameters with values of the right type; unknown keys are ignored, silently for the caller."""
        if not isinstance(body, dict):
            raise Refused(400, {"error": "the body is no object"})
        self.violations.extend(f"unknown parameter {name}" for name in body if name not in KNOWN)
        missing = [name for name in needed if not body.get(name)]
        wrong = [name for name, value in body.items() if name in KNOWN and not _fits(name, value)]
        if missing or wrong:
            raise Refused(
                400,
                {"error": ", ".join([*(f"{m} is missing" for m in missing), *(f"{w} is invalid" for w in wrong)])},
            )
        if len(body.get("title", "")) > 255:
            raise Refused(400, {"message": {"title": ["is too long (maximum is 255 characters)"]}})
        return {name: value for name, value in body.items() if name in KNOWN}

    def _note_body(self, body: Any) -> str:
        text = body.get("body") if isinstance(body, dict) else None
        if not isinstance(text, str) or not text.strip():
            raise Refused(400, {"error": "body is missing" if text is None else "body is invalid"})
        if len(text) > LONGEST_NOTE:
            raise Refused(400, {"message": {"note": ["is too long (maximum is 1000000 characters)"]}})
        self.violations.extend(f"unknown parameter {name}" for name in body if name not in ("body", "internal"))
        return text

    def _page(
        self, path: str, query: Query, rows: list[Any], show: Callable[[Any], Any] = lambda row: row
    ) -> Response:
        page, size = int(query.get("page", ["1"])[0]), min(100, int(query.get("per_page", ["20"])[0]))
        headers = {}
        if len(rows) > page * size:
            more = urlencode({**{k: v[0] for k, v in query.items()}, "page": page + 1, "per_page": size})
            headers["Link"] = f'<{self.url}/api/v4{path}?{more}>; rel="next"'
        return Response(200, [show(row) for row in rows[(page - 1) * size : page * size]], headers)

    def shown(self, issue: Issue) -> dict[str, Any]:
        path = issue.project.path
        return {
            "id": issue.id,
            "iid": issue.iid,
            "project_id": issue.project.id,
            "title": issue.title,
            "description": issue.description,
            "state": issue.state,
            "created_at": stamp(issue.created),
            "updated_at": stamp(issue.updated),
            "labels": sorted(issue.labels),
            "author": issue.author.brief(),
            "assignees": [u.brief() for u in issue.assignees],
            "assignee": issue.assignees[0].brief() if issue.assignees else None,
            "due_date": issue.due,
            "confidential": issue.confidential,
            "issue_type": issue.type,
            "type": issue.type.upper(),
            "moved_to_id": issue.moved_to,
            "service_desk_reply_to": issue.reply_to,
            "user_notes_count": sum(not n.system for n in issue.notes.values()),
            "references": {"short": f"#{issue.iid}", "relative": f"#{issue.iid}", "full": f"{path}#{issue.iid}"},
            "web_url": f"{self.url}/{path}/-/issues/{issue.iid}",
        }


def shown_note(note: Note) -> dict[str, Any]:
    return {
        "id": note.id,
        "body": note.body,
        "author": note.author.brief(),
        "system": note.system,
        "internal": note.internal,
        "confidential": note.internal,
        "created_at": stamp(note.created),
        "updated_at": stamp(note.updated),
    }


def _fits(name: str, value: Any) -> bool:
    match name:
        case "assignee_ids":
            return isinstance(value, list) and all(isinstance(n, int) and not isinstance(n, bool) for n in value)
        case "due_date":
            return value in (None, "") or _is_day(value)
        case "state_event":
            return value in ("close", "reopen")
        case "issue_type":
            return value in TYPES
        case _:
            return isinstance(value, KNOWN[name])


def _is_day(value: Any) -> bool:
    try:
        return bool(date.fromisoformat(value))
    except (ValueError, TypeError):
        return False
