"""Conditions in plain sentences: right, complete in both languages, and different where the conditions are."""

from __future__ import annotations

import re
import string

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from connector.core.conditions import DEPTH, compile_when
from connector.core.fields import BUILT_IN, CHANNELS, PRIORITIES, STATUSES, Field, FieldType, Schema
from connector.core.phrases import LANGUAGES, PHRASES
from connector.core.rule_names import FIELDS, WORDS
from connector.core.sentences import Speech
from connector.model import Kind, Role

SCHEMA = Schema().with_({"vip": Field(FieldType.BOOL), "mood": Field(FieldType.WORD), "topics": Field(FieldType.SET)})
LISTS = {"down_words": ("宕机", "outage"), "many": ("a", "b", "c", "d", "e", "f")}
EN, ZH = (Speech(language, SCHEMA.fields, LISTS) for language in LANGUAGES)


def told(spec):
    """The sentence in both languages, of a condition that is found right."""
    source = compile_when(spec, SCHEMA, LISTS).source
    return EN.condition(source), ZH.condition(source)


SENTENCES = [
    ({"type": "incident"}, "the type is “incident”", "类型为“incident”"),
    ({"priority": "urgent"}, "the priority is urgent", "优先级为紧急"),
    ({"status": ["new", "open"]}, "the status is one of new, open", "状态为新建、处理中之一"),
    ({"priority": ">= high"}, "the priority is high or higher", "优先级为高或更高"),
    ({"priority": "< high"}, "the priority is lower than high", "优先级低于高"),
    ({"severity": "<= 2"}, "the severity is at most 2", "严重程度至多为 2"),
    ({"severity": 2}, "the severity is exactly 2", "严重程度等于 2"),
    ({"severity": [1, 2]}, "the severity is one of 1, 2", "严重程度为1、2之一"),
    (
        {"customer.seats": [1, ">= 500"]},
        "the customer's number of seats is exactly 1 or the customer's number of seats is at least 500",
        "客户席位数等于 1，或客户席位数至少为 500",
    ),
    ({"age": ">= 3d"}, "the age is at least 3 days", "已存在时间至少为 3 天"),
    ({"age": "< 1h30m"}, "the age is less than 1 hour 30 minutes", "已存在时间小于 1 小时 30 分钟"),
    ({"created": ">= 2026-01-31"}, "the time of creation is 2026-01-31 or later", "创建时间不早于 2026-01-31"),
    (
        {"updated": "< 2026-01-31T09:00Z"},
        "the time of the last change is before 2026-01-31T09:00:00Z",
        "最后更新时间早于 2026-01-31T09:00:00Z",
    ),
    ({"vip": True}, "“vip” is true", "“vip”为“是”"),
    ({"not": {"vip": False}}, "“vip” is not false", "“vip”不为“否”"),
    ({"labels": {"has": "security"}}, "the labels include “security”", "标签中有“security”"),
    ({"labels": {"has_all": ["a", "b"]}}, "the labels include all of “a”, “b”", "标签中同时有“a”、“b”"),
    ({"topics": {"has_any": ["a", "b"]}}, "“topics” include any of “a”, “b”", "“topics”中有“a”、“b”中的任意一个"),
    (
        {"text": {"contains_any": "@down_words"}},
        "the text contains any of “宕机”, “outage” (list down_words)",
        "文本包含“宕机”、“outage”（词表 down_words）中的任意一个",
    ),
    (
        {"text": {"contains_any": ["@many", "g"], "whole_words": True}},
        "the text contains any of “a”, “b”, “c”, “d” and 2 more (list many), “g” as whole words",
        "文本包含“a”、“b”、“c”、“d”等 6 个（词表 many）、“g”中的任意一个（整词）",
    ),
    ({"title": {"contains_all": ["a", "b"]}}, "the title contains all of “a”, “b”", "标题同时包含“a”、“b”"),
    ({"body": {"matches": "err(or)?"}}, "the body matches the pattern “err(or)?”", "正文匹配模式“err(or)?”"),
    ({"team": {"empty": True}}, "the team is not set", "团队为空"),
    ({"not": {"team": {"empty": True}}}, "the team is set", "团队不为空"),
    ({"team": {"empty": False}}, "the team is set", "团队不为空"),
    (
        {"any": [{"type": "a"}, {"all": [{"type": "b"}, {"mood": "c"}]}]},
        "the type is “a” or (the type is “b” and “mood” is “c”)",
        "类型为“a”，或（类型为“b”，且“mood”为“c”）",
    ),
    (
        {"any": [{"type": "a"}, {"type": "b"}], "not": {"any": [{"mood": "c"}, {"vip": True}]}},
        "(the type is “a” or the type is “b”) and it is not so that (“mood” is “c” or “vip” is true)",
        "（类型为“a”，或类型为“b”），且并非（“mood”为“c”，或“vip”为“是”）",
    ),
    ({"not": {"text": {"contains_any": ["a", "b"]}}}, "the text contains none of “a”, “b”", None),
    (
        {"not": {"severity": ["< 2", "> 3"]}},
        "the severity is not less than 2 and the severity is not more than 3",
        None,
    ),
    ({"not": {"not": {"type": "a"}}}, "it is not so that (the type is not “a”)", None),
    ({"mood": "a”, “b"}, "“mood” is “a\\”, \\“b”", None),
    ({"mood": "a\u202eb"}, "“mood” is “a\\u{202e}b”", None),
    (
        {"event.by": "us", "event.kind": "moved"},
        "who acted is Pointsman and what happened is the ticket moves",
        None,
    ),
]


@pytest.mark.parametrize(("spec", "english", "chinese"), SENTENCES, ids=[s[1][:60] for s in SENTENCES])
def test_a_condition_is_told_in_one_sentence(spec, english, chinese):
    found = told(spec)

    assert found[0] == english
    assert chinese is None or found[1] == chinese


def test_a_condition_that_always_holds_needs_no_words():
    assert EN.condition({}) == ""


def test_both_languages_have_every_phrase_with_the_same_blanks():
    for name, phrase in PHRASES.items():
        blanks = [{b for _, b, _, _ in string.Formatter().parse(phrase[each]) if b} for each in LANGUAGES]
        if name != "few":
            assert blanks[0] == blanks[1], name


def test_no_two_phrases_are_the_same():
    for language in LANGUAGES:
        texts = [phrase[language] for phrase in PHRASES.values()]
        assert sorted(texts) == sorted(set(texts))


def test_every_field_and_word_of_ours_has_a_name_in_both_languages():
    assert set(BUILT_IN) <= set(FIELDS)
    for field, words in (
        ("priority", PRIORITIES),
        ("status", STATUSES),
        ("channel", CHANNELS),
        ("event.kind", Kind),
        ("event.by", Role),
    ):
        assert set(words) <= set(WORDS[field]), field
    for names in (*FIELDS.values(), *(each for words in WORDS.values() for each in words.values())):
        assert set(names) == set(LANGUAGES)


def test_no_two_fields_have_the_same_name():
    for language in LANGUAGES:
        names = [each[language] for each in FIELDS.values()]
        assert len(names) == len(set(names))


words = st.text("ab宕“” ,(（and", min_size=1, max_size=5).filter(lambda word: word.strip())
few_words = st.lists(words, min_size=2, max_size=3, unique=True)
signs = st.sampled_from([">=", ">", "<=", "<"])
lines = st.one_of(
    st.builds(lambda name, spec: {name: spec}, st.sampled_from(["type", "mood", "project"]), words | few_words),
    st.builds(lambda word: {"priority": word}, st.sampled_from(PRIORITIES)),
    st.builds(lambda sign, word: {"priority": f"{sign} {word}"}, signs, st.sampled_from(PRIORITIES)),
    st.builds(lambda sign, n: {"severity": f"{sign} {n}"}, signs, st.integers(1, 4)),
    st.builds(lambda n: {"customer.seats": n}, st.integers(0, 10**9) | st.integers(1, 999).map(lambda n: n + 0.5)),
    st.builds(lambda sign, n, unit: {"age": f"{sign} {n}{unit}"}, signs, st.integers(1, 6), st.sampled_from("dhms")),
    st.builds(lambda sign, day: {"created": f"{sign} {day}"}, signs, st.dates().map(str)),
    st.builds(lambda truth: {"vip": truth}, st.booleans()),
    st.builds(
        lambda name, key, spec: {name: {key: spec}},
        st.sampled_from(["text", "title"]),
        st.sampled_from(["contains_any", "contains_all"]),
        few_words,
    ),
    st.builds(lambda spec: {"text": {"contains_any": spec, "whole_words": True}}, few_words),
    st.builds(lambda spec: {"text": {"matches": spec}}, st.text("ab宕 ", min_size=1, max_size=4)),
    st.builds(lambda key, spec: {"labels": {key: spec}}, st.sampled_from(["has_any", "has_all"]), few_words),
    st.builds(lambda word: {"topics": {"has": word}}, words.filter(lambda word: not word.startswith("@"))),
    st.builds(lambda name: {name: {"empty": True}}, st.sampled_from(["team", "mood", "labels"])),
)


def group(inner):
    parts = st.lists(inner, min_size=2, max_size=3)
    return st.one_of(
        st.builds(lambda each: {"any": each}, parts),
        st.builds(lambda each: {"all": each}, parts),
        st.builds(lambda each: {"not": each}, inner),
    )


conditions = st.recursive(lines, group, max_leaves=6)


def depth(spec):
    if isinstance(spec, dict):
        return max((key in ("any", "all", "not")) + depth(value) for key, value in spec.items())
    return max(map(depth, spec), default=0) if isinstance(spec, list) else 0


def meaning(spec):
    """`spec` without what makes no difference: an `all` inside an `all`, an `any` inside an `any`."""
    [(key, value)] = spec.items()
    if key in ("any", "all"):
        parts = [meaning(each) for each in value]
        return (key, tuple(inner for each in parts for inner in (each[1] if each[0] == key else (each,))))
    if key == "not":
        inner = meaning(value)
        return ("not", inner)
    return (key, repr(value))


@settings(max_examples=400, deadline=None)
@given(conditions, conditions)
def test_different_conditions_are_told_differently(one, other):
    assume(depth(one) <= DEPTH and depth(other) <= DEPTH)
    first, second = told(one), told(other)

    for sentence, same in zip(first, second, strict=True):
        assert sentence
        assert (sentence == same) == (meaning(one) == meaning(other)), sentence


OPERATORS = re.compile(r"contains_|has_a|whole_words|empty:|[<>=]{1,2} |@\w|\bNone\b|\{\w")


@settings(max_examples=300, deadline=None)
@given(conditions)
def test_no_operator_shows_as_it_is_written(spec):
    assume(depth(spec) <= DEPTH)

    assert not any(OPERATORS.search(sentence) for sentence in told(spec))
