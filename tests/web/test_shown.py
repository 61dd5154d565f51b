"""Other people's text: what hides is made visible, what is endless is cut, code is marked safely."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.web.shown import code, shortened, visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Payment fails", "Payment fails"),
        ("支付失败\r\n\t请尽快", "支付失败\r\n\t请尽快"),
        ("مشكلة", "مشكلة"),
        ("👩‍💻", "👩‍💻"),
        ("abc\u202etxt.exe", "abc⟨U+202E⟩txt.exe"),
        ("\u2066a\u2069\u200f\u061c", "⟨U+2066⟩a⟨U+2069⟩⟨U+200F⟩⟨U+061C⟩"),
        ("bell\x07 escape\x1b[31m", "bell⟨U+0007⟩ escape⟨U+001B⟩[31m"),
        ("zero\u200bwidth\ufeff", "zero⟨U+200B⟩width⟨U+FEFF⟩"),
        ("tag\U000e0041", "tag⟨U+E0041⟩"),
        ("\x85\x9b", "⟨U+0085⟩⟨U+009B⟩"),
    ],
)
def test_what_hides_or_turns_the_text_around_is_made_visible(text, shown):
    assert visible(text) == shown


@given(st.text())
def test_what_is_visible_stays_as_it_is(text):
    assert visible(visible(text)) == visible(text)
    assert "\u202e" not in visible(text)


@pytest.mark.parametrize(
    ("text", "most", "shown"),
    [("abc", 3, "abc"), ("abcd", 3, "abc…"), ("ab cd", 3, "ab…"), ("", 3, ""), (None, 3, "")],
)
def test_a_long_text_is_cut(text, most, shown):
    assert shortened(text, most) == shown


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("run `pointsman check` now", "run <code>pointsman check</code> now"),
        ("`a` and `b`", "<code>a</code> and <code>b</code>"),
        ("<b>`<i>`</b>", "&lt;b&gt;<code>&lt;i&gt;</code>&lt;/b&gt;"),
        ("one ` alone", "one ` alone"),
        ("", ""),
    ],
)
def test_what_stands_between_backticks_is_code(text, html):
    assert code(text) == html
