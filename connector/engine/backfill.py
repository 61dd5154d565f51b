"""A backfill: existing open tickets are looked at because a person asks for it, in shadow unless they say live.

A run first lists its tickets, then asks, then works them through the inbox like anything else that happens. What it
has done is in the store after every step, so that it can be killed at any point and resumed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol, TypeAlias

from ..core.spelling import did_you_mean
from ..errors import PointsmanError
from ..plan import jsonable
from ..store import BackfillRow
from ..trackers import Search
from .services import Services

Mode: TypeAlias = Literal["shadow", "live"]
NO_ACTOR: Mapping[str, Any] = {}


class BackfillRefused(PointsmanError):
    """What was asked for cannot be done; the text says why, and what can."""


class Interrupted(PointsmanError):
    """The run was left where it is; it can be resumed."""


@dataclass(frozen=True, slots=True)
class Wish:
    """Which tickets a person wants looked at; without `projects` all that rule files apply to."""

    tracker: str
    projects: tuple[str, ...] = ()
    query: str = ""
    created_after: datetime | None = None
    created_before: datetime | None = None
    updated_after: datetime | None = None
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is, in tickets. `waits_until`: the tracker, or a retry, lets nothing happen before then."""

    listed: int = 0
    decided: int = 0
    written: int = 0
    failed: int = 0
    passed: int = 0
    waits_until: datetime | None = None

    @property
    def ended(self) -> int:
        return self.decided + self.failed + self.passed


class Watch(Protocol):
    """Who looks on: told of each step, and asked to wait."""

    def step(self, run: BackfillRow, progress: Progress) -> None: ...

    def pause(self, seconds: float) -> bool:
        """Let `seconds` pass; False if the run is to be left."""


@dataclass(frozen=True, slots=True)
class Reach:
    """One rule file that applies to a run's projects; `writes` only if both it and the run are live."""

    file: str
    mode: str
    projects: tuple[str, ...]
    writes: bool


@dataclass(frozen=True, slots=True)
class Preview:
    """What a run would touch, before it does."""

    run: BackfillRow
    tickets: int
    oldest: datetime | None
    files: tuple[Reach, ...]


def begin(services: Services, wish: Wish, mode: Mode, by: str) -> BackfillRow:
    """Start a run that has listed nothing yet; raise `BackfillRefused` where it could not come to anything."""
    if wish.tracker not in services.trackers:
        known = ", ".join(services.trackers)
        near = did_you_mean(wish.tracker, services.trackers)
        raise BackfillRefused(f"no tracker `{wish.tracker}` is connected{near}; connected: {known}")
    if services.rules.broken:
        raise BackfillRefused("no rule file could be loaded: see `pointsman check`")
    book = services.rules.current
    for project in wish.projects:
        if book.file_for(wish.tracker, project) is None:
            raise BackfillRefused(
                f"no rule file applies to {project} of {wish.tracker}: name it under `applies_to`, or leave it out"
            )
    projects = wish.projects or book.projects(wish.tracker)
    if not projects:
        raise BackfillRefused(f"no rule file applies to {wish.tracker}: name its projects under `applies_to`")
    options = {
        "projects": list(projects),
        "query": wish.query,
        "created_after": jsonable(wish.created_after),
        "created_before": jsonable(wish.created_before),
        "updated_after": jsonable(wish.updated_after),
        "limit": wish.limit,
    }
    return services.store.backfills.start(wish.tracker, options, mode, by)


def search_of(run: BackfillRow) -> Search:
    """What is still to be listed: a list that was broken off goes on where it was."""
    options = run.options
    after = max(filter(None, (_instant(options["created_after"]), cursor_of(run).at)), default=None)
    return Search(
        projects=tuple(options["projects"]),
        query=options["query"],
        created_after=after,
        created_before=_instant(options["created_before"]),
        updated_after=_instant(options["updated_after"]),
    )


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a list was read: when the last ticket of it was created; and the first."""

    at: datetime | None = None
    oldest: datetime | None = None

    def moved(self, created: datetime | None) -> Cursor:
        if created is None:
            return self
        return Cursor(max(self.at or created, created), min(self.oldest or created, created))

    def text(self) -> str:
        return json.dumps({"at": jsonable(self.at), "oldest": jsonable(self.oldest)})


def cursor_of(run: BackfillRow) -> Cursor:
    found = json.loads(run.cursor) if run.cursor else {}
    return Cursor(_instant(found.get("at")), _instant(found.get("oldest")))


def preview(services: Services, run: BackfillRow) -> Preview:
    """What `run` would touch by today's rules."""
    projects: dict[str, list[str]] = {}
    modes: dict[str, str] = {}
    for project in run.options["projects"]:
        if file := services.rules.current.file_for(run.tracker, project):
            projects.setdefault(file.path, []).append(project)
            modes[file.path] = file.mode
    files = tuple(
        Reach(path, modes[path], tuple(there), writes=run.mode == "live" == modes[path])
        for path, there in projects.items()
    )
    return Preview(run, run.listed, cursor_of(run).oldest, files)


def confirm(services: Services, run: BackfillRow, by: str, how: str) -> BackfillRow:
    """Somebody said that the rules may be applied to the tickets of `run`."""
    detail = {"tickets": run.listed, "mode": run.mode, "confirmed": how}
    services.store.backfills.move(run.id, ("asking",), "working", by, detail)
    return again(services, run)


def decline(services: Services, run: BackfillRow, by: str) -> BackfillRow:
    services.store.backfills.move(run.id, ("asking",), "declined", by, {"tickets": run.listed})
    return again(services, run)


def stop(services: Services, run: BackfillRow, by: str) -> bool:
    """End `run` for good: what is listed or lies in the inbox is passed over; False if it had ended."""
    return services.store.backfills.move(run.id, ("listing", "asking", "working"), "stopped", by, NO_ACTOR)


def again(services: Services, run: BackfillRow) -> BackfillRow:
    """`run` as it is by now."""
    found = services.store.backfills.get(run.id)
    assert found is not None
    return found


def progress_of(services: Services, run: BackfillRow, waits_until: datetime | None = None) -> Progress:
    counts = services.store.backfills.counts(run.id)
    return Progress(
        listed=sum(counts.values()),
        decided=counts.get("decided", 0),
        written=services.store.backfills.written(run.id) if run.mode == "live" else 0,
        failed=counts.get("failed", 0),
        passed=sum(counts.get(state, 0) for state in ("gone", "skipped", "discarded", "stopped")),
        waits_until=waits_until,
    )


def _instant(text: Any) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
