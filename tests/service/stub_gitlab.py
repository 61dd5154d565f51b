"""An older self-managed GitLab with one issue, written from the facts alone: see `stubs`."""

from __future__ import annotations

import json
from typing import Any

from .stubs import Answer, Delivery, Stub, iso, now


class GitLabStub(Stub):
    """Project 7, `acme/support`, issue 3, on an older self-managed release: plain token, no delivery ids."""

    limits: dict[str, str] = {  # noqa: RUF012
        "RateLimit-Limit": "2000",
        "RateLimit-Remaining": "1",
        "RateLimit-Reset": "9999999999",
        "ETag": 'W/"1"',
    }
    ticket = "7/3"
    users = {"ann": 11, "bo": 12, "pointsman": 13, "dana": 14}  # noqa: RUF012

    def __init__(self) -> None:
        super().__init__()
        self.labels = ["Bug", "team::backend"]
        self.assignee: str | None = "bo"
        self.created = self.updated = now()

    def genuine(self, headers: dict[str, str]) -> bool:
        return headers.get("private-token") == "glpat-stub"

    def user(self, name: str) -> dict[str, Any]:
        return {"id": self.users[name], "username": name, "name": name.title(), "state": "active"}

    def shown(self) -> dict[str, Any]:
        who = [self.user(self.assignee)] if self.assignee else []
        return {
            **{"id": 93, "iid": 3, "project_id": 7, "title": "An outage of the shop", "description": None},
            **{
                "state": "opened",
                "created_at": iso(self.created),
                "updated_at": iso(self.updated),
                "closed_at": None,
            },
            **{"labels": sorted(self.labels), "milestone": None, "assignees": who, "author": self.user("dana")},
            **{"type": "ISSUE", "assignee": who[0] if who else None, "user_notes_count": len(self.comments)},
            **{"due_date": None, "confidential": False, "issue_type": "issue", "severity": "UNKNOWN"},
            **{"web_url": f"{self.url}/acme/support/-/issues/3", "weight": None, "moved_to_id": None},
            "references": {"short": "#3", "relative": "#3", "full": "acme/support#3"},
        }

    def answer(self, method: str, path: str, query: dict[str, str], body: Any) -> Answer:
        issue = "/api/v4/projects/7/issues/3"
        match method, path:
            case "GET", "/api/v4/version":  # Hidden: the doctor, who is not the matter here, asks no more.
                return 404, {"error": "404 Not Found"}
            case "GET", "/api/v4/user":
                return 200, self.user("pointsman")
            case "GET", "/api/v4/users":
                wanted = query.get("username", "")
                return 200, [self.user(wanted)] if wanted in self.users else []
            case "GET", "/api/v4/projects/7/labels":
                names = ("Bug", "Priority::1", "priority::2", "team::frontline", "team::backend")
                return 200, [{"id": n, "name": name} for n, name in enumerate(names)]
            case "GET", "/api/v4/projects/acme/support/members/all" | "/api/v4/projects/acme%2Fsupport/members/all":
                return 200, [{**self.user(n), "access_level": 30} for n in ("ann", "bo", "pointsman")]
            case "GET", "/api/v4/projects/acme%2Fsupport/issues":
                return 200, []
            case "GET", _ if path == issue:
                return 200, self.shown()
            case "PUT", _ if path == issue:
                return self.edit(body)
            case "POST", _ if path == f"{issue}/notes":
                return self.note(body)
            case "GET", _ if path.startswith(f"{issue}/"):
                return 200, self.comments if path.endswith("/notes") else []
        self.mistakes.append(f"{method} {path}")
        return 404, {"error": "404 Not Found"}

    def edit(self, body: Any) -> Answer:
        if set(body) - {"add_labels", "remove_labels", "assignee_ids"}:
            return self.wrong(f"parameters {sorted(body)}")
        before = {"labels": list(self.labels), "assignee": self.assignee}
        gone = set(filter(None, body.get("remove_labels", "").split(",")))
        come = [name for name in body.get("add_labels", "").split(",") if name]
        self.labels = [name for name in dict.fromkeys([*self.labels, *come]) if name not in gone]
        if "assignee_ids" in body:
            names = {number: name for name, number in self.users.items()}
            self.assignee = names.get((body["assignee_ids"] or [0])[0])
        self.updated = now()
        changes = {"updated_at": {"previous": None, "current": None}}
        if before["labels"] != self.labels:
            changes["labels"] = {"previous": rows(before["labels"]), "current": rows(self.labels)}  # type: ignore[dict-item]
        self.tell({**self.hook("issue", "pointsman", action="update"), "changes": changes})
        return 200, self.shown()

    def note(self, body: Any) -> Answer:
        if set(body) != {"body", "internal"} or not isinstance(body["internal"], bool):
            return self.wrong(f"a note with {sorted(body)}")
        at = now()
        text = body["body"].rstrip()
        made = {"id": next(self._ids), "body": text, "author": self.user("pointsman"), "system": False}
        made |= {"internal": body["internal"], "confidential": body["internal"], "created_at": iso(at)}
        self.comments.append(made)
        self.updated = at
        note = {"id": made["id"], "note": text.replace("\n", "\r\n"), "noteable_type": "Issue", "system": False}
        note |= {"created_at": at.strftime("%Y-%m-%d %H:%M:%S UTC"), "author_id": 13}
        told = {**self.hook("note", "pointsman"), "object_attributes": note, "issue": self.attributes()}
        self.tell(told, "Confidential Note Hook" if body["internal"] else "Note Hook")
        return 201, made

    def attributes(self, **more: Any) -> dict[str, Any]:
        at = self.updated.strftime("%Y-%m-%d %H:%M:%S UTC")
        begun = self.created.strftime("%Y-%m-%d %H:%M:%S UTC")
        return {"id": 93, "iid": 3, "project_id": 7, "created_at": begun, "updated_at": at, "state": "opened", **more}

    def hook(self, kind: str, by: str, **more: Any) -> dict[str, Any]:
        """As a release before 14 sent it: neither `event_type` nor the user's id."""
        user = {"name": by.title(), "username": by, "email": "[REDACTED]"}
        project = {"id": 7, "path_with_namespace": "acme/support"}
        return {"object_kind": kind, "user": user, "project": project, "object_attributes": self.attributes(**more)}

    def tell(self, body: dict[str, Any], event: str = "Issue Hook") -> None:
        headers = {"Content-Type": "application/json", "X-Gitlab-Event": event, "X-Gitlab-Token": "hook-secret"}
        self.hooks.append((headers, json.dumps(body).encode()))

    def opened(self) -> Delivery:
        self.tell(self.hook("issue", "dana", action="open"))
        return self.hooks.pop()


def rows(names: list[str]) -> list[dict[str, Any]]:
    return [{"id": number, "title": name} for number, name in enumerate(names)]
