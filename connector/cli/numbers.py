"""Numbers of rows, as people type them."""

from __future__ import annotations

from ..store import HIGHEST


def row_number(text: str) -> int:
    """The number in `text`; raise `ValueError`, which argparse tells, for one that no row of any database has."""
    number = int(text)
    if not 0 <= number <= HIGHEST:
        raise ValueError(text)
    return number


row_number.__name__ = "number"
