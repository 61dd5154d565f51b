"""axe-core finds no serious fault: every page, both languages, light and dark, wide and narrow."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT

from .pages import ALL, path_of
from .visit import DESKTOP, PHONE

GRAVE = ("serious", "critical")
RUN = """async (only) => {
  const found = await axe.run(document, {resultTypes: ["violations"], ...only});
  return found.violations.map(v => ({id: v.id, impact: v.impact, where: v.nodes.map(n => n.target.join(" "))}));
}"""
COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
ONCE = ("ticket-hostile-2", "ticket-hostile-3", "ticket-hostile-4", "ticket-hostile-5", "ticket-hostile-6")
"""The same page as another, with another text."""


def faults(page: Any, only: dict[str, Any]) -> list[dict[str, Any]]:
    if not page.evaluate("typeof axe !== 'undefined'"):
        page.evaluate(AXE_SCRIPT)
    return page.evaluate(RUN, only)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", [name for name in ALL if name not in ONCE])
def test_axe_finds_no_serious_fault(visit, house, name, language):
    status = 404 if name == "missing" else 200
    path = path_of(house, name)
    page = visit("admin").go(f"{path}{'&' if '?' in path else '?'}lang={language}", status)
    page.evaluate("document.querySelectorAll('details').forEach(e => { e.open = true; })")
    found = []
    # Each size and each scheme with each language, everything asked at one of each; colours know no language.
    for size, scheme, only in LOOKS[language]:
        page.set_viewport_size(size)
        page.emulate_media(color_scheme=scheme)
        found += [(scheme, size["width"], fault) for fault in faults(page, only)]
    assert [each for each in found if each[2]["impact"] in GRAVE or each[2]["id"] == "color-contrast"] == []
    assert [each for each in found if each[2]["id"] not in KNOWN] == []


LOOKS: dict[str, tuple[Any, ...]] = {
    "en": ((DESKTOP, "light", {}), (PHONE, "dark", COLOURS)),
    "zh": ((PHONE, "dark", {}), (DESKTOP, "light", COLOURS)),
}
KNOWN: tuple[str, ...] = ()
"""Lesser faults that are left, by axe's name for them."""
