"""Finding, loading and asking plugins that behave."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from connector import Draft, Fact, FactType, Message, Person, Priority, SetFact, SetPriority
from connector.core.conditions import compile_when
from connector.core.fields import Schema
from connector.errors import PluginError
from connector.frozen import FrozenDict
from connector.plan import Plan
from connector.testing import a_desk, a_ticket, an_event

from .conftest import ask

HIGH = '''
"""Makes everything high."""

@hookimpl
def propose(ticket):
    yield SetPriority(Priority.HIGH, because="all are")
'''


def test_a_shipped_name_is_built_in_and_another_file_beside_it_is_a_drop_in(write, start):
    write("priority", HIGH, folder="builtin")
    write("vip", HIGH, folder="builtin")
    write("elsewhere", HIGH)
    origins = {info.name: info.origin for info in start().info()}
    assert origins == {"priority": "built-in", "vip": "drop-in", "elsewhere": "drop-in"}


@pytest.mark.parametrize("name", ["priority", "vip"])
def test_a_plugin_is_asked_the_same_way_in_either_process(write, start, name):
    write(name, HIGH, folder="builtin")
    assert ask(start(), name) == (SetPriority(Priority.HIGH, because="all are"),)


def test_a_drop_in_gets_every_argument_it_names(write, start):
    write(
        "echo",
        """
        @hookimpl
        def propose(now, desk, rules, ticket, event):
            yield SetFact("seen", [now, sorted(desk.people), rules["n"], ticket.title, event.kind])
        """,
    )
    (fact,) = ask(
        start(), "echo", ticket=a_ticket(title="支付失败 \U0001f4b3"), desk=a_desk("ann", "bo"), rules=FrozenDict(n=3)
    )
    now = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
    assert fact.value == (now, ("ann", "bo"), 3, "支付失败 \U0001f4b3", "created")


def test_a_compiled_condition_works_in_the_other_process(write, start):
    write(
        "vip",
        """
        @hookimpl
        def propose(ticket, rules):
            for rule in rules:
                if rule["when"](ticket):
                    yield AddLabel(rule["label"], because=" ".join(rule["when"].hits(ticket)))
        """,
    )
    when = compile_when({"title": {"contains_any": ["宕机", "outage"]}}, Schema())
    rules = (FrozenDict(when=when, label="down"),)
    host = start()
    for _ in range(2):  # the second time the section is known there by its digest
        (change,) = ask(host, "vip", ticket=a_ticket(title="Outage since nine"), rules=rules)
        assert (change.name, change.because) == ("down", "outage")
    assert ask(host, "vip", ticket=a_ticket(title="all is well"), rules=rules) == ()


def test_many_different_sections_are_forgotten_and_sent_again(write, start):
    write("echo", "@hookimpl\ndef propose(rules):\n    yield SetFact('n', rules['n'])")
    host = start()
    sections = [FrozenDict(n=n) for n in range(150)]
    for section in (*sections, *sections[:5]):
        (fact,) = ask(host, "echo", rules=section)
        assert fact.value == section["n"]


def test_a_section_that_may_change_is_sent_as_it_is_now(write, start):
    write("echo", "@hookimpl\ndef propose(rules):\n    yield SetFact('n', rules['n'])")
    host, section = start(), {"n": 1}
    assert ask(host, "echo", rules=section)[0].value == 1
    section["n"] = 2
    assert ask(host, "echo", rules=section)[0].value == 2


@pytest.mark.parametrize(
    "body",
    [
        "return [SetFact('a', 1)]",
        "return (SetFact('a', 1),)",
        "return SetFact('a', 1)",
        "yield SetFact('a', 1)",
        "return iter([SetFact('a', 1), None])",
    ],
)
@pytest.mark.parametrize("name", ["priority", "vip"])
def test_a_hook_may_yield_or_return(write, start, name, body):
    write(name, f"@hookimpl\ndef propose():\n    {body}", folder="builtin")
    assert ask(start(), name) == (SetFact("a", 1),)


@pytest.mark.parametrize("body", ["return None", "return []", "yield from ()", "pass"])
def test_nothing_is_no_opinion(write, start, body):
    write("vip", f"@hookimpl\ndef propose():\n    {body}")
    assert ask(start(), "vip") == ()


def test_a_hook_that_is_not_implemented_has_no_opinion(write, start):
    write("vip", HIGH)
    host = start()
    assert host.enrich("vip", ticket=a_ticket(), rules=None) == ()
    assert host.draft("vip", message=Message("1", "form", Person()), rules=None) is None
    assert host.check_rules("vip", {}) == ()
    assert host.applied("vip", event=an_event(), ticket=a_ticket(), plan=Plan()) is None


def test_all_hooks_of_a_drop_in_are_reached(write, start, tmp_path):
    write(
        "full",
        """
        from pathlib import Path

        @hookimpl
        def check_rules(rules):
            if not rules.get("folder"):
                yield "`folder` is missing"

        @hookimpl
        def facts():
            yield Fact("mood", values=("calm", "angry"))
            yield Fact("age_of_contract", FactType.DURATION)

        @hookimpl
        def enrich(ticket):
            yield SetFact("mood", "calm")

        @hookimpl
        def draft(message):
            yield Draft("local", "desk", message.subject, requester=message.sender)
            yield Draft("local", "desk", "a second one is not looked at")

        @hookimpl
        def applied(ticket, plan):
            (Path(ticket.project) / "told").write_text(ticket.key)
        """,
    )
    host = start()
    (info,) = host.info()
    assert info.hooks == ("check_rules", "facts", "enrich", "draft", "applied")
    assert host.facts("full") == (
        Fact("mood", values=("calm", "angry")),
        Fact("age_of_contract", FactType.DURATION),
    )
    assert host.check_rules("full", {}) == ("`folder` is missing",)
    assert host.check_rules("full", {"folder": "x"}) == ()
    assert host.enrich("full", ticket=a_ticket(), rules=None) == (SetFact("mood", "calm"),)
    message = Message("1", "form", Person(email="dana@bigbank.example"), subject="It is down")
    assert host.draft("full", message=message, rules=None) == Draft(
        "local", "desk", "It is down", requester=message.sender
    )
    host.applied("full", event=an_event(), ticket=a_ticket(project=str(tmp_path)), plan=Plan())
    assert (tmp_path / "told").read_text() == "DESK-1"


def test_the_docstring_is_the_help_and_the_digest_is_that_of_the_file(write, start):
    from hashlib import sha256

    path = write("vip", HIGH)
    path.write_text('"""Looks after VIPs.\n\n    vip: {}\n"""\n' + path.read_text())
    host = start()
    (info,) = host.info()
    assert info.help == "Looks after VIPs.\n\n    vip: {}"
    assert info.digest == host.digest("vip") == sha256(path.read_bytes()).hexdigest()
    assert info.path == str(path)


def test_an_unknown_plugin_is_told_with_the_nearest_name(write, start):
    write("vip", HIGH)
    host = start()
    with pytest.raises(PluginError, match=r"there is no plugin `vpi` .did you mean `vip`"):
        ask(host, "vpi")
    assert host.problem("vpi") is None
    assert host.facts("vpi") == ()
    assert host.digest("vpi") == ""


def test_instants_come_back_in_utc_and_lists_frozen(write, start):
    write(
        "vip",
        """
        from datetime import datetime, timedelta, timezone

        @hookimpl
        def propose(now):
            yield WakeAt(now.astimezone(timezone(timedelta(hours=8))), note="later")
            yield SetField("tags", ["a", {"b": [1]}])
        """,
    )
    wake, field = ask(start(), "vip")
    assert wake.at.tzinfo is UTC
    assert wake.at == datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
    assert field.value == ("a", {"b": (1,)})
    assert hash(field.value[1]) is not None


def test_folders_that_do_not_exist_hold_no_plugins(tmp_path):
    from connector.plugins_host import PluginHost

    host = PluginHost(tmp_path / "none", tmp_path / "neither", entry_points=False)
    assert host.names() == frozenset()
    assert not host.refresh()
    host.close()
