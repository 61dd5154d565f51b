"""Which SLA policy applies, with its terms, is a fact of the ticket's history: another is a change of the goal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from ..core.clock_facts import Fact
from ..core.clock_story import Signal, story
from ..core.instants import moment_of
from ..core.sla import DONE
from ..core.sla_terms import POLICY, change_to, plain_id
from ..frozen import frozen
from ..plan import Plan
from ..rulebook import RuleFile

SECTION = "sla"
TOLD = "sla.policy"


def policies(file: RuleFile | None) -> tuple[Mapping[str, Any], ...]:
    """The SLA policies of a rule file, in order."""
    return (file.sections.get(SECTION) if file else None) or ()


def found_policy(plan: Plan, file: RuleFile) -> Mapping[str, Any] | Literal[False] | None:
    """The policy that `plan` found; False where the plugin could not say."""
    if any(failure.plugin == SECTION for failure in plan.failures):
        return False
    return next((rule for rule in policies(file) if rule["id"] == plan.facts.get(TOLD)), None)


def policy_fact(
    events: Sequence[Mapping[str, Any]],
    rule: Mapping[str, Any] | None,
    at: datetime,
    since: Callable[[], datetime],
) -> Fact | None:
    """That `rule` applies to the ticket with this history at `at`; None if the history has that.

    The first policy holds from the creation on: before it nobody had looked. Other terms of the same hold from when
    they came into force, which `since` tells. A history that ends in a merge is over.
    """
    steps = story(events, DONE, sys.maxsize, None)
    if not steps or steps[-1].signal is Signal.MERGED:
        return None
    known, change = steps[-1].fields.get(POLICY), change_to(rule)
    if known == change["value"]:
        return None
    told = [event["at"] for event in events if event.get("field") == POLICY]
    if not told:
        begins = moment_of(steps[0].at)
    else:
        begins = since() if plain_id(known) == plain_id(change["value"]) else at
        # One that came later holds, whatever clocks say.
        begins = max(begins, moment_of(max(told)))
    return Fact(f"policy{len(told)}", begins, "field", frozen(change))
