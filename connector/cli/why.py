"""`why`: what was decided about a ticket, newest first, and for which reasons."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from typing import Any

from ..engine.why import SHOWN, plans_of
from .numbers import row_number
from .terminal import harmless
from .wiring import Wiring


def add(commands: Any) -> None:
    why = commands.add_parser("why", help="what was decided about a ticket, and why")
    why.add_argument("tracker", help="a connection's name, such as local")
    why.add_argument("key", help="the ticket's key or id, such as DESK-1")
    why.add_argument("--limit", type=row_number, default=SHOWN, help=f"so many plans at most (default {SHOWN})")
    why.add_argument("--json", action="store_true", help="all plans, as `try` prints them")
    why.set_defaults(run=run)


def run(asked: argparse.Namespace, wiring: Wiring) -> int:
    store = wiring.store(wiring.settings())
    try:
        plans = plans_of(store, asked.tracker, asked.key, asked.limit)
    finally:
        store.close()
    if plans is None:
        print(
            f"no ticket {asked.key} of {asked.tracker} was worked yet: `pointsman backfill` takes up older ones, "
            "`pointsman doctor` says why none comes",
            file=sys.stderr,
        )
        return 1
    if asked.json:
        print(json.dumps(plans, ensure_ascii=False, indent=1))
    else:
        # Reasons quote what customers wrote: a terminal must obey no part of it.
        print(harmless("\n\n".join(map(_in_words, plans))))
    return 0


def _in_words(plan: Mapping[str, Any]) -> str:
    event = plan["event"]
    if plan["removed_at"]:
        lines = [f"plan {plan['id']}, {plan['at']}: what it was made from was removed on {plan['removed_at'][:10]}"]
        lines += [f"  {e['slot']} = {_value(e['after'])}: {e['state']} {e['why']}".rstrip() for e in plan["effects"]]
        return "\n".join(lines)
    lines = [f"plan {plan['id']}, {plan['at']}, after `{event['kind']}` ({plan['applies']}, {plan['mode']})"]
    for d in plan["decisions"]:
        if d["change"] != "SetFact":
            reason = d["because"] or d["rule"] or d["plugin"]
            more = f" ({d['reason']})" if d.get("reason") else ""
            lines.append(f"  {d['slot']} = {_value(d['value'])}: {d['verdict']}{more}; {reason}")
    lines += [f"  plugin {f['plugin']} failed: {f['text']}" for f in plan["failures"]]
    lines += [f"  {e['slot']}: {e['state']} {e['why']}".rstrip() for e in plan["effects"] if e["state"] != "done"]
    return "\n".join(lines)


def _value(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
