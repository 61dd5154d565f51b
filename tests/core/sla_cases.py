"""The worked cases of the SLA clock, read from the shared folder when it is there."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

FILE = Path(os.environ.get("SHARED_DIR", Path(__file__).parents[3] / "shared")) / "sla" / "cases.json"


def checks() -> list[Any]:
    """`(policy, calendars, events, as_of, known_at, expect)` of each check; one that skips without the file."""
    if not FILE.is_file():
        return [pytest.param(*[None] * 6, marks=pytest.mark.skip(reason=f"{FILE} is not there"))]
    book = json.loads(FILE.read_text(encoding="utf-8"))
    return [
        pytest.param(
            case["policy"],
            {name: book["calendars"][name] for name in case["calendars"]},
            case["events"],
            check["as_of"],
            check.get("known_at"),
            check["expect"],
            id=f"{case['id']}-{check['as_of']}-{number}",
        )
        for case in book["cases"]
        for number, check in enumerate(case["checks"])
    ]
