"""The reference of codes: what the doctor finds and what /readyz warns of, each with what helps."""

from __future__ import annotations

import re

from connector.engine.doctor import CODES

from .markdown import code, head, rows_of, table


def page() -> str:
    """Every code in the order of the alphabet, so that one that is met in a log is found."""
    intro = (
        "Codes are stable: programs may ask for them.",
        "[The doctor](../doctor.md) has its own by subject.",
        "[Operation](../operations.md#what-to-watch) says how to watch those of `/readyz`.",
    )
    told = {_name(cells[0]): cells for cells in rows_of("doctor.md") if len(cells) == 4 and _name(cells[0]) in CODES}
    found = [[code(name), CODES[name].word, *map(_from_here, told[name][2:])] for name in sorted(CODES)]
    warned = [
        [code(name), *map(_from_here, cells[1:])]
        for name, cells in sorted((_name(cells[0]), cells) for cells in _warnings())
    ]
    return "\n".join(
        [
            head("Codes", *intro),
            "## Findings of the doctor",
            "",
            table(["code", "level", "means", "do"], found),
            "## Warnings of /readyz",
            "",
            table(["code", "means", "do"], warned),
        ]
    )


def _warnings() -> list[list[str]]:
    text = rows_of("operations.md")
    start = next(at for at, cells in enumerate(text) if cells == ["code", "means", "do"])
    end = next(at for at, cells in enumerate(text) if at > start and cells[0] == "event")
    return text[start + 2 : end]


def _name(cell: str) -> str:
    found = re.fullmatch(r"`(\w+)`", cell)
    return found[1] if found else ""


def _from_here(cell: str) -> str:
    """Links of those pages lead from here one folder up."""
    return re.sub(r"\]\((?!https?:)([\w./#-]+)\)", r"](../\1)", cell)
