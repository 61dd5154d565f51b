"""The pages become a site without a warning; whatever it links to is there, and it loads nothing from elsewhere."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from bs4 import BeautifulSoup

from .pages import PAGES, ROOT, text_of

DOCS = [page for page in PAGES if page.is_relative_to(ROOT / "docs")]
ELSEWHERE = re.compile(r"\]\((https?://[^)\s]+)\)|<(https?://[^>\s]+)>")
BUILD = re.search(r"^\t\$\(BIN\)/(sphinx-build .*)$", text_of("Makefile"), re.MULTILINE)


SHOWN = ("sign-in", "desk", "ticket", "parked", "rules", "plugins", "connections")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `make docs` makes, made as it is made there."""
    assert BUILD
    target = tmp_path_factory.mktemp("site")
    words = [str(target) if word == "build/docs" else word for word in BUILD[1].split()]
    told = Path(sys.executable).parent / words[0]
    done = subprocess.run(
        [str(told), *words[1:], "-d", str(tmp_path_factory.mktemp("doctrees"))],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return target


def page_of(site: Path, page: Path) -> Path:
    return site / page.relative_to(ROOT / "docs").with_suffix(".html")


def links_of(page: Path) -> list[str]:
    soup = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")
    return [str(tag["href"]) for tag in soup.find_all("a", href=True)]


def test_a_warning_is_an_error():
    assert BUILD
    assert {"-W", "-n", "--keep-going"} <= set(BUILD[1].split())


def test_every_page_is_in_the_site_and_in_its_contents(site: Path):
    contents = set(links_of(site / "index.html"))
    for page in DOCS:
        assert page_of(site, page).exists(), page
        path = page_of(site, page).relative_to(site).as_posix()
        assert path == "index.html" or path in contents, f"{path} stands in no list"


def test_every_link_of_the_site_leads_to_a_page_and_a_heading_that_are_there(site: Path):
    ids: dict[Path, set[str]] = {}
    for page in site.rglob("*.html"):
        for link in links_of(page):
            parts = urlsplit(link)
            if parts.scheme or link == "#":
                continue
            target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
            assert target.is_relative_to(site), f"{page.name}: {link} leads out of the site"
            assert target.exists(), f"{page.name}: {link}"
            if parts.fragment and target.suffix == ".html":
                if target not in ids:
                    soup = BeautifulSoup(target.read_text(encoding="utf-8"), "html.parser")
                    ids[target] = {str(tag["id"]) for tag in soup.find_all(id=True)}
                assert unquote(parts.fragment) in ids[target], f"{page.name}: {link}"


def test_a_page_of_the_site_loads_nothing_from_elsewhere(site: Path):
    for page in site.rglob("*.html"):
        soup = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")
        loaded = [tag["src"] for tag in soup.find_all(src=True)] + [tag["href"] for tag in soup.find_all("link")]
        assert [address for address in loaded if urlsplit(str(address)).netloc] == [], page.name


def test_the_site_keeps_no_path_of_the_machine_that_made_it(site: Path):
    for page in site.rglob("*.html"):
        assert str(ROOT) not in page.read_text(encoding="utf-8"), page.name


def test_the_pages_that_are_linked_to_elsewhere_are_few_and_listed():
    """Nothing is asked over the network: whoever adds a link adds it here, and looks whether it leads there."""
    found = {
        address
        for page in PAGES
        for pair in ELSEWHERE.findall(page.read_text(encoding="utf-8"))
        for address in pair
        if address
    }
    assert found == {"http://localhost:8080/"}


def test_each_page_of_the_console_is_shown_in_both_languages():
    named = re.findall(r"\]\(images/([\w-]+)\.png\)", text_of("docs/tour.md"))
    assert named == [f"{name}-{language}" for name in SHOWN for language in ("en", "zh")]
    everywhere = {
        name for page in PAGES for name in re.findall(r"images/([\w-]+)\.png", page.read_text(encoding="utf-8"))
    }
    assert everywhere <= set(named)
