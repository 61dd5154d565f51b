"""Reading YAML: places are right, traps are refused, nothing is constructed, nothing blows up."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.rulebook.nodes import spot_of
from connector.rulebook.report import Report
from connector.rulebook.yaml_tree import read_tree


def read(text: str, **more):
    """The plain value and what was reported as `line:column text`."""
    report = Report()
    node = read_tree(text, "f.yaml", report, **more)
    return (None if node is None else node.plain()), [
        f"{p.line}:{p.column} {p.text}" for p in report.sorted_problems()
    ]


VALUES = [
    ("7", 7),
    ("-7", -7),
    ("0", 0),
    ("2.5", 2.5),
    ("1e3", 1000.0),
    ("true", True),
    ("False", False),
    ("~", None),
    ("null", None),
    ("", None),
    ("2026-03-01", "2026-03-01"),
    ("2026-03-01T10:00:00Z", "2026-03-01T10:00:00Z"),
    ('"17:00"', "17:00"),
    ("'no'", "no"),
    ("09:00-17:00", "09:00-17:00"),
    ("24x7", "24x7"),
    ("712020:ab-cd", "712020:ab-cd"),
    ("y", "y"),
    ('">= 5"', ">= 5"),
    ("宕机", "宕机"),
]


@pytest.mark.parametrize(("text", "value"), VALUES)
def test_a_bare_value_means_what_yaml_1_2_says_and_dates_stay_text(text, value):
    assert read(f"a: {text}") == ({"a": value}, [])


@pytest.mark.parametrize(
    "text", ["no", "Yes", "on", "OFF", "17:00", "1:30:00", "010", "0o17", "0x1F", "1_000", ".inf", "9" * 30]
)
def test_a_value_that_yaml_readers_disagree_about_is_refused(text):
    _, (problem,) = read(f"a: [1, {text}]")
    assert problem.startswith("1:8 ")
    assert "write" in problem or "quotes" in problem


def test_on_is_an_ordinary_key_and_off_an_ordinary_value_where_it_is_a_choice():
    assert read("on: created\nexplain: off", switches=("explain",)) == ({"on": "created", "explain": "off"}, [])


def test_off_deeper_down_is_a_trap_all_the_same():
    assert read("a:\n  explain: off", switches=("explain",))[1][0].startswith("2:12 a bare `off`")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1\nb: 2\na: 3\n", "3:1 `a` stands here twice: it is already on line 1"),
        (
            "a:\n\t- b\n",
            "2:1 not readable as YAML, found character '\\t' that cannot start any token: indent with spaces",
        ),
        (
            "a: b: c\n",
            "1:5 not readable as YAML, mapping values are not allowed here: a `:` inside a text needs quotes",
        ),
        ("a: 'x\n", "2:1 not readable as YAML, found unexpected end of stream: a quote or bracket"),
        (
            "a: @x\n",
            "1:4 not readable as YAML, found character '@' that cannot start any token: put the text in quotes",
        ),
        ("a: 1\n---\nb: 2\n", "2:1 a second document begins here"),
        ("a: !!python/object:os.system x\n", "1:4 `tag:yaml.org,2002:python/object:os.system` is a YAML tag"),
        ("<<: {a: 1}\n", "1:1 `<<` is not read: write the keys out"),
        ("? [a]\n: b\n", "1:3 a key must be a plain word"),
        (": b\n", "1:1 the key is missing before `:`"),
        ("no: x\n", "1:1 a bare `no` is a word to some YAML readers"),
        ("a: *b\n", "1:4 `*b` points to no anchor"),
        ("a: &a [*a]\n", "1:8 `*a` points to no anchor that ends before it"),
        ("a: \x00\n", "1:4 not readable as YAML: unacceptable character"),
        ("a: 1\nb: [\x07]\n", "2:5 not readable as YAML: unacceptable character"),
    ],
)
def test_what_cannot_be_read_says_where_and_what_to_do(text, expected):
    _, problems = read(text)
    assert problems[0].startswith(expected)


def test_all_duplicate_keys_are_reported_not_only_the_first():
    assert [p.partition(" ")[0] for p in read("a: 1\na: 2\nb: {c: 1, c: 2}\n")[1]] == ["2:1", "3:11"]


def test_an_alias_repeats_what_its_anchor_holds():
    assert read("a: &words [x, y]\nb: *words\n") == ({"a": ["x", "y"], "b": ["x", "y"]}, [])


def test_an_alias_bomb_is_refused_before_it_unfolds():
    bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [{','.join(['*' + chr(97 + n)] * 9)}]\n" for n in range(9)
    )
    assert "unfolds to more than" in read(bomb)[1][0]


@pytest.mark.parametrize("text", ["[" * 20_000, "{a: " * 20_000, "- " * 20_000, "? " * 20_000], ids="[{-?")
def test_bottomless_nesting_is_refused(text):
    assert "nested more than 40 deep" in read(text)[1][0]


def test_a_file_beyond_one_megabyte_is_refused():
    assert read("a: " + "x" * 1024 * 1024)[1] == ["1:1 the file is larger than 1 MB: split it"]


def test_a_place_is_that_of_the_value_or_of_the_key():
    report = Report()
    node = read_tree("a:\n  - {bb: 1, cc: [x, y]}\n", "f.yaml", report)
    assert (spot_of(node, ("a", 0, "cc")).line, spot_of(node, ("a", 0, "cc")).column) == (2, 17)
    assert spot_of(node, ("a", 0, "cc"), on_key=True).column == 13
    assert spot_of(node, ("a", 0, "cc", 1)).column == 21
    assert spot_of(node, ("a", 0, "dd")).column == 5


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**12), 10**12)
    | st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "Zs")), max_size=12),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text("abcxyz", min_size=1, max_size=6), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(max_examples=60, deadline=None)
@given(json_values)
def test_json_is_read_as_what_it_says(value):
    assert read(json.dumps(value, ensure_ascii=False)) == (value, [])


@settings(max_examples=120, deadline=None)
@given(st.text(st.sampled_from(list("ab:-[]{},\"'\n\t #&*!|>%@`?~<0.1宕")), max_size=40))
def test_any_text_is_read_or_refused_at_a_place_inside_it(text):
    report = Report()
    node = read_tree(text, "f.yaml", report)
    assert node is not None or report.problems
    lines = text.count("\n") + 1
    assert all(1 <= problem.line <= lines + 1 and problem.column >= 1 for problem in report.problems)
