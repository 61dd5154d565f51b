"""REST v2 of the fake Jira: each endpoint that exists, on the flavours where it exists."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from .jira_edit import Editor, Outcome, Refused, new_comment
from .jira_world import CUSTOM_FIELDS, STATUSES, SYSTEM_FIELDS, TYPES, Comment, Issue, World, stamp

Query = dict[str, list[str]]


@dataclass
class Response:
    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


class Rest:
    """Answers requests of the account `me`; `told` hears of everything that fires webhooks.

    `keeps_marks` off: properties of a comment are dropped without a word, so that it is public.
    """

    def __init__(self, world: World, me: str, violations: list[str], told: Callable[..., None]) -> None:
        self.world, self.me, self.violations, self.told = world, me, violations, told
        self.editor = Editor(world, violations)
        self.keeps_marks = True
        self._tokens: dict[str, tuple[list[str], int]] = {}

    def handle(self, method: str, path: str, query: Query, body: Any) -> Response:
        for verb, pattern, answer in _ROUTES:
            found = re.fullmatch(pattern, path)
            if verb == method and found:
                try:
                    return answer(self, query, body, *found.groups())
                except Refused as refused:
                    return Response(400, refused.body)
                except ValueError as why:
                    return Response(400, {"errorMessages": [], "errors": {"comment": str(why)}})
        self.violations.append(f"{method} {path}: no such endpoint")
        return Response(404, {"errorMessages": ["null for uri"], "errors": {}})

    # Once per process.

    def server_info(self, query: Query, body: Any) -> Response:
        kind = "Cloud" if self.world.cloud else "Server"
        return Response(200, {"baseUrl": self.world.url, "version": "10.3.0", "deploymentType": kind})

    def myself(self, query: Query, body: Any) -> Response:
        return Response(200, self.world.user_json(self.me))

    def fields(self, query: Query, body: Any) -> Response:
        both = ((SYSTEM_FIELDS, False), (CUSTOM_FIELDS, True))
        found = [
            {"id": id, "name": name, "custom": custom, "schema": schema}
            for table, custom in both
            for id, (name, schema) in table.items()
        ]
        return Response(200, found)

    def user(self, query: Query, body: Any) -> Response:
        name = "accountId" if self.world.cloud else "username"
        account = query.get(name, [""])[0]
        if account not in self.world.users:
            return _missing("The user does not exist")
        shown = self.world.user_json(account) or {}
        if "applicationRoles" in query.get("expand", [""])[0]:
            size = int(self.world.users[account].kind == "atlassian")
            shown["applicationRoles"] = {"size": size, "items": []}
        return Response(200, shown)

    def user_search(self, query: Query, body: Any) -> Response:
        name = "query" if self.world.cloud else "username"
        wanted = query.get(name, [""])[0].casefold()
        if not wanted:
            self.violations.append("user/search without its parameter")
            return Response(400, {"errorMessages": [f"`{name}` is needed"], "errors": {}})
        found = [
            u
            for u in self.world.users.values()
            if any(part.casefold().startswith(wanted) for part in (u.account, u.name, u.email))
        ]
        return Response(200, [self.world.user_json(u.account) for u in found])

    def project(self, query: Query, body: Any, key: str) -> Response:
        project = self.world.projects.get(key)
        if project is None:
            return _missing(f"No project could be found with key '{key}'.")
        return Response(200, {"id": project.id, "key": key, "name": key, "projectTypeKey": project.type})

    def roles(self, query: Query, body: Any, key: str) -> Response:
        base = f"{self.world.url}/rest/api/2/project/{key}/role"
        return Response(200, {"Administrators": f"{base}/10002", "Service Desk Team": f"{base}/10101"})

    def role(self, query: Query, body: Any, key: str, id: str) -> Response:
        names = sorted(self.world.agents.get(key, set())) if id == "10101" else []
        actors = [{"type": "atlassian-user-role-actor", "name": name} for name in names]
        group = [{"type": "atlassian-group-role-actor", "name": "helpers"}] if "helpers" in self.world.agents else []
        return Response(200, {"name": "Service Desk Team", "id": int(id), "actors": actors + group})

    def members(self, query: Query, body: Any) -> Response:
        names = sorted(self.world.agents.get(query.get("groupname", [""])[0], set()))
        return Response(200, {"isLast": True, "values": [self.world.user_json(name) for name in names]})

    def types(self, query: Query, body: Any, key: str) -> Response:
        if key not in self.world.projects:
            return _missing("no such project")
        names = ("Sub-task", *TYPES)
        found = [{"id": str(n), "name": name, "subtask": name == "Sub-task"} for n, name in enumerate(names)]
        return Response(200, {"issueTypes" if self.world.cloud else "values": found, "total": len(found)})

    # One issue.

    def issue(self, query: Query, body: Any, id: str) -> Response:
        issue = self.world.find(id)
        if issue is None:
            return _missing("Issue does not exist or you do not have permission to see it.")
        return Response(200, self._shown(issue, query))

    def _shown(self, issue: Issue, query: Query) -> dict[str, Any]:
        only = set(query.get("fields", ["*all"])[0].split(","))
        shown = self.world.issue_json(issue, only)
        wanted = query.get("properties", [""])[0].split(",")
        properties = {key: value for key, value in issue.properties.items() if key in wanted}
        if properties:
            shown["properties"] = properties
        if "changelog" in query.get("expand", [""])[0]:
            newest = list(reversed(issue.history))[:100]
            shown["changelog"] = {"startAt": 0, "maxResults": 100, "total": len(issue.history), "histories": newest}
        return shown

    def changelog(self, query: Query, body: Any, id: str) -> Response:
        issue = self.world.find(id)
        if issue is None or not self.world.cloud:
            return _missing("no such issue, or no such endpoint")
        start = int(query.get("startAt", ["0"])[0])
        page = issue.history[start : start + 100]
        return Response(200, {"startAt": start, "total": len(issue.history), "values": page})

    def edit(self, query: Query, body: Any, id: str) -> Response:
        issue = self.world.find(id)
        if issue is None:
            return _missing("Issue does not exist or you do not have permission to see it.")
        outcome = self.editor.check(body, issue.project, issue)
        self.apply(issue, outcome, self.me)
        return Response(204)

    def apply(self, issue: Issue, outcome: Outcome, by: str) -> None:
        """Bring an accepted edit about, and tell of it."""
        world = self.world
        items = _items(world, issue, outcome.values)
        issue.values.update(outcome.values)
        issue.properties.update(outcome.properties)
        history = self.record(issue, items, by)
        added = [new_comment(world, issue, raw, by, {}) for raw in outcome.added]
        edited = [self._edit_comment(issue, raw, by) for raw in outcome.edited]
        if history or added or edited:
            issue.updated, issue.version = world.clock(), issue.version + 1
            self.told("edited", issue, by, history=history, added=added, edited=edited)

    def record(self, issue: Issue, items: list[dict[str, Any]], by: str) -> dict[str, Any] | None:
        if not items:
            return None
        entry = {"id": self.world.number(), "author": self.world.user_json(by), "items": items}
        issue.history.append({**entry, "created": stamp(self.world.clock())})
        return {"id": entry["id"], "items": items}

    def _edit_comment(self, issue: Issue, raw: dict[str, Any], by: str) -> Comment:
        comment = next(c for c in issue.comments if c.id == raw["id"])
        comment.body, comment.updated, comment.updated_by = raw["body"], self.world.clock(), by
        comment.visibility = raw.get("visibility")
        return comment

    def comments(self, query: Query, body: Any, id: str) -> Response:
        issue = self.world.find(id)
        if issue is None:
            return _missing("Issue does not exist or you do not have permission to see it.")
        start, most = (
            int(query.get(name, [default])[0]) for name, default in (("startAt", "0"), ("maxResults", "50"))
        )
        all = "properties" in query.get("expand", [""])[0]
        page = issue.comments[start : start + most]
        shown = [self.world.comment_json(issue, comment, properties=all) for comment in page]
        return Response(200, {"startAt": start, "maxResults": most, "total": len(issue.comments), "comments": shown})

    def comment(self, query: Query, body: Any, id: str, comment_id: str) -> Response:
        issue = self.world.find(id)
        found = next((c for c in issue.comments if c.id == comment_id), None) if issue else None
        if issue is None or found is None:
            return _missing(f"Can not find a comment for the id: {comment_id}.")
        all = "properties" in query.get("expand", [""])[0]
        return Response(200, self.world.comment_json(issue, found, properties=all))

    def add_comment(self, query: Query, body: Any, id: str) -> Response:
        issue = self.world.find(id)
        if issue is None:
            return _missing("Issue does not exist or you do not have permission to see it.")
        self.editor.check_comment(body, {"body", "visibility", "properties"})
        comment = new_comment(self.world, issue, body, self.me, self._marks(body))
        issue.updated, issue.version = self.world.clock(), issue.version + 1
        self.told("edited", issue, self.me, added=[comment])
        return Response(201, self._commented(issue, comment))

    def put_comment(self, query: Query, body: Any, id: str, comment_id: str) -> Response:
        issue = self.world.find(id)
        if issue is None or all(c.id != comment_id for c in issue.comments):
            return _missing(f"Can not find a comment for the id: {comment_id}.")
        self.editor.check_comment(body, {"body", "visibility", "properties"})
        comment = self._edit_comment(issue, {**body, "id": comment_id}, self.me)
        # An edit that does not say who may read it falls back to what everybody may read.
        comment.properties = self._marks(body)
        issue.updated, issue.version = self.world.clock(), issue.version + 1
        self.told("edited", issue, self.me, edited=[comment])
        return Response(200, self._commented(issue, comment))

    def delete_comment(self, query: Query, body: Any, id: str, comment_id: str) -> Response:
        issue = self.world.find(id)
        found = next((c for c in issue.comments if c.id == comment_id), None) if issue else None
        if issue is None or found is None:
            return _missing(f"Can not find a comment for the id: {comment_id}.")
        issue.comments.remove(found)
        issue.updated, issue.version = self.world.clock(), issue.version + 1
        self.told("edited", issue, self.me, deleted=[found])
        return Response(204)

    def _marks(self, body: Any) -> dict[str, Any]:
        return _properties(body) if self.keeps_marks else {}

    def _commented(self, issue: Issue, comment: Comment) -> dict[str, Any]:
        shown = self.world.comment_json(issue, comment)
        return {**shown, "jsdPublic": self.world.public(issue, comment)} if self.world.service(issue) else shown

    def transitions(self, query: Query, body: Any, id: str) -> Response:
        if self.world.find(id) is None:
            return _missing("Issue does not exist or you do not have permission to see it.")
        found = [
            {"id": str(11 + n), "name": f"To {name}", "to": {"id": str(1 + n), "name": name}}
            for n, name in enumerate(STATUSES)
        ]
        return Response(200, {"transitions": found})

    def move(self, query: Query, body: Any, id: str) -> Response:
        issue = self.world.find(id)
        if issue is None:
            return _missing("Issue does not exist or you do not have permission to see it.")
        given = body.get("transition") if isinstance(body, dict) else None
        number = str(given.get("id", "")) if isinstance(given, dict) else ""
        if not number.isdigit() or not 11 <= int(number) < 11 + len(STATUSES):
            return Response(
                400,
                {
                    "errorMessages": ["It seems that you have tried to perform an illegal workflow operation."],
                    "errors": {},
                },
            )
        self.set_status(issue, STATUSES[int(number) - 11], self.me)
        return Response(204)

    def set_status(self, issue: Issue, status: str, by: str) -> None:
        if status == issue.status:
            return
        ids = [str(1 + STATUSES.index(name)) for name in (issue.status, status)]
        item = _item("status", ids[0], issue.status, ids[1], status, self.world.cloud)
        issue.status, issue.updated, issue.version = status, self.world.clock(), issue.version + 1
        self.told("edited", issue, by, history=self.record(issue, [item], by))

    def get_property(self, query: Query, body: Any, id: str, key: str) -> Response:
        issue = self.world.find(id)
        if issue is None or key not in issue.properties:
            return _missing("The property does not exist")
        return Response(200, {"key": key, "value": issue.properties[key]})

    def link(self, query: Query, body: Any) -> Response:
        try:
            type = body["type"]["name"]
            ends = [self.world.find(body[side]["key"]) for side in ("inwardIssue", "outwardIssue")]
        except (KeyError, TypeError):
            self.violations.append("issueLink without type, inwardIssue and outwardIssue")
            return Response(400, {"errorMessages": ["Invalid request payload"], "errors": {}})
        if type not in ("Relates", "Blocks") or None in ends:
            return _missing("No issue link type, or issue, with that name found.")
        first, second = (end for end in ends if end)
        for end in (first, second):
            end.links.append((type, first.key, second.key))
            end.updated, end.version = self.world.clock(), end.version + 1
        return Response(201)

    def create(self, query: Query, body: Any) -> Response:
        fields = body.get("fields", {}) if isinstance(body, dict) else {}
        key = (fields.get("project") or {}).get("key")
        if key not in self.world.projects:
            raise Refused({"project": "valid project is required"})
        outcome = self.editor.check(body, key)
        if not outcome.values.get("summary") or not outcome.values.get("issuetype"):
            raise Refused({"summary": "You must specify a summary of the issue."})
        issue = self.world.new_issue(key, {"priority": "Medium", **outcome.values}, self.me, self.me)
        issue.properties.update(outcome.properties)
        self.told("created", issue, self.me)
        return Response(
            201, {"id": issue.id, "key": issue.key, "self": f"{self.world.url}/rest/api/2/issue/{issue.id}"}
        )

    # Search.

    def search(self, query: Query, body: Any) -> Response:
        if self.world.cloud:
            return Response(
                410,
                {"errorMessages": ["The requested API has been removed. Use /rest/api/3/search/jql."], "errors": {}},
            )
        found = self._matching(query.get("jql", [""])[0])
        start, most = (
            int(query.get(name, [default])[0]) for name, default in (("startAt", "0"), ("maxResults", "50"))
        )
        most = min(most, 100)
        page = [self._listed(issue, query) for issue in found[start : start + most]]
        return Response(200, {"startAt": start, "maxResults": most, "total": len(found), "issues": page})

    def search_jql(self, query: Query, body: Any) -> Response:
        if not self.world.cloud:
            return _missing("null for uri")
        most, token = min(int(query.get("maxResults", ["50"])[0]), 100), query.get("nextPageToken", [""])[0]
        if token:
            ids, start = self._tokens[token]
        else:
            ids, start = [issue.id for issue in self._matching(query.get("jql", [""])[0])], 0
        page = [issue for id in ids[start : start + most] if (issue := self.world.issues.get(id))]
        answer: dict[str, Any] = {"issues": [self._listed(issue, query) for issue in page]}
        if start + most < len(ids):
            answer["nextPageToken"] = f"t{len(self._tokens)}"
            self._tokens[answer["nextPageToken"]] = (ids, start + most)
        else:
            answer["isLast"] = True
        return Response(200, answer)

    def _listed(self, issue: Issue, query: Query) -> dict[str, Any]:
        return self._shown(issue, query if "fields" in query else {"fields": ["id"]})

    def _matching(self, jql: str) -> list[Issue]:
        clauses, _, order = jql.partition(" ORDER BY ")
        found = list(self.world.issues.values())
        for clause in clauses.split(" AND "):
            found = self._filtered(found, clause.strip())
        key = {
            "updated ASC": lambda i: (i.updated, int(i.id)),
            "updated ASC, key ASC": lambda i: (i.updated, int(i.id)),
            "created ASC, key ASC": lambda i: (i.created, int(i.id)),
        }
        if order == "updated DESC":
            return sorted(found, key=key["updated ASC"], reverse=True)
        if order == "created DESC":
            return sorted(found, key=lambda i: (i.created, int(i.id)), reverse=True)
        if order not in key:
            self._unknown(jql)
        return sorted(found, key=key[order])

    def _filtered(self, issues: list[Issue], clause: str) -> list[Issue]:
        if several := re.fullmatch(r"project in \((.*)\)", clause):
            keys = re.findall(r'"([^"]*)"', several[1])
            return [i for i in issues if i.project in keys]
        if one := re.fullmatch(r'project = "([^"]*)"', clause):
            return [i for i in issues if i.project == one[1]]
        if clause == "creator = currentUser()":
            return [i for i in issues if i.creator == self.me]
        if since := re.fullmatch(r'(updated|created) (>=|<=) "-(\d+)([md])"', clause):
            unit = timedelta(minutes=1) if since[4] == "m" else timedelta(days=1)
            start = self.world.clock() - int(since[3]) * unit
            # JQL knows whole minutes only.
            start = start.replace(second=0, microsecond=0)
            at = [(i, getattr(i, since[1])) for i in issues]
            return [i for i, when in at if (when >= start if since[2] == ">=" else when <= start)]
        if clause == "statusCategory != Done":
            return [i for i in issues if i.status not in ("Resolved", "Done", "Closed")]
        if narrowed := re.fullmatch(r'\(labels = "([^"]*)"\)', clause):
            return [i for i in issues if narrowed[1] in i.values.get("labels", [])]
        return self._unknown(clause)

    def _unknown(self, jql: str) -> Any:
        self.violations.append(f"JQL that this fake does not know: {jql}")
        raise Refused({}, (f"Error in the JQL Query: {jql}",))


def _items(world: World, issue: Issue, values: dict[str, Any]) -> list[dict[str, Any]]:
    items = []
    for name, new in values.items():
        old = issue.values.get(name)
        if (old or None) == (new or None):
            continue
        shown = SYSTEM_FIELDS.get(name, CUSTOM_FIELDS.get(name, (name, {})))[0]
        if name == "components":
            gone, come = [c for c in old or [] if c not in new], [c for c in new if c not in (old or [])]
            items += [_item("Component", "1", c, None, None, world.cloud, "components") for c in gone]
            items += [_item("Component", None, None, "1", c, world.cloud, "components") for c in come]
        elif name == "assignee":
            items.append(_item(name, *_user(world, old), *_user(world, new), world.cloud))
        elif name in CUSTOM_FIELDS:
            items.append(_item(shown, None, _plain(old), None, _plain(new), world.cloud, name))
        elif name == "labels":
            items.append(_item(name, None, " ".join(old or []), None, " ".join(new), world.cloud))
        else:
            items.append(_item(name, None, _plain(old), None, _plain(new), world.cloud))
    return items


def _item(field: str, was: Any, was_text: Any, now: Any, now_text: Any, cloud: bool, id: str = "") -> dict[str, Any]:
    item = {"field": field, "fieldtype": "custom" if id.startswith("customfield") else "jira"}
    if cloud:
        item["fieldId"] = id or field
    return {**item, "from": was, "fromString": was_text, "to": now, "toString": now_text}


def _user(world: World, account: str | None) -> tuple[str | None, str | None]:
    shown = world.user_json(account)
    return (shown["accountId"] if world.cloud else shown["key"], shown["displayName"]) if shown else (None, None)


def _plain(value: Any) -> str | None:
    if isinstance(value, list):
        return ", ".join(filter(None, map(_plain, value)))
    return str(value["value"]) if isinstance(value, dict) else (None if value is None else str(value))


def _properties(body: dict[str, Any]) -> dict[str, Any]:
    return {entry["key"]: entry["value"] for entry in body.get("properties", [])}


def _missing(why: str) -> Response:
    return Response(404, {"errorMessages": [why], "errors": {}})


_ROUTES: list[tuple[str, str, Any]] = [
    ("GET", "/serverInfo", Rest.server_info),
    ("GET", "/myself", Rest.myself),
    ("GET", "/field", Rest.fields),
    ("GET", "/user", Rest.user),
    ("GET", "/user/search", Rest.user_search),
    ("GET", "/group/member", Rest.members),
    ("GET", "/project/([^/]+)", Rest.project),
    ("GET", "/project/([^/]+)/role", Rest.roles),
    ("GET", r"/project/([^/]+)/role/(\d+)", Rest.role),
    ("GET", "/issue/createmeta/([^/]+)/issuetypes", Rest.types),
    ("GET", "/issue/([^/]+)", Rest.issue),
    ("PUT", "/issue/([^/]+)", Rest.edit),
    ("POST", "/issue", Rest.create),
    ("GET", "/issue/([^/]+)/changelog", Rest.changelog),
    ("GET", "/issue/([^/]+)/comment", Rest.comments),
    ("POST", "/issue/([^/]+)/comment", Rest.add_comment),
    ("GET", "/issue/([^/]+)/comment/([^/]+)", Rest.comment),
    ("PUT", "/issue/([^/]+)/comment/([^/]+)", Rest.put_comment),
    ("DELETE", "/issue/([^/]+)/comment/([^/]+)", Rest.delete_comment),
    ("GET", "/issue/([^/]+)/transitions", Rest.transitions),
    ("POST", "/issue/([^/]+)/transitions", Rest.move),
    ("GET", "/issue/([^/]+)/properties/([^/]+)", Rest.get_property),
    ("POST", "/issueLink", Rest.link),
    ("GET", "/search", Rest.search),
    ("GET", "/search/jql", Rest.search_jql),
]
