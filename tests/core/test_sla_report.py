"""The SLA report: every figure by its definition, against one that is counted the slow way."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.core.instants import moment_of, seconds_of
from connector.core.shares import nearest_rank, wilson
from connector.core.sla_counting import Dimension, Judged, Span, Verdict, group_of, verdict
from connector.core.sla_report import Group, Tally, Times, sla_report

SPAN = Span(seconds_of("2026-03-02T00:00:00Z"), seconds_of("2026-03-30T00:00:00Z"))
HOUR = 3600


def at(text: str) -> int:
    return seconds_of(f"2026-{text}Z")


def a_cycle(stopped: str | None = "03-10T12:00:00", state: str = "met", **more: Any) -> Judged:
    stopped_at = at(stopped) if stopped else None
    given = {"started_at": at("03-01T00:00:00"), "goal_s": 8 * HOUR, "elapsed_s": HOUR, "policy": "premium"}
    return Judged("resolution", state, stopped_at=stopped_at, **{**given, **more})


def total(*cycles: Judged) -> Group:
    (found,) = sla_report(cycles, SPAN, Dimension.POLICY).totals
    return found


# What counts.


@pytest.mark.parametrize(
    ("cycle", "counts"),
    [
        (a_cycle("03-02T00:00:00"), Verdict.MET),
        (a_cycle("03-29T23:59:59", "missed"), Verdict.MISSED),
        (a_cycle("03-01T23:59:59"), None),
        (a_cycle("03-30T00:00:00"), None),
        (a_cycle("03-10T12:00:00", "cancelled"), Verdict.CANCELLED),
        (a_cycle("03-10T12:00:00", goal_s=None), Verdict.NO_TARGET),
        (a_cycle("03-10T12:00:00", "missed", goal_s=None), Verdict.MISSED),
        (a_cycle(None, "running"), None),
        (a_cycle(None, "running", late_at=at("03-20T00:00:00")), Verdict.LATE),
        (a_cycle(None, "paused", late_at=at("03-20T00:00:00")), Verdict.LATE),
        (a_cycle(None, "running", late_at=at("03-30T00:00:00")), None),
        (a_cycle(None, "running", late_at=at("03-01T00:00:00")), None),
    ],
)
def test_a_cycle_counts_by_when_it_stopped_or_by_when_it_was_late(cycle: Judged, counts: Verdict | None) -> None:
    assert verdict(cycle, SPAN) is counts


def test_what_stopped_after_the_span_was_open_at_its_end() -> None:
    late = a_cycle("04-02T00:00:00", "missed", late_at=at("03-20T00:00:00"))
    assert verdict(late, SPAN) is Verdict.LATE
    assert verdict(late._replace(late_at=at("04-01T00:00:00")), SPAN) is None
    assert verdict(late, Span(SPAN.until, at("04-27T00:00:00"))) is Verdict.MISSED


def test_breaches_are_those_finished_late_and_those_still_open() -> None:
    open_ = a_cycle(None, "running", late_at=at("03-20T00:00:00"))
    found = total(a_cycle(), a_cycle(state="missed"), a_cycle(state="missed"), open_)
    assert (found.n, found.met, found.missed, found.late, found.breaches) == (3, 1, 2, 1, 3)
    assert found.attainment == pytest.approx(1 / 3)


def test_what_was_cancelled_or_promised_nothing_counts_apart() -> None:
    found = total(a_cycle(), a_cycle(state="cancelled"), a_cycle(goal_s=None, elapsed_s=0))
    assert (found.n, found.cancelled, found.no_target, found.attainment) == (1, 1, 1, 1.0)
    assert found.business == Times(HOUR, HOUR, HOUR)


def test_a_breach_that_a_later_target_forgave_is_within_it_and_missed() -> None:
    found = total(a_cycle(state="missed", elapsed_s=2 * HOUR, goal_s=8 * HOUR), a_cycle(elapsed_s=8 * HOUR))
    assert (found.attainment, found.within_share) == (0.5, 1.0)


def test_a_group_without_a_finished_cycle_has_no_shares() -> None:
    found = total(a_cycle(state="cancelled"))
    assert (found.n, found.few, found.attainment, found.interval, found.within_share) == (0, True, None, None, None)
    assert (found.business, found.calendar) == (None, None)


def test_nothing_gives_an_empty_report() -> None:
    found = sla_report([a_cycle("01-10T00:00:00")], SPAN, Dimension.WEEK)
    assert (found.groups, found.totals) == ((), ())


def test_fewer_than_five_are_marked_and_not_hidden() -> None:
    assert [total(*[a_cycle()] * n).few for n in (1, 4, 5)] == [True, True, False]


# Groups.


def names(by: Dimension, *cycles: Judged) -> list[str | None]:
    return [group.name for group in sla_report(cycles, SPAN, by).groups]


def test_priorities_go_from_urgent_to_none_and_what_has_no_value_comes_last() -> None:
    given = [a_cycle(priority=word) for word in ("none", "low", None, "urgent", "high", "made-up")]
    assert names(Dimension.PRIORITY, *given) == ["urgent", "high", "low", "none", "made-up", None]


@pytest.mark.parametrize("by", ["policy", "tier", "channel", "team"])
def test_other_groups_go_by_name_and_what_is_empty_has_no_value(by: str) -> None:
    given = [a_cycle(**{by: name}) for name in ("zeta", "Alpha", "", None, "支付")]
    assert names(Dimension(by), *given) == ["Alpha", "zeta", "支付", None]


def test_metrics_come_in_the_order_of_the_specification() -> None:
    given = [a_cycle()._replace(metric=name) for name in ("resolution", "custom", "first_response")]
    found = sla_report(given, SPAN, Dimension.POLICY)
    assert [group.metric for group in found.groups] == ["first_response", "resolution", "custom"]
    assert [group.metric for group in found.totals] == ["first_response", "resolution", "custom"]


@pytest.mark.parametrize(
    ("instant", "zone", "week"),
    [
        ("2026-03-08T23:59:59Z", None, "2026-W10"),
        ("2026-03-08T15:59:59Z", "Asia/Shanghai", "2026-W10"),
        ("2026-03-08T16:00:00Z", "Asia/Shanghai", "2026-W11"),
        ("2026-03-09T06:59:59Z", "America/Los_Angeles", "2026-W10"),
        ("2026-03-08T18:14:59Z", "Asia/Kathmandu", "2026-W10"),
        ("2026-03-08T18:15:00Z", "Asia/Kathmandu", "2026-W11"),
        ("2027-01-03T23:00:00Z", "UTC", "2026-W53"),
        ("2024-12-30T00:00:00Z", "UTC", "2025-W01"),
    ],
)
def test_a_week_is_the_iso_week_in_the_zone_that_counted(instant: str, zone: str | None, week: str) -> None:
    stopped = Judged("resolution", "met", 0, stopped_at=seconds_of(instant), zone=zone)
    assert group_of(stopped, Dimension.WEEK, Verdict.MET) == week
    late = Judged("resolution", "running", 0, late_at=seconds_of(instant), zone=zone)
    assert group_of(late, Dimension.WEEK, Verdict.LATE) == week


# Statistics.


@pytest.mark.parametrize(
    ("sample", "percent", "value"),
    [
        *(([7], 50, 7), ([1, 2], 50, 1), ([1, 2, 3], 50, 2), ([1, 2], 95, 2)),
        *((range(1, 11), 90, 9), (range(1, 12), 90, 10), (range(1, 21), 95, 19), (range(1, 22), 95, 20)),
    ],
)
def test_a_percentile_is_one_of_the_sample(sample: list[int], percent: int, value: int) -> None:
    assert nearest_rank(list(sample), percent) == value


@given(st.lists(st.integers(0, 50), min_size=1), st.sampled_from([50, 90, 95]))
def test_a_percentile_is_the_smallest_that_so_many_do_not_exceed(sample: list[int], percent: int) -> None:
    enough = [x for x in sample if Fraction(sum(y <= x for y in sample), len(sample)) >= Fraction(percent, 100)]
    assert nearest_rank(sorted(sample), percent) == min(enough)


@pytest.mark.parametrize(
    ("part", "n", "low", "high"),
    # As tables of the score interval without correction for continuity have them.
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_the_interval_is_that_of_wilson(part: int, n: int, low: float, high: float) -> None:
    found = wilson(part, n)
    assert found is not None
    assert found == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))
    assert wilson(n - part, n) == (pytest.approx(1 - high, abs=5e-5), pytest.approx(1 - low, abs=5e-5))


@given(st.integers(0, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_interval_is_where_the_seen_share_would_not_surprise(given_: tuple[int, int]) -> None:
    """By definition: at its ends the seen share is z standard errors away."""
    part, n = given_
    if n == 0:
        assert wilson(part, n) is None
        return
    low, high = wilson(part, n) or (2, -1)
    assert 0 <= low <= part / n <= high <= 1
    for end in (low, high):
        if 0 < end < 1:
            assert (part / n - end) ** 2 == pytest.approx(1.959964**2 * end * (1 - end) / n, rel=1e-5, abs=1e-12)


# The whole, against the slow way.

ZONES = (None, "UTC", "Asia/Shanghai", "America/New_York")
MAYBE = st.none() | st.sampled_from(["", "gold", "silver"])


@st.composite
def cycles(draw: st.DrawFn) -> Judged:
    start = draw(st.integers(SPAN.since - 400_000, SPAN.until + 100_000))
    open_ = draw(st.booleans())
    states = ["running", "paused", "inactive"] if open_ else ["met", "missed", "cancelled"]
    after = st.integers(start, SPAN.until + 400_000)
    return Judged(
        draw(st.sampled_from(["first_response", "resolution"])),
        draw(st.sampled_from(states)),
        start,
        None if open_ else draw(after),
        draw(st.none() | after),
        draw(st.none() | st.integers(1, 50)),
        draw(st.integers(0, 100)),
        draw(st.sampled_from(ZONES)),
        priority=draw(st.sampled_from(["urgent", "none", None])),
        tier=draw(MAYBE),
        team=draw(MAYBE),
    )


def naive(given: list[Judged], by: str) -> dict[tuple[str, str | None], dict[str, Any]]:
    """Every figure in words of the documentation, group by group, each time from all cycles."""
    found: dict[tuple[str, str | None], list[tuple[str, Judged]]] = defaultdict(list)
    for each in given:
        ended = each.stopped_at is not None and each.stopped_at < SPAN.until
        if ended and each.stopped_at >= SPAN.since:
            what, when = each.state, each.stopped_at
            if what == "met" and each.goal_s is None:
                what = "no_target"
        elif not ended and each.late_at is not None and SPAN.since <= each.late_at < SPAN.until:
            if each.state == "cancelled":
                continue
            what, when = "late", each.late_at
        else:
            continue
        name = getattr(each, by, None) or None
        if by == "week":
            year, week, _ = datetime.fromtimestamp(when, ZoneInfo(each.zone or "UTC")).isocalendar()
            name = f"{year}-W{week:02}"
        found[each.metric, name].append((what, each))
    return {key: _naive_figures(rows) for key, rows in found.items()}


def _naive_figures(rows: list[tuple[str, Judged]]) -> dict[str, Any]:
    finished = [each for what, each in rows if what in ("met", "missed")]
    counts = {kind: sum(what == kind for what, _ in rows) for kind in ("met", "missed", "late", "cancelled")}
    within = sum(each.goal_s is not None and each.elapsed_s <= each.goal_s for each in finished)
    return {
        **counts,
        "no_target": sum(what == "no_target" for what, _ in rows),
        "within": within,
        "business": _naive_times([each.elapsed_s for each in finished]),
        "calendar": _naive_times([(each.stopped_at or 0) - each.started_at for each in finished]),
    }


def _naive_times(sample: list[int]) -> Times | None:
    if not sample:
        return None
    chosen = [min(x for x in sample if 100 * sum(y <= x for y in sample) >= p * len(sample)) for p in (50, 90, 95)]
    return Times(*chosen)


FIGURES = ("met", "missed", "late", "cancelled", "no_target", "within", "business", "calendar")


def told(group: Group) -> dict[str, Any]:
    return {name: getattr(group, name) for name in FIGURES}


@given(st.lists(cycles(), max_size=30), st.sampled_from([*Dimension]))
def test_every_figure_is_what_one_counts_by_hand(given_: list[Judged], by: Dimension) -> None:
    found = sla_report(given_, SPAN, by)
    assert {(group.metric, group.name): told(group) for group in found.groups} == naive(given_, by.value)
    whole = {metric: figures for (metric, _), figures in naive(given_, "nothing").items()}
    assert {group.metric: told(group) for group in found.totals} == whole


@given(st.lists(cycles(), max_size=20), st.randoms(use_true_random=False))
def test_the_order_of_cycles_and_in_how_many_heaps_they_come_do_not_matter(given_: list[Judged], random: Any) -> None:
    whole = sla_report(given_, SPAN, Dimension.TIER)
    shuffled = random.sample(given_, len(given_))
    both = Tally(SPAN, (Dimension.TIER, Dimension.WEEK))
    both.add(shuffled[:7])
    both.add(iter(shuffled[7:]))
    assert both.report(Dimension.TIER) == whole
    assert both.report(Dimension.WEEK) == sla_report(given_, SPAN, Dimension.WEEK)


@given(st.lists(cycles(), max_size=20), st.integers(SPAN.since + 1, SPAN.until - 1))
def test_two_spans_side_by_side_finish_what_both_together_do(given_: list[Judged], cut: int) -> None:
    def finished(span: Span) -> list[int]:
        found = sla_report(given_, span, Dimension.POLICY).totals
        return [sum(getattr(group, name) for group in found) for name in ("met", "missed", "cancelled", "no_target")]

    halves = finished(Span(SPAN.since, cut)), finished(Span(cut, SPAN.until))
    assert [a + b for a, b in zip(*halves, strict=True)] == finished(SPAN)


def test_weeks_of_a_year_are_groups_in_their_order() -> None:
    start = datetime(2025, 12, 20, tzinfo=UTC)
    year = Span(int(start.timestamp()), int((start + timedelta(days=365)).timestamp()))
    given = [
        Judged("resolution", "met", year.since, stopped_at=int((start + timedelta(days=n)).timestamp()))
        for n in range(365)
    ]
    weeks = [group.name for group in sla_report(given, year, Dimension.WEEK).groups]
    assert weeks == sorted({f"{moment_of(each.stopped_at or 0):%G-W%V}" for each in given})
    assert len(weeks) == 53
