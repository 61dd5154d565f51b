"""Customers: the YAML list and the CSV file say the same, and mistakes are found in both."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.core.fields import FieldType
from connector.desk import Customer
from connector.rulebook.customers import read_csv
from connector.rulebook.report import Report

from .samples import book, problems

YAML = """\
- {match: "*@mill.example", tier: gold, seats: 40, from: 2026-01-01, until: 2026-12-31}
- {match: "jira-org:Mill & Sons", tier: free}
"""
CSV = "\ufeffmatch,tier,seats,from,until\r\n*@mill.example,gold,40,2026-01-01,2026-12-31\r\n"
CSV += "jira-org:Mill & Sons,free,,,\r\n"

EXPECTED = (
    Customer("*@mill.example", {"tier": "gold", "seats": 40}, date(2026, 1, 1), date(2026, 12, 31)),
    Customer("jira-org:Mill & Sons", {"tier": "free"}),
)


def test_yaml_and_csv_say_the_same(tmp_path):
    assert book(tmp_path / "a", _customers=YAML).desk.customers == EXPECTED
    assert book(tmp_path / "b", _customers_csv=CSV).desk.customers == EXPECTED


def test_columns_become_fields_of_their_type(tmp_path):
    rows = '- {match: "*@a.example", since: 3, vip: true, region: north}\n'
    fields = book(tmp_path, _customers=rows).schema.fields
    assert fields["customer.since"].type is FieldType.NUMBER
    assert fields["customer.vip"].type is FieldType.BOOL
    assert fields["customer.region"].type is FieldType.WORD


def test_a_csv_column_is_a_number_only_if_all_of_it_is(tmp_path):
    rows = "match,code,seats\n*@a.example,007,7\n*@b.example,12,8.5\n"
    first, second = book(tmp_path, _customers_csv=rows).desk.customers
    assert (first.known, second.known) == ({"code": "007", "seats": 7}, {"code": "12", "seats": 8.5})


MISTAKES = [
    ("- {tier: gold}\n", "1:3 a customer lacks `match`"),
    ("- gold\n", "1:3 a customer is a map with `match`, not the text `gold`"),
    ("- {match: mill.example}\n", "1:11 `mill.example` matches nobody: write `a@b.example`, `*@domain`"),
    ("- {match: '*@a.example', from: 1.1.2026}\n", "1:32 `1.1.2026` is no calendar day"),
    ("- {match: '*@a.example', from: 2026-02-01, until: 2026-01-01}\n", "1:3 `from` is later than `until`"),
    ("- {match: '*@a.example', seats: [1]}\n", "1:33 `seats` holds one value, not a list"),
    ("- {match: '*@a.example', 'a b': 1}\n", "1:26 `a b` is no name for a column"),
    ("- {match: '*@a.example', vip: yes}\n", "1:31 a bare `yes` is a word to some YAML readers"),
    (
        "- {match: '*@a.example', n: 1}\n- {match: '*@b.example', n: x}\n",
        "2:29 `n` is a number above and the text `x` here",
    ),
    ("{match: '*@a.example'}\n", "1:1 a list is wanted here, not a map"),
]


@pytest.mark.parametrize(("text", "expected"), MISTAKES, ids=[expected for _, expected in MISTAKES])
def test_a_mistake_is_one_line(tmp_path, text, expected):
    (line,) = problems(tmp_path, _customers=text)
    assert line.startswith(f"_customers.yaml:{expected}")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("match,tier\n*@a.example,gold,9\n", "2:1 this line has 3 values, but the header names 2 columns"),
        ('match,name\n*@a.example,"two\nlines"\nnobody,x\n', "4:1 `nobody` matches nobody"),
        ('match,name\n*@a.example,"open\n', "2:1 not readable as CSV"),
        ("tier,seats\ngold,1\n", "2:1 a customer lacks `match`"),
        ("match,tier,tier\n*@a.example,gold,free\n", "1:1 the column `tier` stands in the header twice"),
    ],
)
def test_a_mistake_in_csv_names_its_line(tmp_path, text, expected):
    (line,) = problems(tmp_path, _customers_csv=text)
    assert line.startswith(f"_customers.csv:{expected}")


def test_customers_stand_in_one_file(tmp_path):
    (line,) = problems(tmp_path, _customers=YAML, _customers_csv=CSV)
    assert line == "_customers.yaml:1:1 `_customers.csv` says the same: keep one of the two"


@settings(max_examples=60, deadline=None)
@given(st.text(st.sampled_from(list('ab,"\n\r;@*.0 \t')), max_size=60))
def test_any_csv_is_read_or_refused(text):
    report = Report()
    read_csv(text, "c.csv", report).plain()
    assert all(problem.line >= 1 for problem in report.problems)
