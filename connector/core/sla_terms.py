"""The terms of an SLA policy and their versions: what was promised when is told by the ticket's own history."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .digest import value_digest

POLICY, TERMS = "policy", "terms"
"""The field of the history that names the policy, and where such a change tells what it promised."""

Terms = Mapping[str, Any]
"""`{targets: {metric: {priority: [seconds, calendar]}}, pause_when: [{field: [values]}]}`, as JSON."""


def terms_of(rule: Mapping[str, Any]) -> dict[str, Any]:
    """What the policy promises, and what stops its clock."""
    targets = {
        metric: {priority: [target["seconds"], target["calendar"]] for priority, target in each.items()}
        for metric, each in rule["targets"].items()
    }
    pauses = [{name: list(values) for name, values in match.items()} for match in rule.get("pause_when") or ()]
    return {"targets": targets, "pause_when": pauses}


def version_of(rule: Mapping[str, Any]) -> str:
    """The policy with these terms and no others: `premium#1f0c2a9b`."""
    return f"{rule['id']}#{value_digest(terms_of(rule))[:8]}"


def plain_id(version: str | None) -> str | None:
    """The policy's id as its file has it."""
    return None if version is None else version.partition("#")[0]


def told_in(events: Iterable[Mapping[str, Any]]) -> dict[str, Terms]:
    """The terms of each version that a history names."""
    return {event["value"]: event[TERMS] for event in events if event.get("field") == POLICY and TERMS in event}


def change_to(rule: Mapping[str, Any] | None) -> dict[str, Any]:
    """What a change of the field says from which on the ticket has `rule`; None: that no policy applies."""
    told: dict[str, Any] = {"field": POLICY, "value": rule and version_of(rule)}
    return told if rule is None else {**told, TERMS: terms_of(rule)}
