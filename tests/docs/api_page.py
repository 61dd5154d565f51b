"""The table of operations on the page about the API; `python -m tests.docs.api_page` writes it anew."""

from __future__ import annotations

from tests.web.api.place import the_document

from .pages import ROOT, text_of

PAGE = "docs/api.md"
HEADING = "## Operations\n"


def operations() -> str:
    """One row for each operation: method and path, the scope it needs, what it does."""
    lines = ["| operation | scope | does |", "| --- | --- | --- |"]
    for path, item in the_document()["paths"].items():
        for method, operation in item.items():
            if method in ("get", "post"):
                (scope,) = operation["security"][0]["token"]
                does = operation["summary"].rstrip(".")
                lines.append(f"| `{method.upper()} {path}` | `{scope}` | {does} |")
    return "\n".join(lines) + "\n"


def page() -> str:
    """The page with the table as it should be."""
    before, _, _ = text_of(PAGE).partition(HEADING)
    return f"{before}{HEADING}\n{operations()}"


if __name__ == "__main__":
    (ROOT / PAGE).write_text(page(), encoding="utf-8")
