"""A line of the log stays one line, whatever somebody puts into an address."""

from __future__ import annotations

import json
import logging

from connector.log import JsonLines


def test_what_a_terminal_obeys_or_takes_for_an_end_of_line_is_escaped() -> None:
    path = "/\x9b31m\x85\x7f\u2028\u2029\u202e\u2066\n支付"
    record = logging.makeLogRecord({"msg": "request", "levelname": "INFO", "path": path})

    line = JsonLines().format(record)

    assert line.replace("支付", "").isprintable()
    assert "支付" in line
    assert len(line.splitlines()) == 1
    assert json.loads(line)["path"] == path
