"""A visit to the pages that is watched: nothing leaves the host, and the browser has nothing to complain of."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Request, Response

from .house import House

DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 360, "height": 740}
LIMIT = 10_000


class Visit:
    """One browser context with one page. `also` are other origins it may ask, `refusals` statuses it may meet."""

    def __init__(self, browser: Browser, house: House, also: tuple[str, ...] = (), **context: Any) -> None:
        given = {"viewport": DESKTOP, "locale": "en-GB", "timezone_id": "UTC", "reduced_motion": "reduce", **context}
        self.house = house
        self.context = browser.new_context(base_url=house.url, **given)
        self.context.set_default_timeout(LIMIT)
        self.context.on("request", self._asked)
        self.context.on("response", self._answered)
        self.context.on("console", self._said)
        self.context.on("weberror", lambda error: self.complaints.append(f"script: {error.error}"))
        self.refusals: set[int] = set()
        self.asked: list[str] = []
        self.complaints: list[str] = []
        self._allowed = (house.url, *also)
        self.page: Page = self.context.new_page()

    def go(self, path: str, status: int = 200) -> Page:
        """Open `path`, which answers `status`."""
        self.refusals.add(status)
        answer = self.page.goto(path)
        assert answer is not None
        assert answer.status == status, f"{path}: {answer.status}"
        return self.page

    def at(self) -> str:
        """The path that the address line shows, with its query."""
        return self.page.url.removeprefix(self.house.url)

    def leave(self) -> None:
        """End the visit; raise if anything was wrong."""
        self.context.close()
        assert self.complaints == []
        assert self.asked, "nothing was asked of anybody: this visit shows nothing"

    def allow(self, origin: str) -> None:
        """From now on this origin may be asked, too."""
        self._allowed = (*self._allowed, origin)

    def focus(self) -> Locator:
        """What the keyboard is at."""
        return self.page.locator(":focus")

    def tab_to(self, name: str, most: int = 60) -> Locator:
        """Press Tab until what is focused is called `name`."""
        met = []
        for _ in range(most):
            self.page.keyboard.press("Tab")
            met.append(self.page.evaluate(NAME_OF_FOCUS))
            if met[-1].startswith(name):
                return self.focus()
        raise AssertionError(f"Tab does not reach {name!r}; it reaches {met}")

    def _asked(self, request: Request) -> None:
        self.asked.append(request.url)
        if not request.url.startswith(tuple(f"{origin}/" for origin in self._allowed)):
            self.complaints.append(f"asked elsewhere: {request.url}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400 and response.status not in self.refusals:
            self.complaints.append(f"{response.status} {response.url}")

    def _said(self, message: ConsoleMessage) -> None:
        if message.type not in ("error", "warning"):
            return
        found = re.search(r"responded with a status of (\d+)", message.text)
        if found and int(found[1]) in self.refusals:
            return
        self.complaints.append(f"console: {message.text}")


NAME_OF_FOCUS = """() => {
  const e = document.activeElement;
  if (!e || e === document.body) return "";
  const label = e.labels && e.labels[0] ? e.labels[0].innerText : "";
  return (e.getAttribute("aria-label") || label || e.innerText || e.value || e.name || e.tagName).trim();
}"""

WIDTH = "() => [document.documentElement.scrollWidth, window.innerWidth]"


def overflow(page: Page) -> list[str]:
    """What reaches beyond the right edge of the page, if it can be scrolled sideways."""
    wide, inner = page.evaluate(WIDTH)
    if wide <= inner:
        return []
    found: list[str] = page.evaluate(
        """() => [...document.querySelectorAll("body *")]
            .filter(e => e.getBoundingClientRect().right > innerWidth + 1)
            .map(e => e.tagName + "." + e.className + " " + Math.round(e.getBoundingClientRect().right))
            .slice(0, 8)"""
    )
    return [f"{wide} > {inner}", *found]
