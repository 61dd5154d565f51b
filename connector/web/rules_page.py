"""The rule book in plain sentences, and each team's file as it is in force."""

from __future__ import annotations

from flask import Blueprint, abort, g, render_template

from ..core.secret_words import without_secrets
from .flows import Flows


def blueprint(flows: Flows) -> Blueprint:
    """`GET /rules`, `GET /rules/<file>`."""
    pages = Blueprint("rules", __name__)

    @pages.get("/rules")
    def show() -> str:
        return render_template("rules.html", book=flows.book(g.texts.language), now=flows.now())

    @pages.get("/rules/<name>")
    def source(name: str) -> str:
        found = flows.rule_file(name)
        if found is None:
            abort(404)
        file, text = found
        return render_template("rule_file.html", file=file, lines=without_secrets(text))

    return pages
