"""The pictures in the documentation are made here: `SCREENSHOTS=1` writes them anew, else they are only tried."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from .pages import path_of
from .png import size_of, smaller
from .world import ROOT

IMAGES = ROOT / "docs" / "images"
SHOWN = {"sign-in": "", "desk": "agent", "ticket": "viewer", "parked": "agent", "rules": "viewer"}
SHOWN |= {"plugins": "viewer", "connections": "viewer"}
NAMES = [f"{name}-{language}.png" for name in SHOWN for language in ("en", "zh")]
LARGEST = 150 * 1024
TIDY = """(folder) => {
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    walk.currentNode.data = walk.currentNode.data
      .replaceAll(folder, "/srv/pointsman/rules")
      .replace(/http:\\/\\/localhost:\\d+/g, "https://pointsman.example")
      .replace(/http:\\/\\/127\\.0\\.0\\.1:\\d+/g, "https://gitlab.example")
      .replace(/127\\.0\\.0\\.1:\\d+/g, "gitlab.example");
  }
}"""


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", SHOWN)
def test_a_page_can_be_pictured(visit, house, tmp_path, name, language):
    folder = IMAGES if os.environ.get("SCREENSHOTS") else tmp_path
    file = folder / f"{name}-{language}.png"
    page = visit(SHOWN[name]).go(f"{path_of(house, name)}?lang={language}")
    # The addresses and folders of this very run tell a reader nothing.
    page.evaluate(TIDY, str(house.rules))
    page.evaluate("document.activeElement.blur()")
    picture = page.screenshot()

    # Packing tightly takes seconds, and few need it.
    if len(picture) > LARGEST:
        picture = smaller(picture)
    file.write_bytes(picture)
    assert size_of(picture) == (1280, 800)
    # A page of one colour takes a few kilobytes.
    assert 15 * 1024 < len(picture) <= LARGEST


@pytest.mark.parametrize("file", NAMES)
def test_the_pictures_of_the_documentation_are_there(file):
    picture = (IMAGES / file).read_bytes()

    assert size_of(picture) == (1280, 800)
    assert len(picture) <= LARGEST


def test_no_other_picture_lies_there():
    assert sorted(path.name for path in Path(IMAGES).glob("*.png")) == sorted(NAMES)
