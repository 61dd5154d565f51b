"""What a backfill came to: tickets by outcome, decisions by rule and value, and what became of each."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from ..model import Verdict
from ..plan import jsonable
from ..store import BackfillRow, Outcome
from .backfill import cursor_of, preview
from .services import Services

LISTED_FAILURES = 100
SILENT = ("fact", "wake")
OUTCOMES = ("would write", "written", "under way", "already so", "left to a person", "refused", "overruled")


def report(services: Services, run: BackfillRow) -> dict[str, Any]:
    """The run as JSON: `tickets` by state, `decisions` and `outcomes` counted, `failures` with their reasons.

    No customers' words are in it: of a text that is said only the name.
    """
    tickets: Counter[str] = Counter()
    decisions: Counter[tuple[str, ...]] = Counter()
    outcomes: Counter[str] = Counter()
    plugins: Counter[tuple[str, str]] = Counter()
    failures: list[dict[str, str]] = []
    for one in services.store.backfills.outcomes(run.id):
        tickets[one.state] += 1
        for decision in _told(one):
            outcome = _outcome(decision, one)
            outcomes[outcome] += 1
            decisions[(*_name(decision), outcome)] += 1
        for failure in (one.decisions or {}).get("failures", ()):
            plugins[(failure["plugin"], failure["error"])] += 1
        if one.state == "failed" and len(failures) < LISTED_FAILURES:
            failures.append({"ticket": one.ticket, "why": one.error})
    return {
        "run": run.id,
        "tracker": run.tracker,
        "mode": run.mode,
        "state": run.state,
        "options": jsonable(run.options),
        "oldest": jsonable(cursor_of(run).oldest),
        "by": run.by,
        "started": jsonable(run.started_at),
        "ended": jsonable(run.ended_at),
        "files": [{"file": r.file, "mode": r.mode, "writes": r.writes} for r in preview(services, run).files],
        "tickets": {"all": sum(tickets.values()), **dict(sorted(tickets.items()))},
        "outcomes": {name: outcomes[name] for name in OUTCOMES if outcomes[name]},
        "decisions": [
            dict(zip(("plugin", "rule", "slot", "value", "outcome"), key, strict=True)) | {"tickets": n}
            for key, n in sorted(decisions.items(), key=lambda item: (-item[1], item[0]))
        ],
        "plugin_failures": [{"plugin": p, "error": e, "tickets": n} for (p, e), n in sorted(plugins.items())],
        "failures": failures,
    }


def _told(one: Outcome) -> Iterator[Mapping[str, Any]]:
    for decision in (one.decisions or {}).get("decisions", ()):
        if decision["slot"].partition(":")[0] not in SILENT:
            yield decision


def _name(decision: Mapping[str, Any]) -> tuple[str, str, str, str]:
    value = decision["value"]
    shown = "" if isinstance(value, Mapping) else value if isinstance(value, str) else json.dumps(jsonable(value))
    return decision["plugin"], decision["rule"] or "", decision["slot"], shown


def _outcome(decision: Mapping[str, Any], one: Outcome) -> str:
    match decision["verdict"]:
        case Verdict.APPLY.value if one.mode == "live":
            state, why = one.effects.get(decision["slot"], ("pending", ""))
            if state == "dropped" and why == Verdict.PERSON.value:
                return "left to a person"
            return {"done": "written", "pending": "under way"}.get(state, "refused")
        case Verdict.APPLY.value:
            return "would write"
        case Verdict.PERSON.value:
            return "left to a person"
        case Verdict.ALREADY.value:
            return "already so"
        case Verdict.OVERRULED.value:
            return "overruled"
        case _:
            return "refused"
