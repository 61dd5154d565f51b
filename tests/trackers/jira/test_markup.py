"""Texts at Jira: they read the same and can do nothing."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.trackers.jira.markup import MAX_COMMENT, harmless, is_note, label_fault, note_text

JOINER = "\u2060"
LIVE = r"(?<!\\)(?:\\\\)*"  # no backslash before it, or pairs of them, which undo each other
ACTIVE = re.compile(rf"\[~|{LIVE}(?:\[\^|\{{[A-Za-z{{]|\[[^\[\]\n]*\||\[[A-Za-z]+:|![^\s!][^!\n]*!)")


def as_read(sent: str) -> str:
    """What a reader sees: our backslashes and joiners are invisible."""
    return re.sub(rf"\\([\[{{!]){JOINER}", r"\1", sent).replace(JOINER, "")


@pytest.mark.parametrize(
    "text",
    [
        "您好 Dana，已收到您的请求。",
        "Hello! We are on it. Thanks!",
        "- priority urgent: Platinum customer (+30); Text says: 支付失败 (+25) = 80",
        "see https://status.example/a?b=c [1] and {1, 2}",
        "mail ann@desk.example, 50% of a*b_c",
    ],
)
def test_prose_is_sent_as_it_is(text):
    assert harmless(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "[~bo] look",
        "[~accountid:557058:bo]",
        r"\[~bo]",
        r"\\[~bo]",
        "{code}rm -rf{code}",
        "{{x}}",
        "{color:red}x{color}",
        "!https://evil.example/pixel.png!",
        "!a.png|width=1!",
        "[click here|https://evil.example]",
        "[https://evil.example]",
        "[mailto:x@y.example]",
        "[^secret.txt]",
        "[//evil.example]",
    ],
)
def test_what_could_act_is_disarmed_and_reads_the_same(text):
    sent = harmless(text)

    assert not ACTIVE.search(sent)
    assert as_read(sent) == text


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="[~^{}!|\\ ab:/.\n", max_size=40))
def test_no_text_gets_through_that_could_act(text):
    sent = harmless(text)

    assert not re.search(rf"\[~|{LIVE}(?:\[\^|\{{[A-Za-z{{]|\[[^\[\]\n]*\|)", sent)
    assert as_read(sent) == text


def test_a_text_longer_than_jira_takes_is_cut():
    assert len(harmless("x" * 100_000)) == MAX_COMMENT


def test_the_note_is_a_heading_and_bullets_and_is_known_again():
    note = note_text(("Pointsman · why", "- team frontline: rule rest", "- left alone: assignee\n[~bo]"))

    assert note.split("\n")[:2] == ["Pointsman · why", "- team frontline: rule rest"]
    assert "[~" not in note
    assert is_note(note)
    assert not is_note("I asked Pointsman · why")


@pytest.mark.parametrize("name", ["", "two words", "tab\tbed", "x" * 256])
def test_a_label_that_jira_would_refuse_has_a_fault(name):
    assert label_fault(name)


def test_a_good_label_has_none():
    assert label_fault("team::支付-1") == ""
