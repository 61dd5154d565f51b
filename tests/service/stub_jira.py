"""A Jira with one issue: Cloud or Data Center, plain or service project; from the facts alone, see `stubs`."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from .stubs import Answer, Delivery, Stub, iso, now


class JiraStub(Stub):
    """Project SUP (or, `service`, HELP), issue 10042, on Cloud or Data Center; unsigned hooks with a path secret."""

    limits: dict[str, str] = {  # noqa: RUF012
        "X-RateLimit-Limit": "100",
        "X-RateLimit-Remaining": "1",
        "X-RateLimit-NearLimit": "true",
    }
    ticket = "10042"

    def __init__(self, *, cloud: bool, service: bool) -> None:
        super().__init__()
        self.cloud, self.service = cloud, service
        self.project = "HELP" if service else "SUP"
        self.fields: dict[str, Any] = {"priority": "Medium", "labels": ["team-backend", "shop"], "assignee": "bo"}
        self.properties: dict[str, Any] = {}
        self.created = self.updated = now()

    def genuine(self, headers: dict[str, str]) -> bool:
        return headers.get("authorization") == "Bearer jira-stub"

    def user(self, name: str) -> dict[str, Any]:
        if not self.cloud:
            return {"name": name, "key": f"JIRAUSER{len(name)}", "displayName": name.title(), "active": True}
        type = "customer" if name == "dana" else "atlassian"
        return {"accountId": name, "accountType": type, "displayName": name.title(), "active": True}

    def shown(self, only: set[str]) -> dict[str, Any]:
        type = "service_desk" if self.service else "software"
        listed = [self.comment(c) for c in self.comments]
        fields = {
            **{"summary": "An outage of the shop", "description": None, "labels": self.fields["labels"]},
            "issuetype": {"id": "1", "name": "[System] Incident" if self.service else "Bug", "subtask": False},
            "project": {"id": "1", "key": self.project, "projectTypeKey": type},
            **{"status": {"id": "1", "name": "To Do"}, "priority": {"id": "3", "name": self.fields["priority"]}},
            "assignee": self.user(self.fields["assignee"]) if self.fields["assignee"] else None,
            **{"reporter": self.user("dana"), "creator": self.user("dana"), "components": [], "duedate": None},
            **{"created": iso(self.created, "+0100"), "updated": iso(self.updated, "+0100"), "attachment": []},
            "comment": {"comments": listed, "maxResults": len(listed), "total": len(listed), "startAt": 0},
            **{"issuelinks": [], "security": None},
        }
        key = f"{self.project}-42"
        link = f"{self.url}/rest/api/2/issue/10042"
        return {"id": "10042", "key": key, "self": link, "fields": {k: v for k, v in fields.items() if k in only}}

    def comment(self, c: dict[str, Any]) -> dict[str, Any]:
        who = self.user(c["author"])
        shown = {"self": f"{self.url}/rest/api/2/issue/10042/comment/{c['id']}", "id": c["id"], "body": c["body"]}
        shown |= {"author": who, "updateAuthor": who, "created": c["at"], "updated": c["at"]}
        if self.cloud:
            shown["jsdPublic"] = c["public"]
        return shown

    def answer(self, method: str, path: str, query: dict[str, str], body: Any) -> Answer:
        issue = "/rest/api/2/issue/10042"
        search = "/rest/api/2/search/jql" if self.cloud else "/rest/api/2/search"
        match method, path:
            case "GET", "/rest/api/2/serverInfo":  # Hidden: the doctor, who is not the matter here, asks no more.
                return 404, {"errorMessages": ["null for uri"], "errors": {}}
            case "GET", "/rest/api/2/myself":
                return 200, self.user("pointsman")
            case "GET", "/rest/api/2/user":
                return 200, self.user(query.get("accountId") or query["username"])
            case "GET", "/rest/api/2/field":
                return 200, [{"id": "summary", "name": "Summary", "custom": False}]
            case "GET", "/rest/api/2/project/HELP/role":
                return 200, {"Service Desk Team": f"{self.url}/rest/api/2/project/1/role/10101"}
            case "GET", "/rest/api/2/project/HELP/role/10101":
                agents = [{"type": "atlassian-user-role-actor", "name": n} for n in ("ann", "bo", "pointsman")]
                return 200, {"name": "Service Desk Team", "actors": agents}
            case "GET", _ if path == search:
                return 200, {"issues": [], "total": 0, "isLast": True}
            case "GET", _ if path == issue:
                found = self.shown(set(query.get("fields", "").split(",")))
                wanted = {k: v for k, v in self.properties.items() if k in query.get("properties", "").split(",")}
                log = {"changelog": {"histories": [], "total": 0}} if "expand" in query else {}
                return 200, {**found, "properties": wanted, **log}
            case "PUT", _ if path == issue:
                return self.edit(body)
            case "POST", _ if path == f"{issue}/comment" and self.service:
                return self.said(body)
        self.mistakes.append(f"{method} {path}")
        return 404, {"errorMessages": ["null for uri"], "errors": {}}

    def edit(self, body: Any) -> Answer:
        fields, update = body.get("fields", {}), body.get("update", {})
        if set(body) - {"fields", "update", "properties"} or set(fields) & set(update):
            return self.wrong(f"an edit with {sorted(body)}, {sorted(fields)}, {sorted(update)}")
        if any(len(step) != 1 for steps in update.values() for step in steps):
            return self.wrong("an operation is an object with one key")
        if set(fields) - {"priority", "assignee"} or set(update) - {"labels", "comment"}:
            return self.wrong(f"fields {sorted(fields)}, operations on {sorted(update)}")
        items = []
        for name, key in (("priority", "name"), ("assignee", "accountId" if self.cloud else "name")):
            if name in fields:
                if set(fields[name]) != {key}:
                    return self.wrong(f"{name}: {fields[name]}")
                items.append(self.changed(name, fields[name][key]))
        for step in update.get("labels", []):
            ((verb, label),) = step.items()
            kept = [name for name in self.fields["labels"] if name != label]
            items.append(self.changed("labels", [*kept, label] if verb == "add" else kept))
        for step in update.get("comment", []):
            if self.service:
                return self.wrong("a comment inside an edit is public in a service project")
            self.made(step["add"]["body"], public=True)
        for entry in body.get("properties", []):
            self.properties[entry["key"]] = entry["value"]
            self.tell("issue_property_set", {"property": {"key": entry["key"]}})
        self.updated = now()
        if items:
            issue = self.shown({"summary", "project", "labels", "priority", "assignee", "reporter", "updated"})
            body = {"issue": issue, "user": self.user("pointsman"), "changelog": {"id": "777", "items": items}}
            self.tell("jira:issue_updated", body)
        return 204, None

    def changed(self, field: str, value: Any) -> dict[str, Any]:
        was, self.fields[field] = self.fields[field], value
        text: Callable[[Any], str] = lambda v: " ".join(v) if isinstance(v, list) else str(v)  # noqa: E731
        item = {"field": field, "fromString": text(was), "toString": text(value)}
        return {**item, "from": was, "to": value} if field == "assignee" else {**item, "from": None, "to": None}

    def said(self, body: Any) -> Answer:
        marks = {entry["key"]: entry["value"] for entry in body.get("properties", [])}
        if set(body) != {"body", "properties"} or not isinstance(body["body"], str):
            return self.wrong(f"a comment with {sorted(body)}")
        made = self.made(body["body"], public=not marks.get("sd.public.comment", {}).get("internal", False))
        return 201, self.comment(made)

    def made(self, text: str, *, public: bool) -> dict[str, Any]:
        text = re.sub(r"\s+\Z", "", text).replace("\n", "\r\n")
        made = {"id": str(next(self._ids)), "body": text, "author": "pointsman", "public": public}
        made["at"] = iso(now(), "+0100")
        self.comments.append(made)
        trimmed = self.shown({"summary", "issuetype", "project", "assignee", "priority", "status"})
        issue = {"issue": trimmed} if self.cloud else {}
        self.tell("comment_created", {"comment": self.comment(made), **issue})
        if not self.cloud:
            whole = {"issue": self.shown({"summary", "project"}), "comment": self.comment(made)}
            whole |= {"user": self.user("pointsman"), "issue_event_type_name": "issue_commented"}
            self.tell("jira:issue_updated", whole)
        return made

    def tell(self, event: str, body: dict[str, Any]) -> None:
        at = int(now().timestamp() * 1000)
        content = json.dumps({"timestamp": at, "webhookEvent": event, **body}).encode()
        self.hooks.append(({"Content-Type": "application/json"}, content))

    def opened(self) -> Delivery:
        only = {"summary", "issuetype", "project", "reporter", "created", "updated"}
        self.tell("jira:issue_created", {"user": self.user("dana"), "issue": self.shown(only)})
        return self.hooks.pop()
