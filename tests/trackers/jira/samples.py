"""Small webhook bodies in the shapes that Cloud and Data Center send, written for these tests."""

from __future__ import annotations

import copy
from typing import Any

BASE = "https://jira.example/rest/api/2"


def cloud_user(account: str = "557058:ann", kind: str = "atlassian") -> dict[str, Any]:
    return {"accountId": account, "displayName": "Ann Li", "active": True, "accountType": kind}


def dc_user(name: str = "bo") -> dict[str, Any]:
    return {
        "name": name,
        "key": "JIRAUSER10203",
        "displayName": "Bo",
        "emailAddress": "bo@desk.example",
        "active": True,
    }


def issue(id: str = "10042", key: str = "SUP-42", **fields: Any) -> dict[str, Any]:
    shown = {
        "summary": "Payment fails",
        "project": {"id": "10000", "key": key.rpartition("-")[0], "projectTypeKey": "software"},
        "status": {"name": "To Do"},
        "priority": {"name": "Medium"},
        "labels": [],
        **fields,
    }
    return {"id": id, "self": f"{BASE}/issue/{id}", "key": key, "fields": shown}


def comment(
    id: str = "501", issue_id: str = "10042", user: dict[str, Any] | None = None, **more: Any
) -> dict[str, Any]:
    user = user or cloud_user()
    return {
        "self": f"{BASE}/issue/{issue_id}/comment/{id}",
        "id": id,
        "author": user,
        "updateAuthor": user,
        "body": "any news?",
        "created": "2026-11-20T09:00:00.000+0000",
        "updated": "2026-11-20T09:00:00.000+0000",
        **more,
    }


def updated(*items: dict[str, Any], user: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    body = {
        "timestamp": 1795251600000,
        "webhookEvent": "jira:issue_updated",
        "user": user or cloud_user(),
        "issue": issue(),
        **more,
    }
    if items:
        body["changelog"] = {"id": "9001", "items": list(items)}
    return body


def item(field: str, was: Any = None, now: Any = None, **more: Any) -> dict[str, Any]:
    return {"field": field, "fieldtype": "jira", "from": None, "fromString": was, "to": None, "toString": now, **more}


SAMPLES: dict[str, dict[str, Any]] = {
    "cloud-created": {
        "timestamp": 1795251600000,
        "webhookEvent": "jira:issue_created",
        "issue_event_type_name": "issue_created",
        "user": cloud_user("qm:dana", "customer"),
        "issue": issue(),
        "changelog": {"id": "9000", "items": [item("priority", None, "Medium")]},
    },
    "cloud-updated": updated(item("priority", "Low", "High", fieldId="priority")),
    "cloud-comment": {
        "timestamp": 1795251600000,
        "webhookEvent": "comment_created",
        "comment": comment(jsdPublic=True),
        "issue": issue(),
    },
    "dc-comment": {
        "timestamp": 1795251600000,
        "webhookEvent": "comment_created",
        "comment": comment(user=dc_user()),
    },
    "dc-issue-commented": updated(issue_event_type_name="issue_commented", user=dc_user(), comment=comment()),
    "moved": updated(item("Key", "SUP-42", "OPS-7"), issue=issue(key="OPS-7")),
    "deleted": {
        "timestamp": 1795251600000,
        "webhookEvent": "jira:issue_deleted",
        "user": None,
        "issue": issue(),
    },
}


def sample(name: str) -> dict[str, Any]:
    return copy.deepcopy(SAMPLES[name])
