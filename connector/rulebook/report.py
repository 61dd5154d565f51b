"""Collects every problem and warning of all files, so that one run shows them all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches

from ..errors import Problem
from .nodes import Entry, Node, Spot

MOST_PROBLEMS = 500
LONGEST = 60
LONGEST_LINE = 400


def shown(value: object) -> str:
    """`value` between backticks, cut to a length that a terminal line bears."""
    text = str(value).replace("\n", " ")
    return f"`{text if len(text) <= LONGEST else text[: LONGEST - 1] + '…'}`"


def nearest(word: str, known: Iterable[str]) -> str:
    """` (did you mean `x`?)` for the closest of `known`; '' if none is close."""
    candidates = sorted(set(known))
    word = word[:100]
    folded = {name.casefold(): name for name in reversed(candidates)}
    close = get_close_matches(word.casefold(), list(folded), n=1, cutoff=0.6)
    return f" (did you mean `{folded[close[0]]}`?)" if close else ""


def listed(words: Iterable[str], join: str = "or") -> str:
    """`a`, `b` or `c`: the words an admin may choose from."""
    each = [f"`{word}`" for word in words]
    return " ".join([", ".join(each[:-1]), join, each[-1]]) if len(each) > 1 else "".join(each)


def _one_line(text: str) -> str:
    """What a terminal shows on one line and obeys no part of: keys and plugins' sentences are others' text."""
    clean = "".join(sign if sign.isprintable() else " " for sign in text)
    return clean if len(clean) <= LONGEST_LINE else clean[: LONGEST_LINE - 1] + "…"


@dataclass(slots=True)
class Report:
    """Problems block a reload, warnings do not."""

    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)

    def problem(self, at: Node | Entry | Spot, text: str) -> None:
        self._add(self.problems, at, text)

    def warn(self, at: Node | Entry | Spot, text: str) -> None:
        self._add(self.warnings, at, text)

    def _add(self, to: list[Problem], at: Node | Entry | Spot, text: str) -> None:
        spot = at if isinstance(at, Spot) else at.spot
        if len(to) < MOST_PROBLEMS:
            to.append(Problem(spot.file, spot.line, spot.column, _one_line(text)))

    def sorted_problems(self) -> tuple[Problem, ...]:
        return tuple(sorted(set(self.problems)))

    def sorted_warnings(self) -> tuple[Problem, ...]:
        return tuple(sorted(set(self.warnings)))
