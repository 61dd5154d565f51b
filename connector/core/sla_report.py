"""The SLA report: of judged cycles and a span, how many met their target, and how long they took.

A pure function of its arguments; what every figure means is told in `docs/reports.md`.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ..model import Priority
from .shares import nearest_rank, wilson
from .sla import Metric
from .sla_counting import Dimension, Judged, Span, Verdict, group_of, verdict

FEW = 5
"""A group of fewer finished cycles is marked: its shares say little."""
NONE = "–"
"""How the group of those without a value is shown."""


@dataclass(frozen=True, slots=True)
class Times:
    """Percentiles of whole seconds by nearest rank."""

    p50: int
    p90: int
    p95: int

    @classmethod
    def of(cls, seconds: Iterable[int]) -> Times | None:
        """None of nothing."""
        ordered = sorted(seconds)
        return cls(*(nearest_rank(ordered, percent) for percent in (50, 90, 95))) if ordered else None


@dataclass(frozen=True, slots=True)
class Group:
    """The figures of one metric in one group, or in all together.

    `met` and `missed` are the finished cycles that had a target, `within` those of them that used no more than the
    target in force in the end. `late` ones are open, `cancelled` and `no_target` count nowhere else. `business` is
    what their calendar counted, `calendar` the time from start to stop.
    """

    metric: str
    name: str | None
    met: int = 0
    missed: int = 0
    within: int = 0
    late: int = 0
    cancelled: int = 0
    no_target: int = 0
    business: Times | None = None
    calendar: Times | None = None

    @property
    def n(self) -> int:
        """The size of the sample behind every share and percentile."""
        return self.met + self.missed

    @property
    def few(self) -> bool:
        return self.n < FEW

    @property
    def breaches(self) -> int:
        """Finished late, or open and late."""
        return self.missed + self.late

    @property
    def attainment(self) -> float | None:
        return self.met / self.n if self.n else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Of the attainment, with 95 % confidence."""
        return wilson(self.met, self.n)

    @property
    def within_share(self) -> float | None:
        return self.within / self.n if self.n else None


@dataclass(frozen=True, slots=True)
class Restated:
    """How a report by the rules of today differs from the one as it was judged.

    `tickets` were judged anew; `changed` says of each metric how many cycles count otherwise. `unjudged` are tickets
    that are in neither, since nothing is kept from which they could be judged.
    """

    tickets: int
    changed: Mapping[str, int]
    unjudged: int = 0


@dataclass(frozen=True, slots=True)
class Report:
    """The groups of each metric in their order, and of each metric all of them together."""

    by: Dimension
    span: Span
    groups: tuple[Group, ...]
    totals: tuple[Group, ...]
    restated: Restated | None = None


def sla_report(cycles: Iterable[Judged], span: Span, by: Dimension) -> Report:
    """The figures of the cycles that count in `span`, grouped by `by`."""
    tally = Tally(span, (by,))
    tally.add(cycles)
    return tally.report(by)


class Tally:
    """Counts cycles by several dimensions at once, and keeps of each no more than two numbers."""

    def __init__(self, span: Span, dimensions: Sequence[Dimension]) -> None:
        self.span = span
        self._heaps: dict[Dimension, dict[tuple[str, str | None], _Heap]] = {by: {} for by in dimensions}

    def add(self, cycles: Iterable[Judged]) -> None:
        """Count those of `cycles` that count in the span."""
        for cycle in cycles:
            as_ = verdict(cycle, self.span)
            if as_ is None:
                continue
            for by, heaps in self._heaps.items():
                key = cycle.metric, group_of(cycle, by, as_)
                heap = heaps.get(key)
                if heap is None:
                    heap = heaps[key] = _Heap()
                heap.add(cycle, as_)

    def report(self, by: Dimension, restated: Restated | None = None) -> Report:
        """What was counted so far."""
        heaps = self._heaps[by]
        groups = [heap.group(metric, name) for (metric, name), heap in heaps.items()]
        metrics = sorted({metric for metric, _ in heaps}, key=_metric_order)
        totals = [_joined(heap for (of, _), heap in heaps.items() if of == metric) for metric in metrics]
        order = _order(by)
        return Report(
            by,
            self.span,
            tuple(sorted(groups, key=lambda group: (_metric_order(group.metric), *order(group.name)))),
            tuple(heap.group(metric, None) for metric, heap in zip(metrics, totals, strict=True)),
            restated,
        )


@dataclass(slots=True)
class _Heap:
    """The cycles of one group: how many of each verdict, and the times of the finished ones."""

    counts: dict[Verdict, int] = field(default_factory=lambda: dict.fromkeys(Verdict, 0))
    within: int = 0
    business: array[int] = field(default_factory=lambda: array("q"))
    calendar: array[int] = field(default_factory=lambda: array("q"))

    def add(self, cycle: Judged, as_: Verdict) -> None:
        self.counts[as_] += 1
        if cycle.stopped_at is None or as_ not in (Verdict.MET, Verdict.MISSED):
            return
        self.business.append(cycle.elapsed_s)
        self.calendar.append(cycle.stopped_at - cycle.started_at)
        self.within += cycle.goal_s is not None and cycle.elapsed_s <= cycle.goal_s

    def group(self, metric: str, name: str | None) -> Group:
        counts = {each.value: number for each, number in self.counts.items()}
        times = Times.of(self.business), Times.of(self.calendar)
        return Group(metric, name, **counts, within=self.within, business=times[0], calendar=times[1])


def _joined(heaps: Iterable[_Heap]) -> _Heap:
    joined = _Heap()
    for heap in heaps:
        joined.counts = {each: joined.counts[each] + number for each, number in heap.counts.items()}
        joined.within += heap.within
        joined.business.extend(heap.business)
        joined.calendar.extend(heap.calendar)
    return joined


def _metric_order(metric: str) -> tuple[int, str]:
    known = [each.value for each in Metric]
    return (known.index(metric) if metric in known else len(known)), metric


def _order(by: Dimension) -> Callable[[str | None], tuple[bool, int, str, str]]:
    """Urgent before low, everything else by its name; what has no value comes last."""
    levels = [level.word for level in sorted(Priority, reverse=True)] if by is Dimension.PRIORITY else []

    def place(name: str | None) -> tuple[bool, int, str, str]:
        rank = levels.index(name) if name in levels else len(levels)
        return name is None, rank, (name or "").casefold(), name or ""

    return place
