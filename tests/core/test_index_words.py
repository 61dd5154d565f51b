"""A ticket is found by the words of its title and key, however they are spelt."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.core.index_words import LONGEST, MOST_WANTED, MOST_WORDS, ticket_words, wanted_words


@pytest.mark.parametrize(
    ("title", "key", "wanted"),
    [
        ("Zahlung schlägt fehl", "SUP-1", "SCHLÄGT zahlung"),
        ("ＡＢＣ down", "SUP-1", "abc"),
        ("支付失败，请帮忙", "SUP-1", "支付失败"),
        ("支付失败", "SUP-1", "付"),
        ("當機了", "SUP-1", "当机"),
        ("当机了", "SUP-1", "當機"),
        ("請答覆客戶", "SUP-1", "答复"),
        ("ログインできない", "SUP-1", "ログイン"),
        ("로그인이 안 됩니다", "SUP-1", "로그인"),
        ("wifi断线 on iPhone15", "SUP-1", "WiFi 断线 iphone15"),
        ("x", "SUP-12", "sup-12"),
        ("x", "SUP-12", "sup 12"),
        ("as in SUP-7, again", "SUP-12", "SUP-7"),
        ("x", "acme/support#12", "Support#12"),
        ("x", "acme/support#12", "#12"),
        ("x", "acme/support#12", "acme/support#12"),
        ("x", "acme/support#12", "acme/support"),
        ("x", "acme/support#12", "12"),
        ("login_failed on app/v2", "SUP-1", "login app"),
        ("it's “broken”", "SUP-1", "broken"),
    ],
)
def test_a_ticket_is_found_by(title: str, key: str, wanted: str) -> None:
    assert wanted_words(wanted)
    assert wanted_words(wanted) <= ticket_words(title, key)


@pytest.mark.parametrize(
    ("title", "key", "wanted"),
    [
        ("payment", "SUP-1", "refund"),
        ("payment failed", "SUP-1", "payment refund"),
        ("支付成功", "SUP-1", "支付失败"),
        ("x", "SUP-12", "SUP-1"),
        ("12 users", "SUP-1", "SUP-12"),
        ("x", "acme/support#12", "sales#12"),
    ],
)
def test_a_ticket_is_not_found_by(title: str, key: str, wanted: str) -> None:
    assert not wanted_words(wanted) <= ticket_words(title, key)


@pytest.mark.parametrize("text", ["", "  ", "!?…", "\u202e", "—"])
def test_a_text_without_a_word_wants_none(text: str) -> None:
    assert wanted_words(text) == frozenset()


@given(st.text(max_size=300))
def test_a_title_is_found_by_each_of_its_pieces_and_by_the_whole(title: str) -> None:
    words = ticket_words(title, "SUP-1")
    for piece in (*title.split(), title):
        missing = wanted_words(piece) - words
        assert len(words) >= MOST_WORDS or not missing


def test_a_title_of_a_megabyte_fills_neither_the_index_nor_the_search() -> None:
    title = " ".join(f"word{n}" + "x" * 60 for n in range(10_000))
    words = ticket_words(title, "SUP-1")
    assert len(words) == MOST_WORDS
    assert max(map(len, words)) == LONGEST
    assert len(wanted_words(title)) == MOST_WANTED
