"""`/healthz`: the process lives. `/readyz`: it can accept, and what somebody should look at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from flask import Blueprint, Response, jsonify, request

from .flows import Flows
from .guard import Guard

TO_ANYBODY: Mapping[str, str] = MappingProxyType(
    {
        "store": "the database cannot be written",
        "rules": "the newest rule files have mistakes; the last good ones are in force",
        "rules_hint": "there is a hint about the rule files",
        "parked": "events are parked",
        "plugin": "a plugin is quarantined, or could not be loaded",
        "tracker": "a tracker cannot be reached, or is not connected",
        "backlog": "events have waited for long",
        "gone": "a ticket is gone, or not visible to our account",
        "held": "a ticket was written too often, and is left alone for a while",
        "settings": "a setting needs a look",
        "sign_in": "sign-in by OpenID Connect needs a look: its page says what is wrong",
        "hook": "a webhook needs a look",
        "token": "the token of a connection needs a look",
        "doctor": "a connection has problems",
        "metrics": "not all that happens is counted",
    }
)
"""What somebody who may not see the pages reads of each warning: no name, no number, nothing quoted."""


def blueprint(flows: Flows, guard: Guard) -> Blueprint:
    """Both routes; they ask for no token, so only who may see the desk reads more than the code of a warning says."""
    health = Blueprint("health", __name__)

    @health.get("/healthz")
    def healthz() -> Response:
        return jsonify(alive=True)

    @health.get("/readyz")
    def readyz() -> Response:
        ready, remarks = flows.ready()
        warnings = _all(remarks) if guard.sees(request) else _outlines(remarks)
        answer = jsonify(ready=ready, warnings=warnings)
        answer.status_code = 200 if ready else 503
        return answer

    return health


def _all(remarks: Iterable[Any]) -> list[dict[str, str]]:
    return [{"code": r.code, "text": f"{r.text}: {r.detail}" if r.detail else r.text} for r in remarks]


def _outlines(remarks: Iterable[Any]) -> list[dict[str, str]]:
    """Each code once, with the sentence that anybody may read."""
    return [{"code": code, "text": TO_ANYBODY[code]} for code in dict.fromkeys(r.code for r in remarks)]
