"""Third-party plugins behind one process: who may be asked, whose fault a dead process is, and a fresh start."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from threading import Lock
from typing import Any, TypeVar

from ..errors import PluginError
from .ask import accepted
from .find import Source
from .load import LOAD
from .process import Died, NotStarted, Process, TooLate, Undelivered, Unsendable

LOAD_FACTOR = 5
"""Loading may take this many times the limit of a call: imports are slow the first time."""

T = TypeVar("T")


class Fatal(PluginError):
    """The plugin cost us the process: too slow, or crashed. It is not asked again until its file changes."""


class NotItsFault(PluginError):
    """The call failed for a reason that lies on our side; nothing is held against the plugin."""


class Sandbox:
    """Asks third-party plugins, one call at a time; whoever hangs or crashes the process is named.

    `seconds` limits one call, from the moment it is its turn. `blame(name, cause)` is told about a
    plugin that left a thread running which disturbed others.
    """

    def __init__(self, seconds: float, blame: Callable[[str, str], None]) -> None:
        self._seconds = seconds
        self._blame = blame
        self._lock = Lock()
        self._process: Process | None = None

    def load(self, source: Source) -> Mapping[str, Any]:
        """`help path digest wants facts` of the plugin; raises `PluginError`."""
        with self._lock:
            return self._fairly(source, LOAD, lambda process: self._loaded(process, source))

    def ask(self, source: Source, hook: str, arguments: Mapping[str, Any]) -> tuple[Any, ...]:
        """What the plugin yields, checked; raises `PluginError`, and `Fatal` when it cost us the process."""
        with self._lock:
            answer = self._fairly(source, hook, lambda process: self._answer(process, source, hook, arguments))
        return accepted(source.name, hook, answer)

    def restart(self) -> None:
        """Forget all that was loaded; the next call starts a fresh process."""
        with self._lock:
            self._stop()

    def _fairly(self, source: Source, hook: str, work: Callable[[Process], T]) -> T:
        """A plugin that fails beside threads which others left running is tried again without them."""
        try:
            return self._once(source, hook, work)
        except Fatal as failure:
            others = self._stop() - {source.name}
            if not others:
                raise
            answer = self._once(source, hook, work)
            self._accuse(others, f"left a thread running, which disturbed `{source.name}`: {failure.cause}")
            return answer

    def _once(self, source: Source, hook: str, work: Callable[[Process], T]) -> T:
        try:
            return work(self._running())
        except (TooLate, Died) as error:
            raise Fatal(source.name, hook, str(error)) from error
        except (NotStarted, Undelivered, Unsendable) as error:
            if isinstance(error, Undelivered):
                self._stop()
            raise NotItsFault(source.name, hook, str(error)) from error

    def _running(self) -> Process:
        if self._process is not None and not self._process.usable:
            died_here = self._process.ours
            lingering = self._stop()
            if died_here:
                self._accuse(lingering, "left a thread running, which ended the process between two calls")
        if self._process is None:
            self._process = Process()
        return self._process

    def _stop(self) -> set[str]:
        """Kill the process; the plugins that had left threads running in it."""
        if self._process is None:
            return set()
        lingering = self._process.lingering
        self._process.kill()
        self._process = None
        return lingering

    def _accuse(self, names: set[str], cause: str) -> None:
        for name in sorted(names):
            self._blame(name, cause)

    def _loaded(self, process: Process, source: Source) -> Mapping[str, Any]:
        answer = process.load(source, self._seconds * LOAD_FACTOR)
        if "raised" in answer:
            raise PluginError(source.name, LOAD, str(answer["raised"]))
        return answer

    def _answer(self, process: Process, source: Source, hook: str, arguments: Mapping[str, Any]) -> tuple[Any, ...]:
        if process.loaded.get(source.name) != source:
            self._loaded(process, source)
        answer = process.ask(source.name, hook, arguments, self._seconds)
        if "raised" in answer:
            raise PluginError(source.name, hook, str(answer["raised"]))
        values = answer.get("answer")
        if not isinstance(values, tuple):
            raise Died("it sent something that is no answer")
        return values
