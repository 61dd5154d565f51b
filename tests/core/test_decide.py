"""What plugins want becomes one plan: the last wish per slot, compared with the ticket, gets its verdict."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.changes import AddLabel, AssignTo, Change, Notify, RemoveLabel, RouteTo, Say, SetFact, SetPriority
from connector.core.decide import allowed, decide
from connector.core.memory import Memory, memory_from_json, memory_json
from connector.core.slots import stood_for
from connector.errors import PluginError
from connector.frozen import FrozenDict
from connector.model import Actor, Comment, Event, FieldChange, Kind, Pin, Priority, Role, Ticket, Verdict

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
CREATED = NOW - timedelta(hours=1)
TICKET = Ticket(id="1", key="SUP-1", title="Help", priority=Priority.LOW, created=CREATED, as_of=NOW)
HIGH = SetPriority(Priority.HIGH, because="down")


def wants(*changes: Change, name: str = "p"):
    return name, lambda ticket: changes


def verdicts(plan) -> list[str]:
    return [d.verdict.value for d in plan.decisions]


def person(slot: str, value: object, *, after: timedelta, role: Role = Role.AGENT) -> FieldChange:
    return FieldChange(slot, None, value, CREATED + after, Actor("bo", "Bo", role, "bo"))


def test_a_wish_that_differs_from_the_ticket_applies() -> None:
    plan = decide(TICKET, [wants(HIGH)])
    assert verdicts(plan) == ["apply"]
    assert plan.changes == (HIGH,)


def test_a_wish_that_the_ticket_fulfils_is_already_so() -> None:
    plan = decide(replace(TICKET, priority=Priority.HIGH), [wants(HIGH)])
    assert verdicts(plan) == ["already so"]
    assert plan.changes == ()


def test_the_later_plugin_wins_and_the_earlier_one_is_told() -> None:
    plan = decide(TICKET, [wants(HIGH, name="a"), wants(SetPriority(Priority.URGENT), name="b")])
    assert verdicts(plan) == ["overruled by a later plugin", "apply"]
    assert [c.shown for c in plan.changes] == ["urgent"]


def test_each_plugin_sees_the_ticket_as_the_ones_before_would_have_it() -> None:
    seen: list[Priority] = []
    decide(TICKET, [wants(HIGH), ("b", lambda ticket: seen.append(ticket.priority) or ())])
    assert seen == [Priority.HIGH]


def test_facts_reach_later_plugins_and_the_plan_but_are_not_written() -> None:
    seen: list[object] = []
    ask = ("b", lambda ticket: seen.append(ticket.facts.get("language")) or ())
    plan = decide(TICKET, [wants(SetFact("language", "zh")), ask])
    assert seen == ["zh"]
    assert plan.facts == {"language": "zh"}
    assert plan.changes == ()


def test_a_plugin_that_fails_is_named_and_the_others_are_asked() -> None:
    def fails(ticket: Ticket):
        raise PluginError("bad", "propose", "ValueError: no")

    plan = decide(TICKET, [("bad", fails), wants(HIGH)])
    assert [(f.plugin, f.error, f.text) for f in plan.failures] == [("bad", "PluginError", "ValueError: no")]
    assert verdicts(plan) == ["apply"]


def test_what_we_stood_for_and_now_differs_was_changed_by_a_person() -> None:
    ticket = replace(TICKET, ours=FrozenDict(priority="high"))
    plan = decide(ticket, [wants(SetPriority(Priority.URGENT))])
    assert verdicts(plan) == ["a person changed it since"]
    assert "priority" in plan.pins


def test_the_person_is_named_where_history_knows_them() -> None:
    ticket = replace(
        TICKET, ours=FrozenDict(priority="high"), history=(person("priority", "low", after=timedelta(minutes=9)),)
    )
    assert decide(ticket, [wants(HIGH)]).decisions[0].reason == "bo"


def test_a_value_set_at_creation_pins_nothing() -> None:
    ticket = replace(TICKET, history=(person("priority", "low", after=timedelta(0)),))
    assert verdicts(decide(ticket, [wants(HIGH)])) == ["apply"]


def test_a_persons_change_after_creation_pins_even_what_we_never_wrote() -> None:
    ticket = replace(TICKET, history=(person("priority", "low", after=timedelta(minutes=5)),))
    assert verdicts(decide(ticket, [wants(HIGH)])) == ["a person changed it since"]


@pytest.mark.parametrize("role", [Role.US, Role.SYSTEM])
def test_changes_by_machines_pin_nothing(role: Role) -> None:
    ticket = replace(TICKET, history=(person("priority", "low", after=timedelta(minutes=5), role=role),))
    assert verdicts(decide(ticket, [wants(HIGH)])) == ["apply"]


def test_a_pinned_slot_stays_pinned_when_the_value_comes_back_to_ours() -> None:
    history = tuple(person("priority", v, after=timedelta(minutes=m)) for v, m in (("low", 5), ("high", 6)))
    ticket = replace(TICKET, priority=Priority.HIGH, ours=FrozenDict(priority="high"), history=history)
    plan = decide(ticket, [wants(SetPriority(Priority.URGENT))])
    assert verdicts(plan) == ["a person changed it since"]


def test_one_pinned_slot_leaves_the_others_to_the_rules() -> None:
    ticket = replace(TICKET, ours=FrozenDict(priority="high"))
    plan = decide(ticket, [wants(HIGH, RouteTo("frontline"))])
    assert verdicts(plan) == ["a person changed it since", "apply"]


def test_a_label_that_a_person_removed_is_not_added_again() -> None:
    ticket = replace(TICKET, ours=FrozenDict({"label:vip": True}))
    assert verdicts(decide(ticket, [wants(AddLabel("vip"))])) == ["a person changed it since"]


def command(at: datetime = NOW, role: Role = Role.AGENT) -> Event:
    ann = Actor("ann", "Ann", role, "ann")
    return Event("jira", "1", Kind.COMMENTED, at=at, actor=ann, comment=Comment("7", "@pointsman", author=ann))


def test_a_persons_order_applies_and_pins_the_slot_as_theirs() -> None:
    order = SetPriority(Priority.HIGH, because="Ann", by="ann")
    plan = decide(replace(TICKET, event=command()), [wants(SetPriority(Priority.LOW)), wants(order)])
    assert verdicts(plan)[-1] == "apply"
    assert plan.pins["priority"] == Pin("ann", NOW)


def test_a_persons_order_outranks_an_earlier_hand() -> None:
    ticket = replace(TICKET, ours=FrozenDict(priority="high"), event=command())
    ticket = replace(ticket, history=(person("priority", "low", after=timedelta(minutes=5)),))
    assert verdicts(decide(ticket, [wants(replace(HIGH, by="ann"))])) == ["apply"]


def test_an_order_found_late_gives_way_to_a_newer_change_by_a_person() -> None:
    ticket = replace(TICKET, event=command(at=CREATED + timedelta(minutes=1)))
    ticket = replace(ticket, history=(person("priority", "low", after=timedelta(minutes=5)),))
    assert verdicts(decide(ticket, [wants(replace(HIGH, by="ann"))])) == ["a person changed it since"]


def test_release_gives_the_slot_back_in_the_same_plan() -> None:
    ticket = replace(TICKET, ours=FrozenDict(priority="high"), event=command())
    plan = decide(ticket, [wants(HIGH), wants(SetFact("released.priority", "ann"))])
    assert verdicts(plan)[0] == "apply"
    assert plan.released == {"priority"}
    assert "priority" not in plan.pins
    assert plan.facts == {}


def test_only_an_agents_comment_can_release() -> None:
    ticket = replace(TICKET, ours=FrozenDict(priority="high"), event=command(role=Role.CUSTOMER))
    plan = decide(ticket, [wants(HIGH), wants(SetFact("released.priority", "ann"))])
    assert verdicts(plan)[0] == "a person changed it since"


def test_a_text_is_said_once() -> None:
    say = Say("acknowledge", "Hello")
    assert verdicts(decide(TICKET, [wants(say)])) == ["apply"]
    assert verdicts(decide(replace(TICKET, said=frozenset({"acknowledge"})), [wants(say)])) == ["already so"]


LATE = Notify("late", "lead", "Look")


def test_a_notice_to_a_name_without_an_address_is_refused_with_what_to_write() -> None:
    plan = decide(TICKET, [wants(LATE)])
    assert verdicts(plan) == ["not allowed here"]
    assert "notify:" in plan.decisions[0].reason
    assert plan.notices == ()


def test_a_notice_is_no_change_of_the_ticket() -> None:
    plan = decide(TICKET, [wants(LATE)], partial(allowed, receivers={"lead"}))
    assert (verdicts(plan), plan.notices, plan.changes) == (["apply"], (LATE,), ())


def test_the_same_receiver_is_told_the_same_once() -> None:
    plan = decide(TICKET, [wants(LATE)], partial(allowed, receivers={"lead", "bo"}))
    told = Memory().decided(plan, NOW).stands_for(plan.stands).on(TICKET)
    again = [LATE, Notify("later", "lead", "Look"), Notify("late", "bo", "Look")]
    plans = [decide(told, [wants(each)], partial(allowed, receivers={"lead", "bo"})) for each in again]
    assert [verdicts(plan) for plan in plans] == [["already so"], ["apply"], ["apply"]]


def test_why_is_answered_with_the_reasons_of_this_very_plan() -> None:
    plan = decide(TICKET, [wants(HIGH), wants(Say("why:7", "Why:", with_why=True))])
    assert plan.changes[-1].text == "Why:\npriority high: down"


CHANGES = st.sampled_from(
    (
        *(HIGH, SetPriority(Priority.LOW), RouteTo("a"), RouteTo("b"), AssignTo("ann"), AssignTo(None)),
        *(AddLabel("x"), RemoveLabel("x"), Say("hi", "Hi"), SetFact("language", "zh")),
    )
)


@given(st.lists(CHANGES, max_size=8), st.sampled_from([Priority.NONE, Priority.LOW, Priority.HIGH]))
def test_twice_is_once(wishes: list[Change], priority: Priority) -> None:
    ticket = replace(TICKET, priority=priority)
    plan = decide(ticket, [wants(*wishes)])
    after = ticket
    for change in plan.changes:
        after = change.on(after)
    memory = Memory().decided(plan, NOW).stands_for(plan.stands)
    assert decide(memory.on(after), [wants(*wishes)]).changes == ()


@given(st.lists(CHANGES, max_size=8))
def test_memory_survives_being_stored(wishes: list[Change]) -> None:
    plan = decide(TICKET, [wants(*wishes)])
    memory = Memory().decided(plan, NOW).stands_for(plan.stands)
    assert memory_from_json(memory_json(memory)) == memory


def test_we_stand_for_nothing_in_a_slot_that_a_person_holds() -> None:
    plan = decide(replace(TICKET, event=command()), [wants(replace(HIGH, by="ann"))])
    memory = Memory().decided(plan, NOW).stands_for(plan.stands)
    assert memory.ours == {}
    assert memory.pins["priority"].by == "ann"


def test_what_we_stand_for_compares_with_what_the_ticket_holds() -> None:
    assert stood_for(HIGH) == "high"
    assert Verdict.APPLY == "apply"


def test_an_order_whose_time_is_cut_to_the_second_is_not_older_than_a_change_within_that_second() -> None:
    change = FieldChange(
        "priority", None, "low", NOW + timedelta(milliseconds=63), Actor("bo", "Bo", Role.AGENT, "bo")
    )
    ticket = replace(TICKET, event=command(at=NOW), history=(change,), as_of=NOW + timedelta(seconds=5))
    assert verdicts(decide(ticket, [wants(replace(HIGH, by="ann"))])) == ["apply"]
