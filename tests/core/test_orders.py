"""Orders in comments: where they begin, and what belongs to them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.core.orders import Order, orders_in


@pytest.mark.parametrize(
    ("line", "order"),
    [
        ("@desk why", Order("why")),
        ("@desk", Order("")),
        ("@DESK Why?", Order("why")),
        ("@desk priority high", Order("priority", "high")),
        ("@desk priority high because it is", Order("priority", "high", "it is")),
        ("@desk priority high BECAUSE: it is", Order("priority", "high", "it is")),
        ("@desk priority high because", Order("priority", "high")),
        ("@desk priority high 因为客户很急", Order("priority", "high", "客户很急")),
        ("@desk priority because", Order("priority")),
        ("@desk route becausenot", Order("route", "becausenot")),
        ("＠desk　route　Ａ", Order("route", "A")),
        ("@desk: `route` x", Order("route", "x")),
        ("[~desk] take", Order("take")),
    ],
)
def test_an_order_has_a_verb_words_and_a_reason(line, order):
    assert orders_in(line, "desk") == (order,)


def test_orders_come_in_the_order_they_stand():
    assert orders_in("@desk take\ntext\n@desk why", "desk") == (Order("take"), Order("why"))


def test_a_handle_with_signs_of_patterns_is_taken_literally():
    assert orders_in("@a.b why\n@aXb why", "a.b") == (Order("why"),)


@given(st.text(max_size=100))
def test_a_text_without_the_handle_holds_no_order(text: str):
    assert orders_in(text, "a-handle-nobody-writes") == ()
