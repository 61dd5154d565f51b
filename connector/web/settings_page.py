"""The settings with where each comes from, versions, folders and processes; of a secret only whether it is set."""

from __future__ import annotations

from flask import Blueprint, render_template

from .flows import Flows
from .visitor import Standing, needs


def blueprint(flows: Flows) -> Blueprint:
    """`GET /settings`, for admins alone."""
    pages = Blueprint("settings", __name__)

    @pages.get("/settings")
    @needs(Standing.ADMIN)
    def show() -> str:
        return render_template("settings.html", groups=flows.setting_groups(), about=flows.about(), now=flows.now())

    return pages
