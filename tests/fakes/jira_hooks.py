"""The webhooks that Jira sends, body and headers: a comment comes with a trimmed issue, or none at all."""

from __future__ import annotations

import hashlib
import hmac
import json
import uuid
from typing import Any

from .jira_world import Comment, Issue, World

TRIMMED = {"summary", "issuetype", "project", "assignee", "priority", "status"}


def issue_event(world: World, what: str, issue: Issue, by: str, name: str = "", **more: Any) -> dict[str, Any]:
    """`what` is `created`, `updated` or `deleted`; `name` is the `issue_event_type_name`."""
    body: dict[str, Any] = {"timestamp": _now(world), "webhookEvent": f"jira:issue_{what}"}
    if name:
        body["issue_event_type_name"] = name
    return {**body, "user": world.user_json(by), "issue": world.issue_json(issue), **more}


def comment_event(world: World, what: str, issue: Issue, comment: Comment) -> dict[str, Any]:
    """`what` is `created`, `updated` or `deleted`; nobody is named but in the comment."""
    shown = world.comment_json(issue, comment)
    body = {"timestamp": _now(world), "webhookEvent": f"comment_{what}", "comment": shown}
    return {**body, "issue": world.issue_json(issue, TRIMMED)} if world.cloud else body


def headers(content: bytes, secret: str, *, cloud: bool) -> dict[str, str]:
    digest = hmac.new(secret.encode(), content, hashlib.sha256).hexdigest()
    sent = {"Content-Type": "application/json; charset=UTF-8", "X-Hub-Signature": f"sha256={digest}"}
    if cloud:
        sent |= {"X-Atlassian-Webhook-Identifier": str(uuid.uuid4()), "X-Atlassian-Webhook-Flow": "Primary"}
    return {**sent, "User-Agent": "Atlassian HttpClient unknown / JIRA"}


def raw(body: dict[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False).encode()


def _now(world: World) -> int:
    return int(world.clock().timestamp() * 1000)
