"""`PluginHost`: every plugin by name, asked alone, under a time limit, with its failures kept to itself."""

from __future__ import annotations

import logging
import time
import weakref
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from threading import Lock
from typing import Any

from .. import traces
from ..changes import Change, SetFact
from ..desk import Desk
from ..errors import PluginError
from ..frozen import EMPTY
from ..hooks import HOOKS, Fact
from ..messages import Draft, Message
from ..model import Event, Ticket
from ..plan import Plan
from .ask import accepted, ask
from .clock import Clock
from .find import Source, installed
from .health import Health, utc
from .info import Origin, PluginInfo
from .load import LOAD, Loaded, load
from .lookups import Lookups
from .sandbox import LOAD_FACTOR, Fatal, NotItsFault, Sandbox
from .shelf import Entry, Shelf, entry_of

_log = logging.getLogger("pointsman.plugins")


class PluginHost:
    """Built-in plugins run here, all others in one process of their own; see `docs/decisions/` on isolation.

    `builtin` is the folder of the shipped plugins, in which an admin may drop further ones; `extra`
    is a second folder for those. `seconds` limits one call of one hook; `tick` measures it. `health` tells how they
    do in this process. Thread-safe.
    """

    def __init__(
        self,
        builtin: Path,
        extra: Path | None = None,
        *,
        seconds: float = 2.0,
        entry_points: bool = True,
        tick: Callable[[], float] = time.monotonic,
        clock: Callable[[], datetime] = utc,
    ) -> None:
        self._seconds = seconds
        self._tick = tick
        self._clock = Clock()
        self.health = Health(clock)
        self._fatal: dict[str, str] = {}
        self._lookups = Lookups()
        self._sandbox = Sandbox(seconds, self.health.quarantine)
        self._shelf = Shelf(builtin, extra, installed() if entry_points else (), self._load)
        self._lock = Lock()
        self.close = weakref.finalize(self, _close, self._clock, self._sandbox)
        self.refresh()

    def refresh(self) -> bool:
        """Pick up files that were added, changed or removed; True if any were. A changed file is asked again."""
        if not self._shelf.stale():
            return False
        with self._lock:
            self._fatal.clear()
            changed = self._shelf.reread(lambda _: self._sandbox.restart())
            self._clean_slate(changed)
        if changed:
            _log.info("plugins_loaded", extra={"changed": sorted(changed)})
        return bool(changed)

    def names(self) -> frozenset[str]:
        """Every plugin that was found, those with a problem included."""
        return frozenset(self._shelf.entries)

    def facts(self, name: str) -> tuple[Fact, ...]:
        """The facts that it says it sets; () for an unknown plugin."""
        entry = self._shelf.entries.get(name)
        return entry.info.facts if entry else ()

    def problem(self, name: str) -> str | None:
        """Why it could not be loaded: place, cause, remedy; None for a healthy or unknown plugin."""
        return self._shelf.problem(name)

    def digest(self, name: str) -> str:
        """SHA-256 (hex) of its source; '' for an unknown plugin."""
        entry = self._shelf.entries.get(name)
        return entry.info.digest if entry else ""

    def info(self) -> tuple[PluginInfo, ...]:
        """All plugins, by name."""
        why = self.health.quarantined
        return tuple(replace(info, quarantined=why.get(info.name)) for info in self._shelf.infos())

    def has(self, name: str, hook: str) -> bool:
        """Whether the plugin implements `hook`."""
        entry = self._shelf.entries.get(name)
        return entry is not None and hook in entry.wants

    def quarantined(self) -> Mapping[str, str]:
        """Plugin → why it is not asked any more."""
        return self.health.quarantined

    def check_rules(self, name: str, section: Any) -> tuple[str, ...]:
        """One sentence per mistake in its section; a check that fails is itself a mistake to show."""
        if name not in self._shelf.entries or self.problem(name) or self.health.why_not(name):
            return ()  # shown elsewhere; a plugin that is not asked must not keep rules from being loaded
        try:
            return self._ask(name, "check_rules", {"rules": section})
        except PluginError as error:
            return (f"plugin `{name}` could not check this section: {error.cause}",)

    def propose(
        self, name: str, *, event: Event, ticket: Ticket, desk: Desk, rules: Any, now: datetime
    ) -> tuple[Change, ...]:
        """What it wants to change; raises `PluginError`."""
        given = {"event": event, "ticket": ticket, "desk": desk, "rules": rules, "now": now}
        return self._ask(name, "propose", given)

    def enrich(self, name: str, *, ticket: Ticket, rules: Any) -> tuple[SetFact, ...]:
        """Facts from outside; when the look-up fails, those found before, else raises `PluginError`."""
        if not self.has(name, "enrich"):
            return self._ask(name, "enrich", {})
        given = {"ticket": ticket, "rules": rules}
        return self._lookups.facts(name, self.digest(name), ticket, rules, lambda: self._ask(name, "enrich", given))

    def draft(self, name: str, *, message: Message, rules: Any) -> Draft | None:
        """The issue it makes of a message, None for no opinion; raises `PluginError`."""
        drafts = self._ask(name, "draft", {"message": message, "rules": rules})
        return drafts[0] if drafts else None

    def applied(self, name: str, *, event: Event, ticket: Ticket, plan: Plan) -> None:
        """Tell it that a plan was written back; raises `PluginError`."""
        self._ask(name, "applied", {"event": event, "ticket": ticket, "plan": plan})

    def _ask(self, name: str, hook: str, given: Mapping[str, Any]) -> tuple[Any, ...]:
        entry = self._entry(name, hook)
        if hook not in entry.wants:
            return ()
        arguments = {key: given[key] for key in entry.wants[hook]}
        try:
            answer = self._timed(entry, hook, arguments)
        except NotItsFault as error:
            raise PluginError(name, hook, error.cause) from error
        except Fatal as error:
            if self._is_current(entry):
                self.health.quarantine(name, f"{hook}: {error.cause}")
            raise PluginError(name, hook, error.cause) from error
        except PluginError as error:
            # A check judges what somebody is just typing: failing on that is no illness.
            if hook != "check_rules" and self._is_current(entry):
                self.health.failed(name, hook, error.cause)
            raise
        self.health.worked(name, hook)
        return answer

    def _entry(self, name: str, hook: str) -> Entry:
        entry = self._shelf.entries.get(name)
        if entry is None:
            near = get_close_matches(name, self._shelf.entries, n=1)
            hint = f" (did you mean `{near[0]}`?)" if near else ""
            raise PluginError(name, hook, f"there is no plugin `{name}`{hint}")
        if entry.info.problem:
            raise PluginError(name, hook, f"could not be loaded: {entry.info.problem}")
        if why := self.health.why_not(name):
            raise PluginError(name, hook, f"quarantined until its file changes: {why}")
        return entry

    def _timed(self, entry: Entry, hook: str, arguments: Mapping[str, Any]) -> tuple[Any, ...]:
        began = self._tick()
        try:
            with traces.span("plugin", plugin=entry.source.name, hook=hook):
                return self._asked(entry, hook, arguments)
        finally:
            self.health.took(entry.source.name, self._tick() - began)

    def _asked(self, entry: Entry, hook: str, arguments: Mapping[str, Any]) -> tuple[Any, ...]:
        plugin = entry.here
        if plugin is None:
            return _lawful(entry.source.name, hook, self._sandbox.ask(entry.source, hook, arguments))
        try:
            return self._clock.within(self._seconds, lambda: ask(plugin, hook, arguments))
        except TimeoutError:
            raise PluginError(plugin.name, hook, f"took longer than {self._seconds:g} s") from None

    def _load(self, source: Source) -> Entry:
        if source.origin is Origin.BUILTIN:
            return self._load_here(source)
        try:
            told = self._sandbox.load(source)
        except Fatal as error:
            self._fatal[source.name] = f"{LOAD}: {error.cause}"
            raise
        return _described(source, told)

    def _load_here(self, source: Source) -> Entry:
        try:
            plugin, facts = self._clock.within(self._seconds * LOAD_FACTOR, lambda: _with_facts(load(source)))
        except TimeoutError:
            raise PluginError(source.name, LOAD, "took too long to load") from None
        return entry_of(source, plugin, facts, here=True)

    def _is_current(self, entry: Entry) -> bool:
        """False if its file has changed since it was asked: what the old code did is not held against the new."""
        return self._shelf.entries.get(entry.source.name) is entry

    def _clean_slate(self, changed: Iterable[str]) -> None:
        """What has changed is asked again. Not before it is there: calls go on while files are read."""
        for name in changed:
            self.health.lift(name)
        for name, cause in self._fatal.items():
            self.health.quarantine(name, cause)


def _close(clock: Clock, sandbox: Sandbox) -> None:
    clock.close()
    sandbox.restart()


def _with_facts(plugin: Loaded) -> tuple[Loaded, tuple[Fact, ...]]:
    return plugin, ask(plugin, "facts", EMPTY)


def _described(source: Source, told: Mapping[str, Any]) -> Entry:
    """What the plugin process says of a plugin, believed only as far as it has the right shape."""
    try:
        wants = {str(hook): frozenset(map(str, names)) & set(HOOKS[hook]) for hook, names in told["wants"].items()}
        facts = accepted(source.name, "facts", tuple(told["facts"]))
        text, path, digest = (str(told[key]) for key in ("help", "path", "digest"))
    except (LookupError, TypeError, AttributeError) as error:
        raise PluginError(source.name, LOAD, "it sent something that is no description") from error
    return entry_of(source, Loaded(source.name, path, digest, text, wants, None), facts, here=False)


def _lawful(name: str, hook: str, changes: tuple[Any, ...]) -> tuple[Any, ...]:
    """Only commands speak for a person: no other plugin may order in their name, or release what they hold."""
    for change in changes:
        if getattr(change, "by", ""):
            raise PluginError(name, hook, f"{type(change).__name__}.by is for people's commands: leave it out")
        if isinstance(change, SetFact) and change.name.startswith("released."):
            raise PluginError(name, hook, "`released.…` facts are for people's commands: choose another name")
    return changes
