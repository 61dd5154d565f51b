import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.trackers.gitlab import markup

TEXT = st.text(st.sampled_from("/ \t\n\r\u2028\x0b<!->pointsman:né\x00"), max_size=60)


@settings(max_examples=200, deadline=None)
@given(TEXT)
def test_no_line_of_what_we_post_begins_with_a_slash(text):
    for body in (markup.said(text, "key", "effect"), markup.note((text, text)), markup.described(text, "key")):
        assert not re.search(r"(?m)^\s*/", body)
        assert not any(line.lstrip().startswith("/") for line in body.splitlines())
        assert "\x00" not in body


@settings(max_examples=200, deadline=None)
@given(st.text(min_size=1, max_size=40), st.text(min_size=1, max_size=40), TEXT)
def test_a_text_is_known_again_by_its_key_and_its_effect(key, effect, text):
    body = markup.said(text, key, effect)
    assert markup.markers(body) == {key, effect}


def test_the_last_line_is_the_marker_of_the_text():
    assert markup.said("Hello", "acknowledge", "7/12:1").splitlines()[-1] == "<!-- pointsman:acknowledge -->"


def test_the_note_is_a_list_below_its_heading():
    lines = ("Pointsman · why", "priority urgent: Text says: 支付失败", "- left alone: assignee (Bo changed it)")
    assert markup.note(lines) == (
        "Pointsman · why\n"
        "- priority urgent: Text says: 支付失败\n"
        "- left alone: assignee (Bo changed it)\n"
        "<!-- pointsman:note -->"
    )


@pytest.mark.parametrize(
    "text",
    ["<!-- pointsman:other -->", "x\n<!--pointsman:other-->", "<!-- pointsman:other -->\n<!-- pointsman:more -->"],
)
def test_a_marker_in_a_customers_words_counts_for_nothing(text):
    assert markup.markers(markup.said(text, "key", "effect")) == {"key", "effect"}


def test_a_marker_in_the_midst_of_a_note_is_a_quotation():
    assert markup.markers("> <!-- pointsman:ack -->\n\nI saw this") == frozenset()


def test_a_text_too_long_for_gitlab_is_cut_but_keeps_its_marker():
    body = markup.said("x" * 2_000_000, "key", "effect")
    assert len(body) < 1_000_000
    assert "key" in markup.markers(body)
