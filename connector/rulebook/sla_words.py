"""The words that policies and their rungs share: metrics, and parts of a target."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from ..core.sla import Metric
from .nodes import Node, Scalar
from .report import listed, nearest, shown
from .scope import Scope
from .shapes import Reader, checked

METRICS = tuple(metric.value for metric in Metric)
OTHER_NAMES: Mapping[str, str] = {
    "first_reply_time": "first_response",
    "next_reply_time": "next_response",
    "periodic_update_time": "periodic_update",
    "pausable_update_time": "periodic_update",
    "total_resolution_time": "resolution",
    "time_to_resolve": "resolution",
    "group_ownership_time": "ownership",
    "time_to_own": "ownership",
    "agent_work_time": "agent_work",
    "requester_wait_time": "requester_wait",
    "assignee_reply_time": "assignee_reply",
}
"""What others call them."""

_PERCENT = re.compile(r"(\d{1,4}(?:\.\d{1,3})?)%")


def problem_of_metric(name: str) -> str | None:
    """Why `name` is no metric; None if it is one."""
    if name in METRICS:
        return None
    near = OTHER_NAMES.get(name)
    told = f": here it is called `{near}`" if near else nearest(name, METRICS) or f": choose {listed(METRICS)}"
    return f"unknown metric {shown(name)}{told}"


def percent(low: int, high: int, remedy: str) -> Reader:
    """A part of a target from `low` to `high` percent; `remedy` is what is said of others."""

    def check(value: str, _node: Node, _scope: Scope) -> str | None:
        found = _PERCENT.fullmatch(value)
        if not found:
            return f"{shown(value)} is no part of a target: write it like `80%`"
        return None if low <= Fraction(found[1]) <= high else f"`{value}` {remedy}"

    read = checked(check)

    def reader(node: Node, scope: Scope) -> Any:
        if isinstance(node, Scalar) and isinstance(node.value, int | float) and not isinstance(node.value, bool):
            return scope.bad(node, f"`{node.value}` is no part of a target: write it like `80%`")
        return read(node, scope)

    return reader


def plain_percent(value: str) -> str:
    """`080.50%` → `80.5%`: how a rung is known again, however it is written."""
    return f"{float(value.rstrip('%')):g}%"
