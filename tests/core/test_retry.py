"""When a failed event is tried again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.core.retry import next_try

FIRST = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
HOUR = 3600.0


def wait(attempts: int, failing: float, retry_after: float | None = None, jitter: float = 0.0) -> float | None:
    now = FIRST + timedelta(seconds=failing)
    at = next_try(attempts, FIRST, now, retry_after, jitter)
    return None if at is None else (at - now).total_seconds()


@pytest.mark.parametrize(
    ("attempts", "failing", "retry_after", "expected"),
    [
        (1, 0, None, 2),
        (2, 2, None, 4),
        (5, 30, None, 32),
        (6, 62, None, 60),
        (10**6, HOUR - 1, None, 60),
        (70, HOUR, None, 600),
        (3, 24 * HOUR - 1, None, 600),
        (3, 24 * HOUR, None, None),
        (1, 0, 90, 90),
        (1, 2 * HOUR, 5, 5),
        (1, 0, 0, 1),
        (1, 0, 1e18, 24 * HOUR),
        (1, 24 * HOUR, 5, None),
    ],
)
def test_the_wait_grows_then_stays_and_ends_after_a_day(
    attempts: int, failing: float, retry_after: float | None, expected: float | None
) -> None:
    assert wait(attempts, failing, retry_after) == expected


@given(st.integers(1, 10**9), st.floats(0, 2 * 24 * HOUR), st.floats(0, 1))
def test_it_is_never_parked_by_count_and_never_at_once(attempts: int, failing: float, jitter: float) -> None:
    after = wait(attempts, failing, jitter=jitter)
    if failing >= 24 * HOUR:
        assert after is None
        return
    assert after is not None
    assert 2 <= after <= (60 if failing < HOUR - 1 else 600)
