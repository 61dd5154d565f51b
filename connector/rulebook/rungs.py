"""The rungs of an SLA policy (`escalate`): at which part of a target something is done, and what."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .desk_words import ROLES, person_problem, team
from .nodes import Map, Node, Seq, is_null
from .report import listed, nearest, shown
from .rules_of import by_language, worded
from .scope import BAD, Scope
from .shapes import Record, checked, flag, number, one_or_many, texts
from .sla_words import METRICS, percent, plain_percent, problem_of_metric

ASSIGNEE, LEAD = ROLES
ACTIONS = ("add_label", "raise_priority", "assign", "team", "return_to_team", "notify", "set_status", "say")


def rung(node: Node, scope: Scope) -> Any:
    """A rung with at least one action; `at` as it is known again."""
    found = _RUNG(node, scope)
    if found is BAD or not isinstance(node, Map):
        return BAD
    if not any(_RUNG.mistyped(name, node) or name in node for name in ACTIONS):
        return scope.bad(node, f"this rung does nothing: add {listed(ACTIONS)}")
    if "assign" in node and found.get("return_to_team"):
        scope.bad(node.index["return_to_team"], "`assign` and `return_to_team` exclude each other: keep one")
    if found.get("in_quiet_hours") and "notify" not in node:
        scope.bad(node.index["in_quiet_hours"], "nobody is notified here: add `notify`, or remove `in_quiet_hours`")
    return found


def check_rungs(policy: Map, scope: Scope) -> None:
    """Each metric of a rung has a target, and no two rungs of one metric act at the same part of it."""
    told, targets = policy.get("escalate"), policy.get("targets")
    having = [e.key for e in targets] if isinstance(targets, Map) else []
    taken: dict[tuple[str, str], int] = {}
    for each in told.items if isinstance(told, Seq) else ():
        at = each.get("at") if isinstance(each, Map) else None
        if not isinstance(each, Map) or at is None or not isinstance(at.plain(), str):
            continue
        for node, metric in _metrics(each, having):
            if metric not in having:
                near = nearest(metric, having) or ": add one under `targets`, or leave the metric out here"
                scope.bad(node, f"{shown(metric)} has no target in this policy{near}")
                continue
            try:
                key = metric, plain_percent(at.plain())
            except ValueError:
                continue
            if key in taken:
                scope.bad(
                    at, f"the rung on line {taken[key]} acts at {at.plain()} of `{metric}` already: put both into one"
                )
                break
            taken[key] = at.spot.line


def _metrics(each: Map, having: list[str]) -> Iterator[tuple[Node, str]]:
    """The metrics of a rung, known ones only; without any all that have a target."""
    told = each.get("metrics")
    if told is None or is_null(told):
        yield from ((each, metric) for metric in having if metric in METRICS)
        return
    for node in told.items if isinstance(told, Seq) else (told,):
        if node.plain() in METRICS:
            yield node, node.plain()


def _metric(value: str, _node: Node, _scope: Scope) -> str | None:
    return problem_of_metric(value)


def _at(node: Node, scope: Scope) -> Any:
    value = _PERCENT(node, scope)
    return BAD if value is BAD else plain_percent(value)


def _assignee(value: str, node: Node, scope: Scope) -> str | None:
    return _lead_problem(scope) if value == LEAD else person_problem(value, node, scope)


def _receiver(value: str, _node: Node, scope: Scope) -> str | None:
    if value == LEAD:
        return _lead_problem(scope)
    known = {ASSIGNEE, LEAD, *scope.people, *scope.notices}
    if value in known or not scope.sure:
        return None
    near = nearest(value, known) or ": write `assignee`, `team-lead`, a person, or a name under `notify`"
    return f"nobody is called {shown(value)}{near}"


def _lead_problem(scope: Scope) -> str | None:
    if scope.leads or not scope.sure:
        return None
    return "no team has a lead: write `teams: {NAME: {lead: PERSON}}` in `_people.yaml`"


def _status(value: str, _node: Node, scope: Scope) -> str | None:
    known = scope.schema.fields["status"].values or ()
    if value in known or not scope.sure:
        return None
    return f"`status` has no value `{value}`{nearest(value, known)}"


def _true(node: Node, scope: Scope) -> Any:
    value = flag(node, scope)
    return value if value in (BAD, True) else scope.bad(node, "`false` says nothing here: remove the line")


_wording = worded(frozenset({"url", "at", "metric", "policy"}))


def _say(node: Node, scope: Scope) -> Any:
    """One text for all, or one for each language; always read by language."""
    if isinstance(node, Map):
        return by_language(_wording)(node, scope)
    value = _wording(node, scope)
    return BAD if value is BAD else {"default": value}


_PERCENT = percent(1, 1000, "is out of range: a rung acts from 1% to 1000% of the target")
_RUNG = Record(
    "a rung",
    {
        "at": _at,
        "metrics": one_or_many(checked(_metric)),
        "add_label": texts,
        "raise_priority": number(1, 3, whole=True),
        "assign": checked(_assignee),
        "team": team,
        "return_to_team": _true,
        "notify": one_or_many(checked(_receiver)),
        "set_status": checked(_status),
        "say": _say,
        "in_quiet_hours": _true,
    },
    required=("at",),
)
