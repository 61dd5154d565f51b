"""Look-ups outside are remembered for a while, and an outage blanks nothing."""

from __future__ import annotations

import pytest

from connector import SetFact
from connector.errors import PluginError
from connector.plugins_host.lookups import FRESH, KEPT, STALE, Lookups
from connector.testing import a_ticket

TIER = (SetFact("customer.tier", "gold", because="CRM"),)


class Outside:
    """Answers, or is down; counts how often it was asked."""

    def __init__(self):
        self.asked, self.down = 0, False

    def __call__(self):
        self.asked += 1
        if self.down:
            raise PluginError("crm", "enrich", "no answer")
        return TIER


class Time:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def outside():
    return Outside()


@pytest.fixture
def time():
    return Time()


def look(lookups, outside, *, ticket=None, rules=None, digest="d"):
    return lookups.facts("crm", digest, ticket or a_ticket(requester="dana@x.example"), rules, outside)


def test_a_burst_of_events_asks_once(outside, time):
    lookups = Lookups(time)
    assert [look(lookups, outside) for _ in range(10)] == [TIER] * 10
    assert outside.asked == 1
    time.now = FRESH
    look(lookups, outside)
    assert outside.asked == 2


@pytest.mark.parametrize(
    "other", [{"ticket": a_ticket(requester="bo@x.example")}, {"rules": {"url": "x"}}, {"digest": "e"}]
)
def test_another_requester_section_or_plugin_file_asks_anew(outside, time, other):
    lookups = Lookups(time)
    look(lookups, outside)
    look(lookups, outside, **other)
    assert outside.asked == 2


def test_an_outage_gives_the_last_answer_and_says_so(outside, time):
    lookups = Lookups(time)
    look(lookups, outside)
    outside.down, time.now = True, FRESH + 300
    assert look(lookups, outside) == (
        SetFact("customer.tier", "gold", because="CRM (found 10 min ago, the look-up fails now)"),
    )


def test_an_answer_that_is_too_old_is_none(outside, time):
    lookups = Lookups(time)
    look(lookups, outside)
    outside.down, time.now = True, STALE + 1
    with pytest.raises(PluginError, match="no answer"):
        look(lookups, outside)


def test_an_outage_before_the_first_answer_is_a_failure(outside, time):
    outside.down = True
    with pytest.raises(PluginError, match="no answer"):
        look(Lookups(time), outside)


def test_only_so_many_answers_are_kept(outside, time):
    lookups = Lookups(time)
    for number in range(KEPT + 1):
        look(lookups, outside, ticket=a_ticket(id=str(number)))
    assert len(lookups._found) == KEPT


def test_the_host_remembers_what_a_drop_in_found(write, start, tmp_path):
    write(
        "crm",
        """
        from pathlib import Path

        @hookimpl
        def enrich(rules):
            asked = Path(rules["file"])
            asked.write_text(asked.read_text() + "x")
            yield SetFact("n", len(asked.read_text()))
        """,
    )
    asked = tmp_path / "asked"
    asked.write_text("")
    host, rules = start(), {"file": str(asked)}
    for _ in range(3):
        assert host.enrich("crm", ticket=a_ticket(), rules=rules) == (SetFact("n", 1),)
