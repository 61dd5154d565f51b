"""One failure stays one failure: what goes wrong beside an event leaves the events behind it alone."""

from __future__ import annotations

from pathlib import Path

from connector.testing import FakeTracker
from tests.engine.line import RULES, a_line

LOUD = """from connector import hookimpl


@hookimpl
def applied(plan):
    raise KeyError("domains")
"""


def test_a_plugin_that_raises_after_the_write_back_keeps_no_event_waiting(tmp_path: Path) -> None:
    plugins = tmp_path / "plugins"
    plugins.mkdir()
    (plugins / "loud.py").write_text(LOUD, encoding="utf-8")
    files = {"desk.yaml": RULES.replace("commands]", "commands, loud]")}
    tracker = FakeTracker()
    with a_line(tmp_path, {"local": tracker}, files=files, plugins=plugins) as line:
        id = tracker.add("outage")
        line.created(id)
        for level in ("low", "high", "normal", "low"):
            line.said(id, f"@pointsman priority {level}")
            assert tracker.ticket(id).priority.word == level
        assert "loud" in line.services.host.quarantined()
