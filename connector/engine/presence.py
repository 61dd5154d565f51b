"""The processes of this installation: each tells the store that it runs, and how plugins and rules do in it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from ..frozen import EMPTY, FrozenDict
from ..plugins_host import Condition
from ..store import Store
from .services import Services

EVERY = timedelta(seconds=15)
SILENT = timedelta(minutes=1)
"""A process that has told nothing for so long is taken for ended."""
FORGOTTEN = timedelta(days=1)
MOST = 200
_PREFIX = "process/"


@dataclass(frozen=True, slots=True)
class Process:
    """One process: `role` is `all`, `web` or `worker`, `rules` the digest of the rules that it goes by.

    `seen` is when it last told of itself; `plugins` are the ones that it asked.
    """

    id: str
    host: str
    pid: int
    role: str
    started: datetime
    seen: datetime
    version: str = ""
    rules: str = ""
    problems: int = 0
    plugins: Mapping[str, Condition] = field(default=EMPTY)


class Presence:
    """Tells of one process; one thread of it calls `tell` again and again."""

    def __init__(self, services: Services, role: str, host: str, pid: int) -> None:
        self._services = services
        self._began = services.clock()
        self._role, self._host, self._pid = role, host, pid
        self.id = f"{host}/{pid}"
        self._told_at: datetime | None = None
        self._told_of: Any = None

    def now(self) -> Process:
        """This process as it is."""
        rules, health = self._services.rules, self._services.host.health
        return Process(
            self.id,
            self._host,
            self._pid,
            self._role,
            self._began,
            self._services.clock(),
            product_version(),
            rules.current.digest,
            len(rules.problems),
            FrozenDict(health.conditions),
        )

    def tell(self) -> bool:
        """Write it down, every `EVERY` and as soon as something changed that somebody waits for; whether it was."""
        self._try_again()
        said = self.now()
        urgent = (said.rules, said.problems, tuple(sorted(self._services.host.quarantined())))
        due = self._told_at is None or said.seen - self._told_at >= EVERY
        if not due and urgent == self._told_of:
            return False
        if self._told_at is None:
            forget_processes(self._services)
        tell_of(self._services.store, said)
        self._told_at, self._told_of = said.seen, urgent
        return True

    def leave(self) -> None:
        """Write down that it has ended."""
        self._services.store.meta.set(_PREFIX + self.id, "")

    def _try_again(self) -> None:
        """Lift the quarantines that somebody has asked to be lifted since they began."""
        host = self._services.host
        for name in host.quarantined():
            asked = self._services.store.meta.get(_retry(name))
            began = host.health.conditions[name].since
            if asked and began and datetime.fromisoformat(asked) >= began:
                host.health.lift(name)


def tell_of(store: Store, process: Process) -> None:
    """Have `process` stand among those that run, for a minute."""
    store.meta.set(_PREFIX + process.id, f"{_stamp(process.seen)} {_as_json(process)}")


def processes(services: Services) -> tuple[Process, ...]:
    """Those that run, by host and number."""
    return processes_of(services.store, services.clock())


def processes_of(store: Store, now: datetime) -> tuple[Process, ...]:
    """Those that run on one database, by host and number; for whoever has no services."""
    found = [_from_json(value) for value in store.meta.newest(_PREFIX, _stamp(now - SILENT), MOST)]
    return tuple(sorted(found, key=lambda process: (process.host, process.pid)))


def forget_processes(services: Services) -> None:
    """Remove what ended long ago."""
    services.store.meta.drop(_PREFIX, _stamp(services.clock() - FORGOTTEN))


def try_again(services: Services, plugin: str) -> None:
    """Have every process in which `plugin` is quarantined now ask it again, within a second or two."""
    services.store.meta.set(_retry(plugin), _stamp(services.clock()))


def product_version() -> str:
    """The version that is installed; '' where the program runs from a bare copy."""
    try:
        return version("pointsman")
    except PackageNotFoundError:
        return ""


def _retry(plugin: str) -> str:
    return f"plugin-retry/{plugin}"


def _stamp(at: datetime) -> str:
    return at.isoformat(timespec="microseconds")


def _as_json(process: Process) -> str:
    plain = {
        **{name: getattr(process, name) for name in ("id", "host", "pid", "role", "version", "rules", "problems")},
        "started": process.started,
        "seen": process.seen,
        "plugins": {name: asdict(condition) for name, condition in process.plugins.items()},
    }
    return json.dumps(plain, default=datetime.isoformat, ensure_ascii=False)


def _from_json(value: str) -> Process:
    told = json.loads(value.partition(" ")[2])
    plugins = {name: Condition(**_instants(row, "since", "last_at")) for name, row in told["plugins"].items()}
    return Process(**{**_instants(told, "started", "seen"), "plugins": FrozenDict(plugins)})


def _instants(row: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {**row, **{name: datetime.fromisoformat(row[name]) for name in names if row[name]}}
