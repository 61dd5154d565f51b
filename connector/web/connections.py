"""The connections: where each leads, what is set, what came last, what the doctor found; no tracker is asked."""

from __future__ import annotations

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for

from ..engine.checking import Checked
from .flows import Flows
from .visitor import Standing, needs, visitor

DONE = tuple(Checked)


def blueprint(flows: Flows) -> Blueprint:
    """`GET /connections`, `POST /connections/<name>/check`."""
    pages = Blueprint("connections", __name__)

    @pages.get("/connections")
    def show() -> str:
        done = request.args.get("done", "")
        return render_template(
            "connections.html",
            connections=flows.connections(),
            missing=flows.missing_connections(),
            now=flows.now(),
            done=f"connections.done_{done}" if done in DONE else "",
            about=request.args.get("name", "")[:100],
            may_check=visitor().may(Standing.AGENT),
        )

    @pages.post("/connections/<name>/check")
    @needs(Standing.AGENT)
    def check(name: str) -> Response:
        if not any(each.name == name and not each.local for each in flows.connections()):
            abort(404)
        done = flows.check(name)
        return redirect(url_for("connections.show", done=done.value, name=name, _anchor=name), 303)  # type: ignore[return-value]

    return pages
