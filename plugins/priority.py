"""Sets the priority: every signal that matches adds its score, and the sum picks the level.

    priority:
      levels: {urgent: 80, high: 50, normal: 20, low: 0}
      signals:
        - {id: tier-platinum, when: {customer.tier: platinum}, score: 30, because: "Platinum customer"}
        - {id: down-words, when: {text: {contains_any: [宕机, outage]}}, score: 25, because: "Text says: {hits}"}
      overrides:
        - {id: security, when: {labels: {has: security}}, at_least: urgent, because: "Security report"}
        - {id: free-cap, when: {customer.tier: free}, at_most: normal, because: "Free plan"}

A signal scores once, however many of its words occur. The level is the one with the highest
threshold not above the sum; below all of them, the one with the lowest. Then the first override
that matches lifts the level to `at_least` or lowers it to `at_most`. Without a section it has no
opinion.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from connector import Priority, SetPriority, Ticket, hookimpl, reason

Rule = Mapping[str, Any]

LEVELS: Mapping[str, float] = {"urgent": 80, "high": 50, "normal": 20, "low": 0}


@hookimpl
def propose(ticket: Ticket, rules: Any) -> Iterator[SetPriority]:
    if not rules or not (rules.get("signals") or rules.get("overrides")):
        return
    scored = [signal for signal in rules.get("signals") or () if signal["when"](ticket)]
    total = _number(sum(signal["score"] for signal in scored))
    level = _level(rules.get("levels") or LEVELS, total)
    ids = [signal["id"] for signal in scored]
    because = _sum_in_words(scored, total, ticket)

    override = _first(rules.get("overrides") or (), ticket)
    bounded = _within(level, override) if override else level
    if override and bounded is not level:
        ids.append(override["id"])
        because = f"{because}; {reason(override, ticket, override['id'])} ({_bounds(override)})"
    yield SetPriority(bounded, because=because, rule=ids[-1] if ids else "", rules=tuple(ids))


def _level(levels: Mapping[str, float], total: float) -> Priority:
    """The level with the highest threshold not above `total`, else the lowest; of equal ones the more urgent."""
    steps = sorted((threshold, Priority.of(word)) for word, threshold in levels.items())
    reached = [level for threshold, level in steps if threshold <= total]
    return reached[-1] if reached else steps[0][1]


def _first(overrides: Iterable[Rule], ticket: Ticket) -> Rule | None:
    return next((override for override in overrides if override["when"](ticket)), None)


def _within(level: Priority, override: Rule) -> Priority:
    if floor := override.get("at_least"):
        level = max(level, Priority.of(floor))
    if ceiling := override.get("at_most"):
        level = min(level, Priority.of(ceiling))
    return level


def _sum_in_words(scored: Sequence[Rule], total: float, ticket: Ticket) -> str:
    """`Platinum customer (+30); Production incident (+25) = 55`."""
    parts = [f"{reason(signal, ticket, signal['id'])} ({_number(signal['score']):+})" for signal in scored]
    return f"{'; '.join(parts) or 'no signal'} = {total}"


def _bounds(override: Rule) -> str:
    names = (("at_least", "at least"), ("at_most", "at most"))
    return ", ".join(f"{words} {override[key]}" for key, words in names if override.get(key))


def _number(value: float) -> float:
    """Without the noise of binary fractions: 0.1 + 0.2 is 0.3, and 25.0 is 25."""
    tidy = round(value, 6)
    return int(tidy) if tidy == int(tidy) else tidy
