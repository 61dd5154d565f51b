"""What is installed to run the service may be used in any organisation: nothing under the GPL or the AGPL."""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, metadata

import pytest

from .pages import quoted, rows, section, text_of

PAGE = text_of("docs/decisions/0004-licences-of-what-we-stand-on.md")
LOCKED = sorted(set(re.findall(r"^([A-Za-z0-9][\w.-]*)==", text_of("requirements.lock"), re.MULTILINE)))
# `LGPL` and "Lesser General Public" are other licences: used as an unmodified library they ask nothing of us.
FORBIDDEN = re.compile(r"\bA?GPL|(?<!Lesser )\bGeneral Public License|Affero", re.IGNORECASE)
WEAK = re.compile(r"LGPL|Lesser General Public|MPL|Mozilla Public", re.IGNORECASE)


def said_of(name: str) -> str:
    """What a package says of its licence: expression, classifiers, and the first line of the old free text."""
    known = metadata(name)
    classifiers = [c for c in known.get_all("Classifier") or [] if c.startswith("License ::")]
    free = (known.get("License") or "").strip().splitlines()[:1]
    return "; ".join(filter(None, [known.get("License-Expression"), *classifiers, *free]))


def installed(name: str) -> str:
    try:
        return said_of(name)
    except PackageNotFoundError:
        pytest.skip(f"{name} is not for this platform")


@pytest.mark.parametrize("name", LOCKED)
def test_no_package_that_runs_is_under_the_gpl_or_the_agpl(name: str):
    said = installed(name)
    assert said, f"{name} does not say its licence: look it up before it comes in"
    assert not FORBIDDEN.search(said), f"{name}: {said}"


@pytest.mark.parametrize(
    ("text", "forbidden"),
    [
        ("GPL-3.0-or-later", True),
        ("AGPL-3.0-only", True),
        ("License :: OSI Approved :: GNU General Public License v3 (GPLv3)", True),
        ("License :: OSI Approved :: GNU Affero General Public License v3", True),
        ("LGPL-3.0-only", False),
        ("License :: OSI Approved :: GNU Lesser General Public License v3 (LGPLv3)", False),
        ("MIT", False),
    ],
)
def test_the_gpl_is_told_from_the_lgpl(text: str, forbidden: bool):
    assert bool(FORBIDDEN.search(text)) is forbidden


def test_the_record_names_every_package_under_a_weak_copyleft_and_no_other():
    named = {name for cells in rows(section(PAGE, "## Weak copyleft")) for name in quoted(cells[0])}
    assert named == {name for name in LOCKED if WEAK.search(installed(name))}


def test_the_record_names_every_package_that_we_chose():
    listed = {name for cells in rows(section(PAGE, "## What we chose")) for name in quoted(cells[0])}
    wanted = re.findall(r'^    "([A-Za-z0-9.-]+)', section_of_dependencies(), re.MULTILINE)
    assert listed == set(wanted)


def section_of_dependencies() -> str:
    """The `dependencies` of pyproject.toml, without those for development."""
    return text_of("pyproject.toml").partition("\ndependencies = [")[2].partition("\n]")[0]
