"""How plugins do: failures in a row, since when they are not asked, how long they take, and no words of errors."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from connector.errors import PluginError
from connector.plugins_host.health import STRIKES, Condition, Health, class_and_place

from .conftest import ask

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("cause", "shown"),
    [
        ("vip.py:12 KeyError: 'Dana Smith'", "vip.py:12 KeyError"),
        ("ValueError", "ValueError"),
        ("vip.py:3 requests.exceptions.ConnectionError: host x", "vip.py:3 requests.exceptions.ConnectionError"),
        ("took longer than 2 s", "took longer than 2 s"),
        ("yielded `Dana Smith`, which is no change", ""),
        ("Dana KeyError: x", ""),
    ],
)
def test_an_error_is_shown_by_class_and_place_alone(cause, shown):
    assert class_and_place(cause) == shown


def test_failures_in_a_row_end_in_quarantine_and_a_lift_wipes_them_out():
    health = Health(lambda: AT)
    for _ in range(STRIKES):
        health.took("vip", 0.5)
        health.failed("vip", "propose", "vip.py:1 KeyError: 'x'")

    assert health.conditions["vip"] == Condition(
        STRIKES, True, AT, "propose", "vip.py:1 KeyError", AT, STRIKES, 1.5, 0.5
    )
    health.lift("vip")
    assert health.conditions == {}
    assert health.why_not("vip") is None


def test_what_cost_us_the_process_is_told_without_a_row_of_failures():
    health = Health(lambda: AT)
    health.quarantine("slow", "propose: took longer than 2 s")

    found = health.conditions["slow"]
    assert (found.quarantined, found.since, found.last_hook, found.last_error) == (
        True,
        AT,
        "propose",
        "took longer than 2 s",
    )


def test_a_host_measures_calls_and_lets_a_lifted_plugin_be_asked_again(write, start):
    write("shy", "@hookimpl\ndef propose(ticket):\n    raise KeyError(ticket.title)\n    yield\n")
    host = start(tick=iter(range(100)).__next__)
    for _ in range(STRIKES):
        with pytest.raises(PluginError):
            ask(host, "shy")
    assert "shy" in host.quarantined()
    assert host.health.conditions["shy"].last_error == "shy.py:5 KeyError"
    assert host.health.conditions["shy"].seconds == STRIKES

    host.health.lift("shy")

    with pytest.raises(PluginError, match="KeyError"):
        ask(host, "shy")
    assert host.health.conditions["shy"].in_a_row == 1
