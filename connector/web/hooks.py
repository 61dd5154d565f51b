"""`POST /hooks/<tracker>[/<secret>]`: the one door for webhooks. 202 means: it is on disk."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, Response, current_app, g, jsonify, request

from ..errors import Rejected, StoreUnavailable
from .access import client_address
from .flows import Flows
from .tracing import current_id

RETRY_SECONDS = 10
WORDS = {
    400: "the body cannot be read",
    401: "not genuine: check the secret at both ends, and the clocks",
    404: "no such tracker is connected",
    413: "the body is too large",
}


def blueprint(flows: Flows, body_limit: int, proxies: Sequence[str] = ()) -> Blueprint:
    """The webhook routes; `body_limit` in bytes, `proxies` are the networks whose word about an address counts."""
    hooks = Blueprint("hooks", __name__)

    @hooks.post("/hooks/<tracker>")
    @hooks.post("/hooks/<tracker>/<secret>")
    def receive(tracker: str, secret: str | None = None) -> Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        try:
            # Before the body is read: who may not knock costs nothing.
            flows.admit(tracker, client_address(request.remote_addr or "", headers, proxies))
            status = flows.webhook(tracker, secret, headers, _read(flows, tracker, body_limit))
        except Rejected as rejected:
            return _refusal(rejected)
        except StoreUnavailable:
            return _unavailable()
        return Response(status=status)

    return hooks


def read_body(limit: int) -> bytes:
    """The raw body; one longer than `limit` bytes is `Rejected` (413), unread where its length is announced."""
    if (request.content_length or 0) <= limit:
        # One more than allowed: a body of unknown length is cut at the maximum without a word.
        request.max_content_length = limit + 1
        body = request.get_data(cache=False)
        if len(body) <= limit:
            return body
    raise Rejected(413, "the body is larger than BODY_LIMIT")


def _read(flows: Flows, tracker: str, limit: int) -> bytes:
    try:
        return read_body(limit)
    except Rejected as rejected:
        flows.refused(tracker, rejected.status)
        raise


def _refusal(rejected: Rejected) -> Response:
    g.refused = rejected.reason
    answer = jsonify(error=WORDS.get(rejected.status, "refused"), request_id=current_id())
    answer.status_code = rejected.status
    return answer


def _unavailable() -> Response:
    g.refused = "could not store"
    current_app.logger.error("webhook_not_stored")
    answer = jsonify(error="could not be stored, send it again", request_id=current_id())
    answer.status_code = 503
    answer.headers["Retry-After"] = str(RETRY_SECONDS)
    return answer
