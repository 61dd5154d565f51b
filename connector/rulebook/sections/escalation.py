"""`escalation:` when notices of rungs wait, and how often a silent assignee loses a ticket."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...frozen import EMPTY, FrozenDict
from ..nodes import Map, Node, Seq
from ..report import nearest, shown
from ..scope import Scope
from ..shapes import Record, checked, number

NAME = "escalation"
HOPS = 3
SILENT = "assignee_reply"


def _calendar(value: str, _node: Node, scope: Scope) -> str | None:
    if value in scope.calendars or not scope.sure:
        return None
    near = nearest(value, scope.calendars) or ": define it in `_calendars.yaml`"
    return f"unknown calendar {shown(value)}{near}"


_SECTION = Record("`escalation`", {"quiet_outside": checked(_calendar), "hops": number(0, 100, whole=True)})


def section(node: Node, scope: Scope) -> Any:
    """`quiet_outside`: a calendar; `hops`: how often one ticket goes back to its team."""
    return _SECTION(node, scope)


def refuse_idle_rungs(file: Map, scope: Scope) -> None:
    """Rungs where the plugin that climbs them is not listed."""
    policies = file.get("sla")
    for policy in policies.items if isinstance(policies, Seq) else ():
        if isinstance(policy, Map) and "escalate" in policy:
            scope.bad(policy.index["escalate"], f"`escalate` has no effect: add `{NAME}` to `plugins`, or remove it")


def warn_of_nothing_to_climb(file: Map, scope: Scope, sections: Mapping[str, Any]) -> None:
    """The plugin is listed, and no policy has a rung."""
    if not any(policy["escalate"] for policy in sections[NAME]["policies"]):
        scope.warn(
            file.index["plugins"],
            f"`{NAME}` has nothing to do: no policy of `sla` has `escalate`, or a target for `{SILENT}`",
        )


def with_policies(sections: Mapping[str, Any]) -> Mapping[str, Any]:
    """`sections`, that of `escalation` with all it goes by: the policies, and who may acknowledge by which handle.

    A policy with a target for the assignee's reply and no rung for it gets one: the ticket goes back to its team.
    """
    told = sections.get("sla")
    policies = tuple(map(_with_silence, told)) if isinstance(told, tuple) else ()
    orders = _map_of(sections["commands"]) if "commands" in sections else None
    own = FrozenDict({"hops": HOPS, **_map_of(sections.get(NAME)), "policies": policies, "orders": orders})
    return FrozenDict({**sections, **({"sla": policies} if policies else {}), NAME: own})


def _map_of(section: Any) -> Mapping[str, Any]:
    """The section; what is missing or was refused is empty."""
    return section if isinstance(section, Mapping) else EMPTY


def _with_silence(policy: Mapping[str, Any]) -> Mapping[str, Any]:
    rungs = tuple(policy.get("escalate") or ())
    if SILENT in policy.get("targets", ()) and not any(SILENT in rung.get("metrics", ()) for rung in rungs):
        rungs = (*rungs, FrozenDict({"at": "100%", "metrics": (SILENT,), "return_to_team": True}))
    return FrozenDict({**policy, "escalate": rungs})
