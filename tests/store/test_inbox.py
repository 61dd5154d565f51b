"""What the inbox promises, one claim at a time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta

import pytest
import sqlalchemy as sa

from connector.errors import LaneLost, StoreUnavailable
from connector.store import Incoming, Lane, Store
from connector.store.schema import payload

from .conftest import Clock


def incoming(delivery: str, lane: str = "local:1", **more: object) -> Incoming:
    return Incoming("local", delivery, lane, "created", {"title": "支付失败"}, **more)  # type: ignore[arg-type]


def claimed(store: Store, owner: str = "ann") -> Lane:
    (lane,) = store.inbox.claim(owner, 1)
    return lane


def test_an_accepted_event_waits_in_its_lane_with_its_words(store: Store, clock: Clock) -> None:
    accepted = store.inbox.accept(incoming("a", body=b"raw", headers={"X-Kind": "issue"}))
    (event,) = store.inbox.waiting(claimed(store))
    assert (accepted.duplicate, accepted.id) == (False, event.id)
    assert (event.delivery, event.event["title"], event.received_at) == ("a", "支付失败", clock.now)


def test_a_doubled_delivery_is_stored_once(store: Store) -> None:
    store.inbox.accept(incoming("a"))
    again = store.inbox.accept(incoming("a"))
    assert again.duplicate
    assert again.id is None
    assert store.inbox.depth().waiting == 1


def test_a_doubled_delivery_arms_no_lane(store: Store) -> None:
    store.inbox.accept(incoming("a"))
    lane = claimed(store)
    with store.fenced(lane) as work:
        work.finish(event.id for event in store.inbox.waiting(lane))
    store.inbox.accept(incoming("a"))
    assert store.inbox.claim("ann", 9) == []


def test_the_same_delivery_id_of_another_source_is_another_event(store: Store) -> None:
    store.inbox.accept(incoming("a"))
    other = store.inbox.accept(Incoming("jira", "a", "jira:1", "updated", {}))
    assert not other.duplicate


def test_events_of_a_lane_come_in_the_order_in_which_they_were_stored(store: Store) -> None:
    for delivery in "cab":
        store.inbox.accept(incoming(delivery))
    assert [event.delivery for event in store.inbox.waiting(claimed(store))] == ["c", "a", "b"]


def test_a_lane_is_held_by_one_owner_until_its_lease_ends(store: Store, clock: Clock) -> None:
    store.inbox.accept(incoming("a"))
    first = claimed(store, "ann")
    assert store.inbox.claim("bo", 9) == []
    clock.forward(30)
    second = claimed(store, "bo")
    assert second.fence > first.fence


def test_a_heartbeat_prolongs_what_is_held_and_names_what_is_lost(store: Store, clock: Clock) -> None:
    for key in ("local:1", "local:2"):
        store.inbox.accept(incoming(key, key))
    one, two = store.inbox.claim("ann", 2)
    clock.forward(20)
    assert store.inbox.heartbeat([one]) == {one}
    clock.forward(20)
    (taken,) = store.inbox.claim("bo", 9)
    assert taken.key == two.key
    assert store.inbox.heartbeat([one, two]) == {one}


def test_who_lost_the_lane_writes_nothing(store: Store, clock: Clock) -> None:
    store.inbox.accept(incoming("a"))
    stale = claimed(store, "ann")
    clock.forward(31)
    lane = claimed(store, "bo")
    with pytest.raises(LaneLost), store.fenced(stale) as work:
        work.audit("ann", "must not be stored")
    store.inbox.release(stale)
    assert len(store.inbox.waiting(lane)) == 1
    with store.fenced(lane) as work:
        work.finish([store.inbox.waiting(lane)[0].id])


def test_the_same_owner_with_an_older_fence_is_a_loser_too(store: Store) -> None:
    store.inbox.accept(incoming("a"))
    old = claimed(store, "ann")
    store.inbox.release(old)
    claimed(store, "ann")
    with pytest.raises(LaneLost), store.fenced(old):
        pytest.fail("the transaction must not begin")


def test_a_finished_lane_is_gone_and_comes_back_with_the_next_event(store: Store) -> None:
    store.inbox.accept(incoming("a"))
    lane = claimed(store)
    with store.fenced(lane) as work:
        work.finish([event.id for event in store.inbox.waiting(lane)])
    assert store.inbox.claim("ann", 9) == []
    store.inbox.accept(incoming("b"))
    assert claimed(store).fence > lane.fence


def test_an_event_that_arrives_while_the_last_one_is_finished_is_not_forgotten(store: Store) -> None:
    store.inbox.accept(incoming("a"))
    lane = claimed(store)
    (first,) = store.inbox.waiting(lane)
    store.inbox.accept(incoming("b"))
    with store.fenced(lane) as work:
        work.finish([first.id])
    store.inbox.release(lane)
    assert [event.delivery for event in store.inbox.waiting(claimed(store))] == ["b"]


def test_a_retried_event_keeps_its_whole_lane_waiting(store: Store, clock: Clock) -> None:
    store.inbox.accept(incoming("a"))
    lane = claimed(store)
    (event,) = store.inbox.waiting(lane)
    with store.fenced(lane) as work:
        work.retry([event.id], clock.now + timedelta(seconds=8), "TrackerError")
    store.inbox.accept(incoming("b"))
    assert store.inbox.claim("ann", 9) == []
    clock.forward(8)
    first, second = store.inbox.waiting(claimed(store))
    assert (first.delivery, first.attempts, first.first_failed_at) == ("a", 1, clock.now - timedelta(seconds=8))
    assert (second.delivery, second.attempts) == ("b", 0)


def test_a_parked_event_lets_the_next_one_pass_and_comes_back_by_replay(store: Store, clock: Clock) -> None:
    for delivery in "ab":
        store.inbox.accept(incoming(delivery))
    lane = claimed(store)
    first, second = store.inbox.waiting(lane)
    with store.fenced(lane) as work:
        work.park(first.id, "TrackerError: 403")
    assert [event.id for event in store.inbox.waiting(lane)] == [second.id]
    with store.fenced(lane) as work:
        work.finish([second.id])
    (parked,) = store.inbox.parked()
    assert (parked.id, parked.error, parked.parked_at, store.inbox.count_parked()) == (
        first.id,
        "TrackerError: 403",
        clock.now,
        1,
    )
    assert store.inbox.replay(first.id, "ann")
    assert not store.inbox.replay(first.id, "ann")
    assert [event.attempts for event in store.inbox.waiting(claimed(store))] == [0]


def test_a_discarded_event_is_done(store: Store) -> None:
    store.inbox.accept(incoming("a"))
    lane = claimed(store)
    with store.fenced(lane) as work:
        work.park(store.inbox.waiting(lane)[0].id, "ValueError")
    (parked,) = store.inbox.parked()
    assert store.inbox.discard(parked.id, "ann")
    assert not store.inbox.discard(parked.id, "ann")
    assert store.inbox.parked() == []


def test_what_a_transaction_did_before_it_failed_is_undone(store: Store) -> None:
    store.inbox.accept(incoming("a"))
    lane = claimed(store)
    with pytest.raises(IndexError), store.fenced(lane) as work:  # noqa: PT012
        work.finish([event.id for event in store.inbox.waiting(lane)])
        raise IndexError
    assert len(store.inbox.waiting(lane)) == 1


def test_an_event_of_another_lane_cannot_be_finished(store: Store) -> None:
    store.inbox.accept(incoming("a", "local:1"))
    store.inbox.accept(incoming("b", "local:2"))
    one, two = sorted(store.inbox.claim("ann", 2), key=lambda lane: lane.key)
    (foreign,) = store.inbox.waiting(two)
    with store.fenced(one) as work:
        work.finish([foreign.id])
    assert store.inbox.waiting(two) == (foreign,)


def payload_kinds(store: Store) -> list[str]:
    with store._database.read() as connection:
        return list(connection.execute(sa.select(payload.c.kind)).scalars())


def test_done_events_are_pruned_with_their_words_but_never_seen_as_new(store: Store, clock: Clock) -> None:
    store.inbox.accept(incoming("a", body=b"raw"))
    lane = claimed(store)
    (event,) = store.inbox.waiting(lane)
    with store.fenced(lane) as work:
        work.finish([event.id])
    store.inbox.accept(incoming("b", body=b"raw"))
    later = clock.forward(60)
    assert len(payload_kinds(store)) == 4
    assert store.inbox.prune(later) == 1
    assert store.inbox.prune(later) == 0
    assert sorted(payload_kinds(store)) == ["inbox.body", "inbox.event"]
    assert store.inbox.accept(incoming("a")).duplicate
    assert store.inbox.depth().waiting == 1


def test_delivery_ids_can_be_forgotten_after_long(store: Store, clock: Clock) -> None:
    store.inbox.accept(incoming("a"))
    assert store.inbox.forget(clock.now) == 0
    assert store.inbox.forget(clock.forward(1)) == 1
    assert not store.inbox.accept(incoming("a")).duplicate


@pytest.mark.parametrize("text", ["\x00", "\ud800", "x" * 9000, "😀" * 500, "a\nb", ""])
def test_any_text_may_stand_in_any_place(store: Store, text: str) -> None:
    event = {"title": text, text: [text]}
    row = Incoming(text, text, f"l{text}", text, event, body=b"\x00\xff", headers={text: text})
    assert not store.inbox.accept(row).duplicate
    assert store.inbox.accept(row).duplicate
    (waiting,) = store.inbox.waiting(claimed(store))
    assert waiting.event == {"title": text, text: (text,)}


def test_two_long_delivery_ids_with_the_same_beginning_are_two_events(store: Store) -> None:
    assert not store.inbox.accept(incoming("x" * 300 + "1")).duplicate
    assert not store.inbox.accept(incoming("x" * 300 + "2")).duplicate


def test_an_event_that_is_no_json_leaves_nothing_behind(store: Store) -> None:
    circle: dict[str, object] = {}
    circle["self"] = circle
    with pytest.raises(ValueError, match="Circular"):
        store.inbox.accept(Incoming("local", "a", "local:1", "created", circle))
    assert store.inbox.depth().waiting == 0


def test_a_closed_store_accepts_nothing(store: Store) -> None:
    store.close()
    with pytest.raises(StoreUnavailable):
        store.inbox.accept(incoming("a"))


def test_the_lane_that_waits_longest_is_claimed_first(store: Store, clock: Clock) -> None:
    for key in ("local:3", "local:1", "local:2"):
        store.inbox.accept(incoming(key, key))
        clock.forward(1)
    assert [claimed(store).key for _ in range(3)] == ["local:3", "local:1", "local:2"]


def test_a_replayed_event_does_not_wait_for_the_next_try_of_its_lane(store: Store, clock: Clock) -> None:
    for delivery in "ab":
        store.inbox.accept(incoming(delivery))
    lane = claimed(store)
    first, second = store.inbox.waiting(lane)
    with store.fenced(lane) as work:
        work.park(first.id, "TrackerError")
        work.retry([second.id], clock.now + timedelta(hours=1), "TrackerError")
    assert store.inbox.claim("ann", 9) == []
    assert store.inbox.replay(first.id, "ann")
    assert [event.id for event in store.inbox.waiting(claimed(store))] == [first.id, second.id]


def test_a_replay_leaves_a_lane_to_its_holder(store: Store) -> None:
    for delivery in "ab":
        store.inbox.accept(incoming(delivery))
    lane = claimed(store)
    first, _ = store.inbox.waiting(lane)
    with store.fenced(lane) as work:
        work.park(first.id, "TrackerError")
    assert store.inbox.replay(first.id, "ann")
    assert store.inbox.claim("bo", 9) == []


def test_an_accept_outlives_transactions_that_lock_lanes_crosswise(url: str) -> None:
    store = Store.open(url, migrate=False)

    def both(turn: int, n: int) -> bool:
        first, second = ("a", "b") if turn % 2 else ("b", "a")
        with store.begin() as work:
            work.enqueue(incoming(f"{turn}.{n}.1", first))
            work.enqueue(incoming(f"{turn}.{n}.2", second))
        return True

    def batch(turn: int) -> int:
        stored = 0
        for n in range(3):
            with suppress(StoreUnavailable):  # a deadlock: the flows come again by themselves
                stored += 2 * both(turn, n)
            store.inbox.accept(incoming(f"{turn}.{n}.3", "ab"[n % 2]))
            stored += 1
        return stored

    with ThreadPoolExecutor(4) as pool:
        stored = sum(pool.map(batch, range(4)))
    assert stored >= 12
    assert store.inbox.depth().waiting == stored
    for lane in store.inbox.claim("ann", 9):
        ids = [event.id for event in store.inbox.waiting(lane, 999)]
        assert ids == sorted(ids)
    store.close()
