"""The rules that come with the program: right, without a warning, and sensible to a newcomer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connector import Actor, Event, Kind, Person, Role, Ticket
from connector.core.fact_sources import events_told
from connector.plugins_host import PluginHost
from connector.rulebook import Rulebook, load

HOUSE = Path(__file__).parents[2]
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def host() -> Iterator[PluginHost]:
    found = PluginHost(HOUSE / "plugins", entry_points=False)
    yield found
    found.close()


@pytest.fixture(scope="module")
def rules(host) -> Rulebook:
    return load(HOUSE / "rules", host, env={})


def decided(rules: Rulebook, host: PluginHost, title: str, body: str, email: str) -> Ticket:
    """The ticket as all plugins would have it."""
    event = Event("local", "1", Kind.CREATED, at=NOW, actor=Actor(email, role=Role.CUSTOMER))
    ticket = Ticket(
        title=title,
        body=body,
        project="desk",
        status="new",
        channel="form",
        requester=Person(name=email.partition("@")[0], email=email),
        created=NOW,
        as_of=NOW,
        event=event,
    )
    ticket = replace(ticket, clock_events=events_told(ticket, event))
    file = rules.file_for("local", "desk")
    for plugin in file.plugins:
        section = file.sections[plugin]
        for change in host.propose(plugin, event=event, ticket=ticket, desk=rules.desk, rules=section, now=NOW):
            ticket = change.on(replace(ticket))
    return ticket


def test_they_load_without_a_warning_and_are_live_on_the_built_in_desk(rules):
    assert rules.warnings == ()
    assert rules.file_for("local", "desk").mode == "live"


CASES = [
    ("支付失败，全部用户无法登录", "生产环境", "wang@qingyun.example", "urgent", "payments", "chen"),
    (
        "Site is down for everyone",
        "Nobody can log in, error 503",
        "ops@harbour-bank.example",
        "urgent",
        "platform",
        "bo",
    ),
    ("Invoice of May is wrong", "It lists 12 seats instead of 10", "acc@corp.example", "normal", "payments", "chen"),
    ("可能有数据泄露", "我们在网上看到客户资料", "li@corp.example", "high", "security", "bo"),
    ("登入不了系統", "顯示錯誤 500", "chan@corp.example", "high", "platform", "bo"),
    ("导出报表很慢", "从昨天开始", "zhao@qingyun.example", "normal", "frontline", "chen"),
    ("Printer question", "How do I change the paper size?", "joe@hobby.example", "low", "frontline", "ann"),
    ("Rapid growth of our capital", "", "a@corp.example", "low", "frontline", "ann"),
    ("hello", "", "a@corp.example", "low", "frontline", "ann"),
]


@pytest.mark.parametrize(("title", "body", "email", "priority", "team", "person"), CASES, ids=[c[0] for c in CASES])
def test_a_typed_ticket_gets_what_a_person_would_give_it(rules, host, title, body, email, priority, team, person):
    ticket = decided(rules, host, title, body, email)
    assert (ticket.priority.word, ticket.team, ticket.assignee) == (priority, team, person)
    assert "acknowledge" in ticket.said
    assert ("tell-supervisor" in ticket.said) == (priority == "urgent")


def test_a_free_plan_stays_below_high_even_in_an_outage(rules, host):
    ticket = decided(rules, host, "Everything is down", "for everyone", "joe@hobby.example")
    assert ticket.priority.word == "normal"
