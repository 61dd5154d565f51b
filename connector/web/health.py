"""`/healthz`: the process lives. `/readyz`: it can accept, and what somebody should look at."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from .flows import Flows


def blueprint(flows: Flows) -> Blueprint:
    """Both routes; they ask for no token, so they name no ticket and no customer."""
    health = Blueprint("health", __name__)

    @health.get("/healthz")
    def healthz() -> Response:
        return jsonify(alive=True)

    @health.get("/readyz")
    def readyz() -> Response:
        ready, warnings = flows.ready()
        answer = jsonify(ready=ready, warnings=[{"code": w.code, "text": w.text} for w in warnings])
        answer.status_code = 200 if ready else 503
        return answer

    return health
