"""Texts that customers write at any length are read in a time that grows with the length alone."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from connector.core.neutral import neutral
from connector.trackers.gitlab.markup import markers, safe
from connector.trackers.gitlab.ticket import read_ticket
from connector.words import Words

LONG = 100_000


def read(description: str) -> object:
    return read_ticket("gitlab", {"description": description}, Words())


@pytest.mark.parametrize(
    ("work", "text"),
    [
        (read, "](http://" * LONG),
        (read, "](http://" + "x" * LONG),
        (markers, " " * LONG + "x"),
        (markers, "\n" * LONG + "x"),
        (safe, "\n" * LONG + "x"),
        (safe, "\r" * LONG + "x"),
        (safe, " " * LONG + "x"),
        (neutral, " " * LONG + "x"),
        (neutral, "\t" * LONG + "x"),
        (neutral, "@!&~%[]{<" * (LONG // 9)),
    ],
)
def test_a_hostile_text_costs_no_more_than_an_honest_one(work: Callable[[str], object], text: str) -> None:
    before = time.process_time()
    work(text)
    assert time.process_time() - before < 5
