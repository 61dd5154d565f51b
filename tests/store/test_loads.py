"""The sum over tickets is the load, whatever was lost, doubled or came late; the last free slot has one taker."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
import sqlalchemy as sa

from connector.core.rotation import Turn
from connector.store import Difference, Full, Load, Share, Store
from connector.store.load_rows import FOUND
from connector.store.schema import load_entry, load_share, load_sum

from .conftest import MONDAY, Clock

TICKET, OTHER = ("jira", "10042"), ("gitlab", "7/12")
UNIT = 1000


def hold(store: Store, name: tuple[str, str], person: str | None, units: int = UNIT) -> None:
    with store.begin() as work:
        work.put_loads({name: Share(person, units) if person else None})


def claim(store: Store, name: tuple[str, str], person: str, units: int = UNIT, capacity: int = UNIT) -> None:
    with store.begin() as work:
        work.claim(name, Share(person, units), capacity)


def held(store: Store, *people: str) -> dict[str, tuple[int, int]]:
    return {load.person: (load.units, load.tickets) for load in store.loads.of(people).values()}


def entries(store: Store) -> list[tuple[str, str, int, str]]:
    rows = sa.select(load_entry).order_by(load_entry.c.id)
    with store._database.read() as connection:
        return [(row.person, row.ticket, row.units, row.why) for row in connection.execute(rows)]


def check(store: Store) -> None:
    """Ledger, shares and sums say the same, and nobody holds less than nothing."""
    total = sa.func.sum(load_entry.c.units)
    by_ticket = sa.select(load_entry.c.person, load_entry.c.tracker, load_entry.c.ticket, total)
    by_ticket = by_ticket.group_by(load_entry.c.person, load_entry.c.tracker, load_entry.c.ticket).having(total != 0)
    with store._database.read() as connection:
        ledger = {
            (person, tracker, ticket, int(units)) for person, tracker, ticket, units in connection.execute(by_ticket)
        }
        shares = {(s.person, s.tracker, s.ticket, s.units) for s in connection.execute(sa.select(load_share))}
        sums = {s.person: (s.units, s.tickets) for s in connection.execute(sa.select(load_sum))}
    assert ledger == shares
    assert all(units > 0 for *_, units in shares)
    for person, (units, tickets) in sums.items():
        mine = [share[-1] for share in shares if share[0] == person]
        assert (units, tickets) == (sum(mine), len(mine))
    assert {share[0] for share in shares} <= sums.keys()
    assert store.loads.rebuild() == ()


def test_a_person_holds_what_their_tickets_at_all_trackers_contribute(store: Store) -> None:
    hold(store, TICKET, "ann", 3 * UNIT)
    hold(store, OTHER, "ann", 250)
    hold(store, ("jira", "7"), "bo")
    assert held(store, "ann", "bo", "cy") == {"ann": (3250, 2), "bo": (1000, 1)}
    check(store)


def test_the_same_twice_is_once(store: Store) -> None:
    hold(store, TICKET, "ann")
    hold(store, TICKET, "ann")
    assert entries(store) == [("ann", "10042", 1000, "taken")]
    assert held(store, "ann") == {"ann": (1000, 1)}


def test_the_ledger_tells_how_it_came_to_this(store: Store) -> None:
    claim(store, TICKET, "ann")
    hold(store, TICKET, "ann", 250)
    hold(store, TICKET, "bo", 250)
    hold(store, TICKET, None)
    assert entries(store) == [
        ("ann", "10042", 1000, "claimed"),
        ("ann", "10042", -750, "weighed"),
        ("ann", "10042", -250, "left"),
        ("bo", "10042", 250, "taken"),
        ("bo", "10042", -250, "left"),
    ]
    check(store)


def test_when_somebody_was_given_a_ticket_last_is_known_and_finding_one_is_no_gift(
    store: Store, clock: Clock
) -> None:
    hold(store, TICKET, "ann")
    clock.forward(60)
    with store.begin() as work:
        work.put_loads({OTHER: Share("ann", UNIT), ("jira", "7"): Share("bo", UNIT)}, FOUND)
    clock.forward(60)
    hold(store, TICKET, "ann", 250)
    assert store.loads.of(["ann"])["ann"].last == MONDAY
    assert store.loads.of(["bo"])["bo"].last is None


def test_the_load_of_other_tickets_leaves_the_one_at_hand_out(store: Store) -> None:
    hold(store, TICKET, "ann", 3 * UNIT)
    hold(store, OTHER, "ann")
    assert store.loads.of(["ann"], without=TICKET)["ann"] == Load("ann", 1000, 1, MONDAY, {})
    assert store.loads.of(["ann"], without=("jira", "1"))["ann"].units == 4000


def test_a_claim_takes_what_is_free_and_nothing_more(store: Store) -> None:
    claim(store, TICKET, "ann", 600, capacity=1000)
    with pytest.raises(Full) as full:
        claim(store, OTHER, "ann", 500, capacity=1000)
    assert full.value.person == "ann"
    assert held(store, "ann") == {"ann": (600, 1)}
    claim(store, OTHER, "ann", 400, capacity=1000)
    check(store)


def test_what_is_claimed_again_takes_only_what_is_more_than_before(store: Store) -> None:
    claim(store, TICKET, "ann", 1000, capacity=1000)
    claim(store, TICKET, "ann", 1000, capacity=1000)
    claim(store, TICKET, "ann", 250, capacity=100)
    with pytest.raises(Full):
        claim(store, TICKET, "ann", 1001, capacity=1000)
    assert held(store, "ann") == {"ann": (250, 1)}


def test_a_claim_that_finds_no_room_leaves_the_ticket_with_whom_it_was(store: Store) -> None:
    hold(store, TICKET, "bo")
    hold(store, OTHER, "ann")
    with pytest.raises(Full):
        claim(store, TICKET, "ann")
    assert store.loads.share(*TICKET) == Share("bo", 1000)
    check(store)


def test_the_last_free_slot_has_exactly_one_taker(store: Store) -> None:
    hold(store, ("jira", "0"), "ann", 9 * UNIT)
    takers = 8
    start = Barrier(takers)

    def take(number: int) -> bool:
        start.wait()
        try:
            claim(store, ("jira", f"t{number}"), "ann", capacity=10 * UNIT)
        except Full:
            return False
        return True

    with ThreadPoolExecutor(takers) as pool:
        assert sum(pool.map(take, range(takers))) == 1
    assert held(store, "ann") == {"ann": (10_000, 2)}
    check(store)


def test_tickets_that_change_hands_both_ways_at_once_do_not_wait_for_each_other(store: Store) -> None:
    for n in range(8):
        hold(store, ("jira", str(n)), "ann" if n % 2 else "bo")

    def swap(number: int) -> None:
        for turn in range(10):
            hold(store, ("jira", str(number)), "ann" if (number + turn) % 2 else "bo")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(swap, range(8)))
    check(store)


def test_sums_are_made_anew_from_the_ledger(store: Store) -> None:
    hold(store, TICKET, "ann")
    hold(store, OTHER, "bo", 250)
    with store._database.write() as connection:
        connection.execute(sa.update(load_sum).where(load_sum.c.person == "ann").values(units=-7, tickets=3))
        connection.execute(sa.delete(load_sum).where(load_sum.c.person == "bo"))
        connection.execute(sa.insert(load_sum).values(person="cy", units=5, tickets=1))
    assert store.loads.rebuild() == (
        Difference("ann", (-7, 3), (1000, 1)),
        Difference("bo", (0, 0), (250, 1)),
        Difference("cy", (5, 1), (0, 0)),
    )
    assert held(store, "ann", "bo", "cy") == {"ann": (1000, 1), "bo": (250, 1), "cy": (0, 0)}
    check(store)


def test_a_turn_is_known_by_team(store: Store, clock: Clock) -> None:
    members = ["ann", "bo"]
    with store.begin() as work:
        work.claim(TICKET, Share("ann", UNIT), 10 * UNIT)
        work.take_turn("frontline", "ann", members)
    clock.forward(60)
    with store.begin() as work:
        work.claim(OTHER, Share("ann", UNIT), 10 * UNIT)
        work.take_turn("支付", "ann", members)
        work.take_turn("frontline", "ann", members)
    later = MONDAY + timedelta(seconds=60)
    assert store.loads.of(["ann"])["ann"].turns == {"frontline": Turn(2, later), "支付": Turn(1, later)}


def test_of_a_ticket_that_is_long_over_the_ledger_forgets_what_adds_up_to_nothing(store: Store, clock: Clock) -> None:
    hold(store, TICKET, "ann")
    hold(store, TICKET, None)
    hold(store, OTHER, "ann")
    hold(store, ("jira", "7"), "bo")
    clock.forward(86_400 * 30)
    hold(store, ("jira", "7"), None)
    assert store.loads.prune(MONDAY + timedelta(days=10)) == 4
    assert [(person, ticket) for person, ticket, *_ in entries(store)] == [("ann", "7/12"), ("bo", "7"), ("bo", "7")]
    assert store.loads.prune(MONDAY + timedelta(days=10)) == 0
    assert store.loads.prune(MONDAY + timedelta(days=31)) == 1
    assert [(person, ticket) for person, ticket, *_ in entries(store)] == [("ann", "7/12")]
    check(store)
