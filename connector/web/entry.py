"""What every way of signing in ends with: a session, a line of the audit, and the page one wanted to see."""

from __future__ import annotations

import logging

from flask import Response, g, make_response, redirect, request

from .flows import Flows
from .guard import SESSION_COOKIE, Guard
from .session import LIFE, new_browser
from .visitor import Visitor

log = logging.getLogger("pointsman.web")


def let_in(flows: Flows, guard: Guard, visitor: Visitor, way: str, target: str) -> Response:
    """Lead `visitor` to `target` with a session of their own; that it began stands in the audit."""
    flows.audit.add(visitor.name, "signed_in", {"way": way})
    answer = make_response(redirect(target, 303))
    # Lax, so that a link in a tracker's note leads straight in; every form has its token besides.
    answer.set_cookie(
        SESSION_COOKIE,
        guard.signer.session(visitor, way, flows.now()),
        max_age=int(LIFE[way].total_seconds()),
        httponly=True,
        samesite="Lax",
        secure=guard.is_secure(request),
    )
    # What the browser was called as a stranger, and what somebody may have planted there, ends here.
    g.browser, g.form_shown = new_browser(), True
    log.info("signed_in", extra={"client": guard.client(request), "way": way})
    return answer


def own_path(target: str) -> str:
    """`target` if it is a path of this site, else `/`: nobody is sent elsewhere from here."""
    fine = target.startswith("/") and target[1:2] not in ("/", "\\") and target.isprintable() and "\\" not in target
    return target if fine else "/"
