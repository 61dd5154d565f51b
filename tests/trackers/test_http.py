from datetime import UTC, datetime, timedelta

import pytest

from connector.trackers.http import LONGEST, Gate, retry_after

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


def wait(status, headers):
    gate = Gate()
    gate.note(status, headers, NOW)
    until = gate.wait_until(NOW)
    return until and (until - NOW).total_seconds()


@pytest.mark.parametrize(
    ("status", "headers", "seconds"),
    [
        (200, {}, None),
        (200, {"Retry-After": "5"}, None),
        (429, {"Retry-After": "5"}, 5),
        (429, {"retry-after": "0.5"}, 0.5),
        (429, {"Retry-After": "Mon, 02 Nov 2026 09:01:00 GMT"}, 60),
        (429, {"Retry-After": "Mon, 02 Nov 2026 10:01:00 GMT", "Date": "Mon, 02 Nov 2026 10:00:00 GMT"}, 60),
        (429, {"Retry-After": "soon"}, 30),
        (429, {"Retry-After": "0"}, None),
        (429, {}, 30),
        (429, {"RateLimit-Reset": str(int(NOW.timestamp()) + 45)}, 45),
        (429, {"X-RateLimit-Reset": "2026-11-02T09:00:20Z"}, 20),
        (429, {"Retry-After": "99999999"}, LONGEST.total_seconds()),
        (429, {"Retry-After": "-1"}, 30),
        (429, {"Retry-After": "nan"}, 30),
        (503, {"Retry-After": "7"}, 7),
        (503, {}, None),
        (500, {"Retry-After": "7"}, None),
        (200, {"RateLimit-Remaining": "0", "RateLimit-Reset": str(int(NOW.timestamp()) + 12)}, 12),
        (200, {"RateLimit-Remaining": "3", "RateLimit-Reset": str(int(NOW.timestamp()) + 12)}, None),
        (200, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "2026-11-02T09:00:08Z"}, 8),
        (200, {"RateLimit-Remaining": "0"}, None),
    ],
)
def test_a_gate_closes_as_long_as_the_answer_asks(status, headers, seconds):
    assert wait(status, headers) == seconds


def test_a_gate_opens_by_itself_and_never_earlier_than_asked():
    gate = Gate()
    gate.note(429, {"Retry-After": "60"}, NOW)
    gate.note(429, {"Retry-After": "1"}, NOW)
    gate.note(200, {}, NOW)
    assert gate.wait_until(NOW + timedelta(seconds=59)) == NOW + timedelta(seconds=60)
    assert gate.wait_until(NOW + timedelta(seconds=60)) is None


@pytest.mark.parametrize("text", ["", "soon", "-5", "inf", "Mon, 99 Foo 2026"])
def test_an_unreadable_retry_after_is_none(text):
    assert retry_after({"Retry-After": text}, NOW) is None


def test_a_date_in_the_past_means_now():
    assert retry_after({"Retry-After": "Mon, 02 Nov 2026 08:00:00 GMT"}, NOW) == 0.0
