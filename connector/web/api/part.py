"""One part of the API: every operation says what it needs, what it answers, and each error it can end in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, ParamSpec, TypeVar

from flask import Response, abort, jsonify, request
from flask_smorest import Blueprint as Documented
from marshmallow import Schema
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import HTTPException

from ...core.json_body import parse_json
from ...errors import Rejected
from ..problems import problem
from ..visitor import SAFE, SCOPES, Standing, needs
from .schemas import ErrorSchema

P = ParamSpec("P")
R = TypeVar("R")

PREFIX = "/api/v1"
MARK = "api_"
"""Begins the names of our blueprints, which pages have as well."""
ERRORS = {
    400: "The body is not JSON.",
    401: "No token, or one that is unknown or revoked.",
    403: "The token has not the scope that is needed; or a page of another site sent this.",
    404: "There is no such thing.",
    413: "What was sent is too large.",
    415: "The body is not `application/json`.",
    422: "A parameter or member is wrong; `fields` names each.",
    429: "Too many wrong tokens from this address; `Retry-After` says when to come again.",
    500: "A mistake of ours; the log has it under `request_id`.",
    503: "The database does not answer; `Retry-After` says when to come again.",
}
ALWAYS = (401, 403, 429, 500, 503)
SCOPE_OF = {standing: scope for scope, standing in SCOPES.items() if standing is not None}


class Reader(FlaskParser):
    """Reads bodies as the hooks do, so that no nesting, number or character in them can hurt."""

    # Each shape says itself what it makes of members and parameters that it does not know.
    DEFAULT_UNKNOWN_BY_LOCATION: dict[str, str | None] = {}  # noqa: RUF012

    def load_json(self, req: Any, schema: Schema) -> Any:  # noqa: ARG002
        try:
            return parse_json(req.get_data())
        except Rejected:
            abort(400)


class Part(Documented):  # type: ignore[misc]
    """A blueprint below `/api/v1`, its operations in the document under the heading `name`."""

    ARGUMENTS_PARSER = Reader()

    def __init__(self, name: str, about: str) -> None:
        super().__init__(f"{MARK}{name}", __name__, url_prefix=PREFIX, description=about)
        self.before_request(_only_json)
        self.register_error_handler(422, _named)

    def shows(self, path: str, schema: Schema, **given: Any) -> Callable[[Callable[P, R]], Callable[P, R]]:
        """An operation that reads; see `_operation`."""
        return self._operation("GET", path, schema, **given)

    def does(self, path: str, schema: Schema, **given: Any) -> Callable[[Callable[P, R]], Callable[P, R]]:
        """An operation that changes something, for agents unless it says otherwise; see `_operation`."""
        return self._operation("POST", path, schema, **{"needed": Standing.AGENT, "more": (415,), **given})

    def _operation(
        self,
        method: str,
        path: str,
        schema: Schema,
        *,
        status: int = 200,
        needed: Standing = Standing.VIEWER,
        query: Schema | None = None,
        body: Schema | None = None,
        errors: tuple[int, ...] = (),
        more: tuple[int, ...] = (),
        content: tuple[str, ...] = (),
    ) -> Callable[[Callable[P, R]], Callable[P, R]]:
        """Check the visitor, then what was sent, then dump what the view gives; all of it is in the document.

        `content` are the types that it also answers in, as text.
        """
        ends = {*ALWAYS, *errors, *more, *((422,) if query or body else ()), *((400, 413) if body else ())}
        keys = [{"token": [SCOPE_OF[needed]]}, {"session": []}]
        kinds = {"application/json": {"schema": schema}, **{kind: {"schema": {"type": "string"}} for kind in content}}
        answers = {str(status): {"description": HTTPStatus(status).phrase, "content": kinds}} if content else {}

        def made(view: Callable[P, R]) -> Callable[P, R]:
            shown: Any = self.response(status, schema)(view)
            if body is not None:
                shown = self.arguments(body, location="json")(shown)
            if query is not None:
                shown = self.arguments(query, location="query")(shown)
            for code in sorted(ends):
                shown = self.alt_response(code, schema=ErrorSchema(), description=ERRORS[code])(shown)
            shown = self.doc(security=keys, operationId=view.__name__, responses=answers)(shown)
            checked: Callable[P, R] = needs(needed)(shown)
            self.add_url_rule(path, view.__name__, checked, methods=[method])
            return checked

        return made


def _only_json() -> None:
    """A body is JSON or nothing."""
    if request.method not in SAFE and request.mimetype and not request.is_json:
        abort(415)


def _named(error: HTTPException) -> Response:
    """The answer to a request with mistakes: each is named, by parameter or member."""
    answer = problem(422)
    messages = getattr(error, "data", {}).get("messages") or {}
    answer.set_data(jsonify({**answer.get_json(), "fields": dict(_flat(messages))}).data)
    return answer


def _flat(messages: Mapping[Any, Any], prefix: str = "") -> Any:
    """`{"query": {"limit": ["…"]}}` → `("limit", ["…"])`; what is nested has dotted names."""
    for name, inner in messages.items():
        where = f"{prefix}.{name}" if prefix else ("" if name in ("query", "json", "_schema") else str(name))
        if isinstance(inner, Mapping):
            yield from _flat(inner, where)
        else:
            yield where or "body", [str(each) for each in inner]
