"""Charts as shapes and texts with their places, for templates to draw as SVG; no script, no style of its own.

Every number of a chart stands beside its mark, and again in the table below it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH = 360
TOP, PLOT, FOOT = 24, 120, 36
MOST_COLUMNS, MOST_ROWS = 10, 12
ROW, HEAD = 46, 22
ROOM = 262
"""How long a row's bar can be; its number stands behind it."""


@dataclass(frozen=True, slots=True)
class Bar:
    x: float
    y: float
    width: float
    height: float
    kind: str


@dataclass(frozen=True, slots=True)
class Label:
    x: float
    y: float
    text: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Whisker:
    """From where to where the true value may lie; `x` is its middle."""

    x: float
    top: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Chart:
    """What is drawn in `WIDTH` by `height`; `lines` are the heights of lines from edge to edge."""

    height: float
    bars: tuple[Bar, ...] = ()
    labels: tuple[Label, ...] = ()
    whiskers: tuple[Whisker, ...] = ()
    lines: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Share:
    """A column: a share of 1 and its interval, None where there is nothing to divide; `few` is drawn hollow."""

    name: str
    value: str
    below: str
    share: float | None
    interval: tuple[float, float] | None
    few: bool = False


@dataclass(frozen=True, slots=True)
class Lengths:
    """A row with two bars, such as the median and the 90th percentile, each with how it is shown."""

    name: str
    note: str
    first: tuple[int, str]
    second: tuple[int, str]
    few: bool = False


def columns(shares: Sequence[Share]) -> Chart:
    """The last `MOST_COLUMNS` shares side by side, the oldest first; their numbers stand in one line above."""
    shown = shares[-MOST_COLUMNS:]
    slot = min(WIDTH / max(len(shown), 1), 72.0)
    bars, labels, whiskers = [], [], []
    for number, each in enumerate(shown):
        middle = round((number + 0.5) * slot, 1)
        labels.append(Label(middle, 14, each.value, "value"))
        labels.append(Label(middle, TOP + PLOT + 15, each.name))
        labels.append(Label(middle, TOP + PLOT + 29, each.below, "note"))
        if each.share is None:
            continue
        wide, high = round(slot * 0.6, 1), round(PLOT * each.share, 1)
        kind = "few" if each.few else ""
        bars.append(Bar(round(middle - wide / 2, 1), round(TOP + PLOT - high, 1), wide, high, kind))
        if each.interval:
            low, up = (round(TOP + PLOT * (1 - end), 1) for end in each.interval)
            whiskers.append(Whisker(middle, up, low))
    return Chart(TOP + PLOT + FOOT, tuple(bars), tuple(labels), tuple(whiskers), (TOP, TOP + PLOT / 2, TOP + PLOT))


def rows(lengths: Sequence[Lengths]) -> Chart:
    """The first `MOST_ROWS` one below the other, all by one scale."""
    shown = lengths[:MOST_ROWS]
    longest = max((length for each in shown for length, _ in (each.first, each.second)), default=0) or 1
    bars, labels = [], []
    for number, each in enumerate(shown):
        y = number * ROW
        labels.append(Label(0, y + 13, each.name, "name"))
        labels.append(Label(WIDTH, y + 13, each.note, "end"))
        for below, kind, (length, text) in ((18, "first", each.first), (30, "second", each.second)):
            wide = round(max(ROOM * length / longest, 1), 1)
            bars.append(Bar(0, y + below, wide, 10, f"{kind} few" if each.few else kind))
            labels.append(Label(wide + 5, y + below + 9, text, "after"))
    return Chart(max(len(shown) * ROW, 1), tuple(bars), tuple(labels))
