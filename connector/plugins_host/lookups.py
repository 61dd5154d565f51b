"""Remembers what `enrich` found, so that a burst of events asks outside once, and an outage blanks nothing."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from threading import Lock
from time import monotonic
from typing import Any, TypeAlias

from ..changes import SetFact
from ..errors import PluginError
from ..model import Ticket

FRESH = 300.0
"""Seconds for which an answer is not asked for again."""
STALE = 86_400.0
"""Seconds for which an old answer is better than none."""
KEPT = 10_000

Key: TypeAlias = tuple[str, str, str, str, str]


@dataclass(frozen=True, slots=True)
class _Found:
    facts: tuple[SetFact, ...]
    rules: Any
    at: float


class Lookups:
    """Answers of `enrich` per plugin and ticket; a new requester, section or plugin file asks anew. Thread-safe."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._lock = Lock()
        self._found: OrderedDict[Key, _Found] = OrderedDict()

    def facts(
        self, plugin: str, digest: str, ticket: Ticket, rules: Any, look: Callable[[], tuple[SetFact, ...]]
    ) -> tuple[SetFact, ...]:
        """What was found lately, else what `look` finds; when it raises `PluginError`, what was found before."""
        key = (plugin, digest, ticket.tracker, ticket.id or ticket.key, ticket.requester.email)
        known = self._known(key, rules)
        if known and self._clock() - known.at < FRESH:
            return known.facts
        try:
            facts = look()
        except PluginError:
            if known is None:
                raise
            return tuple(_aged(fact, self._clock() - known.at) for fact in known.facts)
        self._keep(key, _Found(facts, rules, self._clock()))
        return facts

    def _known(self, key: Key, rules: Any) -> _Found | None:
        with self._lock:
            found = self._found.get(key)
        if found is None or self._clock() - found.at > STALE:
            return None
        return found if found.rules is rules or found.rules == rules else None

    def _keep(self, key: Key, found: _Found) -> None:
        with self._lock:
            self._found[key] = found
            self._found.move_to_end(key)
            while len(self._found) > KEPT:
                self._found.popitem(last=False)


def _aged(fact: SetFact, seconds: float) -> SetFact:
    """The record says that the look-up fails and how old the answer is."""
    note = f"found {seconds / 60:.0f} min ago, the look-up fails now"
    return replace(fact, because=f"{fact.because} ({note})" if fact.because else note)
