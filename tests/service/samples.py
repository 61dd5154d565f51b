"""What the recorded webhooks are: which are signed how, what each must be answered, which ticket each is about."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.trackers.gitlab.samples import issue_hook, note_hook
from tests.trackers.gitlab.test_read import REAL
from tests.trackers.jira.samples import SAMPLES
from tests.trackers.jira.test_real_payloads import TABLE

SHARED = Path(os.environ.get("SHARED_DIR", Path(__file__).parents[3] / "shared")) / "payloads"
DC_BY_NATURE = "issue-comment-created-indentation"
BY_HAND = {
    "issue-updated-raised-priority": "priority",
    "issue-updated-assigned": "assignee",
    "server-old-issue-updated-no-event-type-assigned": "assignee",
}


@dataclass(frozen=True)
class Sample:
    """One body. `tracker` is the connection it comes from; `ticket` is None where it is not for us."""

    name: str
    tracker: str
    body: bytes
    ticket: str | None
    key: str | None = None
    project: str | None = None
    kind: str = ""
    by_hand: str = ""
    """The slot that a person changed, as this body tells."""

    @property
    def status(self) -> int:
        return 204 if self.ticket is None else 202

    @property
    def acts(self) -> bool:
        """Whether the ticket is looked at for it."""
        return self.ticket is not None and self.kind != "deleted"

    def headers(self, secret: str, id: str = "") -> dict[str, str]:
        """As the tracker sends it now; `id` stands for the delivery."""
        id = id or f"delivery of {self.name}"
        return gitlab_headers(self, secret, id) if self.tracker == "gitlab" else jira_headers(self, secret, id)


def recorded() -> list[Sample]:
    """All recorded bodies; the test skips where there are none."""
    if not SHARED.is_dir():
        pytest.skip(f"the recorded bodies are not at {SHARED} (SHARED_DIR)")
    return [*map(_gitlab, sorted(REAL)), *map(_jira, sorted(TABLE))]


def own() -> list[Sample]:
    """A few of our own, in the same shapes, so that the run never vanishes."""
    gitlab = {
        "opened": (issue_hook("open"), "created"),
        "changed": (issue_hook("update"), "updated"),
        "noted": (note_hook(), "commented"),
        "epic": ({**issue_hook(type="Epic"), "object_kind": "work_item"}, None),
    }
    jira = {
        "cloud-created": ("created", ""),
        "cloud-updated": ("updated", "priority"),
        "cloud-comment": ("commented", ""),
    }
    return [
        *(
            Sample(
                name, "gitlab", _bytes(body), kind and "7/12", kind and "acme/support#12", "acme/support", kind or ""
            )
            for name, (body, kind) in gitlab.items()
        ),
        *(
            Sample(name, "jira", _bytes(SAMPLES[name]), "10042", "SUP-42", "SUP", *line)
            for name, line in jira.items()
        ),
        Sample("dc-comment", "jira-dc", _bytes(SAMPLES["dc-comment"]), "10042", None, None, "commented"),
        Sample("deleted", "jira-dc", _bytes(_other(SAMPLES["deleted"])), "10043", "SUP-43", "SUP", "deleted"),
    ]


def _bytes(body: Any) -> bytes:
    return json.dumps(body).encode()


def _other(body: dict[str, Any]) -> dict[str, Any]:
    return json.loads(json.dumps(body).replace("10042", "10043").replace("SUP-42", "SUP-43"))


def _gitlab(name: str) -> Sample:
    body = (SHARED / "gitlab" / name).read_bytes()
    if (line := REAL[name]) is None:
        return Sample(name, "gitlab", body, None)
    return Sample(name, "gitlab", body, line[0], line[1], line[1].partition("#")[0], line[2])


def _jira(name: str) -> Sample:
    (ticket, key, project), kind, _, _ = TABLE[name]
    body = (SHARED / "jira" / f"webhook-{name}.json").read_bytes()
    dc = name.startswith("server-") or name == DC_BY_NATURE
    return Sample(name, "jira-dc" if dc else "jira", body, ticket, key, project, kind, BY_HAND.get(name, ""))


def gitlab_headers(sample: Sample, secret: str, id: str, at: float | None = None) -> dict[str, str]:
    """Signed as GitLab 19 does; `at` is in unix seconds."""
    stamp = str(int(time.time() if at is None else at))
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = hmac.new(key, f"{id}.{stamp}.".encode() + sample.body, hashlib.sha256).digest()
    return {
        "Content-Type": "application/json",
        "X-Gitlab-Event": _hook_of(sample),
        "Idempotency-Key": id,
        "webhook-id": id,
        "webhook-timestamp": stamp,
        "webhook-signature": "v1," + base64.b64encode(digest).decode(),
    }


def _hook_of(sample: Sample) -> str:
    try:
        document = json.loads(sample.body)
    except (ValueError, RecursionError):
        return "Issue Hook"
    document = document if isinstance(document, dict) else {}
    kind = {"note": "Note Hook", "merge_request": "Merge Request Hook", "push": "Push Hook"}
    found = kind.get(str(document.get("object_kind")), "Issue Hook")
    return f"Confidential {found}" if "confidential" in str(document.get("event_type")) else found


def jira_headers(sample: Sample, secret: str, id: str) -> dict[str, str]:
    """Signed; only Cloud gives each delivery an id."""
    digest = hmac.new(secret.encode(), sample.body, hashlib.sha256).hexdigest()
    sent = {"Content-Type": "application/json; charset=UTF-8", "X-Hub-Signature": f"sha256={digest}"}
    return {**sent, "X-Atlassian-Webhook-Identifier": id} if sample.tracker == "jira" else sent
