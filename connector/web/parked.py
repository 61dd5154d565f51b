"""Events that were given up: the list by cause, replay for one or for all of a cause, and discard with a reason."""

from __future__ import annotations

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request, url_for

from ..core.causes import WORDS
from ..store import HIGHEST, REASON_LIMIT
from .flows import Flows
from .guard import Guard
from .typed import clean
from .visitor import Standing, needs, own_form, visitor

DONE = ("replayed", "discarded", "not_parked")


def blueprint(flows: Flows, guard: Guard) -> Blueprint:
    """`GET /parked`, `POST /parked/<id>/replay`, `POST /parked/replay`, `GET` and `POST /parked/<id>/discard`."""
    pages = Blueprint("parked", __name__)

    @pages.get("/parked")
    def show() -> str:
        return _listed(flows)

    @pages.post("/parked/<int:id>/replay")
    @needs(Standing.AGENT)
    def replay(id: int) -> Response:
        if id > HIGHEST or not flows.parking.replay(id, visitor().name):
            return _back("not_parked")
        return _back("replayed", 1)

    @pages.post("/parked/replay")
    @needs(Standing.AGENT)
    def replay_cause() -> Response:
        cause = clean(request.form.get("cause", ""))
        if cause.partition("@")[0] not in WORDS:
            abort(400)
        return _back("replayed", flows.parking.replay_cause(cause, visitor().name))

    @pages.get("/parked/<int:id>/discard")
    @needs(Standing.AGENT)
    def ask(id: int) -> Response:
        return _asked(flows, id)

    @pages.post("/parked/<int:id>/discard")
    @own_form
    @needs(Standing.AGENT)
    def discard(id: int) -> Response:
        reason = " ".join(clean(request.form.get("reason", "")).split())
        if not guard.is_ours(request):
            return _asked(flows, id, reason, "problem.form_expired", 403)
        if not reason or len(reason) > REASON_LIMIT:
            return _asked(flows, id, reason, "parked.no_reason", 400)
        if id > HIGHEST or not flows.parking.discard(id, visitor().name, reason):
            return _back("not_parked")
        return _back("discarded", 1)

    return pages


def _listed(flows: Flows) -> str:
    after = max(0, min(request.args.get("after", 0, type=int), HIGHEST))
    cause = clean(request.args.get("cause", ""))[:200]
    found = flows.parking.page(after, cause)
    done = request.args.get("done", "")
    return render_template(
        "parked.html",
        page=found,
        cause=cause,
        start=after,
        now=flows.now(),
        may_act=visitor().may(Standing.AGENT),
        done=f"parked.done_{done}" if done in DONE else "",
        count=max(0, min(request.args.get("n", 0, type=int), HIGHEST)),
    )


def _asked(flows: Flows, id: int, reason: str = "", said: str = "", status: int = 200) -> Response:
    found = flows.parking.one(id) if id <= HIGHEST else None
    if found is None:
        abort(404)
    page = render_template(
        "discard.html", event=found, reason=reason, said=said, now=flows.now(), longest=REASON_LIMIT
    )
    return make_response(page, status)


def _back(done: str, count: int = 0) -> Response:
    """To the list, which then tells what was done: no script, and going back or reloading repeats nothing."""
    return redirect(url_for("parked.show", done=done, n=count), 303)  # type: ignore[return-value]
