"""How the documentation becomes a site: `make docs`, then open build/docs/index.html.

The pages are written for a forge: plain Markdown, links to files. Pages that list other pages, such as
index.md, are the contents of the site; the tables of contents that Sphinx needs are made of their links.
"""

from __future__ import annotations

import re
from importlib.metadata import version as version_of
from pathlib import Path, PurePosixPath

project = "Pointsman"
author = "the Pointsman developers"
release = version_of("pointsman")
language = "en"
extensions = ["myst_parser"]
# Pages are also read on a forge, which makes an anchor of every heading.
myst_heading_anchors = 4
# An example without a language is a command or what was printed, not Python.
highlight_language = "text"
html_theme = "furo"
html_title = "Pointsman"
html_show_sphinx = False
html_copy_source = False

LISTS = ("index", "decisions/README", "how-to/README", "reference/README")
HERE = Path(__file__).resolve().parent
_UPWARDS = re.compile(r"\[([^\]]+)\]\(((?:\.\./)+[\w./-]+\.md)\)")
_HEADING = re.compile(r"^## (.*)$", re.MULTILINE)
_LISTED = re.compile(r"^(?:- |\| )\[([^\]]+)\]\(([\w./-]+\.md)\)", re.MULTILINE)


def contents(text: str) -> str:
    """The tables of contents, unseen, of the pages that `text` lists: one for each heading that lists some."""
    parts = _HEADING.split(text)
    captions = ["", *parts[1::2]]
    return "".join(
        "\n```{toctree}\n:hidden:\n"
        + (f":caption: {caption}\n\n" if caption else "\n")
        + "".join(f"{title} <{PurePosixPath(path).with_suffix('')}>\n" for title, path in listed)
        + "```\n"
        for caption, part in zip(captions, parts[0::2], strict=True)
        if (listed := _LISTED.findall(part))
    )


def beside(text: str, page: Path) -> str:
    """`text` with links to pages beside `docs/`, such as the changelog, as files to take along."""

    def link(found: re.Match[str]) -> str:
        inside = (page.parent / found[2]).resolve().is_relative_to(HERE)
        return found[0] if inside else f"{{download}}`{found[1]} <{found[2]}>`"

    return _UPWARDS.sub(link, text)


def _prepared(_app: object, name: str, source: list[str]) -> None:
    source[0] = beside(source[0], HERE / f"{name}.md")
    if name in LISTS:
        source[0] += contents(source[0])


def setup(app: object) -> dict[str, bool]:
    """Sphinx calls this."""
    app.connect("source-read", _prepared)  # type: ignore[attr-defined]
    return {"parallel_read_safe": True}
