"""The shapes of the API's answers, from which its document is made: instants end in `Z`, what is unknown is null."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from marshmallow import EXCLUDE, Schema, fields

from ...plan import jsonable


class Shape(Schema):
    """Of an answer: it may get more members with a later release, and readers must not mind."""

    class Meta:
        unknown = EXCLUDE


class Instant(fields.DateTime):
    """An instant in UTC, such as `2026-11-21T19:42:00Z`; text is one already."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:  # noqa: ARG002
        if isinstance(value, datetime):
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        return None if value is None else str(value).replace("+00:00", "Z")


class Value(fields.Raw):
    """Any JSON value: text, number, list, object or null."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:  # noqa: ARG002
        return jsonable(value)


def text(about: str = "", **given: Any) -> fields.String:
    return fields.String(required=True, metadata=_said(about), **given)


def maybe(about: str = "") -> fields.String:
    """Text, or null where there is none."""
    return text(about, allow_none=True)


def number(about: str = "", **given: Any) -> fields.Integer:
    return fields.Integer(required=True, metadata=_said(about), **given)


def decimal(about: str = "") -> fields.Float:
    return fields.Float(required=True, metadata=_said(about))


def one(inner: type[Schema], about: str = "") -> fields.Nested:
    return fields.Nested(inner, required=True, metadata=_said(about))


def flag(about: str = "") -> fields.Boolean:
    return fields.Boolean(required=True, metadata=_said(about))


def instant(about: str = "", **given: Any) -> Instant:
    return Instant(required=True, metadata=_said(about), **given)


def value(about: str = "") -> Value:
    return Value(required=True, allow_none=True, metadata=_said(about))


def many(inner: type[Schema], about: str = "") -> fields.List[Any]:
    return fields.List(fields.Nested(inner), required=True, metadata=_said(about))


def words(about: str = "") -> fields.List[Any]:
    return fields.List(fields.String(), required=True, metadata=_said(about))


def table(about: str = "", **given: Any) -> fields.Dict:
    """A JSON object whose members depend on the rules."""
    values = Value(allow_none=True)
    return fields.Dict(keys=fields.String(), values=values, required=True, metadata=_said(about), **given)


def items(inner: type[Schema], about: str) -> Schema:
    """A page of a list: `items`, and `next`, the path of the page after it."""
    name = inner.__name__.removesuffix("Schema")
    members = {
        "items": many(inner, about),
        "next": maybe("The path of the next page; null on the last one."),
    }
    made: Schema = type(f"{name}ListSchema", (Shape,), members)()
    return made


def _said(about: str) -> dict[str, Any]:
    return {"description": about} if about else {}


class ErrorSchema(Shape):
    error = text("What is wrong, in the asker's language.")
    request_id = text("The id under which the log has this request.")
    fields_ = fields.Dict(
        keys=fields.String(),
        values=fields.List(fields.String()),
        data_key="fields",
        metadata={"description": "With 422: each parameter or member that is wrong, and why."},
    )
