"""Whether we can accept, and what somebody should look after."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from ..core.spelling import counted
from ..errors import StoreUnavailable
from ..settings import Settings
from .notices import noticed
from .services import Services

OLD = timedelta(minutes=15)
REMEMBERED = 1.0
"""For how many seconds an answer of the write check counts: everybody may ask, and each check is a durable write."""


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing that is not as it should be; `code` is stable, `text` says what to do about it.

    `detail` may quote a rule file, a plugin or the database: it is for those who may see the desk.
    """

    code: str
    text: str
    detail: str = ""


class Health:
    """Answers for one process; thread-safe. `tick` gives seconds that never go back."""

    def __init__(self, services: Services, tick: Callable[[], float] = time.monotonic) -> None:
        self._services = services
        self._tick = tick
        self._lock = threading.Lock()
        self._checked: tuple[float, str | None] | None = None

    def ready(self) -> tuple[bool, list[Remark]]:
        """Whether an event could be made durable now, a second ago at most, and every remark; never raises."""
        trouble = self._trouble()
        if trouble is not None:
            return False, [_unwritable(trouble)]
        try:
            return True, list(_remarks(self._services))
        except StoreUnavailable as error:
            return False, [_unwritable(str(error))]

    def _trouble(self) -> str | None:
        """Why the database cannot be written, None if it can; who asks meanwhile waits for the one answer."""
        with self._lock:
            if self._checked is None or self._tick() - self._checked[0] >= REMEMBERED:
                trouble = _check(self._services)
                self._checked = (self._tick(), trouble)
            return self._checked[1]


def _check(services: Services) -> str | None:
    try:
        services.store.ping()
    except StoreUnavailable as error:
        return str(error)
    return None


def _unwritable(trouble: str) -> Remark:
    return Remark("store", "the database cannot be written", trouble)


def _remarks(services: Services) -> Iterator[Remark]:
    if problems := services.rules.problems:
        found = f"{counted(len(problems), 'problem')} in the rule files"
        yield Remark("rules", f"{found}, the last good rules are in force; see `pointsman check`", str(problems[0]))
    for problem in services.rules.current.warnings:
        yield Remark("rules_hint", "a hint about the rule files; see `pointsman check`", str(problem))
    if parked := services.store.inbox.count_parked():
        yield Remark(
            "parked",
            f"{counted(parked, 'event')} parked; see `pointsman parked`, then `pointsman replay ID`",
        )
    for name, why in services.host.quarantined().items():
        yield Remark("plugin", f"plugin {name} is quarantined; change its file to lift it", why)
    for info in services.host.info():
        if info.problem:
            yield Remark("plugin", f"plugin {info.name} could not be loaded", info.problem)
    yield from _trackers(services)
    for code, text in noticed(services):
        yield Remark(code, text)
    depth = services.store.inbox.depth()
    if depth.oldest and services.clock() - depth.oldest > OLD:
        yield Remark("backlog", f"{depth.waiting} events wait, the oldest since {depth.oldest:%Y-%m-%d %H:%M} UTC")
    yield from _settings(services.settings)


def _trackers(services: Services) -> Iterator[Remark]:
    for name in services.trackers:
        if why := services.store.meta.get(f"unreachable/{name}"):
            yield Remark("tracker", f"{name} cannot be reached ({why}); events wait and are tried again")
    connected = set(services.trackers)
    for name in {name for file in services.rules.current.files for name in file.applies_to} - connected:
        yield Remark("tracker", f"a rule file applies to {name}, which is not connected")


def _settings(settings: Settings) -> Iterator[Remark]:
    if settings.encryption_key:
        yield Remark(
            "settings", "POINTSMAN_ENCRYPTION_KEY has no effect yet: nothing is encrypted at rest; encrypt the disk"
        )
    if settings.public_url and not settings.console_token:
        yield Remark(
            "settings",
            "POINTSMAN_PUBLIC_URL is set without POINTSMAN_CONSOLE_TOKEN: a proxy on this host is let in as loopback,"
            " and with it whoever it serves; set POINTSMAN_CONSOLE_TOKEN",
        )
