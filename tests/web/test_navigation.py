"""The navigation: every page that a visitor may open, and no other."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup

from connector.web.navigation import entries
from connector.web.visitor import Standing, Visitor

EVERYBODY = ["/", "/parked", "/reports/sla", "/rules", "/plugins", "/connections"]


@pytest.mark.parametrize(
    ("visitor", "paths"),
    [
        (Visitor("ann", Standing.ADMIN), [*EVERYBODY, "/settings", "/changes"]),
        (Visitor("ann", Standing.AGENT), [*EVERYBODY, "/changes"]),
        (Visitor("ann", Standing.VIEWER), EVERYBODY),
        (Visitor("token:scrape", None), []),
        (None, []),
    ],
)
def test_only_pages_that_the_visitor_may_open_are_offered(visitor, paths):
    assert [entry.path for entry, _ in entries(visitor, "/")] == paths


@pytest.mark.parametrize(
    ("path", "here"),
    [
        ("/", "/"),
        ("/tickets/gitlab/acme/support#12", "/"),
        ("/plugins", "/plugins"),
        ("/plugins/priority", "/plugins"),
        ("/pluginsx", None),
        ("/sign-in", None),
    ],
)
def test_the_page_at_hand_is_marked(path, here):
    marked = [entry.path for entry, current in entries(Visitor("ann", Standing.ADMIN), path) if current]

    assert marked == ([here] if here else [])


def test_every_page_carries_the_navigation(browser):
    html = BeautifulSoup(browser.get("/").text, "html.parser")

    assert [link.text for link in html.select("nav.main a")][:2] == ["Desk", "Parked"]
    assert html.select_one("nav.main [aria-current=page]")["href"] == "/"
