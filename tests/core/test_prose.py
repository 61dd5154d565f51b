"""What people say themselves, and what of it are words of a language."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.core.prose import own_words, plain_words


@pytest.mark.parametrize(
    "text",
    [
        "```\nX\n```",
        "```python\nX\n```",
        "````\n```\nX\n````",
        "~~~\nX\n~~~",
        "   ```\nX\n   ```",
        "> X",
        "＞ X",
        ">>>\nX\n>>>",
        "bq. X",
        "{code}\nX\n{code}",
        "{code:title=a.py}X{code}",
        "{noformat}X{noformat}",
        "{quote}\nX\n{quote}",
        "<!-- X -->",
        "<pre lang='x'>X</pre>",
        "<blockquote>\nX\n</blockquote>",
    ],
)
def test_code_and_quotations_are_left_out(text):
    kept = own_words(f"before\n{text}\nafter")
    assert "X" not in kept
    assert kept.startswith("before")
    assert kept.endswith("after")


@pytest.mark.parametrize("opened", ["```", "~~~", "{code}", "<!--", "<pre>"])
def test_a_block_that_is_never_closed_reaches_to_the_end(opened):
    assert "X" not in own_words(f"before\n{opened}\nX\nX")


def test_what_follows_a_block_on_its_line_is_no_line_start():
    assert not any(line.startswith("after") for line in own_words("{code}a{code}after").splitlines())


def test_the_inside_of_a_fence_opens_nothing():
    assert own_words("```\n<!-- {code}\n```\nafter") == "after"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("见 https://x.example/a?b=c，打不开", "见 ，打不开"),
        ("联系dana@x.example谢谢", "联系 谢谢"),
        ("文件 /var/log/app.log 和 C:\\temp\\a.txt", "文件 和"),
        ("错误:超时", "错误:超时"),
        ("订单12345失败", "订单 失败"),
        ("order_id getUserName a.b.Klass x=1 fine", "fine"),
        ("run `rm -rf` now", "run now"),
        ("Bonjour, l'été arrive", "Bonjour, l'été arrive"),
    ],
)
def test_addresses_paths_and_identifiers_are_no_words(text, words):
    assert " ".join(plain_words(text).split()) == words


@pytest.mark.parametrize(
    "line",
    [
        "2026-03-01 09:30:01 server started",
        "[09:30:01] joined",
        "Mar  1 09:30:01 host sshd: closed",
        "ERROR [main] the connection was refused",
        "WARN: it is late",
        "java.lang.IllegalStateException: no more",
        "ValueError: it is not so",
        "    at com.acme.Orders.list(Orders.java:12)",
        "    at Object.<anonymous> (/srv/app.js:10:5)",
        'File "app.py", line 3, in main',
        "Traceback (most recent call last):",
        "Caused by: nothing",
        "POST /api/orders HTTP/1.1",
        "HTTP/1.1 502 Bad Gateway",
        "Content-Type: text/html",
        "$ kubectl get pods",
        "curl -X POST https://x.example",
        "SELECT name FROM customers WHERE id = 3",
        '"name": "value",',
        "import os, sys",
        "if (all is well) {",
        "});",
    ],
)
def test_a_line_of_a_log_or_program_is_no_words(line):
    assert plain_words(f"{line}\n好").split() == ["好"]


@pytest.mark.parametrize(
    "line",
    [
        "At home it works, at work it does not",
        "Error when I log in",
        "if I click on it, nothing happens",
        "For my part I can wait",
        "Follow up: still broken",
        "from Berlin we cannot reach it",
        "Get me a new card",
        "the cat is on the table",
    ],
)
def test_a_sentence_is_not_taken_for_a_log(line):
    assert plain_words(line).split() == line.split()


@given(st.text(max_size=200))
def test_nothing_is_said_that_was_not_written(text: str):
    written = set(text) | {"\ufffc", " ", "\n"}
    assert set(own_words(text)) <= written
    assert set(plain_words(text)) <= written
