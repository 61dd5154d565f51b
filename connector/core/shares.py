"""Shares and percentiles of a sample, by definitions that a person can follow."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from statistics import NormalDist

Z95 = NormalDist().inv_cdf(0.975)


def nearest_rank(ordered: Sequence[int], percent: int) -> int:
    """The smallest of `ordered` that at least `percent` of all do not exceed, by nearest rank.

    It is always one of the sample: that of rank ceil(percent / 100 · n), counted from 1. Of nothing there is none.
    """
    return ordered[-(-percent * len(ordered) // 100) - 1]


def wilson(part: int, n: int, z: float = Z95) -> tuple[float, float] | None:
    """Between which shares the true one lies with 95 % confidence, if `part` of `n` were seen; None of nothing.

    The score interval of Wilson: unlike the usual one it stays within 0 and 1, and holds for few samples.
    """
    if n == 0:
        return None
    share, square = part / n, z * z
    middle = share + square / (2 * n)
    reach = z * sqrt(share * (1 - share) / n + square / (4 * n * n))
    low, high = (middle - reach) / (1 + square / n), (middle + reach) / (1 + square / n)
    # At the edges only rounding keeps it from being exact.
    return (0.0 if part == 0 else low), (1.0 if part == n else high)
