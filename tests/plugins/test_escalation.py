"""A rung does what it says when its part of the target is used up: once in each cycle, and nobody is told twice."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from connector import AssignTo, RouteTo
from connector.core.mention import with_names

from .ladder import HOUR, Life, hours, policy, priority

LATE = {"at": "100%", "add_label": ("late",)}
QUIET = {"quiet_outside": "office"}
NIGHT = ({"at": "110%", "add_label": ("late",), "notify": ("duty",)}, {"at": "150%", "notify": ("duty",)})


def test_a_rung_acts_when_its_part_of_the_target_is_used_up_and_never_again():
    life = Life([policy({"at": "80%", "add_label": ("soon",)}, LATE)])
    seen = {count: (life.at(count), list(life.labels))[1] for count in (6.3, 6.4, 6.4, 7, 8, 8, 9, 100)}
    assert seen == {
        6.3: [],
        6.4: ["soon"],
        7: ["soon"],
        8: ["soon", "late"],
        9: ["soon", "late"],
        100: ["soon", "late"],
    }


ACTIONS = [
    ({"add_label": ("late",)}, {"labels": {"late"}}),
    ({"raise_priority": 1}, {"priority": "high"}),
    ({"raise_priority": 3}, {"priority": "urgent"}),
    ({"assign": "bo"}, {"assignee": "bo"}),
    ({"assign": "team-lead"}, {"assignee": "bo"}),
    ({"team": "second"}, {"team": "second", "assignee": "ann"}),
    ({"team": "second", "assign": "team-lead"}, {"team": "second", "assignee": "ann"}),
    ({"return_to_team": True}, {"team": "frontline", "assignee": None}),
    ({"set_status": "open"}, {"status": "open"}),
]


@pytest.mark.parametrize(("does", "becomes"), ACTIONS, ids=[str(does) for does, _ in ACTIONS])
def test_what_a_rung_does(does: dict[str, Any], becomes: dict[str, Any]):
    life = Life([policy({"at": "100%", **does})])
    life.at(8)
    assert {slot: life.given.get(slot) for slot in becomes} == {
        slot: value if slot != "labels" else {*value, "sla::breached"} for slot, value in becomes.items()
    }


def test_each_change_says_which_rung_it_was():
    life = Life([policy(LATE)])
    life.at(8)
    (label,) = [change for change in life.did if change.slot == "label:late"]
    assert (label.because, label.rule) == ("100% of resolution used (policy rest)", "rest")


def test_it_says_its_text_to_the_team_with_what_is_known():
    life = Life([policy({"at": "100%", "say": {"en": "{key}: {metric} at {at}, {priority}.", "zh": "晚了"}})])
    life.at(8)
    assert life.said == ["DESK-1: resolution at 100%, normal."]


def test_a_metric_that_a_rung_does_not_name_is_none_of_its_business():
    targets = {"resolution": hours(8), "first_response": hours(1)}
    life = Life([policy({**LATE, "metrics": ("resolution",)}, targets=targets)])
    life.at(1)
    assert life.labels == []
    life.at(8)
    assert life.labels == ["late"]


def test_a_rung_of_all_metrics_acts_for_each():
    targets = {"resolution": hours(8), "first_response": hours(1)}
    life = Life([policy({"at": "100%", "notify": ("duty",)}, targets=targets)])
    life.at(1), life.at(8)
    assert [key.split("/")[1] for _, key in life.told] == ["first_response", "resolution"]


def test_what_is_finished_or_would_come_in_a_pause_does_nothing():
    life = Life([policy(LATE, pause_when=({"status": ("pending",)},))])
    life.at(5)
    life.person("status", "pending")
    life.at(20)
    life.person("status", "done")
    life.at(40)
    assert life.labels == []


def test_the_next_cycle_has_its_own():
    rung = {"at": "100%", "notify": ("duty",)}
    life = Life([policy(rung, targets={"next_response": hours(1)})])
    life.at(1), life.comment("We look.", public=True)
    life.at(2), life.comment("And?", by="customer", public=True)
    life.at(3), life.at(3.5)
    assert len(life.told) == 1
    life.comment("Soon.", public=True)
    life.at(4), life.comment("And now?", by="customer", public=True)
    life.at(5), life.at(6)
    assert len(life.told) == 2
    assert len(set(life.told)) == 2


class TestHeld:
    def test_a_raised_priority_outlives_what_the_rules_before_want(self):
        life = Life([policy({"at": "100%", "raise_priority": 1})], before=lambda _: [priority("normal")])
        life.at(8)
        for count in (9, 10, 100):
            plan = life.at(count)
            assert life.given["priority"] == "high"
        (kept,) = [d for d in plan.decisions if d.change.slot == "priority" and d.plugin == "escalation"]
        assert (kept.verdict.value, kept.change.because) == ("already so", "100% of resolution used (policy rest)")

    def test_it_is_a_floor_and_no_ceiling(self):
        wanted = ["normal"]
        life = Life([policy({"at": "100%", "raise_priority": 1})], before=lambda _: [priority(wanted[0])])
        life.at(8)
        wanted[0] = "urgent"
        life.at(9)
        assert life.given["priority"] == "urgent"

    def test_it_is_raised_once_however_often_it_is_looked_at(self):
        life = Life([policy({"at": "100%", "raise_priority": 1})])
        for count in (8, 8, 9, 10):
            life.at(count)
        assert life.given["priority"] == "high"

    def test_two_rungs_at_once_raise_one_after_the_other(self):
        life = Life([policy({"at": "80%", "raise_priority": 1}, {"at": "100%", "raise_priority": 1})])
        life.at(9)
        assert life.given["priority"] == "urgent"

    def test_the_due_date_is_that_of_the_raised_priority(self):
        """`sla` stands before `escalation`, and before it a plugin that wants the old priority again."""
        targets = {"resolution": {**hours(8), "high": {"seconds": 20 * 3600, "calendar": "24x7"}}}
        life = Life(
            [policy({"at": "100%", "raise_priority": 1}, targets=targets)], before=lambda _: [priority("normal")]
        )
        life.at(8), life.at(9)
        due = [change.at for change in life.did if change.slot == "due:sla"]
        assert (due[-1] - life.created).total_seconds() == 20 * 3600

    def test_a_persons_word_wins(self):
        life = Life([policy({"at": "100%", "raise_priority": 1, "team": "second"})])
        life.at(8)
        life.person("priority", "low"), life.person("team", "frontline")
        life.at(9)
        assert (life.given["priority"], life.given["team"]) == ("low", "frontline")

    def test_it_ends_with_the_cycle(self):
        life = Life(
            [policy({"at": "100%", "raise_priority": 2}, targets={"next_response": hours(1)})],
            before=lambda _: [priority("normal")],
        )
        life.comment("We look.", public=True)
        life.at(1), life.comment("And?", by="customer", public=True)
        life.at(2)
        assert life.given["priority"] == "urgent"
        life.at(3), life.comment("Soon.", public=True), life.at(4)
        assert life.given["priority"] == "urgent", "the cycle is still the last"
        life.comment("And now?", by="customer", public=True)
        assert life.given["priority"] == "normal"

    @pytest.mark.parametrize(
        ("metric", "does", "wish"),
        [
            ("ownership", {"team": "second"}, RouteTo("frontline")),
            ("assignee_reply", {"assign": "bo"}, AssignTo("ann")),
            ("assignee_reply", {"return_to_team": True}, AssignTo("ann")),
        ],
    )
    def test_a_rung_that_ends_its_own_cycle_plays_no_ping_pong(self, metric: str, does: dict[str, Any], wish: Any):
        rung = {"at": "100%", "metrics": (metric,), **does}
        life = Life([policy(rung, targets={metric: hours(1)})], before=lambda _: [wish])
        for count in (1, 1, 2, 3, 4, 5, 10):
            life.at(count)
        written = [change for change in life.did if change.slot in ("team", "assignee")]
        assert len(written) == 1
        assert life.given[written[0].slot] == written[0].shown


class TestAcknowledged:
    RUNGS = ({"at": "80%", "notify": ("duty",)}, {"at": "100%", "notify": ("duty",)})

    def test_later_rungs_do_not_act(self):
        life = Life([policy(*self.RUNGS)])
        life.at(7), life.comment("@pointsman ack because we are on it")
        life.at(8), life.at(50)
        assert len(life.told) == 1
        assert life.said == ["Acknowledged: no further step for what is running now."]

    def test_it_holds_though_the_rung_is_due_when_the_ack_is_worked(self):
        """`commands` is asked after `escalation`: what was due after the ack does not act, what was before does."""
        life = Life([policy({"at": "80%", "add_label": ("soon",)}, LATE)])
        life.now = life.created + 9 * HOUR
        life.comment("@pointsman ack", at=7)
        assert life.labels == ["soon"]
        life.at(10)
        assert life.labels == ["soon"]

    def test_a_later_cycle_escalates_again(self):
        life = Life([policy(*self.RUNGS, targets={"next_response": hours(1)})])
        life.comment("We look.", public=True)
        life.at(1), life.comment("And?", by="customer", public=True), life.comment("@pointsman ack")
        life.at(3), life.comment("Soon.", public=True)
        assert life.told == []
        life.comment("And now?", by="customer", public=True)
        life.at(5)
        assert len(life.told) == 2

    @pytest.mark.parametrize(
        ("text", "by"), [("@pointsman ack", "customer"), ("@pointsman ack all", "bo"), ("> @pointsman ack", "bo")]
    )
    def test_what_is_no_order_stops_nothing(self, text: str, by: str):
        life = Life([policy(LATE)])
        life.comment(text, by=by)
        life.at(8)
        assert life.labels == ["late"]

    def test_who_may_not_stops_nothing(self):
        life = Life([policy(LATE)])
        life.commands = {"allow": {"ack": ("supervisor",)}}
        life.comment("@pointsman ack", by="ann")
        assert "may not use `ack`" in life.said[0]
        life.at(8)
        assert life.labels == ["late"]


class TestTold:
    def test_the_text_names_the_ticket_and_no_word_of_its_customer(self):
        life = Life([policy({"at": "100%", "notify": ("duty",)})], given={"title": "my secret"})
        life.at(8)
        (notice,) = [change for change in life.did if change.slot.startswith("notify:")]
        assert notice.text == "DESK-1: 100% of resolution used (policy rest), due 2026-03-02 18:00 UTC"

    def test_in_chinese_where_the_desk_is(self):
        life = Life([policy({"at": "100%", "notify": ("duty",)})])
        life.desk = replace(life.desk, language="zh")
        life.at(8)
        (notice,) = [change for change in life.did if change.slot.startswith("notify:")]
        assert notice.text == "DESK-1: 解决已用 100%（策略 rest），截止 2026-03-02 18:00 UTC"

    def test_who_has_no_address_is_mentioned_in_one_comment(self):
        life = Life([policy({"at": "100%", "notify": ("assignee", "team-lead", "duty")})])
        life.at(8)
        assert [to for to, _ in life.told] == ["bo", "duty"]
        (text,) = life.said
        assert with_names(text, {"ann": "Ann Li"}).startswith("Ann Li 100% of resolution used (policy rest), due")

    def test_nobody_is_told_where_nobody_is(self):
        life = Life(
            [policy({"at": "100%", "notify": ("assignee", "team-lead")})], given={"assignee": None, "team": "second"}
        )
        life.at(8)
        assert (life.told, life.said) == ([], [])


class TestQuietHours:
    """The office is open from 9 to 18; tickets are made at 10."""

    def test_only_notices_wait_until_the_desk_opens_and_become_one(self):
        life = Life([policy(*NIGHT)], QUIET)
        life.at(8.8), life.at(12)
        plan = life.at(13)
        assert (life.labels, life.told) == (["late"], [])
        assert [wake.at.hour for wake in plan.wakes if wake.note == "escalation"] == []
        assert life.memory.ours["wake:escalation"] == "2026-03-03T09:00:00+00:00"
        life.at(23), life.at(24)
        assert life.told == [("duty", f"escalation/resolution/150/{int(life.created.timestamp())}/duty")]

    def test_to_another_receiver_each_of_them_goes(self):
        life = Life([policy(NIGHT[0], {"at": "150%", "notify": ("bo",)})], QUIET)
        life.at(12), life.at(23)
        assert [to for to, _ in life.told] == ["duty", "bo"]

    def test_a_rung_that_cannot_wait_does_not(self):
        life = Life([policy({"at": "110%", "notify": ("duty",), "in_quiet_hours": True})], QUIET)
        life.at(9)
        assert len(life.told) == 1
        life.at(23)
        assert len(life.told) == 1

    def test_what_is_solved_by_then_is_told_to_nobody(self):
        life = Life([policy(*NIGHT)], QUIET)
        life.at(12), life.person("status", "done")
        life.at(23)
        assert life.told == []

    def test_what_was_acknowledged_by_then_neither(self):
        life = Life([policy(*NIGHT)], QUIET)
        life.at(12), life.comment("@pointsman ack")
        life.at(23), life.at(30)
        assert life.told == []

    def test_who_takes_over_at_night_is_told_in_the_morning(self):
        life = Life([policy({"at": "110%", "notify": ("assignee",)})], QUIET)
        life.at(12), life.person("assignee", "bo")
        life.at(23)
        assert [to for to, _ in life.told] == ["bo"]

    def test_in_the_hours_of_the_desk_nothing_waits(self):
        life = Life([policy({"at": "50%", "notify": ("duty",)})], QUIET)
        life.at(4)
        assert len(life.told) == 1


SECOND = 1 / 3600
"""In hours."""


class TestSilentAssignee:
    POLICY = policy(targets={"assignee_reply": hours(1)})

    def test_the_ticket_goes_back_to_the_team_with_the_reason(self):
        life = Life([self.POLICY])
        life.at(1 + SECOND)
        assert (life.given["assignee"], life.given["team"]) == (None, "frontline")
        (change,) = [change for change in life.did if change.slot == "assignee"]
        assert change.because == "Ann Li did not answer: 100% of assignee_reply used (policy rest)"

    def test_in_the_second_of_the_limit_itself_an_answer_is_still_in_time(self):
        life = Life([self.POLICY])
        life.at(1)
        assert life.given["assignee"] == "ann"
        life.at(1 + SECOND)
        assert life.given["assignee"] is None

    def test_who_answers_keeps_it(self):
        life = Life([self.POLICY])
        life.at(0.5), life.comment("We look.", by="ann", public=True)
        life.at(2)
        assert life.given["assignee"] == "ann"

    def test_also_one_whom_a_person_assigned_and_who_took_it(self):
        life = Life([self.POLICY], given={"assignee": None})
        life.person("assignee", "ann")
        life.at(1 + SECOND)
        assert life.given["assignee"] is None
        life.comment("@pointsman take", by="ann")
        assert life.given["assignee"] == "ann"
        life.at(3)
        assert life.given["assignee"] is None

    def test_a_persons_later_word_is_theirs(self):
        life = Life([self.POLICY], before=lambda _: [AssignTo("ann")])
        life.at(1 + SECOND)
        life.person("assignee", "bo")
        life.at(1.5)
        assert life.given["assignee"] == "bo"

    def test_after_so_many_hops_it_stays_and_the_lead_is_told_once(self):
        life = Life([self.POLICY], {"hops": 2})
        for count in (1, 3, 5, 7):
            life.at(count)
            holder, life.now = life.given["assignee"], life.now + HOUR / 2
            life.person("assignee", "ann" if holder != "ann" else "bo"), life.person("assignee", "ann")
        assert life.memory.ours["fact:kept.escalation"]["taken"] == ["ann", "ann"]
        assert [to for to, _ in life.told] == ["bo"]
        (notice,) = [change for change in life.did if change.slot.startswith("notify:")]
        assert "it stays with Ann Li" in notice.text
        assert life.given["assignee"] == "ann"

    def test_a_rung_of_the_policy_says_otherwise(self):
        own = {"at": "100%", "metrics": ("assignee_reply",), "notify": ("duty",)}
        life = Life([policy(own, targets={"assignee_reply": hours(1)})])
        life.at(1 + SECOND)
        assert (life.given["assignee"], len(life.told)) == ("ann", 1)

    def test_one_who_loses_it_at_night_reads_so_in_the_morning(self):
        own = {"at": "100%", "metrics": ("assignee_reply",), "return_to_team": True, "notify": ("assignee", "duty")}
        life = Life([policy(own, targets={"assignee_reply": hours(9)})], {"quiet_outside": "office"})
        life.at(9), life.at(23)
        assert [to for to, _ in life.told] == ["duty"]
        assert with_names(life.said[0], {"ann": "Ann Li"}).startswith("Ann Li Ann Li did not answer")


def test_after_days_of_stand_still_each_rung_acts_once_in_one_plan():
    rungs = [{"at": f"{part}%", "add_label": (f"l{part}",), "notify": ("duty",)} for part in (80, 100, 150, 300)]
    life = Life([policy(*rungs)])
    life.at(200), life.at(200), life.at(201)
    assert life.labels == ["l80", "l100", "l150", "l300"]
    assert [key.split("/")[2] for _, key in life.told] == ["80", "100", "150", "300"]
