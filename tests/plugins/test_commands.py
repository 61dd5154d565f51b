"""Orders in comments: obeyed for agents, silent for customers, answered once where they were mistyped."""

from __future__ import annotations

import pytest

from connector import (
    Actor,
    AssignTo,
    Audience,
    Comment,
    Person,
    Priority,
    Role,
    RouteTo,
    Say,
    SetFact,
    SetPriority,
)
from connector.core.decide import decide
from connector.core.order_answers import TEXTS
from connector.model import Verdict
from connector.testing import a_desk, a_ticket, an_event, proposals
from plugins import commands

DESK = a_desk(
    Person(id="ann", name="Ann Li", teams=frozenset({"frontline"})),
    Person(id="bo", name="Bo", teams=frozenset({"security"}), role="supervisor"),
    teams=["payments-cn"],
)

ZED = Actor("zed", "Zed", Role.AGENT)
"""An agent of the tracker whom `_people.yaml` does not list."""


def ordered(text, rules=None, *, kind="commented", by="agent", person="ann", ticket=None, **event):
    event = an_event(kind, by, text, person=person, **event)
    return proposals(commands, ticket or a_ticket(), rules, event=event, desk=DESK)


def answer(text, rules=None, **more) -> str:
    """The one answer to a comment that brings nothing else about."""
    (say,) = ordered(text, rules, **more)
    assert isinstance(say, Say)
    assert say.audience is Audience.INTERNAL
    return say.text


def signed(verb: str, because: str = "") -> dict:
    why = f"Ann Li by command: {because}" if because else "Ann Li by command"
    return {"because": why, "rule": verb, "rules": (verb,), "by": "ann"}


@pytest.mark.parametrize("level", list(Priority))
def test_priority_sets_each_level_and_holds_it_as_the_persons(level):
    assert ordered(f"@pointsman priority {level.word}") == [SetPriority(level, **signed("priority"))]


@pytest.mark.parametrize(("language", "said"), [("zh", "没有 `prio` 这个命令"), ("en", "`prio` is no command")])
def test_the_section_may_settle_the_language_of_answers(language, said):
    for text in ("@pointsman prio", "请看\n@pointsman prio"):
        assert answer(text, {"language": language}).startswith(said)


def test_the_reason_behind_because_is_kept():
    (change,) = ordered("@pointsman priority high because the CEO of Bigbank phoned, twice.")
    assert change.because == "Ann Li by command: the CEO of Bigbank phoned, twice."


def test_a_reason_cannot_act():
    (change,) = ordered("@pointsman priority high because @all see #1")
    assert "@all" not in change.because
    assert "#1" not in change.because


def test_route_knows_teams_in_any_case():
    assert ordered("@pointsman route Payments-CN") == [RouteTo("payments-cn", **signed("route"))]


def test_take_assigns_the_speaker():
    assert ordered("@pointsman take") == [AssignTo("ann", **signed("take"))]


@pytest.mark.parametrize(
    ("words", "slots"),
    [
        ("", ("priority", "team", "assignee")),
        ("team", ("team",)),
        ("assignee priority", ("assignee", "priority")),
        ("assignee, priority", ("assignee", "priority")),
    ],
)
def test_release_gives_back_what_is_named_or_all(words, slots):
    changes = ordered(f"@pointsman release {words}")
    assert [(type(c), c.name, c.value, c.by) for c in changes] == [
        (SetFact, f"released.{s}", "ann", "") for s in slots
    ]


@pytest.mark.parametrize(
    "text",
    [
        "@POINTSMAN Priority HIGH",
        "  @pointsman priority high",
        "＠pointsman　priority　high",
        "@pointsman: priority high",
        "@pointsman，priority high。",
        "@pointsman ｐｒｉｏｒｉｔｙ ｈｉｇｈ",
        "[~pointsman] priority high",
        "Hello,\n\n@pointsman priority high\n\nthanks",
        "@pointsman\tpriority  high",
        "@pointsman priority high\r\n",
        "```\n@pointsman priority low\n```\n@pointsman priority high",
    ],
)
def test_how_an_order_may_be_written(text):
    assert [change.shown for change in ordered(text)] == ["high"]


@pytest.mark.parametrize(
    "text",
    [
        "please, @pointsman priority high",
        "- @pointsman priority high",
        "> @pointsman priority high",
        "    > @pointsman priority high",
        "    @pointsman priority high",
        "```\n@pointsman priority high\n```",
        "~~~ text\n@pointsman priority high",
        "{code:java}\n@pointsman priority high\n{code}",
        "{noformat}\n@pointsman priority high\n{noformat}",
        "{quote}\n@pointsman priority high\n{quote}",
        "bq. @pointsman priority high",
        ">>>\n@pointsman priority high\n>>>",
        "<!--\n@pointsman priority high\n-->",
        "<pre>\n@pointsman priority high\n</pre>",
        "@pointsman-bot priority high",
        "@pointsmann priority high",
        "@pointsman.example priority high",
        "me@pointsman priority high",
        "pointsman priority high",
        "",
    ],
)
def test_what_is_no_order(text):
    assert ordered(text) == []


@pytest.mark.parametrize("by", ["customer", "system", "us"])
def test_only_agents_are_obeyed_and_answered(by):
    assert ordered("@pointsman priority high\n@pointsman nonsense\n@pointsman why", by=by) == []


def test_somebody_whose_role_is_unknown_gets_silence():
    assert ordered(None, actor=Actor("ann", person="ann"), comment=Comment("c1", "@pointsman why")) == []


def test_a_customers_words_that_an_agents_event_carries_are_not_obeyed():
    comment = Comment("c9", "@pointsman priority urgent", author=Actor("dana", role=Role.CUSTOMER))
    assert ordered(None, comment=comment) == []


@pytest.mark.parametrize("kind", ["comment_edited", "comment_deleted", "created", "reconciled", "timer"])
def test_only_a_new_comment_orders_anything(kind):
    assert ordered("@pointsman priority high", kind=kind) == []


def test_a_comment_that_came_with_a_change_is_obeyed():
    assert len(ordered("@pointsman take", kind="updated")) == 1


def test_an_event_without_a_comment_orders_nothing():
    assert ordered(None) == []


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("@pointsman priortiy high", "did you mean `priority`?"),
        ("@pointsman priority hgih", "did you mean `high`?"),
        ("@pointsman route fronltine", "did you mean `frontline`?"),
        ("@pointsman release asignee", "did you mean `assignee`?"),
    ],
)
def test_a_mistyped_order_is_answered_with_the_nearest_word_and_a_hint(text, near):
    told = answer(text)
    assert near in told
    assert told.endswith("`@pointsman help` lists the commands.")


@pytest.mark.parametrize(
    "text",
    [
        "@pointsman",
        "@pointsman xyzzy",
        "@pointsman priority",
        "@pointsman priority very high",
        "@pointsman route",
        "@pointsman route mars",
        "@pointsman take bo",
        "@pointsman release everything",
    ],
)
def test_what_cannot_be_done_changes_nothing_and_is_answered(text):
    assert answer(text)


def test_somebody_unknown_cannot_take():
    assert "_people.yaml" in answer(None, actor=ZED, comment=Comment("c1", "@pointsman take"))


def test_an_agent_who_is_no_listed_person_orders_under_their_account():
    (change,) = ordered(None, actor=ZED, comment=Comment("c1", "@pointsman priority high", author=ZED))
    assert (change.by, change.because) == ("zed", "Zed by command")


def test_all_mistakes_of_a_comment_make_one_answer():
    told = answer("@pointsman priority hgih\n@pointsman rotue x\n@pointsman take bo")
    assert len(told.splitlines()) == 4


def test_the_answer_is_keyed_by_the_comment():
    (say,) = ordered("@pointsman help", comment_id="77")
    assert say.key == "answer:77"


def test_an_answer_quotes_harmlessly():
    assert "@all" not in answer("@pointsman @all")
    assert "\u2060" in answer("@pointsman @all")


def test_orders_work_in_the_order_they_stand():
    text = "@pointsman priority low\n@pointsman take\n@pointsman priority high"
    assert [change.shown for change in ordered(text)] == ["ann", "high"]


def test_release_and_then_priority_keeps_the_priority_and_releases_the_rest():
    changes = ordered("@pointsman release\n@pointsman priority high")
    assert [change.slot for change in changes] == ["fact:released.team", "fact:released.assignee", "priority"]


def test_one_wrong_order_does_not_stop_the_others():
    take, say = ordered("@pointsman take\n@pointsman priority hgih")
    assert isinstance(take, AssignTo)
    assert "hgih" in say.text


def test_too_many_orders_are_cut_and_said_so():
    *_, say = ordered("@pointsman take\n" * 30)
    assert "20" in say.text


def test_why_is_answered_with_the_reasons_of_the_plan():
    ticket = a_ticket(priority="high")
    event = an_event("commented", "agent", "@pointsman why", person="ann")
    wish = SetPriority(Priority.HIGH, because="Platinum customer (+50) = 50")
    plan = decide(
        a_ticket(priority="high", event=event),
        [
            ("priority", lambda _: [wish]),
            ("commands", lambda _: proposals(commands, ticket, event=event, desk=DESK)),
        ],
    )
    say = plan.decisions[-1].change
    assert isinstance(say, Say)
    assert "priority high: Platinum customer (+50) = 50" in say.text


def test_help_lists_every_command_and_the_teams():
    told = answer("@pointsman help")
    assert all(f"`{verb}" in told for verb in commands.VERBS)
    assert "frontline, payments-cn, security" in told


def test_our_own_help_is_no_order():
    assert ordered(answer("@pointsman help")) == []


@pytest.mark.parametrize(
    ("person", "allow", "may"),
    [
        ("bo", {"priority": ["supervisor"]}, True),
        ("ann", {"priority": ["supervisor"]}, False),
        ("ann", {"priority": ["ann"]}, True),
        ("ann", {"priority": "frontline"}, True),
        ("ann", {"priority": []}, False),
        ("ann", {"priority": ["agent"]}, True),
        ("ann", {"route": ["supervisor"]}, True),
    ],
)
def test_allow_names_people_teams_and_roles(person, allow, may):
    (change,) = ordered("@pointsman priority high", {"allow": allow}, person=person)
    assert isinstance(change, SetPriority) is may


def test_another_handle_is_listened_to_instead():
    rules = {"handle": "triage"}
    assert len(ordered("@triage take", rules)) == 1
    assert ordered("@pointsman take", rules) == []
    assert "`@triage help`" in answer("@triage hlep", rules)


@pytest.mark.parametrize(
    ("text", "ticket"),
    [("@pointsman priority 紧急", a_ticket()), ("@pointsman hlep", a_ticket(facts={"language": "zh-Hans"}))],
)
def test_answers_are_chinese_where_the_comment_or_the_ticket_is(text, ticket):
    assert "可查看所有命令" in answer(text, ticket=ticket)


def test_both_languages_have_every_text():
    assert TEXTS["en"].keys() == TEXTS["zh"].keys()


def test_an_order_pins_its_slot_and_a_release_frees_it():
    event = an_event("commented", "agent", "@pointsman priority low", person="ann")
    rules = ("priority", lambda _: [SetPriority(Priority.HIGH, because="sum")])

    def plan(text, ticket):
        event = an_event("commented", "agent", text, person="ann")
        return decide(
            a_ticket(event=event, **ticket),
            [rules, ("commands", lambda t: proposals(commands, t, event=event, desk=DESK))],
        )

    held = plan("@pointsman priority low", {})
    assert held.pins["priority"].by == "ann"
    assert [change.value for change in held.changes] == [Priority.LOW]

    freed = plan("@pointsman release priority", {"pins": held.pins, "priority": "low"})
    assert "priority" in freed.released
    assert [change.value for change in freed.changes] == [Priority.HIGH]

    kept = decide(a_ticket(event=event, pins=held.pins, priority="low"), [rules])
    assert kept.decisions[0].verdict is Verdict.PERSON
