"""Whether we can accept, and what somebody should look at, with all that a warning quotes."""

from __future__ import annotations

from typing import Any

from ..flows import Flows
from . import schemas as of
from .part import Part


class WarningSchema(of.Shape):
    code = of.text("A stable word; the documentation tells of each.")
    text = of.text("What is not as it should be, and what to do.")
    detail = of.text("What it is about, such as the place in a rule file.")


class ReadySchema(of.Shape):
    ready = of.flag("Can an event be made durable?")
    warnings = of.many(WarningSchema)


def part(flows: Flows) -> Part:
    """`/ready`: what `/readyz` says, with its details; 200 also when nothing can be accepted."""
    health = Part("health", "How the installation does.")

    @health.shows("/ready", ReadySchema())
    def show_ready() -> dict[str, Any]:
        """Whether events can be accepted, and every warning."""
        ready, remarks = flows.ready()
        return {"ready": ready, "warnings": list(remarks)}

    return health
