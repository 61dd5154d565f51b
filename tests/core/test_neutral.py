"""Customers' text, made harmless: plain prose stays, everything a tracker would act upon is broken."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.core.neutral import JOINER, neutral

DANGEROUS = st.text(alphabet=f'@/#!1a~%$&<>[](){{}}`^"\\|:;. \n\t{JOINER}', max_size=30)
PROSE = st.lists(
    st.sampled_from(
        ["the", "printer", "失败", "无法", "é", "dana@x.example", "AT&T", "50", "and/or", "5", "C++", "R2D2"]
    ),
    max_size=12,
).map(" ".join)


@pytest.mark.parametrize(
    "text",
    [
        "Hello, I cannot log in since Monday.",
        "支付失败，请尽快处理！谢谢。",
        "Write to dana.lee+x@bigbank.example please",
        "Great! Really! What?",
        "50 % off, 5 < 6, a & b, AT&T, R&D",
        "it's 100% broken (see below)",
        "costs 5 $, well: 30/12/2026",
        "say `restart` or 'stop'",
        "see [1] and (2), {} too",
        "mail @ home, * and _ and ~ alone",
        "👩‍👧 نعم लिखना",
        "",
    ],
)
def test_plain_prose_is_unchanged(text):
    assert neutral(text) == text


@given(PROSE)
def test_words_of_plain_prose_are_unchanged_in_any_order(text: str):
    assert neutral(text) == text


@given(st.one_of(DANGEROUS, st.text(max_size=40)))
def test_what_is_neutral_stays_as_it_is(text: str):
    assert neutral(neutral(text)) == neutral(text)


@given(st.one_of(DANGEROUS, st.text(max_size=40)))
def test_it_reads_the_same_but_for_breaks_and_what_cannot_be_seen(text: str):
    def seen(value: str) -> str:
        return "".join(c for c in value if not c.isspace() and unicodedata.category(c)[0] != "C")

    assert seen(neutral(text)) == seen(text)


@given(st.one_of(DANGEROUS, st.text(max_size=40)))
def test_nothing_is_left_that_a_tracker_would_act_upon(text: str):
    safe = neutral(text)
    assert not re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]", safe)
    assert not re.match(r"\s*/", safe)
    assert not re.search(r"(?<![A-Za-z0-9])@[\w.\\]", safe)
    assert not re.search(r"[#!&$][0-9]", safe)
    assert not re.search(r"(?<![A-Za-z0-9])[~%][\w\"]", safe)
    assert not re.search(r"<[A-Za-z/!?]|\[[~^]|\]\(|\{[A-Za-z]|```|&#", safe)
    safe.encode("utf-8")


@pytest.mark.parametrize(
    ("text", "broken"),
    [
        ("/close", "\u2060/close"),
        ("\n\n /assign @bob", " \u2060/assign @\u2060bob"),
        ("fine\n/close", "fine /close"),
        ("fine\u2028/close", "fine /close"),
        ("@all", "@\u2060all"),
        ("你好@all", "你好@\u2060all"),
        ("_x_@all", "_x_@\u2060all"),
        ("\\@all", "\\@\u2060all"),
        ("&#64;all &commat;all", "&\u2060#\u206064;all &\u2060commat;all"),
        ("#1 acme/support#12", "#\u20601 acme/support#\u206012"),
        ("!1 &1 $1", "!\u20601 &\u20601 $\u20601"),
        ('~label ~"a b" %"ms" %1', '~\u2060label ~\u2060"a b" %\u2060"ms" %\u20601'),
        ("<!-- pointsman:note -->", "<\u2060!-- pointsman:note -->"),
        ("<img src=x> </div> <https://x>", "<\u2060img src=x> <\u2060/div> <\u2060https://x>"),
        ("[~bob] [^a.png]", "[\u2060~\u2060bob] [\u2060^a.png]"),
        ("[click](https://x) ![p](https://x)", "[click]\u2060(https://x) ![p]\u2060(https://x)"),
        ("{code} {color:red}", "{\u2060code} {\u2060color:red}"),
        ("!a.png! !my file.png|thumbnail!", "!\u2060a.png! !\u2060my file.png|thumbnail!"),
        ("```js", "`\u2060``js"),
        ("a\x00b\x1bc\ud800d\u202ee", "abcde"),
        ("a\r\nb\tc", "a b c"),
    ],
)
def test_what_would_act_is_broken_invisibly(text, broken):
    assert neutral(text) == broken
