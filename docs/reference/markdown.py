"""Values of the code → Markdown: cells, tables, the head of a page."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

DOCS = Path(__file__).resolve().parents[1]


def head(title: str, *lines: str) -> str:
    """The beginning of a page; it says that nobody need correct it by hand."""
    return "\n".join([f"# {title}", "", *lines, "This page is written from the code by `make reference`.", ""])


def table(names: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; the columns of `rows` are Markdown already, see `plain` and `code`."""
    lines = [names, ["---"] * len(names), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines) + "\n"


def code(text: str) -> str:
    """`text` in backticks, for a cell; nothing for nothing."""
    return f"`{one_line(text)}`".replace("|", "\\|") if text else ""


def plain(text: str) -> str:
    """Prose with code in backticks, for a cell: signs that would mean something elsewhere mean themselves."""
    parts = re.split(r"(`[^`]*`)", one_line(text))
    return "".join(
        part.replace("|", "\\|") if part.startswith("`") else re.sub(r"([*<>|\[\]])", r"\\\1", part) for part in parts
    )


def one_line(text: str) -> str:
    return " ".join(text.split())


def first_line(thing: object) -> str:
    """The claim of its docstring; '' where it has none of its own."""
    return (inspect.getdoc(thing) or "").partition("\n")[0] if not _is_made(thing) else ""


def said_of(thing: object) -> str:
    """Its whole docstring, paragraphs kept, signs of Markdown meaning themselves."""
    if _is_made(thing):
        return ""
    return "\n\n".join(plain(part) for part in (inspect.getdoc(thing) or "").split("\n\n"))


def _is_made(thing: object) -> bool:
    # A dataclass without a docstring is given its signature as one.
    return (getattr(thing, "__doc__", None) or "").startswith(f"{getattr(thing, '__name__', '')}(")


def rows_of(page: str) -> list[list[str]]:
    """The cells of every table row of the page `docs/page`."""
    lines = (DOCS / page).read_text(encoding="utf-8").splitlines()
    return [
        [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip()[1:-1])]
        for line in lines
        if line.startswith("| ")
    ]
