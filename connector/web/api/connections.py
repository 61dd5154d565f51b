"""Connections and their state, from what is known already, and a look by the doctor; no secret is told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import abort, g
from marshmallow import fields, validate

from ...engine.checking import Checked
from ..flows import Flows
from . import schemas as of
from .paging import Query
from .part import Part


class ServedSchema(of.Shape):
    project = of.text()
    file = of.text("The rule file that applies to it.")
    mode = of.text()


class FindingSchema(of.Shape):
    """What the doctor found."""

    code = of.text()
    level = fields.Function(
        lambda each: each.level.word,
        required=True,
        metadata={"type": "string", "description": "`hint`, `warning` or `problem`."},
    )
    text = fields.Function(
        lambda each: each.told(g.texts.language).text,
        required=True,
        metadata={"type": "string", "description": "In the asker's language, as far as it is known in it."},
    )
    remedy = fields.Function(
        lambda each: each.told(g.texts.language).remedy, required=True, metadata={"type": "string"}
    )
    project = of.text("The project it is about; empty for all.")


class ConnectionSchema(of.Shape):
    name = of.text()
    kind = of.text("`gitlab`, `jira` or `local`.")
    url = of.text()
    flavor = of.text("Of a Jira: `cloud` or `dc`.")
    user = of.text()
    has_token = of.flag()
    has_secret = of.flag()
    options = fields.Function(
        lambda each: dict(each.options),
        required=True,
        metadata={"type": "object", "description": "What else its line of `_trackers.yaml` sets."},
    )
    hook_address = of.text("What its webhook calls; the path alone while `PUBLIC_URL` is not set.")
    reached = of.flag("Did its tracker answer at the last look? False before the first one.")
    trouble = of.text("Why it could not be reached at the last look.")
    last_webhook = of.instant(allow_none=True)
    reconciled = of.instant("When it was last asked for what was missed.", allow_none=True)
    served = of.many(ServedSchema)
    findings = of.many(FindingSchema)
    found_at = of.instant("When the doctor looked.", allow_none=True)


class MissingSchema(of.Shape):
    name = of.text()
    file = of.text("The rule file that names it.")


class ConnectionsSchema(of.Shape):
    items = of.many(ConnectionSchema)
    missing = of.many(MissingSchema, "Named by rule files, and not connected.")


class CheckedSchema(of.Shape):
    name = of.text()
    state = fields.String(
        required=True,
        validate=validate.OneOf([each.value for each in Checked]),
        metadata={"description": "`running`: it goes on, and its findings show later; `unknown`: nobody looks here."},
    )


def part(flows: Flows) -> Part:
    """`/connections`, and `check` of one."""
    connections = Part("connections", "Trackers and how they do.")

    @connections.shows("/connections", ConnectionsSchema(), query=Query())
    def list_connections(_: Mapping[str, Any]) -> dict[str, Any]:
        """Every connection with its state and what the doctor found there."""
        missing = [{"name": name, "file": file} for name, file in flows.missing_connections()]
        return {"items": flows.connections(), "missing": missing}

    @connections.does("/connections/<name>/check", CheckedSchema(), errors=(404,))
    def check_connection(name: str) -> dict[str, str]:
        """Have the doctor look at a connection now; some seconds are waited for its findings."""
        if not any(each.name == name and not each.local for each in flows.connections()):
            abort(404)
        return {"name": name, "state": flows.check(name).value}

    return connections
