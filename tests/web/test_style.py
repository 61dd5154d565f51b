"""The stylesheet: enough contrast in light and in dark, and nothing fetched from elsewhere."""

from __future__ import annotations

import re

import pytest

from connector.web.language import FOLDER

CSS = (FOLDER.parent / "static" / "style.css").read_text(encoding="utf-8")
LIGHT, DARK = (
    dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", block))
    for block in re.findall(r":root \{(.*?)\n\s*\}", CSS, re.S)
)
TEXT_ON = [
    *((ink, ground) for ground in ("ground", "surface") for ink in ("ink", "quiet", "link", "yes")),
    *((level, ground) for ground in ("ground", "surface") for level in ("urgent", "high", "normal", "low")),
    ("on-accent", "accent"),
    ("warn-ink", "warn-ground"),
    ("calm-ink", "calm-ground"),
    ("good-ink", "good-ground"),
    ("bad-ink", "bad-ground"),
    ("bad-ink", "surface"),
]


def luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_both_themes_name_the_same_colours():
    assert LIGHT.keys() == DARK.keys()


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), TEXT_ON)
def test_text_can_be_read(theme, ink, ground):
    assert contrast(theme[ink], theme[ground]) >= 4.5


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_the_edges_of_fields_can_be_seen(theme):
    assert contrast(theme["line-strong"], theme["surface"]) >= 3


def test_nothing_is_fetched_from_elsewhere():
    assert "url(" not in CSS
    assert "@import" not in CSS
