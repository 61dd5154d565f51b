"""What sounds like a secret in a rule file is not shown."""

from __future__ import annotations

import pytest

from connector.core.secret_words import MASK, without_secrets


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("vip:\n  api_token: abc # why\n  seats: 4", ["vip:", f"  api_token: {MASK}# why", "  seats: 4"]),
        ("vip: {password: 'a, b', seats: 4}", [f"vip: {{password: {MASK}, seats: 4}}"]),
        ('vip: {"client_secret": "a\\"b}", x: 1}', [f'vip: {{"client_secret": {MASK}, x: 1}}']),
        (
            "a:\n  secret: |\n    one\n\n    two\n  b: 1",
            ["a:", f"  secret: {MASK}", f"    {MASK}", "", f"    {MASK}", "  b: 1"],
        ),
        ("secrets:\n  - one\n  - two\nb: 1", ["secrets:", f"  {MASK}", f"  {MASK}", "b: 1"]),
        ("token: {env: VIP}", [f"token: {MASK}"]),
        ("when: {text: {contains_any: [token, secret]}}", ["when: {text: {contains_any: [token, secret]}}"]),
        ("vip:\n  password: a,b]c}d#e # why", ["vip:", f"  password: {MASK}# why"]),
        ("- token: a, b", [f"- token: {MASK}"]),
        ("TOKENS: [a, b]", [f"TOKENS: {MASK}"]),
    ],
)
def test_values_behind_such_keys_are_left_out(text, shown):
    assert list(without_secrets(text)) == shown
