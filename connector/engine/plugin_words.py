"""The plugins for people: what each offers, which rule files ask it, and how it does in every process."""

from __future__ import annotations

from dataclasses import dataclass

from ..hooks import Fact
from ..plugins_host import Condition, PluginInfo
from .presence import Process, processes, try_again
from .services import Services


@dataclass(frozen=True, slots=True)
class AskedBy:
    """A rule file that lists the plugin, as the `place`th of `of`."""

    file: str
    place: int
    of: int


@dataclass(frozen=True, slots=True)
class InProcess:
    """How the plugin does in one process; `process` is None for the one that tells, where none told of itself yet."""

    process: Process | None
    condition: Condition


@dataclass(frozen=True, slots=True)
class PluginWords:
    """One plugin. `problem` says why it could not be loaded; `help` is the docstring of its module."""

    name: str
    origin: str
    path: str
    digest: str
    hooks: tuple[str, ...]
    facts: tuple[Fact, ...]
    help: str
    problem: str
    asked_by: tuple[AskedBy, ...]
    conditions: tuple[InProcess, ...]

    @property
    def first_line(self) -> str:
        return self.help.strip().partition("\n")[0]

    @property
    def quarantined(self) -> bool:
        """Is it out of use in any process?"""
        return any(each.condition.quarantined for each in self.conditions)

    @property
    def failing(self) -> bool:
        """Did it fail when it was asked the last time, anywhere?"""
        return any(each.condition.in_a_row for each in self.conditions)

    @property
    def worst_row(self) -> int:
        """The longest row of failures in any process."""
        return max((each.condition.in_a_row for each in self.conditions), default=0)

    @property
    def calls(self) -> int:
        return sum(each.condition.calls for each in self.conditions)

    @property
    def average(self) -> float | None:
        """Seconds for one call over all processes; None if it was never asked."""
        spent = sum(each.condition.seconds for each in self.conditions)
        return spent / self.calls if self.calls else None

    @property
    def longest(self) -> float:
        return max((each.condition.longest for each in self.conditions), default=0.0)


def plugin_words(services: Services) -> tuple[PluginWords, ...]:
    """All plugins: those that rules ask in their order, then the others by name."""
    running = processes(services)
    found = [_words(services, info, running) for info in services.host.info()]
    return tuple(sorted(found, key=lambda each: (min((a.place for a in each.asked_by), default=999), each.name)))


def one_plugin(services: Services, name: str) -> PluginWords | None:
    """The plugin `name`; None if there is none."""
    return next((each for each in plugin_words(services) if each.name == name), None)


def ask_again(services: Services, name: str) -> bool:
    """End the quarantine of `name` in every process; False if it is in none."""
    found = one_plugin(services, name)
    if found is None or not found.quarantined or found.problem:
        return False
    try_again(services, name)
    services.host.health.lift(name)
    return True


def _words(services: Services, info: PluginInfo, running: tuple[Process, ...]) -> PluginWords:
    files = services.rules.current.files
    return PluginWords(
        name=info.name,
        origin=info.origin.value,
        path=info.path,
        digest=info.digest,
        hooks=info.hooks,
        facts=info.facts,
        help=info.help,
        problem=info.problem or "",
        asked_by=tuple(
            AskedBy(file.name, file.plugins.index(info.name) + 1, len(file.plugins))
            for file in files
            if info.name in file.plugins
        ),
        conditions=_conditions(services, info.name, running),
    )


def _conditions(services: Services, name: str, running: tuple[Process, ...]) -> tuple[InProcess, ...]:
    told = tuple(InProcess(each, each.plugins[name]) for each in running if name in each.plugins)
    if told or running:
        return told
    here = services.host.health.conditions.get(name)
    return (InProcess(None, here),) if here else ()
