"""Signed GitLab webhooks of about 6.3 KB, each with an id of its own, spread over some hundred tickets."""

from __future__ import annotations

import base64
import hashlib
import hmac
import itertools
import json
import random
import secrets
import time
from collections.abc import Iterator

BYTES = 6_330
PROJECT_ID, PROJECT = 42, "acme/support"
SECRET = f"whsec_{base64.b64encode(b'a key for measuring only'.ljust(32, b'!')).decode()}"
_SENTENCES = (
    *("The export stops after the third page.", "It worked yesterday.", "Please see the trace below."),
    *("用户反馈页面打不开。", "订单已提交但没有扣款。", "昨天开始出现，重启后恢复正常。"),
)


def bodies(tickets: int = 500, size: int = BYTES, seed: int = 1, project: int = PROJECT_ID) -> list[bytes]:
    """One body of exactly `size` bytes for each of the tickets 1 … `tickets` of the project with the id `project`."""
    rng = random.Random(seed)
    return [_body(project, number, size, rng) for number in range(1, tickets + 1)]


def requests(contents: list[bytes], secret: str = SECRET) -> Iterator[bytes]:
    """HTTP requests without end: signed now, never the same delivery id twice, the tickets in turn."""
    key, run = base64.b64decode(secret.removeprefix("whsec_")), secrets.token_hex(6)
    head = (
        "POST /hooks/gitlab HTTP/1.1\r\nHost: pointsman.example\r\nUser-Agent: GitLab/19.2.1\r\n"
        "Content-Type: application/json\r\nX-Gitlab-Event: Issue Hook\r\nX-Gitlab-Instance: https://gitlab.example\r\n"
    )
    for number, content in enumerate(itertools.cycle(contents)):
        id, now = f"{run}-{number:010}", str(int(time.time()))
        digest = hmac.new(key, f"{id}.{now}.".encode() + content, hashlib.sha256).digest()
        yield (
            f"{head}X-Gitlab-Event-UUID: {id}\r\nIdempotency-Key: {id}\r\nwebhook-id: {id}\r\n"
            f"webhook-timestamp: {now}\r\nwebhook-signature: v1,{base64.b64encode(digest).decode()}\r\n"
            f"Content-Length: {len(content)}\r\n\r\n"
        ).encode() + content


def _body(project: int, number: int, size: int, rng: random.Random) -> bytes:
    """An issue update as GitLab sends it; the description fills it up."""
    shell = _shell(project, number, "")
    room = size - len(_encoded(shell))
    text = ""
    while len(text.encode()) < room:
        text += rng.choice(_SENTENCES)
    filled = text.encode()[:room].decode(errors="ignore")
    return _encoded(_shell(project, number, filled.ljust(len(filled) + room - len(filled.encode()), ".")))


def _shell(project: int, number: int, description: str) -> dict[str, object]:
    user = {"id": 7, "name": "Dana", "username": "dana", "avatar_url": None, "email": "[REDACTED]"}
    url = f"https://gitlab.example/{PROJECT}/-/issues/{number}"
    return {
        "object_kind": "issue",
        "event_type": "issue",
        "user": user,
        "project": {
            "id": project,
            "name": "support",
            "path_with_namespace": PROJECT,
            "web_url": f"https://gitlab.example/{PROJECT}",
            "default_branch": "main",
        },
        "object_attributes": {
            "id": 9_000 + number,
            "iid": number,
            "project_id": project,
            "author_id": 7,
            "title": f"Export {number} fails 导出失败",
            "description": description,
            "confidential": False,
            "state": "opened",
            "type": "Issue",
            "action": "update",
            "labels": [
                {"id": n, "title": f"label-{n}", "color": "#336699", "type": "ProjectLabel"} for n in range(8)
            ],
            "created_at": "2026-11-02 09:00:00 UTC",
            "updated_at": "2026-11-02 09:30:00 UTC",
            "url": url,
        },
        "labels": [{"id": n, "title": f"label-{n}", "color": "#336699", "type": "ProjectLabel"} for n in range(8)],
        "changes": {"title": {"previous": "Export fails", "current": f"Export {number} fails 导出失败"}},
        "repository": {"name": "support", "homepage": "https://gitlab.example/acme/support"},
        "assignees": [user],
    }


def _encoded(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()
