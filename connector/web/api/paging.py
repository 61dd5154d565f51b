"""Lists in pages: a limit, and a cursor that names the row after which the next page begins."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from typing import Any, TypeVar
from urllib.parse import urlencode

from flask import request
from marshmallow import RAISE, Schema, ValidationError, fields, validate

T = TypeVar("T")

LIMIT, MOST = 50, 200
CURSOR_LIMIT = 2000
WRONG = "is no cursor of this list: take `next` of an answer as it is, or leave the cursor out to begin anew"


class Cursor(fields.String):
    """Where a page of the list `name` begins; `fits` says whether a position can be one of this list."""

    def __init__(self, name: str, fits: Callable[[Any], bool]) -> None:
        about = "Where the page begins: part of `next`, to be taken as it is."
        super().__init__(validate=None, metadata={"description": about, "maxLength": CURSOR_LIMIT})
        self._name = name
        self._fits = fits

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        given = super()._deserialize(value, attr, data, **kwargs)
        found = _opened(str(given)[: CURSOR_LIMIT + 1])
        match found:
            case [self._name, position] if self._fits(position):
                return position
        raise ValidationError(WRONG)


class Query(Schema):
    """Parameters of a request; one that is unknown is refused, since a filter with a slip would find everything."""

    class Meta:
        unknown = RAISE

    lang = fields.String(
        validate=validate.OneOf(("en", "zh")), metadata={"description": "The language of what people read."}
    )


def paged(name: str, fits: Callable[[Any], bool], **filters: fields.Field[Any]) -> Schema:
    """The parameters of the list `name`: its filters, `limit` and `cursor`."""
    limit = fields.Integer(
        load_default=LIMIT,
        validate=validate.Range(1, MOST),
        metadata={"description": "How many items a page has at most."},
    )
    made: Schema = type(f"{name.title()}Query", (Query,), {**filters, "limit": limit, "cursor": Cursor(name, fits)})()
    return made


def page(name: str, found: Sequence[T], limit: int, position: Callable[[T], Any]) -> tuple[Sequence[T], str | None]:
    """The first `limit` of `found`, of which one more was asked for, and the path of what follows."""
    shown = found[:limit]
    return shown, following(name, position(shown[-1]) if len(found) > limit else None)


def following(name: str, position: Any) -> str | None:
    """The path of the page behind `position`; None if there is no position, and so no such page."""
    if not position:
        return None
    wishes = [(key, value) for key, value in request.args.items(multi=True) if key != "cursor"]
    return f"{request.path}?{urlencode([*wishes, ('cursor', _sealed([name, position]))])}"


def is_number(position: Any) -> bool:
    """Is it the number of one row?"""
    return type(position) is int and 0 <= position < 2**63


def _sealed(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value, separators=(",", ":")).encode()).decode().rstrip("=")


def _opened(text: str) -> Any:
    try:
        return json.loads(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError):
        return None
