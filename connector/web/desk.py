"""The desk, a ticket with its why, and the form to type a ticket."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from flask import Blueprint, Response, abort, g, jsonify, make_response, redirect, render_template, request, url_for

from ..core.sla_query import QueryMistake
from ..store import TicketRow
from .filters import CLOSED, NONE, QUERY_LIMIT, Filters, mistake_shown
from .flows import Flows
from .guard import Guard
from .typed import Typed, clean
from .view import RowView, several
from .view_ticket import PageView
from .visitor import Standing, needs, own_form, visitor

FORM_LIMIT = 256 * 1024
NAME_LIMIT = 500
PAGE = 50
EXAMPLES = ("payment", "login", "invoice")
CLOCK_CHOICES: Mapping[str, str] = MappingProxyType(
    {
        "breached": "running() and breached()",
        "soon": "running() and remaining() > 0 and remaining() < 2h",
        "unanswered": "first_response running()",
        "paused": "paused()",
    }
)
"""Queries that need no typing, each by the word of its text."""


def blueprint(flows: Flows, guard: Guard) -> Blueprint:
    """`GET /`, `GET /tickets/<tracker>/<key>`, `POST /tickets`."""
    pages = Blueprint("desk", __name__)

    @pages.get("/")
    def show() -> str:
        example = request.args.get("example", "")
        typed = _example(example) if example in EXAMPLES else Typed()
        return _desk(flows, typed)

    @pages.post("/tickets")
    @own_form
    @needs(Standing.AGENT)
    def type_ticket() -> Response:
        given = _json() if request.is_json else request.form
        typed = Typed.of(given if isinstance(given, Mapping) else {})
        if not guard.is_ours(request):
            return _refused(flows, typed, "problem.form_expired", 403)
        if typed.mistake:
            return _refused(flows, typed, typed.mistake, 400)
        key = flows.type_ticket(typed.title, typed.body, typed.email)
        flows.record("ticket_typed", {"tracker": "local", "ticket": key})
        url = url_for("desk.ticket", tracker="local", key=key)
        if request.is_json:
            return make_response(jsonify(tracker="local", key=key, url=url), 201)
        return redirect(f"{url}?typed=1", 303)  # type: ignore[return-value]

    @pages.get("/tickets/<tracker>/<path:key>")
    def ticket(tracker: str, key: str) -> str:
        whole = request.args.get("all") == "1"
        page = flows.ticket_page(clean(tracker)[:NAME_LIMIT], clean(key)[:NAME_LIMIT], whole)
        if page is None and not (tracker == "local" and request.args.get("typed")):
            abort(404)
        view = PageView.of(page, flows.now(), whole) if page else None
        return render_template(
            "ticket.html",
            tracker=tracker,
            key=key,
            page=view,
            waiting=view is None or view.waiting,
            now=flows.now(),
            may_act=visitor().may(Standing.AGENT),
        )

    return pages


def _desk(flows: Flows, typed: Typed, said: str = "") -> str:
    filters = Filters.of(request.args)
    after = clean(request.args.get("after", ""))[:NAME_LIMIT]
    found, query_mistake = _found(flows, filters, after)
    rows = _rows(flows, found[:PAGE])
    may_act = visitor().may(Standing.AGENT)
    asked_for_form = bool(said or typed.title or request.args.get("new"))
    nothing_yet = not rows and not filters.active and not after
    return render_template(
        "desk.html",
        rows=rows,
        several=several(rows),
        filters=filters,
        query_mistake=query_mistake,
        query_limit=QUERY_LIMIT,
        clock_choices=CLOCK_CHOICES,
        closed=CLOSED,
        without=NONE,
        choices=flows.choices(),
        after=after,
        next=flows.position(found[PAGE - 1]) if len(found) > PAGE else "",
        parked=flows.parking.count(),
        form=may_act and (asked_for_form or nothing_yet),
        may_act=may_act,
        typed=typed,
        said=said,
        examples=EXAMPLES,
    )


def _found(flows: Flows, filters: Filters, after: str) -> tuple[Sequence[TicketRow], str]:
    """A page of tickets and one more, or what is wrong with the query over clocks."""
    try:
        query = filters.query()
    except QueryMistake as mistake:
        return [], mistake_shown(mistake, g.texts)
    asked = dict(filters.asked(), clocks=flows.clock_wish(query)) if query else filters.asked()
    return flows.desk(**asked, after=after or None, limit=PAGE + 1), ""


def _rows(flows: Flows, found: Sequence[TicketRow]) -> list[RowView]:
    marks, clocks, now = flows.marks(found), flows.pressing(found), flows.now()
    return [
        RowView.of(row, now, marks.get(name, frozenset()), clocks.get(name))
        for row in found
        if (name := (row.tracker, row.id))
    ]


def _refused(flows: Flows, typed: Typed, said: str, status: int) -> Response:
    """The form again with what was typed, so that nothing is lost."""
    if request.is_json:
        return make_response(jsonify(error=g.texts(said)), status)
    return make_response(_desk(flows, typed, said), status)


def _json() -> object:
    try:
        return request.get_json(silent=True)
    except RecursionError:
        return None


def _example(name: str) -> Typed:
    return Typed(*(g.texts(f"example_{name}.{part}") for part in ("title", "body", "email")))
