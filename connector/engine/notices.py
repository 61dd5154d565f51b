"""What happened to a ticket and somebody should know of, kept for a while: one notice for each ticket and code."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from .services import Services

KEPT = {"gone": timedelta(days=1), "held": timedelta(hours=1)}
MOST_SHOWN = 20


def notice(services: Services, code: str, lane: str, text: str) -> None:
    """Have `text` about the ticket of `lane` stand among the warnings (`KEPT` says how long for each code)."""
    services.store.meta.set(f"notice/{code}/{lane}", f"{_stamp(services.clock())} {text}")


def noticed(services: Services) -> Iterator[tuple[str, str]]:
    """Code and text of what is still worth showing, of each code the newest and how many more there are."""
    now = services.clock()
    for code, span in KEPT.items():
        prefix, since = f"notice/{code}/", _stamp(now - span)
        newest = services.store.meta.newest(prefix, since, MOST_SHOWN)
        for value in newest:
            yield code, value.partition(" ")[2]
        if len(newest) == MOST_SHOWN and (more := services.store.meta.count(prefix, since) - MOST_SHOWN) > 0:
            yield code, f"and {more} more"


def lanes_noticed(services: Services, code: str, lanes: Iterable[str]) -> set[str]:
    """Those of `lanes` for whose tickets a notice with `code` stands."""
    prefix, since = f"notice/{code}/", _stamp(services.clock() - KEPT[code])
    found = services.store.meta.among((prefix + lane for lane in lanes), since)
    return {key.removeprefix(prefix) for key in found}


def forget_notices(services: Services) -> None:
    """Remove those that are not shown any more."""
    now = services.clock()
    for code, span in KEPT.items():
        services.store.meta.drop(f"notice/{code}/", _stamp(now - span))


def _stamp(at: datetime) -> str:
    """Of one length whatever the time, so that texts sort as times do."""
    return at.isoformat(timespec="microseconds")
