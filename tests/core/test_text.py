"""Text is folded so that a keyword is found however it is written."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.core.lexicon import Lexicon, PatternError
from connector.core.text import CAP, clip, fold, fold_word, nfkc, spellings, stands_alone

HAN = st.text("支付失敗败當机機答覆复著着乾干隆瞭了解藉借口後后皇登录錄無无法", min_size=1, max_size=12)


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("OUTAGE", "outage"),
        ("ＯＵＴＡＧＥ", "outage"),
        ("當機", "当机"),
        ("無法登錄", "无法登录"),
        ("瞭解", "了解"),
        ("Straße", "strasse"),
        ("①", "1"),
        ("", ""),
    ],
)
def test_folding_makes_spellings_equal(written, folded):
    assert fold(written) == folded


@pytest.mark.parametrize(
    ("keyword", "text"),
    [
        ("當機", "系统当机了"),
        ("当机", "系統當機了"),
        ("答复", "請答覆"),
        ("覆", "請答覆"),
        ("乾", "乾隆"),
        ("Data Loss", "DATA LOSS"),
    ],
)
def test_a_keyword_is_found_in_either_script_and_any_case(keyword, text):
    assert occurring([keyword], text) == [keyword]


def test_overlapping_keywords_are_all_found():
    assert occurring(["支付", "支付失败", "失败"], "订单支付失败") == ["支付", "支付失败", "失败"]


@given(before=HAN, keyword=HAN, after=HAN)
@settings(max_examples=60)
def test_a_keyword_that_stands_in_a_text_is_found(before, keyword, after):
    assert occurring([keyword], before + keyword + after) == [keyword]


@given(
    keywords=st.lists(st.text("abc支付 ", min_size=1, max_size=3), max_size=8), text=st.text("abc支付 ", max_size=20)
)
@settings(max_examples=60)
def test_one_pass_finds_what_a_search_for_each_finds(keywords, text):
    assert occurring(keywords, text) == [word for word in keywords if word in text]


@pytest.mark.parametrize(
    ("word", "text", "alone"),
    [
        ("app", "the app fails", True),
        ("app", "apple", False),
        ("app", "打开app时闪退", True),
        ("app", "app", True),
        ("500", "error 1500", False),
        ("500", "error 500.", True),
        ("c++", "uses c++17", True),
        ("log", "log_in", False),
        ("caf", "café", False),
        ("支付", "无法支付了", True),
        ("app", "apple app", True),
    ],
)
def test_a_whole_word_is_no_part_of_a_longer_one(word, text, alone):
    assert stands_alone(text, word) is alone
    lexicon = Lexicon()
    numbers = lexicon.keyword(word, whole=True)
    assert bool(numbers & lexicon.keywords.found(text)) is alone


def test_text_is_looked_at_as_far_as_the_cap():
    lexicon = Lexicon()
    numbers = lexicon.keyword("needle", whole=False)
    assert numbers & lexicon.keywords.found("x" * (CAP - 6) + "needle")
    assert not numbers & lexicon.keywords.found("x" * (CAP - 5) + "needle")


@given(st.text(max_size=40), st.integers(0, 60))
def test_clipping_never_leaves_half_a_character(text, cap):
    clipped = clip(text, cap)
    assert len(clipped.encode()) <= cap
    assert text.startswith(clipped)


def test_a_lone_surrogate_does_no_harm():
    lexicon = Lexicon()
    numbers = lexicon.keyword("支付", whole=False)
    pattern = lexicon.pattern("支.")
    assert numbers & lexicon.keywords.found("\ud800 支付")
    assert pattern.occurs("\ud800 支付")
    assert fold("\ud800") == "?"


def test_a_text_of_combining_marks_takes_no_time_worth_naming():
    assert len(fold("a" + "\u0301\u0327" * 10_000)) <= CAP


@given(st.text(max_size=30))
def test_folded_words_stay_folded(word):
    assert fold_word(fold_word(word)) == fold_word(word)


@given(st.text(max_size=30))
def test_a_text_has_one_or_two_spellings_and_the_first_is_the_fold(text):
    assert spellings(text)[0] == fold(text)
    assert len(spellings(text)) in (1, 2)


def test_patterns_are_tried_in_any_case_on_unfolded_compatible_text():
    lexicon = Lexicon()
    assert lexicon.pattern(r"ora-\d{5}").occurs("ＯＲＡ-00600")
    assert lexicon.pattern("當機").occurs("當機")
    assert not lexicon.pattern("当机").occurs("當機")
    assert nfkc("ＡＢＣ") == unicodedata.normalize("NFKC", "ＡＢＣ")


def test_a_pattern_alone_and_one_among_others_give_the_same_answer():
    lexicon = Lexicon()
    together, alone = lexicon.pattern(r"E\d{3}"), lexicon.pattern(r"start.*E\d{3}")
    for text, expected in (("start, then e404", True), ("nothing", False)):
        assert together.occurs(text) is expected
        assert alone.occurs(text) is expected
    assert alone.first("so: Start of e404!") == "Start of e404"


def test_a_pattern_that_cannot_be_read_is_refused():
    with pytest.raises(PatternError):
        Lexicon().pattern("(?=ahead)")


def test_a_pattern_that_other_engines_choke_on_is_answered():
    assert not Lexicon().pattern("(a+)+$").occurs("a" * 5_000 + "!")


def test_keywords_added_later_are_found_in_a_text_already_seen():
    lexicon = Lexicon()
    first = lexicon.keyword("支付", whole=False)
    assert lexicon.keywords.found("支付失败") == first
    second = lexicon.keyword("失败", whole=False)
    assert lexicon.keywords.found("支付失败") == first | second


def test_a_thousand_texts_do_not_stay_in_memory():
    lexicon = Lexicon()
    lexicon.keyword("x", whole=False)
    for number in range(200):
        lexicon.keywords.found(f"text {number}")
    assert len(lexicon.keywords.answers) <= 64


def test_five_thousand_keywords_are_one_pass():
    keywords = [f"词{number}号" for number in range(5_000)]
    assert occurring(keywords, "这里有词17号和词4999号") == ["词17号", "词4999号"]


def occurring(keywords, text):
    lexicon = Lexicon()
    numbers = [lexicon.keyword(word, whole=False) for word in keywords]
    found = lexicon.keywords.found(text)
    return [word for word, its in zip(keywords, numbers, strict=True) if its & found]
