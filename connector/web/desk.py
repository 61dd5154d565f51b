"""The desk, a ticket with its why, and the form to type a ticket."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, abort, g, jsonify, make_response, redirect, render_template, request, url_for

from .flows import Flows
from .guard import Guard
from .view import PageView, RowView

FORM_LIMIT = 256 * 1024
TITLE_LIMIT, BODY_LIMIT, EMAIL_LIMIT, NAME_LIMIT = 255, 64 * 1024, 254, 500
PAGE = 50
EXAMPLES = ("payment", "login", "invoice")


@dataclass(frozen=True, slots=True)
class Typed:
    """What somebody typed, cleaned of what no text holds."""

    title: str = ""
    body: str = ""
    email: str = ""

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Typed:
        """The three fields of a form or a JSON object; whatever is no text counts as empty."""
        title, body, email = (clean(given.get(name)) for name in ("title", "body", "email"))
        return cls(" ".join(title.split()), body.strip(), email.strip())

    @property
    def mistake(self) -> str:
        """The key of the sentence about what is wrong; '' if nothing is."""
        if not self.title:
            return "form.no_title"
        if len(self.title) > TITLE_LIMIT or len(self.body) > BODY_LIMIT:
            return "form.too_long"
        if self.email and not _is_address(self.email):
            return "form.no_address"
        return ""


def blueprint(flows: Flows, guard: Guard) -> Blueprint:
    """`GET /`, `GET /tickets/<tracker>/<key>`, `POST /tickets`."""
    pages = Blueprint("desk", __name__)

    @pages.get("/")
    def show() -> str:
        example = request.args.get("example", "")
        typed = _example(example) if example in EXAMPLES else Typed()
        return _desk(flows, typed)

    @pages.post("/tickets")
    def type_ticket() -> Response:
        given = request.get_json(silent=True) if request.is_json else request.form
        typed = Typed.of(given if isinstance(given, Mapping) else {})
        if not guard.is_ours(request):
            return _refused(flows, typed, "problem.form_expired", 403)
        if typed.mistake:
            return _refused(flows, typed, typed.mistake, 400)
        key = flows.type_ticket(typed.title, typed.body, typed.email)
        url = url_for("desk.ticket", tracker="local", key=key)
        if request.is_json:
            return make_response(jsonify(tracker="local", key=key, url=url), 201)
        return redirect(f"{url}?typed=1", 303)  # type: ignore[return-value]

    @pages.get("/tickets/<tracker>/<path:key>")
    def ticket(tracker: str, key: str) -> str:
        page = flows.ticket_page(clean(tracker)[:NAME_LIMIT], clean(key)[:NAME_LIMIT])
        if page is None and not (tracker == "local" and request.args.get("typed")):
            abort(404)
        view = PageView.of(page, flows.now()) if page else None
        return render_template(
            "ticket.html", tracker=tracker, key=key, page=view, waiting=view is None or view.waiting
        )

    return pages


def _desk(flows: Flows, typed: Typed, said: str = "") -> str:
    wishes = {name: clean(request.args.get(name, "")).strip()[:100] for name in ("team", "status", "text")}
    start = max(0, min(request.args.get("from", 0, type=int), 100_000))
    found = flows.desk(**{name: wish or None for name, wish in wishes.items()}, limit=PAGE + 1, offset=start)
    return render_template(
        "desk.html",
        rows=[RowView.of(row, flows.now()) for row in found[:PAGE]],
        wishes=wishes,
        filtered=any(wishes.values()),
        start=start,
        more=len(found) > PAGE,
        page_size=PAGE,
        teams=flows.teams(),
        typed=typed,
        said=said,
        examples=EXAMPLES,
    )


def _refused(flows: Flows, typed: Typed, said: str, status: int) -> Response:
    """The form again with what was typed, so that nothing is lost."""
    if request.is_json:
        return make_response(jsonify(error=g.texts(said)), status)
    return make_response(_desk(flows, typed, said), status)


def _example(name: str) -> Typed:
    return Typed(*(g.texts(f"example_{name}.{part}") for part in ("title", "body", "email")))


def clean(value: Any) -> str:
    """`value` without NUL and lone surrogates, which JSON and addresses can carry and no database holds."""
    text = value if isinstance(value, str) else ""
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")


def _is_address(text: str) -> bool:
    name, at, domain = text.rpartition("@")
    return bool(name and at and domain) and len(text) <= EMAIL_LIMIT and not any(c.isspace() for c in text)
