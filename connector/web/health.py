"""`/healthz`: the process lives. `/readyz`: it can accept, and what somebody should look at."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request

from .flows import Flows
from .guard import Guard


def blueprint(flows: Flows, guard: Guard) -> Blueprint:
    """Both routes; they ask for no token, so only who may see the desk reads what a warning quotes."""
    health = Blueprint("health", __name__)

    @health.get("/healthz")
    def healthz() -> Response:
        return jsonify(alive=True)

    @health.get("/readyz")
    def readyz() -> Response:
        ready, remarks = flows.ready()
        trusted = guard.sees(request)
        answer = jsonify(ready=ready, warnings=[{"code": r.code, "text": _text(r, trusted)} for r in remarks])
        answer.status_code = 200 if ready else 503
        return answer

    return health


def _text(remark: Any, trusted: bool) -> str:
    return f"{remark.text}: {remark.detail}" if trusted and remark.detail else str(remark.text)
