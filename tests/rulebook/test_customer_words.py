"""A word that almost is a customer's is a mistake; one far from all may be that of tomorrow's customer."""

from __future__ import annotations

import pytest

from .samples import CUSTOMERS, HEAD, problems


def tier(tmp_path, word: str) -> list[str]:
    rules = HEAD + f"priority: {{signals: [{{id: a, score: 1, when: {{customer.tier: {word}}}}}]}}\n"
    return problems(tmp_path, team=rules, _customers=CUSTOMERS)


@pytest.mark.parametrize("word", ["gold", "Gold", "PLATINUM", "free", "tier-7", "platinum-eu", "[gold, resellers]"])
def test_a_known_or_quite_different_word_is_fine(tmp_path, word):
    assert tier(tmp_path, word) == []


@pytest.mark.parametrize(
    ("word", "meant"), [("glod", "gold"), ("platnum", "platinum"), ("[gold, premiun]", "premium")]
)
def test_a_slip_of_the_keyboard_is_refused(tmp_path, word, meant):
    (line,) = tier(tmp_path, word)
    assert line.endswith(f"(did you mean `{meant}`?)")


def test_words_that_differ_in_their_number_are_different_words(tmp_path):
    rules = HEAD + "priority: {signals: [{id: a, score: 1, when: {customer.region: zone2}}]}\n"
    assert problems(tmp_path, team=rules, _customers='- {match: "*@a.example", region: zone1}\n') == []
