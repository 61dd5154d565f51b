"""Named texts that begin with a time: the newest, how many, and the old ones gone."""

from __future__ import annotations

from connector.store import Store


def stamp(day: int) -> str:
    return f"2026-11-{day:02}T09:00:00.000000+00:00"


def test_the_newest_come_first_and_the_rest_are_counted(store: Store) -> None:
    for day in range(1, 8):
        store.meta.set(f"notice/gone/jira:{day}", f"{stamp(day)} SUP-{day} ist weg")
    assert [v.split()[1] for v in store.meta.newest("notice/gone/", stamp(3), 2)] == ["SUP-7", "SUP-6"]
    assert store.meta.count("notice/gone/", stamp(3)) == 5


def test_only_the_old_ones_below_the_name_are_dropped(store: Store) -> None:
    for name in ("a_b/1", "axb/1", "a_b"):
        store.meta.set(name, f"{stamp(1)} old")
    store.meta.set("a_b/2", f"{stamp(9)} young")
    assert store.meta.drop("a_b/", stamp(5)) == 1
    assert store.meta.get("a_b/1") is None
    assert all(store.meta.get(name) for name in ("axb/1", "a_b", "a_b/2"))
