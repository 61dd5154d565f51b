"""`holidays: CN`: regions whose public holidays are known, and a warning where later years are guessed."""

from __future__ import annotations

from ..core.holidays import known_region, official_until, regions
from .nodes import Node
from .report import listed, nearest, shown
from .scope import Scope
from .shapes import checked, one_or_many


def _region_problem(value: str, node: Node, scope: Scope) -> str | None:
    if known_region(value):
        if (until := official_until(value)) is not None:
            scope.warn(
                node,
                f"the holidays of `{value}` are official up to {until}; later years are guessed: update Pointsman, "
                "or write the days under `dates`, once their notice is out",
            )
        return None
    country = value.partition("-")[0]
    if parts := regions(country) if known_region(country) else ():
        return f"`{country}` has no part {shown(value)}{nearest(value, parts) or f': choose {listed(parts)}'}"
    near = nearest(value, regions())
    return f"unknown holiday region {shown(value)}{near or ': write a country like `CN`, or a part like `DE-BY`'}"


holidays = one_or_many(checked(_region_problem))
