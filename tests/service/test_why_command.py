"""`pointsman why` shows what was decided, and lets no text from outside steer the terminal."""

from __future__ import annotations

from argparse import Namespace
from types import SimpleNamespace
from typing import Any

import pytest

from connector.cli import why


def test_a_reason_that_quotes_a_customer_steers_no_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    hostile = "hit: \x1b[2J\u202eevil\rgone"
    decision = {"change": "SetPriority", "slot": "priority", "value": "high", "verdict": "apply", "because": hostile}
    plan: dict[str, Any] = {
        "id": 1,
        "at": "now",
        "removed_at": None,
        "event": {"kind": "created"},
        "applies": "support",
    }
    plan |= {"mode": "live", "decisions": [decision], "failures": [], "effects": []}
    monkeypatch.setattr(why, "plans_of", lambda *_: [plan])
    wiring: Any = SimpleNamespace(settings=lambda: None, store=lambda _: SimpleNamespace(close=lambda: None))
    assert why.run(Namespace(tracker="t", key="k", json=False, limit=20), wiring) == 0
    assert "hit: ⟨U+001B⟩[2J⟨U+202E⟩evil⟨U+000D⟩gone" in capsys.readouterr().out
