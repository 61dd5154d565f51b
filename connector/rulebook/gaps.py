"""Warns of words that rules decide on and a tracker has no line for: they would be decided, and never written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..core.assigning import routes
from ..frozen import EMPTY
from ..words import Words
from .book import RuleFile
from .claims import Claim
from .report import Report, listed


def warn_of_gaps(rules: RuleFile, claims: Iterable[Claim], words: Mapping[str, Words], report: Report) -> None:
    """One warning for each connected tracker of the file and each table of `_names.yaml` that lacks a word for it."""
    wanted = {"priority": _levels(rules.sections), "team": _teams(rules.sections)}
    first = {claim.connection: claim for claim in reversed(tuple(claims)) if claim.connection in words}
    for name, claim in sorted(first.items()):
        known = {"priority": words[name].priority, "team": words[name].team}
        for table, used in wanted.items():
            missing = [word for word in used if word not in known[table]]
            if missing:
                what = f"{listed(missing, 'and')} under `{table}` in `_names.yaml`"
                report.warn(claim.spot, f"`{name}` has no word for {what}: rules decide on it, nothing is written")


def _levels(sections: Mapping[str, Any]) -> tuple[str, ...]:
    section = sections.get("priority") or EMPTY
    bounds = (rule.get(key) for rule in section.get("overrides", ()) for key in ("at_least", "at_most"))
    return tuple(dict.fromkeys([*section.get("levels", ()), *(bound for bound in bounds if bound)]))


def _teams(sections: Mapping[str, Any]) -> tuple[str, ...]:
    teams = (rule.get("team") for rule in routes(sections.get("routing")))
    return tuple(dict.fromkeys(team for team in teams if team))
