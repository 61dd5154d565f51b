"""What a fake Jira holds: projects, users, issues, and how their values look in REST v2."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

PRIORITIES = ("Highest", "High", "Medium", "Low", "Lowest")
STATUSES = (
    "To Do",
    "Open",
    "In Progress",
    "Waiting for customer",
    "Waiting for vendor",
    "Resolved",
    "Done",
    "Closed",
)
TYPES = ("Task", "Bug", "Incident", "Question", "Service Request")
ROLES = ("Administrators", "Developers", "Service Desk Team", "Users")

SYSTEM_FIELDS = {
    "summary": ("Summary", {"type": "string", "system": "summary"}),
    "description": ("Description", {"type": "string", "system": "description"}),
    "environment": ("Environment", {"type": "string", "system": "environment"}),
    "priority": ("Priority", {"type": "priority", "system": "priority"}),
    "assignee": ("Assignee", {"type": "user", "system": "assignee"}),
    "labels": ("Labels", {"type": "array", "items": "string", "system": "labels"}),
    "components": ("Components", {"type": "array", "items": "component", "system": "components"}),
    "duedate": ("Due date", {"type": "date", "system": "duedate"}),
    "issuetype": ("Issue Type", {"type": "issuetype", "system": "issuetype"}),
}
CUSTOM_FIELDS = {
    "customfield_10050": ("Team", {"type": "option", "custom": "select"}),
    "customfield_10051": ("Severity", {"type": "option", "custom": "select"}),
    "customfield_10052": ("Affected users", {"type": "number", "custom": "float"}),
    "customfield_10053": ("Regions", {"type": "array", "items": "option", "custom": "multiselect"}),
    "customfield_10054": ("Customer number", {"type": "string", "custom": "textfield"}),
    "customfield_10055": ("SLA due", {"type": "datetime", "custom": "datetime"}),
    "customfield_10060": (
        "Organizations",
        {
            "type": "array",
            "items": "sd-customerorganization",
            "custom": "com.atlassian.servicedesk:sd-customer-organizations",
        },
    ),
}


@dataclass
class User:
    account: str
    name: str
    kind: str = "atlassian"
    email: str = ""
    active: bool = True


@dataclass
class Comment:
    id: str
    body: str
    author: str
    at: datetime
    updated: datetime
    updated_by: str
    visibility: dict[str, str] | None = None
    properties: dict[str, Any] = field(default_factory=dict)


@dataclass
class Issue:
    id: str
    key: str
    project: str
    values: dict[str, Any]
    creator: str
    reporter: str
    created: datetime
    updated: datetime
    status: str = "To Do"
    comments: list[Comment] = field(default_factory=list)
    properties: dict[str, Any] = field(default_factory=dict)
    history: list[dict[str, Any]] = field(default_factory=list)
    links: list[tuple[str, str, str]] = field(default_factory=list)
    version: int = 0


@dataclass
class Project:
    id: str
    key: str
    type: str
    components: set[str] = field(default_factory=lambda: {"Frontline", "Payments", "Security", "Billing", "Search"})
    count: int = 0


class World:
    """Everything there is, and its looks; `cloud` decides how users are named.

    `tells_audience`: comments say whether customers can read them, as on Cloud and newer Data Centers.
    """

    def __init__(self, clock: Callable[[], datetime], *, cloud: bool) -> None:
        self.clock, self.cloud, self.url = clock, cloud, ""
        self.hides_mail = False
        self.tells_audience = cloud
        self.shows_marks = True
        self.users: dict[str, User] = {}
        self.projects: dict[str, Project] = {}
        self.issues: dict[str, Issue] = {}
        self.keys: dict[str, str] = {}
        self.agents: dict[str, set[str]] = {}
        self._next = 10000

    def number(self) -> str:
        self._next += 1
        return str(self._next)

    def project(self, key: str, type: str = "software") -> Project:
        if key not in self.projects:
            self.projects[key] = Project(self.number(), key, type)
        return self.projects[key]

    def user(self, account: str) -> User:
        if account not in self.users:
            self.users[account] = User(account, account.title())
        return self.users[account]

    def find(self, id_or_key: str) -> Issue | None:
        return self.issues.get(self.keys.get(id_or_key, id_or_key))

    def service(self, issue: Issue) -> bool:
        return self.projects[issue.project].type == "service_desk"

    def new_issue(self, project: str, values: dict[str, Any], by: str, reporter: str) -> Issue:
        home, now = self.project(project), self.clock()
        home.count += 1
        issue = Issue(self.number(), f"{project}-{home.count}", project, dict(values), by, reporter, now, now)
        self.issues[issue.id] = issue
        self.keys[issue.key] = issue.id
        return issue

    def public(self, issue: Issue, comment: Comment) -> bool:
        if comment.visibility:
            return False
        mark = comment.properties.get("sd.public.comment")
        return not (self.service(issue) and isinstance(mark, dict) and mark.get("internal") is True)

    # How things look.

    def user_json(self, account: str | None) -> dict[str, Any] | None:
        if not account:
            return None
        user = self.user(account)
        shown: dict[str, Any] = {"displayName": user.name, "active": user.active}
        if user.email and not self.hides_mail:
            shown["emailAddress"] = user.email
        if self.cloud:
            me = f"{self.url}/rest/api/2/user?accountId={account}"
            return {"self": me, "accountId": account, "accountType": user.kind, **shown}
        me = f"{self.url}/rest/api/2/user?username={account}"
        return {"self": me, "name": account, "key": f"JIRAUSER{sum(account.encode()):05}", **shown}

    def comment_json(self, issue: Issue, comment: Comment, *, properties: bool = False) -> dict[str, Any]:
        shown = {
            "self": f"{self.url}/rest/api/2/issue/{issue.id}/comment/{comment.id}",
            "id": comment.id,
            "author": self.user_json(comment.author),
            "body": comment.body,
            "updateAuthor": self.user_json(comment.updated_by),
            "created": stamp(comment.at),
            "updated": stamp(comment.updated),
        }
        if self.tells_audience:
            shown["jsdPublic"] = self.public(issue, comment)
        if comment.visibility:
            shown["visibility"] = comment.visibility
        if properties and self.shows_marks:
            shown["properties"] = [{"key": k, "value": v} for k, v in comment.properties.items()]
        return shown

    def fields_json(self, issue: Issue) -> dict[str, Any]:
        values, project = issue.values, self.projects[issue.project]
        comments = [self.comment_json(issue, comment) for comment in issue.comments]
        plain = ("summary", "description", "environment", "duedate", *CUSTOM_FIELDS)
        return {
            **{name: values.get(name) for name in plain},
            "issuetype": {
                "id": str(1 + TYPES.index(values["issuetype"])),
                "name": values["issuetype"],
                "subtask": False,
            },
            "project": {"id": project.id, "key": project.key, "name": project.key, "projectTypeKey": project.type},
            "status": {"id": str(1 + STATUSES.index(issue.status)), "name": issue.status},
            "priority": _priority(values.get("priority")),
            "assignee": self.user_json(values.get("assignee")),
            "reporter": self.user_json(issue.reporter),
            "creator": self.user_json(issue.creator),
            "labels": list(values.get("labels", [])),
            "components": [{"id": "1", "name": name} for name in values.get("components", [])],
            "created": stamp(issue.created),
            "updated": stamp(issue.updated),
            "attachment": [],
            "issuelinks": [self._link(issue, link) for link in issue.links],
            "comment": {"comments": comments, "maxResults": len(comments), "total": len(comments), "startAt": 0},
            "security": None,
        }

    def issue_json(self, issue: Issue, only: set[str] | None = None) -> dict[str, Any]:
        fields = self.fields_json(issue)
        if only is not None and "*all" not in only:
            fields = {name: value for name, value in fields.items() if name in only}
        return {"id": issue.id, "self": f"{self.url}/rest/api/2/issue/{issue.id}", "key": issue.key, "fields": fields}

    def _link(self, issue: Issue, link: tuple[str, str, str]) -> dict[str, Any]:
        type, inward, outward = link
        side = {"outwardIssue": {"key": outward}} if inward == issue.key else {"inwardIssue": {"key": inward}}
        return {"id": "1", "type": {"name": type}, **side}


def _priority(name: str | None) -> dict[str, str] | None:
    return {"id": str(1 + PRIORITIES.index(name)), "name": name} if name else None


def stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03}+0000"
