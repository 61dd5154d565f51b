"""The pages of the documentation, and what tests look for in them: tables, fenced blocks, links."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")])

_FENCE = re.compile(
    r"^(?P<indent> *)```(?P<kind>\w*|\{[\w-]+\})\n(?P<text>.*?)^(?P=indent)```$", re.DOTALL | re.MULTILINE
)


@dataclass(frozen=True)
class Block:
    """One fenced example; `kind` is the word behind the fence, `{toctree}` of a directive, '' without one."""

    page: Path
    kind: str
    text: str
    line: int

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def blocks(page: Path) -> list[Block]:
    text = page.read_text(encoding="utf-8")
    return [
        Block(
            page, m["kind"], re.sub(rf"^{m['indent']}", "", m["text"], flags=re.M), text.count("\n", 0, m.start()) + 1
        )
        for m in _FENCE.finditer(text)
    ]


def section(text: str, heading: str) -> str:
    """What stands below `heading`, up to the next heading of the same level or a higher one."""
    level = len(heading) - len(heading.lstrip("#"))
    # A comment within an example begins like a heading.
    plain = _FENCE.sub(lambda found: "`" * len(found[0]), text)
    start = plain.find(f"\n{heading}\n")
    assert start >= 0, f"there is no heading `{heading}`"
    start += len(heading) + 2
    end = re.compile(rf"^#{{1,{level}}} ", re.MULTILINE).search(plain, start)
    return text[start : end.start() if end else len(text)]


def rows(text: str) -> list[list[str]]:
    """The cells of every table row in `text`, headings left out."""
    lines = text.splitlines()
    return [
        [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip()[1:-1])]
        for at, line in enumerate(lines)
        if line.startswith("| ")
        and re.search(r"[^|\- ]", line)
        and not (at + 1 < len(lines) and re.fullmatch(r"\|[|\- ]+", lines[at + 1]))
    ]


def quoted(cell: str) -> list[str]:
    """What stands in backticks."""
    return re.findall(r"`([^`]+)`", cell)
