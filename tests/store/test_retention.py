"""What old plans were made from goes; nothing that is needed does, and what is left can still be proven."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connector.store import Store
from connector.store.retention import NEWEST

from .conftest import MONDAY, Clock, empty
from .test_plans import EFFECT, PLAN, add

DAY = timedelta(days=1)


def whole(store: Store, number: int) -> bool:
    stored = store.plans.get(number)
    assert stored is not None
    texts = (stored.row.event, stored.row.inputs, stored.row.decisions)
    assert (stored.removed_at is None) == all(text is not None for text in texts)
    return stored.removed_at is None


def texts(store: Store) -> int:
    with store._database.read() as connection:
        counted = connection.execute(sa.text("SELECT count(*) FROM payload WHERE kind LIKE 'plan.%'"))
        return int(counted.scalar_one())


def test_an_old_plan_loses_what_it_was_made_from_and_keeps_what_it_wrote(store: Store, clock: Clock) -> None:
    old = add(store, replace(PLAN, state="done"), EFFECT)
    for day in range(NEWEST):
        add(store, replace(PLAN, state="done", at=MONDAY + DAY * (1 + day)))
    before = store.plans.get(old)
    clock.forward(86_400 * 30)
    assert store.plans.prune(MONDAY + DAY * 10) == NEWEST + 1
    after = store.plans.get(old)
    assert before is not None
    assert after is not None
    assert (after.row.event, after.row.inputs, after.row.decisions) == (None, None, None)
    assert after.removed_at == clock.now
    assert (after.effects, after.digest, after.row.desk, after.row.rule_texts) == (
        before.effects, before.digest, before.row.desk, before.row.rule_texts
    )  # fmt: skip
    assert store.plans.chain_holds("jira", "10042")
    assert store.plans.prune(MONDAY + DAY * 10) == 0


@pytest.mark.parametrize(
    "forgery", ["UPDATE plan SET mode = 'shadow'", "UPDATE plan SET texts = replace(texts, '0', '1')"]
)
def test_a_plan_that_was_pruned_can_be_proven_and_a_forged_one_cannot(store: Store, forgery: str) -> None:
    old = add(store, replace(PLAN, state="done"))
    for _ in range(NEWEST):
        add(store, replace(PLAN, state="done"))
    store.plans.prune(MONDAY + DAY)
    assert not whole(store, old)
    assert store.plans.chain_holds("jira", "10042")
    with store.begin() as work:
        work.connection.execute(sa.text(f"{forgery} WHERE id = {old}"))
    assert not store.plans.chain_holds("jira", "10042")


def test_the_same_text_of_another_ticket_stays(store: Store) -> None:
    for _ in range(NEWEST + 1):
        add(store, replace(PLAN, state="done"))
    twin = add(store, replace(PLAN, ticket="7", state="done"))
    store.plans.prune(MONDAY + DAY)
    assert whole(store, twin)


def test_a_plan_that_was_open_is_looked_at_again_when_its_ticket_is(store: Store) -> None:
    first = add(store)
    for _ in range(NEWEST):
        add(store, replace(PLAN, state="done"))
    while store.plans.prune(MONDAY + DAY, batch=2):
        pass
    assert whole(store, first)
    with store.begin() as work:
        work.close_plan(first)
    add(store, replace(PLAN, state="done", at=MONDAY + DAY * 2))
    store.plans.prune(MONDAY + DAY * 3)
    assert not whole(store, first)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    made=st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["open", "done", "shadow"])), max_size=25),
    cuts=st.lists(st.integers(0, 25), max_size=3),
    batch=st.integers(1, 9),
)
def test_what_is_needed_is_never_removed_and_what_is_not_always(
    url: str, store: Store, made: list[tuple[str, str]], cuts: list[int], batch: int
) -> None:
    """Needed is what is young, open, or among the newest of its ticket when its turn comes."""
    empty(url)
    numbers = [add(store, replace(PLAN, ticket=t, state=s, at=MONDAY + n * DAY)) for n, (t, s) in enumerate(made)]
    for cut in sorted(cuts):
        while store.plans.prune(MONDAY + cut * DAY, batch=batch):
            pass
    old = max(cuts, default=0)
    for n, (ticket, state) in enumerate(made):
        later = [m for m in range(n + 1, len(made)) if made[m][0] == ticket]
        # Its turn comes with the first old plan of its ticket that has enough others between or behind.
        needed = n >= old or state == "open" or len(later) < NEWEST
        assert whole(store, numbers[n]) == needed
    assert texts(store) == sum(3 for number in numbers if whole(store, number)) + bool(made)
    assert all(store.plans.chain_holds(*ticket) for ticket in store.plans.tickets())
