"""Plans and effects: numbered, chained, complete, each effect settled once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from connector.store import EffectRow, PlanRow, Store

from .conftest import MONDAY, Clock

PLAN = PlanRow(
    "jira", "10042", (1, 2), event={"kind": "created"}, inputs={"title": "支付失败"}, decisions={"decisions": ()},
    rules_digest="r1", rule_texts={"support.yaml": "mode: live\n"}, plugin_digests={"priority": "p1"},
    desk={"teams": ("frontline",)}, mode="live", state="open", at=MONDAY,
)  # fmt: skip
EFFECT = EffectRow("k1", 0, "priority", "SetPriority", before="low", after="urgent", at=MONDAY)


def add(store: Store, plan: PlanRow = PLAN, *effects: EffectRow) -> int:
    with store.begin() as work:
        return work.add_plan(plan, effects)


def test_a_plan_comes_back_as_it_was_stored(store: Store) -> None:
    number = add(
        store, PLAN, EFFECT, replace(EFFECT, key="k2", seq=1, slot="say:hello", after={"text": "\x00\ud800"})
    )
    stored = store.plans.get(number)
    assert stored is not None
    assert stored.row == PLAN
    assert stored.effects[0] == EFFECT
    assert stored.effects[1].after == {"text": "\x00\ud800"}
    assert store.plans.get(number + 1) is None


def test_the_key_of_an_effect_can_hold_the_number_of_its_plan(store: Store) -> None:
    number = add(store, PLAN, replace(EFFECT, key="a/{plan}/b"), replace(EFFECT, key="", seq=1))
    stored = store.plans.get(number)
    assert stored is not None
    assert [effect.key for effect in stored.effects] == [f"a/{number}/b", f"jira:10042:{number}:priority"]


def test_the_key_of_an_effect_is_used_once(store: Store) -> None:
    add(store, PLAN, EFFECT)
    with pytest.raises(IntegrityError):
        add(store, PLAN, EFFECT)
    assert len(store.plans.of_ticket("jira", "10042")) == 1


def test_the_oldest_open_plan_is_carried_on_first(store: Store) -> None:
    first, second = add(store), add(store)
    add(store, replace(PLAN, state="shadow"))
    opened = store.plans.open_plan("jira", "10042")
    assert opened is not None
    assert opened.id == first
    with store.begin() as work:
        work.close_plan(first)
        work.close_plan(second, "failed")
    assert store.plans.open_plan("jira", "10042") is None
    assert [plan.row.state for plan in store.plans.of_ticket("jira", "10042")] == ["shadow", "failed", "done"]
    assert len(store.plans.of_ticket("jira", "10042", limit=1)) == 1


def test_the_plans_of_a_ticket_are_a_chain(store: Store) -> None:
    first, other, second = add(store, PLAN, EFFECT), add(store, replace(PLAN, ticket="7")), add(store)
    one, two, apart = (store.plans.get(number) for number in (first, second, other))
    assert one
    assert two
    assert apart
    assert (one.prev_digest, apart.prev_digest, two.prev_digest) == ("", "", one.digest)
    assert one.digest != two.digest
    assert store.plans.tickets() == [("jira", "10042"), ("jira", "7")]
    assert [store.plans.chain_holds(*ticket) for ticket in store.plans.tickets()] == [True, True]


@pytest.mark.parametrize(
    "forgery",
    [
        "UPDATE plan SET rules_digest = 'r2'",
        "UPDATE plan SET texts = replace(texts, 'inputs', 'inputz')",
        "UPDATE effect SET values_digest = 'x'",
        "UPDATE effect SET slot = 'team'",
        "DELETE FROM effect",
        "DELETE FROM plan WHERE id = (SELECT min(id) FROM plan)",
    ],
)
def test_a_changed_record_breaks_the_chain(store: Store, forgery: str) -> None:
    add(store, PLAN, EFFECT)
    add(store)
    assert store.plans.chain_holds("jira", "10042")
    with store.begin() as work:
        work.connection.execute(sa.text(forgery))
    assert not store.plans.chain_holds("jira", "10042")


def test_the_text_of_a_rule_file_is_stored_once(store: Store) -> None:
    add(store)
    add(store)
    with store._database.read() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM rule_text")).scalar_one() == 1


def test_an_effect_is_done_once_and_stays_done(store: Store, clock: Clock) -> None:
    number = add(store, PLAN, EFFECT)
    with store.begin() as work:
        work.effect_done("k1", {"status": 200})
    later = clock.forward(60)
    with store.begin() as work:
        work.effect_done("k1", {"status": 500})
        work.effect_failed("k1", "dropped", "a person changed it since")
    stored = store.plans.get(number)
    assert stored is not None
    (effect,) = stored.effects
    assert (effect.state, effect.response) == ("done", {"status": 200})
    assert effect.done_at == later - timedelta(seconds=60)


def test_a_dropped_effect_says_why(store: Store) -> None:
    number = add(store, PLAN, EFFECT)
    with store.begin() as work:
        work.effect_failed("k1", "dropped", "a person changed it since")
    stored = store.plans.get(number)
    assert stored is not None
    assert (stored.effects[0].state, stored.effects[0].why) == ("dropped", "a person changed it since")


def test_writes_to_a_slot_are_counted_from_an_instant_on(store: Store, clock: Clock) -> None:
    add(store, PLAN, EFFECT, replace(EFFECT, key="k2", slot="team"))
    add(store, PLAN, replace(EFFECT, key="k3"), replace(EFFECT, key="k4"))
    with store.begin() as work:
        work.effect_done("k1", {})
        work.effect_done("k2", {})
        work.effect_failed("k4", "dropped", "a person changed it since")
    later = clock.forward(60)
    assert store.plans.recent_writes("jira", "10042", "priority", MONDAY) == 1
    assert store.plans.recent_writes("jira", "10042", "priority", later) == 0
    assert [effect.key for effect in store.plans.sent("jira", "10042", "priority", MONDAY)] == ["k3", "k1"]
    assert [effect.key for effect in store.plans.sent("jira", "10042", "priority", later)] == ["k3"]


def test_a_ticket_that_is_gone_closes_its_plans(store: Store) -> None:
    number = add(store, PLAN, EFFECT)
    with store.begin() as work:
        work.close_open_plans("jira", "10042", "gone or not visible")
    stored = store.plans.get(number)
    assert stored is not None
    assert (stored.row.state, stored.effects[0].state, stored.effects[0].why) == (
        "done",
        "dropped",
        "gone or not visible",
    )
