"""What a GitLab instance knows, and the rules by which it changes: labels, states, notes, quick actions."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

TYPES = ("issue", "incident", "task", "ticket", "test_case")
QUICK = re.compile(r"^/(\w+)(?:[ \t]+(.*))?$", re.MULTILINE)
QUICK_NAMES = frozenset({
    "close", "reopen", "label", "unlabel", "relabel", "assign", "unassign", "due", "remove_due_date", "title",
    "confidential", "add_email", "convert_to_ticket", "duplicate", "lock", "unlock", "weight", "estimate",
    "severity", "shrug", "todo", "cc",
})  # fmt: skip
LONGEST_NOTE = 1_000_000


@dataclass
class User:
    id: int
    username: str
    name: str
    email: str = ""
    level: int = 0
    state: str = "active"

    def brief(self) -> dict[str, Any]:
        return {"id": self.id, "username": self.username, "name": self.name, "state": self.state, "avatar_url": None}


@dataclass
class Note:
    id: int
    body: str
    author: User
    internal: bool
    system: bool
    created: datetime
    updated: datetime


@dataclass
class Issue:
    id: int
    iid: int
    project: Project
    author: User
    title: str
    description: str
    type: str
    created: datetime
    updated: datetime
    labels: set[str] = field(default_factory=set)
    assignees: list[User] = field(default_factory=list)
    state: str = "opened"
    due: str | None = None
    confidential: bool = False
    reply_to: str | None = None
    moved_to: int | None = None
    notes: dict[int, Note] = field(default_factory=dict)
    label_events: list[dict[str, Any]] = field(default_factory=list)
    state_events: list[dict[str, Any]] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)
    version: int = 1

    @property
    def ticket(self) -> str:
        return f"{self.project.id}/{self.iid}"


@dataclass
class Project:
    id: int
    path: str
    labels: dict[str, int] = field(default_factory=dict)
    colors: dict[str, str] = field(default_factory=dict)
    issues: dict[int, Issue] = field(default_factory=dict)


def stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class World:
    """The state; every method is called under the server's lock."""

    def __init__(self, clock: Any) -> None:
        self.clock = clock
        self.ids = itertools.count(1000)
        self.projects: dict[str, Project] = {}
        self.users: dict[str, User] = {}
        self.executed: list[str] = []

    def project(self, path: str) -> Project:
        """The project at `path`, made if there is none."""
        if path not in self.projects:
            self.projects[path] = Project(next(self.ids), path)
        return self.projects[path]

    def find_project(self, name: str) -> Project | None:
        if name.isdigit():
            return next((p for p in self.projects.values() if p.id == int(name)), None)
        return self.projects.get(name)

    def issue(self, ticket: str) -> Issue:
        project, _, iid = ticket.partition("/")
        found = self.find_project(project)
        if found is None or int(iid) not in found.issues:
            raise KeyError(ticket)
        return found.issues[int(iid)]

    def user(self, username: str) -> User:
        if username not in self.users:
            self.users[username] = User(next(self.ids), username, username.title())
        return self.users[username]

    def new_issue(self, project: Project, author: User, title: str, description: str, type: str) -> Issue:
        now = self.clock()
        iid = max(project.issues, default=0) + 1
        issue = Issue(next(self.ids), iid, project, author, title, description, type, now, now)
        project.issues[iid] = issue
        return issue

    def apply(self, issue: Issue, by: User, params: dict[str, Any]) -> dict[str, Any]:
        """Change an issue as `PUT` does; what changed comes back as a hook's `changes`."""
        before = snapshot(issue)
        now = self.clock()
        self._labels(issue, by, params, now)
        for name in ("title", "description", "confidential"):
            if name in params:
                setattr(issue, name, params[name])
        if "due_date" in params:
            issue.due = params["due_date"] or None
        if "assignee_ids" in params:
            wanted = [n for n in params["assignee_ids"] if n]
            issue.assignees = [u for u in self.users.values() if u.id in wanted][:1]
        self._state(issue, by, params.get("state_event"), now)
        after = snapshot(issue)
        changes = {k: {"previous": before[k], "current": after[k]} for k in after if before[k] != after[k]}
        if changes:
            issue.version += 1
            self._remark(issue, by, changes, now)
            changes["updated_at"] = {"previous": stamp(issue.updated), "current": stamp(now)}
            issue.updated = now
        return changes

    def _labels(self, issue: Issue, by: User, params: dict[str, Any], now: datetime) -> None:
        wanted = names(params["labels"]) if "labels" in params else set(issue.labels)
        wanted |= names(params.get("add_labels"))
        wanted -= names(params.get("remove_labels"))  # remove wins
        for name in sorted(wanted ^ issue.labels):
            if name in wanted:
                issue.project.labels.setdefault(name, next(self.ids))
            label = {"id": issue.project.labels.setdefault(name, next(self.ids)), "name": name}
            action = "add" if name in wanted else "remove"
            issue.label_events.append(
                {"id": next(self.ids), "user": by.brief(), "created_at": stamp(now), "label": label, "action": action}
            )
        issue.labels = wanted

    def _state(self, issue: Issue, by: User, event: str | None, now: datetime) -> None:
        wanted = {"close": "closed", "reopen": "opened"}.get(event or "", issue.state)
        if wanted == issue.state:
            return
        issue.state = wanted
        said = "closed" if wanted == "closed" else "reopened"
        issue.state_events.append({"id": next(self.ids), "user": by.brief(), "created_at": stamp(now), "state": said})

    def _remark(self, issue: Issue, by: User, changes: dict[str, Any], now: datetime) -> None:
        """System notes, in English."""
        texts = []
        if "title" in changes:
            texts.append(f"changed title from **{changes['title']['previous']}** to **{issue.title}**")
        if "assignees" in changes:
            if issue.assignees:
                texts.append(f"assigned to @{issue.assignees[0].username}")
            else:
                texts.append(f"unassigned @{changes['assignees']['previous'][0]['username']}")
        if "due_date" in changes:
            day = datetime.fromisoformat(issue.due).strftime("%B %-d, %Y") if issue.due else ""
            texts.append(f"changed due date to {day}" if day else "removed due date")
        for text in texts:
            self.add_note(issue, by, text, internal=False, system=True)

    def add_note(self, issue: Issue, by: User, body: str, *, internal: bool, system: bool = False) -> Note:
        now = self.clock()
        note = Note(next(self.ids), body, by, internal, system, now, now)
        issue.notes[note.id] = note
        if not system:
            issue.updated = now
        return note

    def quick_actions(self, issue: Issue, by: User, body: str) -> tuple[str, dict[str, Any]]:
        """`body` without the commands at its line starts, and what they changed: GitLab runs them unasked."""
        params: dict[str, Any] = {}
        found = [m for m in QUICK.finditer(body) if m[1] in QUICK_NAMES]
        for match in found:
            self.executed.append(match[0])
            name, rest = match[1], (match[2] or "").strip()
            quoted = rest.lstrip("~").strip('"')
            match name:
                case "close" | "reopen":
                    params["state_event"] = name
                case "label":
                    params["add_labels"] = quoted
                case "unlabel":
                    params["remove_labels"] = quoted
                case "title":
                    params["title"] = rest
                case "due":
                    params["due_date"] = rest
                case "assign":
                    params["assignee_ids"] = [self.user(rest.lstrip("@")).id]
                case "confidential":
                    params["confidential"] = True
        left = QUICK.sub(lambda m: "" if m[1] in QUICK_NAMES else m[0], body) if found else body
        return left.strip() if found else body, self.apply(issue, by, params) if params else {}


def names(value: str | Iterable[str] | None) -> set[str]:
    parts = value.split(",") if isinstance(value, str) else list(value or ())
    return {part.strip() for part in parts if part.strip()}


def snapshot(issue: Issue) -> dict[str, Any]:
    return {
        "title": issue.title,
        "description": issue.description,
        "labels": [label_object(issue, name) for name in sorted(issue.labels)],
        "state_id": 2 if issue.state == "closed" else 1,
        "assignees": [u.brief() for u in issue.assignees],
        "due_date": issue.due,
        "confidential": issue.confidential,
    }


def label_object(issue: Issue, name: str) -> dict[str, Any]:
    number = issue.project.labels.get(name, 0)
    return {"id": number, "title": name, "color": "#428bca", "project_id": issue.project.id, "type": "ProjectLabel"}
