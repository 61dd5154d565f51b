"""The plugins: what each offers, how it does in every process, its own help; an admin may have one tried again."""

from __future__ import annotations

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for

from .flows import Flows
from .visitor import Standing, needs, visitor

DONE = ("again", "not_quarantined")


def blueprint(flows: Flows) -> Blueprint:
    """`GET /plugins`, `GET /plugins/<name>`, `POST /plugins/<name>/again`."""
    pages = Blueprint("plugins", __name__)

    @pages.get("/plugins")
    def listed() -> str:
        return render_template("plugins.html", plugins=flows.plugins())

    @pages.get("/plugins/<name>")
    def show(name: str) -> str:
        plugin = next((each for each in flows.plugins() if each.name == name), None)
        if plugin is None:
            abort(404)
        done = request.args.get("done", "")
        return render_template(
            "plugin.html",
            plugin=plugin,
            now=flows.now(),
            done=f"plugins.done_{done}" if done in DONE else "",
            may_change=visitor().may(Standing.ADMIN),
        )

    @pages.post("/plugins/<name>/again")
    @needs(Standing.ADMIN)
    def again(name: str) -> Response:
        if not any(each.name == name for each in flows.plugins()):
            abort(404)
        done = "again" if flows.ask_again(name) else "not_quarantined"
        if done == "again":
            flows.record("plugin_tried_again", {"plugin": name})
        return redirect(url_for("plugins.show", name=name, done=done), 303)  # type: ignore[return-value]

    return pages
