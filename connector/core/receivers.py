"""Lanes of notices: one for each address of each receiver, beside those of tickets, which begin with a tracker."""

from __future__ import annotations

NOTICE = "notice"
"""Begins these lanes; no tracker may be called so."""


def notice_lane(to: str, number: int) -> str:
    """The lane of the address `number`, from 1 on, of the receiver `to`: `notice:duty`, then `notice:duty/2`."""
    return f"{NOTICE}:{to}" if number == 1 else f"{NOTICE}:{to}/{number}"


def receiver_of(lane: str) -> str:
    """The receiver whose lane that is, and which address of theirs (`duty/2`); '' for the lane of a ticket."""
    kind, _, receiver = lane.partition(":")
    return receiver if kind == NOTICE else ""


def address_of(lane: str) -> tuple[str, int]:
    """The receiver whose lane that is, and the number of the address."""
    to, _, number = receiver_of(lane).partition("/")
    return to, int(number) if number.isdigit() else 1
