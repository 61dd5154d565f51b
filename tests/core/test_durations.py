"""Lengths of time are written as people write them."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.core.durations import parse_duration, show_duration, show_open_time


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("15m", 15),
        ("4h", 240),
        ("3d", 4320),
        ("1h30m", 90),
        ("1h 30m", 90),
        ("2w", 20160),
        ("90s", 1.5),
        (" 1H ", 60),
    ],
)
def test_units_add_up(text, minutes):
    assert parse_duration(text) == timedelta(minutes=minutes)


@pytest.mark.parametrize("text", ["", "3", "h", "17:00", "1.5h", "30m1h", "3 days", "-1h", "1h1h", "99999d", "١h"])
def test_what_is_no_length_is_refused_with_an_example(text):
    with pytest.raises(ValueError, match=r"15m, 4h, 3d or 1h30m|100 years"):
        parse_duration(text)


@given(st.integers(0, 10**9))
def test_what_is_shown_in_full_reads_back(seconds):
    length = timedelta(seconds=seconds)
    assert parse_duration(show_duration(length, units=4)) == length


@pytest.mark.parametrize(
    ("length", "language", "shown"),
    [
        (timedelta(days=3, hours=4, minutes=9), "en", "3d4h"),
        (timedelta(days=3, hours=4, minutes=9), "zh-Hans", "3天4小时"),
        (timedelta(minutes=45), "en", "45m"),
        (timedelta(0), "zh", "0分钟"),
        (timedelta(seconds=-5), "en", "0m"),
    ],
)
def test_the_two_largest_units_are_shown(length, language, shown):
    assert show_duration(length, language) == shown


@pytest.mark.parametrize(
    ("length", "language", "exact", "shown"),
    [
        (timedelta(0), "en", False, "0m"),
        (timedelta(seconds=59), "en", False, "59s"),
        (timedelta(hours=40), "en", False, "40h"),
        (timedelta(hours=40, minutes=5, seconds=9), "en", False, "40h5m"),
        (timedelta(hours=40, seconds=9), "en", False, "40h"),
        (timedelta(hours=40, seconds=9), "en", True, "40h9s"),
        (timedelta(hours=26, minutes=5), "zh", False, "26小时5分钟"),
        (timedelta(hours=-1), "en", False, "0m"),
    ],
)
def test_working_time_is_shown_without_days(length, language, exact, shown):
    assert show_open_time(length, language, exact=exact) == shown
