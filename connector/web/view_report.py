"""The SLA report as its page shows it: of each metric a headline, a chart by week, one by group, and their tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from ..core.durations import show_duration
from ..core.sla_counting import Dimension
from ..core.sla_report import NONE, Group, Report, Times
from . import charts
from .charts import Chart
from .language import Texts
from .shown import shortened

NAME_SHOWN = 26


@dataclass(frozen=True, slots=True)
class GroupView:
    """One line of a table; everything in words. `business` and `calendar` are p50, p90 and p95."""

    name: str
    few: bool
    n: int
    attainment: str
    interval: str
    within: str
    business: tuple[str, str, str]
    calendar: tuple[str, str, str]
    missed: int
    late: int
    cancelled: int
    no_target: int


@dataclass(frozen=True, slots=True)
class MetricView:
    """One metric: all together, its weeks and its groups. A chart is None where it would show nothing."""

    metric: str
    total: GroupView
    breaches: int
    changed: int
    weeks: tuple[GroupView, ...]
    groups: tuple[GroupView, ...]
    by_week: Chart | None
    by_group: Chart | None
    weeks_left_out: int
    groups_left_out: int


def metric_views(found: Mapping[Dimension, Report], by: Dimension, t: Texts) -> Iterator[MetricView]:
    """Each metric of the report by `by` and of that by week."""
    report, weekly = found[by], found[Dimension.WEEK]
    for total in report.totals:
        groups = [group for group in report.groups if group.metric == total.metric]
        weeks = [group for group in weekly.groups if group.metric == total.metric]
        timed = [group for group in groups if group.business]
        yield MetricView(
            metric=total.metric,
            total=_view(total, by, t),
            breaches=total.breaches,
            changed=report.restated.changed.get(total.metric, 0) if report.restated else 0,
            weeks=tuple(_view(each, Dimension.WEEK, t) for each in weeks),
            groups=tuple(_view(each, by, t) for each in groups),
            by_week=charts.columns([_share(each, t) for each in weeks]) if total.n else None,
            by_group=charts.rows([_lengths(each, by, t) for each in timed]) if timed else None,
            weeks_left_out=max(0, len(weeks) - charts.MOST_COLUMNS),
            groups_left_out=max(0, len(timed) - charts.MOST_ROWS),
        )


def _view(group: Group, by: Dimension, t: Texts) -> GroupView:
    return GroupView(
        name=_name(group, by, t),
        few=group.few,
        n=group.n,
        attainment=_percent(group.attainment),
        interval=_between(group.interval),
        within=_percent(group.within_share),
        business=_times(group.business, t),
        calendar=_times(group.calendar, t),
        missed=group.missed,
        late=group.late,
        cancelled=group.cancelled,
        no_target=group.no_target,
    )


def _share(group: Group, t: Texts) -> charts.Share:
    week = (group.name or NONE).partition("-")[2]
    below = t("report.n", n=group.n)
    return charts.Share(week, _percent(group.attainment), below, group.attainment, group.interval, group.few)


def _lengths(group: Group, by: Dimension, t: Texts) -> charts.Lengths:
    times, shown = group.business, _times(group.business, t)
    first, second = (times.p50, times.p90) if times else (0, 0)
    name = shortened(_name(group, by, t), NAME_SHOWN)
    return charts.Lengths(name, t("report.n", n=group.n), (first, shown[0]), (second, shown[1]), group.few)


def _name(group: Group, by: Dimension, t: Texts) -> str:
    if group.name is None:
        return NONE
    return t.word("priority", group.name) if by is Dimension.PRIORITY else group.name


def _times(times: Times | None, t: Texts) -> tuple[str, str, str]:
    if times is None:
        return NONE, NONE, NONE
    p50, p90, p95 = (show_duration(timedelta(seconds=each), t.language) for each in (times.p50, times.p90, times.p95))
    return p50, p90, p95


def _percent(share: float | None) -> str:
    return NONE if share is None else f"{100 * share:.1f}".removesuffix(".0") + "%"


def _between(interval: tuple[float, float] | None) -> str:
    return NONE if interval is None else f"{100 * interval[0]:.0f}–{100 * interval[1]:.0f}%"
