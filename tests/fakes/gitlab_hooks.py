"""The webhooks that GitLab sends, body and headers, signed as release 19.0 and later sign them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import uuid
from typing import Any

from .gitlab_world import Issue, Note, User, label_object, stamp


def issue_body(url: str, issue: Issue, by: User, action: str, changes: dict[str, Any]) -> dict[str, Any]:
    plain = issue.type != "task"
    kind = "confidential_issue" if issue.confidential else "issue"
    body = {
        "object_kind": "issue" if plain else "work_item",
        "event_type": kind if plain else "work_item",
        "user": _user(by),
        "project": _project(url, issue),
        "object_attributes": {**_attributes(url, issue), "action": action},
        "labels": [label_object(issue, name) for name in sorted(issue.labels)],
        "changes": changes,
        "repository": {"name": issue.project.path.rpartition("/")[2]},
    }
    if issue.assignees:
        body["assignees"] = [_user(u) for u in issue.assignees]
    return body


def note_body(url: str, issue: Issue, by: User, note: Note, action: str) -> dict[str, Any]:
    return {
        "object_kind": "note",
        "event_type": "confidential_note" if note.internal or issue.confidential else "note",
        "user": _user(by),
        "project_id": issue.project.id,
        "project": _project(url, issue),
        "object_attributes": {
            "id": note.id,
            "note": note.body,
            "description": note.body,
            "noteable_type": "Issue",
            "noteable_id": issue.id,
            "author_id": note.author.id,
            "project_id": issue.project.id,
            "system": note.system,
            "internal": note.internal,
            "action": action,
            "type": None,
            "created_at": _old_stamp(note.created),
            "updated_at": _old_stamp(note.updated),
            "url": f"{url}/{issue.project.path}/-/issues/{issue.iid}#note_{note.id}",
        },
        "issue": _attributes(url, issue),
        "repository": {"name": issue.project.path.rpartition("/")[2]},
    }


def headers(body: dict[str, Any], raw: bytes, url: str, secret: str, chain: str, now: Any) -> dict[str, str]:
    """The headers of one delivery; `now` is the aware instant of sending."""
    id, seconds = str(uuid.uuid4()), str(int(now.timestamp()))
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = hmac.new(key, f"{id}.{seconds}.".encode() + raw, hashlib.sha256).digest()
    confidential = str(body["event_type"]).startswith("confidential")
    hook = "Note Hook" if body["object_kind"] == "note" else "Issue Hook"
    return {
        "Content-Type": "application/json",
        "User-Agent": "GitLab/19.2.1",
        "X-Gitlab-Event": f"Confidential {hook}" if confidential else hook,
        "X-Gitlab-Instance": url,
        "X-Gitlab-Webhook-UUID": str(uuid.uuid4()),
        "X-Gitlab-Event-UUID": chain or str(uuid.uuid4()),
        "Idempotency-Key": id,
        "webhook-id": id,
        "webhook-timestamp": seconds,
        "webhook-signature": "v1," + base64.b64encode(digest).decode(),
    }


def raw(body: dict[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False).encode()


def _user(user: User) -> dict[str, Any]:
    return {"id": user.id, "name": user.name, "username": user.username, "avatar_url": None, "email": "[REDACTED]"}


def _project(url: str, issue: Issue) -> dict[str, Any]:
    path = issue.project.path
    return {
        "id": issue.project.id,
        "name": path.rpartition("/")[2],
        "path_with_namespace": path,
        "web_url": f"{url}/{path}",
    }


def _attributes(url: str, issue: Issue) -> dict[str, Any]:
    return {
        "id": issue.id,
        "iid": issue.iid,
        "project_id": issue.project.id,
        "author_id": issue.author.id,
        "title": issue.title,
        "description": issue.description,
        "confidential": issue.confidential,
        "state": issue.state,
        "state_id": 2 if issue.state == "closed" else 1,
        "type": issue.type.title(),
        "due_date": issue.due,
        "moved_to_id": issue.moved_to,
        "assignee_ids": [u.id for u in issue.assignees],
        "labels": [label_object(issue, name) for name in sorted(issue.labels)],
        "severity": "unknown",
        "created_at": stamp(issue.created),
        "updated_at": stamp(issue.updated),
        "url": f"{url}/{issue.project.path}/-/issues/{issue.iid}",
    }


def _old_stamp(at: Any) -> str:
    return str(at.strftime("%Y-%m-%d %H:%M:%S UTC"))
