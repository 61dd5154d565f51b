"""New issues: made once, even where an answer was lost.

The issue property carries the key under which the issue was asked for. Jira cannot search for it
without an app, so our own new issues with the same title are looked through before one is made.
"""

from __future__ import annotations

from typing import Any

from ...core.json_body import clean_text
from ...errors import Gone, TrackerError
from ...messages import Draft
from ..shapes import mapping, rows, text
from .client import API, Client
from .issue import PROPERTY
from .markup import harmless, label_fault
from .search import quoted
from .shapes import number

MAX_TITLE = 255
LOOKED_AT = 50


def create(client: Client, draft: Draft, key: str, type: str, *, cloud: bool) -> str:
    """The id of the issue made for `draft`, or of the one made before under the same `key`."""
    title = _title(draft)
    earlier = _made_before(client, draft.project, title, key, cloud=cloud)
    if earlier:
        return earlier
    answer = mapping(client.send("POST", f"{API}/issue", body=body(draft, key, type)).body)
    made = number(answer.get("id"))
    if not made:
        raise TrackerError(f"POST {API}/issue", status=201, detail="the answer does not name the new issue")
    return made


def body(draft: Draft, key: str, type: str) -> dict[str, Any]:
    """What is sent: markup in the text is disarmed, labels that Jira would refuse are left out."""
    fields: dict[str, Any] = {
        "project": {"key": draft.project},
        "issuetype": {"name": type},
        "summary": _title(draft),
        "description": harmless(draft.body),
    }
    labels = sorted(label for label in draft.labels if not label_fault(label))
    if labels:
        fields["labels"] = labels
    return {"fields": fields, "properties": [{"key": PROPERTY, "value": {"plan": key, "said": []}}]}


def _title(draft: Draft) -> str:
    """Jira wants one line, not empty, of at most 255 characters."""
    return " ".join(clean_text(draft.title).split())[:MAX_TITLE] or "(no subject)"


def _made_before(client: Client, project: str, title: str, key: str, *, cloud: bool) -> str:
    query = f'project = {quoted(project)} AND creator = currentUser() AND created >= "-2d" ORDER BY created DESC'
    path = f"{API}/search/jql" if cloud else f"{API}/search"
    params = {"jql": query, "fields": "summary", "maxResults": str(LOOKED_AT)}
    for issue in rows(mapping(client.get(path, params)).get("issues")):
        id = number(issue.get("id"))
        if id and text(mapping(issue.get("fields")).get("summary")) == title and _plan(client, id) == key:
            return id
    return ""


def _plan(client: Client, id: str) -> str:
    try:
        answer = mapping(client.get(f"{API}/issue/{id}/properties/{PROPERTY}"))
    except Gone:
        return ""
    return text(mapping(answer.get("value")).get("plan"))
