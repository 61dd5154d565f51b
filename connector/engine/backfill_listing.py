"""The list of a backfill's tickets, page by page into the store; the tracker's limits are waited for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice

from ..core.retry import LATER, LONGEST_AT_FIRST
from ..errors import TrackerError
from ..store import BackfillRow
from ..trackers import Listed, Tracker
from .backfill import BackfillRefused, Interrupted, Watch, again, cursor_of, progress_of, search_of
from .services import Services, watermark

PAGE = 100
MOST_TRIES = 8
"""In a row, without an answer: some five minutes. Being asked to wait is an answer."""


def read_list(services: Services, run: BackfillRow, watch: Watch) -> BackfillRow:
    """Keep every ticket that `run` is about, and have it ready to be asked for.

    Raise `TrackerError` for what waiting does not mend, `Interrupted` if the watch leaves; either can be resumed.
    """
    tries = 0
    while run.state == "listing":
        was = run.cursor
        try:
            run = _read_on(services, run, watch)
        except TrackerError as error:
            run = again(services, run)
            tries = 1 if run.cursor != was else tries + 1
            wait = _wait(error, tries)
            if wait is None:
                raise
            watch.step(run, progress_of(services, run, services.clock() + timedelta(seconds=wait)))
            if not watch.pause(wait):
                raise Interrupted("left while listing") from None
    return run


def _read_on(services: Services, run: BackfillRow, watch: Watch) -> BackfillRow:
    store = services.store.backfills
    tracker, most = services.trackers[run.tracker], run.options["limit"]
    for page in _pages(_old(services, tracker, run)):
        cursor = cursor_of(run)
        for one in page:
            cursor = cursor.moved(one.created)
        kept = store.add_page(run.id, (one.id for one in page), run.cursor, cursor.text(), most)
        if kept is None:
            raise BackfillRefused(f"run {run.id} was stopped, or another command goes on with it")
        run = kept
        watch.step(run, progress_of(services, run))
        if not watch.pause(0):
            raise Interrupted("left while listing")
        if most is not None and run.listed >= most:
            break
    store.move(run.id, ("listing",), "asking", run.by, {"tickets": run.listed})
    return again(services, run)


def _old(services: Services, tracker: Tracker, run: BackfillRow) -> Iterator[Listed]:
    """Those that are no news: what was created since the last reconcile, the next one finds as created."""
    text = services.store.meta.get(watermark(tracker.name))
    news = datetime.fromisoformat(text) if text else run.started_at
    for one in tracker.open_issues(search_of(run)):
        if one.created is None or one.created < news:
            yield one


def _pages(found: Iterable[Listed]) -> Iterator[list[Listed]]:
    rest = iter(found)
    while page := list(islice(rest, PAGE)):
        yield page


def _wait(error: TrackerError, tries: int) -> float | None:
    """Seconds until the list is tried again; None if that would not help."""
    if error.retry_after is not None:
        return max(1.0, min(error.retry_after, 6 * LATER))
    if error.permanent or error.status in (401, 403, 404) or tries > MOST_TRIES:
        return None
    return min(2.0**tries, LONGEST_AT_FIRST)
