"""Structured logs: one JSON object a line, an event name and its fields; never a body, a text or a secret."""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, TextIO

REQUEST: ContextVar[str] = ContextVar("request", default="")
PRIVATE = "notice"
"""In threads of that name only we log: libraries name addresses there, with the secrets in them."""
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
# JSON lets them through, but terminals obey some, and readers of lines take others for an end.
_UNSEEN = re.compile("[\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")


class JsonLines(logging.Formatter):
    """`{"at", "level", "event", "logger", "request", …fields}`; an exception shows as its class and place only.

    Exception texts are left out since they may quote what a customer wrote.
    """

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC)
            .isoformat(timespec="milliseconds")
            .replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            "logger": record.name,
        }
        if request := REQUEST.get():
            line["request"] = request
        line.update({k: v for k, v in vars(record).items() if k not in _STANDARD})
        if record.exc_info and record.exc_info[0]:
            line["error"] = record.exc_info[0].__name__
            line["where"] = _place(record.exc_info[2])
        return _UNSEEN.sub(_escaped, json.dumps(line, ensure_ascii=False, default=str))


def _escaped(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"


def _place(trace: Any) -> str:
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno}" if trace else ""


def start_logging(level: str, stream: TextIO | None = None) -> None:
    """Send every logger's lines from `level` on to `stream` (standard error); call it once, at start."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines())
    handler.addFilter(lambda line: line.threadName != PRIVATE or line.name.startswith(__package__))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for noisy in ("urllib3", "alembic", "werkzeug"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    # It warns of each request that waits for a thread, however short.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)


def silence(library: str) -> None:
    """What `library` logs goes nowhere: for one that names addresses, and secrets in them."""
    quiet = logging.getLogger(library)
    quiet.propagate = False
    if not quiet.handlers:
        quiet.addHandler(logging.NullHandler())


@contextmanager
def request_id(value: str) -> Iterator[None]:
    """Every line logged inside carries `value` as `request`."""
    token = REQUEST.set(value)
    try:
        yield
    finally:
        REQUEST.reset(token)
