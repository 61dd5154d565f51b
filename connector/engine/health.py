"""Whether we can accept, and what somebody should look after."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from ..core.spelling import counted
from ..errors import StoreUnavailable
from .services import Services

OLD = timedelta(minutes=15)
NOTICES = {"gone": timedelta(days=1), "held": timedelta(hours=1)}


@dataclass(frozen=True, slots=True)
class Warning:
    """One thing that is not as it should be; `code` is stable, `text` says what to do about it.

    `detail` may quote a rule file, a plugin or the database: it is for those who may see the desk.
    """

    code: str
    text: str
    detail: str = ""


def ready(services: Services) -> tuple[bool, list[Warning]]:
    """Whether an event could be made durable now, and every warning; never raises."""
    try:
        services.store.ping()
    except StoreUnavailable as error:
        return False, [Warning("store", "the database cannot be written", str(error))]
    return True, list(_warnings(services))


def _warnings(services: Services) -> Iterator[Warning]:
    if problems := services.rules.problems:
        found = f"{counted(len(problems), 'problem')} in the rule files"
        yield Warning("rules", f"{found}, the last good rules are in force; see `pointsman check`", str(problems[0]))
    for problem in services.rules.current.warnings:
        yield Warning("rules_hint", "a hint about the rule files; see `pointsman check`", str(problem))
    if parked := services.store.inbox.count_parked():
        yield Warning(
            "parked",
            f"{counted(parked, 'event')} parked; see `pointsman parked`, then `pointsman replay ID`",
        )
    for name, why in services.host.quarantined().items():
        yield Warning("plugin", f"plugin {name} is quarantined; change its file to lift it", why)
    for info in services.host.info():
        if info.problem:
            yield Warning("plugin", f"plugin {info.name} could not be loaded", info.problem)
    yield from _trackers(services)
    depth = services.store.inbox.depth()
    if depth.oldest and services.clock() - depth.oldest > OLD:
        yield Warning("backlog", f"{depth.waiting} events wait, the oldest since {depth.oldest:%Y-%m-%d %H:%M} UTC")


def _trackers(services: Services) -> Iterator[Warning]:
    for name in services.trackers:
        if why := services.store.meta.get(f"unreachable/{name}"):
            yield Warning("tracker", f"{name} cannot be reached ({why}); events wait and are tried again")
    connected = set(services.trackers)
    for name in {name for file in services.rules.current.files for name in file.applies_to} - connected:
        yield Warning("tracker", f"a rule file applies to {name}, which is not connected")
    for code, span in NOTICES.items():
        yield from _noticed(services, code, span)


def notice(services: Services, code: str, text: str) -> None:
    """Have `text` stand among the warnings for a while (`NOTICES` says how long for each code)."""
    services.store.meta.set(f"notice/{code}", json.dumps({"at": services.clock().isoformat(), "text": text}))


def _noticed(services: Services, code: str, span: timedelta) -> Iterator[Warning]:
    if kept := services.store.meta.get(f"notice/{code}"):
        row = json.loads(kept)
        if services.clock() - datetime.fromisoformat(row["at"]) < span:
            yield Warning(code, row["text"])
