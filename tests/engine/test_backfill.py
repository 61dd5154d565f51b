"""Old tickets are looked at when a person asks: in shadow nothing happens to them, live each is written once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from connector.engine.backfill import BackfillRefused, Mode, begin, decline, preview, stop
from connector.engine.backfill import Wish as BackfillWish
from connector.engine.backfill_listing import read_list
from connector.engine.backfill_working import work_off
from connector.engine.reconcile import reconcile
from connector.errors import TrackerError
from connector.model import Actor, FieldChange, Kind, Role
from connector.store.backfills import delivery_of
from tests.engine.old_desk import PLACES, RULES, Hands, OldDesk, an_old_desk, work

SHADOW = {"desk.yaml": RULES.replace("mode: live", "mode: shadow")}


@pytest.fixture(params=PLACES)
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[OldDesk]:
    with an_old_desk(request.param, 9) as far, far.opened(tmp_path) as opened:
        yield opened


@pytest.fixture
def local(tmp_path: Path) -> Iterator[OldDesk]:
    with an_old_desk("local", 6) as far, far.opened(tmp_path) as opened:
        yield opened


def test_in_shadow_everything_is_decided_and_nothing_written_or_remembered(desk: OldDesk) -> None:
    found = desk.run("shadow")
    assert (found["state"], found["tickets"]) == ("done", {"all": 9, "decided": 9})
    assert found["outcomes"]["would write"] >= 9
    assert desk.far.writes() == []
    for ticket in desk.tickets:
        row = desk.line.store.tickets.get(desk.name, ticket)
        assert row is not None
        assert (row.memory["ours"], row.memory["said"], row.contact) == ({}, (), False)
        assert desk.line.plans(ticket, desk.name)[0]["mode"] == "shadow"


def test_live_every_ticket_is_written_once_and_a_second_run_finds_nothing_to_do(desk: OldDesk) -> None:
    found = desk.run("live")
    assert found["tickets"] == {"all": 9, "decided": 9}
    assert found["outcomes"]["written"] >= 9
    assert [desk.urgent(ticket) for ticket in desk.tickets] == [n % 3 == 0 for n in range(9)]
    before = len(desk.far.writes())
    again = desk.run("live")
    assert again["outcomes"].keys() == {"already so"}
    assert len(desk.far.writes()) == before


def test_nobody_is_greeted_weeks_later(desk: OldDesk) -> None:
    desk.run("live")
    assert all(desk.far.state(ticket)["comments"] == [] for ticket in desk.tickets)


def test_live_after_shadow_writes_as_if_there_had_been_no_shadow(desk: OldDesk) -> None:
    shadow = desk.run("shadow")
    live = desk.run("live")
    assert shadow["outcomes"].get("would write") == live["outcomes"].get("written")
    assert sum(desk.urgent(ticket) for ticket in desk.tickets) == 3


def test_a_value_that_a_person_changed_later_pins_and_is_left_alone(desk: OldDesk) -> None:
    taken = desk.tickets[0]
    value = {"gitlab": "priority::4", "jira": "Low", "local": "low"}[desk.name]
    desk.far.edit(taken, "bo", priority=value)
    found = desk.run("live")
    assert found["outcomes"]["left to a person"] == 1
    assert desk.far.state(taken)["priority"] == value


def test_closed_tickets_are_not_touched(desk: OldDesk) -> None:
    desk.close(desk.tickets[3])
    found = desk.run("live")
    assert found["tickets"]["all"] == 8
    assert desk.far.writes(desk.tickets[3]) == []


def test_a_rule_file_in_shadow_is_not_written_by_a_live_run(tmp_path: Path) -> None:
    with an_old_desk("gitlab", 4) as far, far.opened(tmp_path, files=SHADOW) as desk:
        run = read_list(desk.line.services, desk.begin("live"), Hands(desk))
        assert [(reach.mode, reach.writes) for reach in preview(desk.line.services, run).files] == [("shadow", False)]
        found = desk.finish(run)
        assert found["outcomes"].keys() == {"would write"}
        assert desk.far.writes() == []


def test_only_what_is_asked_for_is_listed(local: OldDesk) -> None:
    now = local.clock()
    assert local.run(created_before=now - timedelta(minutes=63))["tickets"]["all"] == 3
    assert local.run(created_after=now - timedelta(minutes=61))["tickets"]["all"] == 2
    assert local.run(limit=4)["tickets"]["all"] == 4
    local.far.edit(local.tickets[1], "bo", title="moved")
    assert local.run(updated_after=now)["tickets"]["all"] == 1


def test_what_is_older_than_the_last_reconcile_is_old_what_is_newer_is_news(local: OldDesk) -> None:
    new = local.add("an outage, now")
    assert local.run("live")["tickets"]["all"] == 6
    assert local.far.writes(new) == []
    reconcile(local.line.services, local.far.tracker)
    work(local.line)
    assert local.urgent(new)
    assert len(local.far.state(new)["comments"]) == 1


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        (BackfillWish("gitlob"), "no tracker `gitlob` is connected"),
        (BackfillWish("local", ("other",)), "no rule file applies to other of local"),
    ],
)
def test_what_cannot_come_to_anything_is_refused_before_it_begins(
    local: OldDesk, wish: BackfillWish, said: str
) -> None:
    with pytest.raises(BackfillRefused, match=said):
        begin(local.line.services, wish, "shadow", "cli:ann")


def test_a_run_that_is_declined_works_nothing(local: OldDesk) -> None:
    run = read_list(local.line.services, local.begin("live"), Hands(local))
    assert decline(local.line.services, run, "cli:ann").state == "declined"
    assert work_off(local.line.services, run, Hands(local), lambda: None).state == "declined"
    assert local.far.writes() == []


def test_a_run_is_not_worked_before_somebody_said_yes(local: OldDesk) -> None:
    run = read_list(local.line.services, local.begin("live"), Hands(local))
    assert run.state == "asking"
    assert local.line.store.backfills.next(run.id, 10) == []
    assert local.line.store.inbox.depth().waiting == 0


def test_a_run_that_is_stopped_passes_over_what_lies_in_the_inbox(local: OldDesk) -> None:
    run = local.listed(local.begin("live"), Hands(local))
    queued: list[int] = []

    def stopped() -> None:
        queued.append(local.line.store.inbox.depth().waiting)
        stop(local.line.services, run, "cli:bo")

    ended = work_off(local.line.services, run, Hands(local, stopped), lambda: None)
    assert (ended.state, queued[0]) == ("stopped", 2)
    assert local.far.writes() == []
    assert local.line.store.backfills.counts(run.id) == {"stopped": 6}
    assert local.line.store.inbox.depth().waiting == 0


def test_what_happens_now_is_not_kept_waiting_by_thousands_of_old_tickets(tmp_path: Path) -> None:
    with an_old_desk("local", 60) as far, far.opened(tmp_path) as desk:
        waiting: list[int] = []
        new: list[str] = []

        def meanwhile() -> None:
            waiting.append(desk.line.store.inbox.depth().waiting)
            if len(waiting) == 5:
                new.append(desk.far.add(project="desk", title="an outage, now"))
                desk.line.deliver(desk.line.event("local", new[0], Kind.CREATED))
            if len(waiting) == 6:
                assert desk.urgent(new[0])

        found = desk.run("shadow", Hands(desk, meanwhile))
        assert found["tickets"]["decided"] == 60
        assert max(waiting) <= 3
        assert [call.path for call in desk.far.writes()] == [f"issues/{new[0]}", f"issues/{new[0]}/comments"]


def test_a_look_in_shadow_between_events_neither_writes_nor_keeps_them_from_being_written(desk: OldDesk) -> None:
    run = desk.listed(desk.begin("shadow"), Hands(desk))
    ticket = desk.tickets[0]
    look = desk.line.event(desk.name, ticket, Kind.RECONCILED, backfill=run.id, shadow=True)
    bo = Actor("bo", "Bo", Role.AGENT, "bo")
    moved = FieldChange("status", "done", "open", desk.clock(), bo, "c1")
    desk.line.deliver(desk.line.event(desk.name, ticket, Kind.UPDATED, actor=bo, changes=(moved,)))
    desk.line.deliver(look, delivery_of(run.id, ticket))
    desk.line.work()
    assert desk.urgent(ticket)
    modes = [plan["mode"] for plan in desk.line.plans(ticket, desk.name)]
    assert modes == ["shadow", "live"]
    assert desk.line.store.tickets.get(desk.name, ticket).contact


def test_a_look_in_shadow_behind_a_missed_event_does_not_hide_it(desk: OldDesk) -> None:
    run = desk.listed(desk.begin("shadow"), Hands(desk))
    ticket = desk.tickets[0]
    for look in (True, False):
        extra = {"backfill": run.id, "shadow": True} if look else {}
        desk.line.deliver(desk.line.event(desk.name, ticket, Kind.RECONCILED, **extra))
    desk.line.work()
    assert desk.urgent(ticket)
    assert desk.line.store.tickets.get(desk.name, ticket).memory["ours"]["priority"] == "urgent"


def test_a_ticket_that_shadow_has_seen_is_greeted_when_its_creation_is_told_late(local: OldDesk) -> None:
    new = local.add("an outage, and its webhook is lost")
    run = local.begin("shadow")
    local.line.deliver(local.line.event("local", new, Kind.RECONCILED, backfill=run.id, shadow=True))
    local.line.work()
    assert local.far.writes(new) == []
    reconcile(local.line.services, local.far.tracker)
    local.line.work()
    assert local.urgent(new)
    assert [text for _, text in local.far.state(new)["comments"]] == ["We have your request."]


@pytest.mark.parametrize(("mode", "timers"), [("shadow", 0), ("live", 3)])
def test_shadow_sets_no_timer_that_would_write_later(tmp_path: Path, mode: Mode, timers: int) -> None:
    aged = RULES.replace("routing:", "routing:\n  - {id: old, when: {age: '> 3h'}, team: frontline}")
    with an_old_desk("local", 3) as far, far.opened(tmp_path, files={"desk.yaml": aged}) as desk:
        desk.run(mode)
        desk.clock.forward(timedelta(days=1))
        assert desk.line.store.timers.fire() == timers


def test_a_ticket_that_was_deleted_meanwhile_is_told_as_gone(tmp_path: Path) -> None:
    with an_old_desk("gitlab", 5) as far, far.opened(tmp_path) as desk:
        run = desk.listed(desk.begin("shadow"), Hands(desk))
        far.far.delete(far.tickets[2], "ann")
        assert desk.finish(run)["tickets"] == {"all": 5, "decided": 4, "gone": 1}


def test_a_ticket_whose_rule_file_went_meanwhile_is_passed_over(tmp_path: Path) -> None:
    with an_old_desk("local", 3) as far, far.opened(tmp_path) as desk:
        run = desk.listed(desk.begin("live"), Hands(desk))
        elsewhere = RULES.replace("local: [desk]", "local: [shop]")
        (tmp_path / "rules" / "desk.yaml").write_text(elsewhere, encoding="utf-8")
        assert desk.line.services.rules.refresh(force=True)
        assert desk.finish(run)["tickets"] == {"all": 3, "skipped": 3}


def test_what_fails_for_good_is_told_with_its_reason_and_counts_again_after_a_replay(tmp_path: Path) -> None:
    with an_old_desk("gitlab", 4) as far, far.opened(tmp_path) as desk:
        fetch, bad = desk.line.services.trackers["gitlab"].fetch, desk.tickets[1]

        def refusing(ticket, words):
            if ticket == bad:
                raise TrackerError("GET issue", status=422, permanent=True)
            return fetch(ticket, words)

        desk.line.services.trackers["gitlab"].fetch = refusing
        found = desk.run("shadow")
        assert (found["state"], found["tickets"]) == ("done", {"all": 4, "decided": 3, "failed": 1})
        assert found["failures"] == [{"ticket": bad, "why": "TrackerError"}]
        desk.line.services.trackers["gitlab"].fetch = fetch
        parked = desk.line.store.inbox.parked()
        assert desk.line.store.inbox.replay(parked[0].id, "cli:ann")
        desk.line.work()
        assert desk.line.store.backfills.counts(found["run"]) == {"decided": 4}


def test_a_discarded_event_does_not_keep_the_run_from_its_end(tmp_path: Path) -> None:
    with an_old_desk("local", 4) as far, far.opened(tmp_path) as desk:
        run = desk.listed(desk.begin("shadow"), Hands(desk))

        def parked_and_discarded() -> None:
            for lane in desk.line.store.inbox.claim("x", 1):
                for one in desk.line.store.inbox.waiting(lane):
                    with desk.line.store.fenced(lane) as work:
                        work.park(one.id, "odd")
                    desk.line.store.inbox.discard(one.id, "cli:ann")

        watch = Hands(desk)
        watch.pause = lambda seconds: parked_and_discarded() or True  # type: ignore[method-assign]
        ended = work_off(desk.line.services, run, watch, lambda: None)
        assert (ended.state, desk.line.store.backfills.counts(run.id)) == ("done", {"discarded": 4})


def test_where_nobody_is_at_work_the_command_helps_out_once(local: OldDesk) -> None:
    called: list[int] = []
    run = local.listed(local.begin("shadow"), Hands(local))
    watch = Hands(local)
    watch.pause = lambda seconds: len(called) == 0 or Hands.pause(watch, seconds)  # type: ignore[method-assign]
    assert work_off(local.line.services, run, watch, lambda: called.append(1)).state == "done"
    assert called == [1]


def test_every_step_is_in_the_audit(local: OldDesk) -> None:
    found = local.run("live")
    lines = [row for row in local.line.store.audit.newest(10) if row.detail.get("run") == found["run"]]
    assert [(row.what, row.actor) for row in reversed(lines)] == [
        ("backfill_started", "cli:ann"),
        ("backfill_asking", "cli:ann"),
        ("backfill_working", "cli:ann"),
        ("backfill_done", "cli:ann"),
    ]


def test_the_report_holds_no_word_of_a_ticket(local: OldDesk) -> None:
    found = local.run("live")
    assert "outage" not in str(found)
    assert {"plugin", "rule", "slot", "value", "outcome", "tickets"} == found["decisions"][0].keys()
