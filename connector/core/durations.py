"""Lengths of time as people write them: `15m`, `4h`, `3d`, `1h30m`."""

from __future__ import annotations

import re
from datetime import timedelta

_SECONDS = {"w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1}
_CHINESE = {"d": "天", "h": "小时", "m": "分钟", "s": "秒"}
_SHAPE = re.compile(
    r"(?:(\d{1,6})w)?\s*(?:(\d{1,6})d)?\s*(?:(\d{1,8})h)?\s*(?:(\d{1,9})m)?\s*(?:(\d{1,11})s)?", re.ASCII
)
_MOST = timedelta(days=36_525)


def parse_duration(text: str) -> timedelta:
    """`1h30m` → 90 minutes; units `w d h m s`, each at most once, the largest first.

    Raises `ValueError` with a sentence for anything else, and beyond 100 years.
    """
    found = _SHAPE.fullmatch(text.strip().lower())
    if found is None or not any(found.groups()):
        raise ValueError(f"`{text.strip()[:40]}` is no length of time: write 15m, 4h, 3d or 1h30m")
    seconds = sum(int(count or 0) * size for count, size in zip(found.groups(), _SECONDS.values(), strict=True))
    if seconds > _MOST.total_seconds():
        raise ValueError(f"`{text.strip()[:40]}` is longer than 100 years")
    return timedelta(seconds=seconds)


def show_open_time(length: timedelta, language: str = "en", *, exact: bool = False) -> str:
    """Working time: `40h`, `1h30m`, `exact` to the second. Never in days, of which each desk has its own kind."""
    hours, rest = divmod(max(0, int(length.total_seconds())), 3600)
    if not hours:
        return show_duration(timedelta(seconds=rest), language)
    whole = f"{hours}{_CHINESE['h'] if language.lower().startswith('zh') else 'h'}"
    rest = rest if exact else rest - rest % 60
    return whole + show_duration(timedelta(seconds=rest), language) if rest else whole


def show_duration(length: timedelta, language: str = "en", units: int = 2) -> str:
    """The `units` largest units of `length`, the rest cut off: `3d4h`, in Chinese `3天4小时`.

    With `units=4`, `parse_duration` reads back the same whole seconds. Below a second, and for what is
    negative, the answer is `0m`.
    """
    names = _CHINESE if language.lower().startswith("zh") else {unit: unit for unit in _CHINESE}
    left = max(0, int(length.total_seconds()))
    parts: list[str] = []
    for unit, name in names.items():
        count, left = divmod(left, _SECONDS[unit])
        if count:
            parts.append(f"{count}{name}")
    return "".join(parts[:units]) or f"0{names['m']}"
