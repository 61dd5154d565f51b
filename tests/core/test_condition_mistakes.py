"""Mistakes in a condition are all reported at once, each with its place and the likely remedy."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.core.calendar_spec import read_spec
from connector.core.calendars import EVERY_DESK, Calendar
from connector.core.conditions import ConditionErrors, compile_when
from connector.core.fields import Field, FieldType, Schema
from connector.model import Ticket

OFFICE = Calendar(read_spec({"tz": "Asia/Shanghai", "week": {"mon-fri": ["09:00-18:00"]}}))
SCHEMA = Schema(calendars={**EVERY_DESK, "cn-office": OFFICE}).with_(
    {
        "component": Field(FieldType.WORD),
        "customer.tier": Field(FieldType.WORD, frozenset({"free", "gold", "platinum"})),
        "customer.vip": Field(FieldType.BOOL),
    }
)
LISTS = {"down_words": ("宕机", "outage"), "tiers": ("gold", "glod"), "none": ()}

MISTAKES = [
    ({"tittle": "x"}, ("tittle",), "unknown condition `tittle` (did you mean `title`?)"),
    ({"customer.teir": "gold"}, ("customer.teir",), "did you mean `customer.tier`?"),
    ({"customer": {"tier": "gold"}}, ("customer",), "such as `customer.tier`"),
    ({"no": []}, ("no",), "unknown condition `no`"),
    ({5: "x"}, (5,), "the name of a field"),
    ({"customer.tier": "glod"}, ("customer.tier",), "has no value `glod` (did you mean `gold`?)"),
    ({"customer.tier": ["gold", "glod"]}, ("customer.tier", 1), "has no value `glod`"),
    ({"customer.tier": "@tiers"}, ("customer.tier",), "has no value `glod`"),
    ({"priority": "hgih"}, ("priority",), "(did you mean `high`?); it is one of urgent, high, normal, low, none"),
    ({"priority": ">= hgih"}, ("priority",), "did you mean `high`?"),
    ({"channel": "email"}, ("channel",), "did you mean `mail`?"),
    ({"event.kind": "comented"}, ("event.kind",), "did you mean `commented`?"),
    ({"severity": 9}, ("severity",), "lies between 1 and 4"),
    ({"severity": ">= 5"}, ("severity",), "lies between 1 and 4"),
    ({"severity": "high"}, ("severity",), "is a number"),
    ({"severity": True}, ("severity",), "is a number"),
    ({"severity": None}, ("severity",), "not `nothing`"),
    ({"severity": [1, "x"]}, ("severity", 1), "is a number"),
    ({"severity": []}, ("severity",), "the list is empty"),
    ({"severity": "!= 2"}, ("severity",), "`not: {severity: …}`"),
    ({"severity": {"has": 1}}, ("severity", "has"), "is for a set"),
    ({"reopen_count": "< -1"}, ("reopen_count",), "never below 0"),
    ({"age": "17:00"}, ("age",), "time of day"),
    ({"age": 1020}, ("age",), "has no unit"),
    ({"age": ">= 3"}, ("age",), "has no unit"),
    ({"age": "3d"}, ("age",), "compare it"),
    ({"age": "= 3d"}, ("age",), "compare it"),
    ({"created": "2026-01-01"}, ("created",), "compare it"),
    ({"created": date(2026, 1, 1)}, ("created",), "compare it"),
    ({"created": ">= yesterday"}, ("created",), "is an instant"),
    ({"type": True}, ("type",), 'write "true" in quotes'),
    ({"type": 7}, ("type",), 'write "7" in quotes'),
    ({"type": None}, ("type",), "`{empty: true}`"),
    ({"type": ""}, ("type",), "empty word"),
    ({"type": [["x"]]}, ("type", 0), "wants a word"),
    ({"type": []}, ("type",), "the list is empty"),
    ({"type": ">= incident"}, ("type",), "words have no order"),
    ({"type": "@none"}, ("type",), "the list `@none` is empty"),
    ({"type": {"contains_any": ["x"]}}, ("type", "contains_any"), "is for a text"),
    ({"type": {"empty": "yes"}}, ("type", "empty"), "true or false"),
    ({"type": {}}, ("type",), "is a word"),
    ({"customer.vip": "yes"}, ("customer.vip",), "is true or false"),
    ({"labels": "security"}, ("labels",), "ask with `has`"),
    ({"labels": {"has": ["a", "b"]}}, ("labels", "has"), "`has_any` or `has_all`"),
    ({"labels": {"hass_any": ["a"]}}, ("labels", "hass_any"), "did you mean `has_any`?"),
    ({"labels": {"has_any": 5}}, ("labels", "has_any"), 'write "5" in quotes'),
    ({"labels": {"open": "cn-office"}}, ("labels", "open"), "`open` is for an instant, and `labels` is a set"),
    (
        {"created": {"open": "cn-ofice"}},
        ("created", "open"),
        "unknown calendar `cn-ofice` (did you mean `cn-office`?)",
    ),
    ({"created": {"open": 24}}, ("created", "open"), "`open` wants a word, and `24` is none; if it is meant as one"),
    (
        {"created": {"opne": "cn-office"}},
        ("created", "opne"),
        "unknown operator `opne` for `created` (did you mean `open`?)",
    ),
    ({"title": "hello"}, ("title",), "`contains_any`, `contains_all` or `matches`"),
    ({"title": {"contain_any": ["x"]}}, ("title", "contain_any"), "did you mean `contains_any`?"),
    ({"title": {"contains_any": "@down_word"}}, ("title", "contains_any"), "did you mean `@down_words`?"),
    ({"title": {"contains_any": ["ok", "@nothing"]}}, ("title", "contains_any", 1), "unknown list `@nothing`"),
    ({"title": {"contains_any": ["ok", True]}}, ("title", "contains_any", 1), "truth value"),
    ({"title": {"matches": "("}}, ("title", "matches"), "cannot be read: missing )"),
    ({"title": {"matches": "(?=x)"}}, ("title", "matches"), "no look-around"),
    ({"title": {"matches": ["a"]}}, ("title", "matches"), "one pattern"),
    ({"title": {"whole_words": True}}, ("title", "whole_words"), "belongs beside"),
    ({"title": {"contains_any": ["a"], "whole_words": "yes"}}, ("title", "whole_words"), "true or false"),
    ({"open": "cn-ofice"}, ("open",), "unknown calendar `cn-ofice` (did you mean `cn-office`?)"),
    ({"open": ["24x7", "cn-ofice"]}, ("open", 1), "unknown calendar `cn-ofice`"),
    ({"open": []}, ("open",), "the list is empty"),
    ({"open": "17:00"}, ("open",), "unknown calendar `17:00`: calendars stand in `_calendars.yaml`"),
    ({"opne": "cn-office"}, ("opne",), "unknown condition `opne` (did you mean `open`?)"),
    ({"pool.wait": "> 1h"}, ("pool.wait",), "not in this version"),
    ({"any": {"type": "x"}}, ("any",), "takes a list of maps"),
    ({"any": []}, ("any",), "takes a list of maps"),
    ({"all": [{"type": "x"}, "y"]}, ("all", 1), "conditions are a map"),
    ({"not": [{"type": "x"}]}, ("not",), "one map of conditions"),
    ({"not": {"tittle": "x"}}, ("not", "tittle"), "did you mean `title`?"),
    ({"any": [{"type": "x"}, {"tittle": "x"}]}, ("any", 1, "tittle"), "did you mean `title`?"),
    ({}, (), "leave `when` out"),
    (None, (), "conditions are a map"),
    ([{"type": "x"}], (), "conditions are a map"),
    ("title", (), "conditions are a map"),
]


@pytest.mark.parametrize(("when", "path", "text"), MISTAKES, ids=lambda each: str(each)[:60])
def test_a_mistake_is_named_with_its_place_and_remedy(when, path, text):
    with pytest.raises(ConditionErrors) as caught:
        compile_when(when, SCHEMA, LISTS)
    assert [found for found, _ in caught.value.problems] == [path]
    assert text in caught.value.problems[0][1]


def test_all_mistakes_come_at_once_in_the_order_of_reading():
    when = {"tittle": 1, "severity": 9, "any": [{"labels": "x"}, {"title": {"matches": "("}}], "not": {"age": "3"}}
    with pytest.raises(ConditionErrors) as caught:
        compile_when(when, SCHEMA)
    assert [path for path, _ in caught.value.problems] == [
        ("tittle",),
        ("severity",),
        ("any", 0, "labels"),
        ("any", 1, "title", "matches"),
        ("not", "age"),
    ]


def test_it_is_known_whether_the_key_or_the_value_is_wrong():
    with pytest.raises(ConditionErrors) as caught:
        compile_when({"tittle": 1, "severity": 9, "labels": {"hass": "x"}}, SCHEMA)
    assert caught.value.on_keys == {("tittle",), ("labels", "hass")}


def test_four_groups_deep_is_read_and_five_are_refused():
    four = {"any": [{"all": [{"not": {"any": [{"type": "x"}]}}]}]}
    assert compile_when(four, SCHEMA)(Ticket())
    with pytest.raises(ConditionErrors, match="four deep"):
        compile_when({"not": four}, SCHEMA)


@pytest.mark.parametrize("depth", [200, 20_000])
def test_an_absurd_depth_is_refused_and_not_followed(depth):
    when = {"type": "x"}
    for _ in range(depth):
        when = {"not": when}
    with pytest.raises(ConditionErrors, match="four deep"):
        compile_when(when, SCHEMA)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text("a>=@ 3d(*", max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["any", "not", "type", "title", "age", "labels", "has", "matches", "x"]), inner
        )
    ),
    max_leaves=8,
)


@given(ANYTHING)
@settings(max_examples=150)
def test_whatever_stands_there_it_is_a_condition_or_a_list_of_mistakes(when):
    condition, problems = compiled(when)
    assert (condition is None) is bool(problems)
    assert condition is None or condition(Ticket()) is condition.why(Ticket()).matched


def compiled(when):
    try:
        return compile_when(when, SCHEMA, LISTS), ()
    except ConditionErrors as errors:
        return None, errors.problems
