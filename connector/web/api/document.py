"""The OpenAPI document, made from the operations themselves, and served at `/api/v1/openapi.json`."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, Response, current_app, jsonify
from flask_smorest import Api

from .part import MARK, PREFIX, Part
from .schemas import ErrorSchema

OPENAPI = "3.1.0"
VERSION = "1"
ABOUT = """\
The same data as the console, as JSON.

A token is made by `pointsman token make NAME --scope read` and sent as `Authorization: Bearer pmt_…`.
`read` shows, `act` also types tickets and replays or discards what is parked, `admin` shows settings and tokens.
Lists come in pages: `items`, and `next`, the path of the next page.
Every error is an object with `error` and `request_id`.
"""
SCHEMES = {
    "token": {"type": "http", "scheme": "bearer", "description": "An API token, or the console token."},
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "pointsman_session",
        "description": "The cookie of somebody who signed in to the console; from our own pages only.",
    },
}


class Documented(Api):  # type: ignore[misc]
    """The document without the library's own answers: errors look as they do everywhere else in this program."""

    ERROR_SCHEMA = ErrorSchema
    DEFAULT_ERROR_RESPONSE_NAME = None

    def _register_error_handlers(self) -> None:
        """`problems` has answered them all."""


def install(app: Flask, parts: tuple[Part, ...]) -> None:
    """Register `parts` with `app` and serve their document."""
    options = {"info": {"description": ABOUT}, "servers": [{"url": "/"}]}
    api = Documented(
        app, spec_kwargs={"title": "Pointsman", "version": VERSION, "openapi_version": OPENAPI, **options}
    )
    for name, scheme in SCHEMES.items():
        api.spec.components.security_scheme(name, scheme)
    for each in parts:
        api.register_blueprint(each)
    pages = Blueprint("api_document", __name__)

    @pages.get(f"{PREFIX}/openapi.json")
    def openapi() -> Response:
        return jsonify(document_of(current_app))

    app.register_blueprint(pages)


def document_of(app: Flask) -> dict[str, Any]:
    """The document of the API that `app` serves."""
    found: dict[str, Any] = app.extensions["flask-smorest"]["apis"][""]["ext_obj"].spec.to_dict()
    # Blueprints of pages have the plain names; in the document there is nothing to tell them from.
    tags = [{**tag, "name": _plain(tag["name"])} for tag in found["tags"]]
    for item in found["paths"].values():
        for operation in item.values():
            if isinstance(operation, dict):
                operation["tags"] = [_plain(name) for name in operation["tags"]]
                operation["responses"] = dict(sorted(operation["responses"].items()))
    # Of the library's own paging, which is not ours.
    found["components"]["schemas"].pop("PaginationMetadata", None)
    return {**found, "tags": tags}


def _plain(name: str) -> str:
    return name.removeprefix(MARK)
