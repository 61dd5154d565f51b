"""Whether we can accept, and what somebody should look after."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from .. import metrics
from ..core.spelling import counted
from ..errors import StoreUnavailable
from ..settings import Settings
from . import identity
from .doctor.findings import Level
from .doctor.kept import kept
from .notices import noticed
from .presence import processes
from .services import Services

OLD = timedelta(minutes=15)
NOTICED = {
    "gone": "a ticket is gone, or not visible to our account; does the account see its project?",
    "held": "a ticket was written too often, and is left alone for an hour; is another automation at work?",
}
"""What anybody may read of a notice; which ticket it is about is a detail."""
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
    yield from _quarantined(services)
    for info in services.host.info():
        if info.problem:
            yield Remark("plugin", f"plugin {info.name} could not be loaded", info.problem)
    yield from _trackers(services)
    yield from _examined(services)
    for code, text in noticed(services):
        yield Remark(code, NOTICED[code], text)
    depth = services.store.inbox.depth()
    if depth.oldest and services.clock() - depth.oldest > OLD:
        yield Remark("backlog", f"{depth.waiting} events wait, the oldest since {depth.oldest:%Y-%m-%d %H:%M} UTC")
    yield from _settings(services.settings)
    if trouble := metrics.trouble():
        yield Remark("metrics", "not all is counted; see the folder `metrics` in DATA_DIR", trouble)
    for text in identity.remarks(services):
        yield Remark("sign_in", text)


def _quarantined(services: Services) -> Iterator[Remark]:
    """Each plugin that is not asked any more, in this process or in another that works tickets."""
    own = services.host.quarantined()
    for name, why in own.items():
        yield Remark("plugin", f"plugin {name} is quarantined; change its file to lift it", why)
    told = {(name, each.id): condition for each in processes(services) for name, condition in each.plugins.items()}
    for (name, process), condition in told.items():
        if condition.quarantined and name not in own:
            text = f"plugin {name} is quarantined in another process; change its file, or try it again on its page"
            yield Remark("plugin", text, f"{process}: {condition.last_error}")


def _trackers(services: Services) -> Iterator[Remark]:
    for name in services.trackers:
        if why := services.store.meta.get(f"unreachable/{name}"):
            yield Remark("tracker", f"{name} cannot be reached; events wait and are tried again", why)
    connected = set(services.trackers)
    for name in {name for file in services.rules.current.files for name in file.applies_to} - connected:
        yield Remark("tracker", f"a rule file applies to {name}, which is not connected")


def _examined(services: Services) -> Iterator[Remark]:
    """What the last round of the doctor found: webhooks and tokens each by itself, the rest as a number."""
    for name in services.trackers:
        newest = kept(services.store, name)
        if newest is None or not newest.fresh(services.clock()):
            continue
        other = []
        for finding in newest.findings:
            if finding.level < Level.WARNING:
                continue
            said = f"{finding.text}; {finding.remedy}"
            if finding.code.startswith("hook_"):
                yield Remark(
                    "hook", f"a webhook of {name} needs a look ({finding.code}); see `pointsman doctor`", said
                )
            elif finding.code.startswith("token_"):
                yield Remark(
                    "token", f"the token of {name} needs a look ({finding.code}); see `pointsman doctor`", said
                )
            elif finding.level is Level.PROBLEM:
                other.append(said)
        if other:
            yield Remark("doctor", f"{counted(len(other), 'problem')} with {name}; see `pointsman doctor`", other[0])


def _settings(settings: Settings) -> Iterator[Remark]:
    if settings.encryption_key:
        yield Remark(
            "settings", "POINTSMAN_ENCRYPTION_KEY has no effect yet: nothing is encrypted at rest; encrypt the disk"
        )
    if settings.public_url and not identity.signs_in(settings):
        yield Remark(
            "settings",
            "POINTSMAN_PUBLIC_URL is set without POINTSMAN_CONSOLE_TOKEN: a proxy on this host is let in as loopback,"
            " and with it whoever it serves; set POINTSMAN_CONSOLE_TOKEN",
        )
