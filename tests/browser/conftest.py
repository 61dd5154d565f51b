"""One house and one Chromium for all tests here, and a fresh, watched visit for each."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, StorageState, sync_playwright

from .house import GROUPS, House, open_house
from .visit import Visit

FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--hide-scrollbars"),
    *("--force-color-profile=srgb", "--font-render-hinting=none", "--disable-lcd-text"),
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    program = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if not program:
        pytest.skip("no Chromium: install Debian's `chromium`, or name one by CHROMIUM")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def house(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    # After the browser: without one nothing is started.
    with open_house(tmp_path_factory.mktemp("house")) as opened:
        yield opened


@pytest.fixture(scope="package")
def cookies(chromium: Browser, house: House) -> dict[str, StorageState]:
    """What a browser carries after the sign-in of a viewer, an agent and an admin at the provider."""
    kept: dict[str, StorageState] = {}
    for role, group in GROUPS.items():
        house.provider.account = {"sub": role, "email": f"{role}@desk.example", "email_verified": True}
        house.provider.told = {"sub": role, "groups": [group]}
        visit = Visit(chromium, house, also=(house.provider.url,))
        visit.go("/sign-in")
        visit.page.get_by_role("link", name="Sign in with").click()
        visit.page.wait_for_url(f"{house.url}/")
        kept[role] = visit.context.storage_state()
        visit.leave()
    return kept


@pytest.fixture
def visit(chromium: Browser, house: House, cookies: dict[str, StorageState]) -> Iterator[Callable[..., Visit]]:
    """Open a visit as `viewer`, `agent`, `admin` or nobody (`""`); what was wrong in it fails the test."""
    opened: list[Visit] = []

    def begin(who: str = "agent", **context: Any) -> Visit:
        if who:
            context["storage_state"] = cookies[who]
        opened.append(Visit(chromium, house, **context))
        return opened[-1]

    yield begin
    for each in opened:
        each.leave()
