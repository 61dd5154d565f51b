"""What all tests share: where the shared samples are, and that CI skips nothing for want of a server or a browser."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]):
    """In CI a test marked `postgres` or `browser` that skips has failed: what it needs must be there."""
    outcome = yield
    report = outcome.get_result()
    needs_much = any(item.get_closest_marker(name) for name in ("postgres", "browser"))
    if report.skipped and os.environ.get("CI") and needs_much:
        report.outcome = "failed"
        report.longrepr = f"skipped in CI: {report.longrepr}"


LATER = ("service", "browser", "chaos", "benchmarks", "soak")
"""Folders whose tests run real processes: after all others, in this order."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Fast tests first, so that a mistake shows soon."""

    def turn(item: pytest.Item) -> int:
        folder = item.path.relative_to(ROOT).parts[0]
        return 1 + LATER.index(folder) if folder in LATER else 0

    items.sort(key=turn)
