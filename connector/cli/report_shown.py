"""The SLA report as a table that a terminal of 100 columns holds."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from datetime import timedelta

from ..core.durations import show_duration
from ..core.instants import moment_of
from ..core.sla_counting import Span
from ..core.sla_report import FEW, NONE, Group, Report, Times
from ..core.spelling import counted

HEADS = ("n", "met", "95 %", "within", "p50", "p90", "p95", "p50", "p90", "p95", "missed", "open")
WIDTHS = (6, 7, 8, 7, 7, 7, 7, 7, 7, 7, 7, 5)
NAME = 16
NOTHING = """Nothing was finished or late in that time. Next:
  an earlier --from, or fewer filters;
  pointsman check                    tells whether a rule file has `sla` policies that load
  pointsman backfill --tracker NAME  takes up tickets from before"""


def report_lines(found: Report) -> Iterator[str]:
    """The head line says which report it is; then a table for each metric."""
    yield f"SLA report, {shown_span(found.span)}, by {found.by}, {_kind(found)}"
    if found.restated:
        yield from _differs(found)
    if not found.totals:
        yield NOTHING
        return
    for total in found.totals:
        groups = [group for group in found.groups if group.metric == total.metric]
        yield ""
        yield f"{total.metric}{_apart(total)}"
        yield f"{'':{NAME + WIDTHS[0] + WIDTHS[1] + WIDTHS[2] + WIDTHS[3]}}{'business time':>21}{'calendar time':>21}"
        yield _line(found.by, HEADS)
        for group in groups:
            yield _line(NONE if group.name is None else group.name, _cells(group))
        if len(groups) != 1:
            yield _line("all", _cells(total))
    if any(group.few for group in found.groups):
        yield ""
        yield f"* fewer than {FEW} finished: the shares say little"


def shown_span(span: Span) -> str:
    """`2026-03-02 to 2026-03-29 (UTC)`, to the minute where it is no whole day."""
    end = moment_of(span.until)
    last = f"{end - timedelta(days=1):%Y-%m-%d}" if span.until % 86_400 == 0 else f"{end:%Y-%m-%d %H:%M}"
    begin = moment_of(span.since)
    first = f"{begin:%Y-%m-%d}" if span.since % 86_400 == 0 else f"{begin:%Y-%m-%d %H:%M}"
    return f"{first} to {last} (UTC)"


def _kind(found: Report) -> str:
    return "RESTATED by the rules of today: this is not what was judged" if found.restated else "as judged"


def _differs(found: Report) -> Iterator[str]:
    restated = found.restated
    if restated is None:
        return
    each = ", ".join(f"{metric} {n}" for metric, n in restated.changed.items() if n)
    yield f"{counted(restated.tickets, 'ticket')} judged anew; other verdicts than as judged: {each or 'none'}"
    if restated.unjudged:
        yield f"{counted(restated.unjudged, 'ticket')} left out: nothing is kept of their past"


def _apart(total: Group) -> str:
    told = [(total.cancelled, "cancelled"), (total.no_target, "without a target")]
    apart = ", ".join(f"{n} {what}" for n, what in told if n)
    return f" ({apart}, not counted below)" if apart else ""


def _cells(group: Group) -> Sequence[str]:
    low, high = group.interval or (None, None)
    between = f"{100 * low:.0f}–{100 * high:.0f}" if low is not None and high is not None else NONE
    return (
        f"{group.n}{'*' if group.few else ''}",
        _share(group.attainment),
        between,
        _share(group.within_share),
        *_times(group.business),
        *_times(group.calendar),
        str(group.missed),
        str(group.late),
    )


def _times(times: Times | None) -> Sequence[str]:
    if times is None:
        return (NONE,) * 3
    # Of very long ones the days say enough, and fit.
    lengths = [timedelta(seconds=each) for each in (times.p50, times.p90, times.p95)]
    return [show_duration(length, units=2 if length.days < 100 else 1) for length in lengths]


def _share(share: float | None) -> str:
    return NONE if share is None else f"{100 * share:.1f}%"


def _line(name: str, cells: Sequence[str]) -> str:
    return _fitted(name) + "".join(f"{cell:>{width}}" for cell, width in zip(cells, WIDTHS, strict=True))


def _fitted(name: str) -> str:
    """`name` in so many columns; Chinese takes two for each sign."""
    shown = " ".join(name.split())
    while _width(shown) > NAME - 1:
        shown = shown.removesuffix("…")[:-1] + "…"
    return shown + " " * (NAME - _width(shown))


def _width(text: str) -> int:
    wide = sum(unicodedata.east_asian_width(sign) in "WF" for sign in text)
    return len(text) + wide - sum(unicodedata.combining(sign) > 0 for sign in text)
