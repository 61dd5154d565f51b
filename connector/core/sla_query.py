"""Which tickets somebody wants to see by their SLA clocks: `resolution remaining() < 2h and resolution running()`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby

from .durations import parse_duration
from .sla import Metric
from .spelling import nearest

OPERATORS = ("<", "<=", ">", ">=")
JOIN = "and"
_TOKEN = re.compile(r"\(\s*\)|[<>=!]+|(?:-\s*)?\d+(?:%|[a-z]*(?:\s*\d+[a-z]+)*)|[^\W\d][\w-]*|\S", re.IGNORECASE)


class Function(StrEnum):
    """What can be asked of a clock; docs/sla.md says what each means."""

    BREACHED = "breached"
    EVER_BREACHED = "everBreached"
    RUNNING = "running"
    PAUSED = "paused"
    COMPLETED = "completed"
    REMAINING = "remaining"
    ELAPSED = "elapsed"

    @property
    def compares(self) -> bool:
        """Is it a length of time, to be compared with another?"""
        return self in (Function.REMAINING, Function.ELAPSED)


@dataclass(frozen=True, slots=True)
class Term:
    """One thing asked of the clock of a metric; `operator` and `seconds` only where it compares."""

    function: Function
    operator: str = ""
    seconds: int = 0


Query = Mapping[str | None, tuple[Term, ...]]
"""By metric what must hold of its clock; under None what must hold of any one clock, all of it of the same."""


class QueryMistake(ValueError):
    """What is wrong with a query: a word for it, the character at which it begins (from 1), and what stands there."""

    def __init__(self, word: str, at: int, found: str, near: str = "") -> None:
        super().__init__(f"{word} at {at}: {found}")
        self.word, self.at, self.found, self.near = word, at, found[:40], near


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    at: int


def read_query(text: str) -> Query:
    """The query that `text` says; raise `QueryMistake` for the first thing that makes no sense."""
    reader = _Reader([_Token(found.group(), found.start() + 1) for found in _TOKEN.finditer(text)], len(text) + 1)
    terms = [reader.term()]
    while reader.left:
        joined = reader.take()
        if joined.text.lower() != JOIN:
            raise QueryMistake("and", joined.at, joined.text)
        terms.append(reader.term())
    by_metric = sorted(terms, key=lambda term: term[0] or "")
    return {metric: tuple(term for _, term in group) for metric, group in groupby(by_metric, lambda term: term[0])}


class _Reader:
    def __init__(self, tokens: list[_Token], end: int) -> None:
        self.left = tokens
        self._end = _Token("", end)

    def take(self) -> _Token:
        return self.left.pop(0) if self.left else self._end

    def term(self) -> tuple[str | None, Term]:
        name = self.take()
        metric = None
        if not (self.left and self.left[0].text.startswith("(")):
            metric, name = _metric(name), self.take()
        function = _function(name)
        brackets = self.take()
        if not re.fullmatch(r"\(\s*\)", brackets.text):
            raise QueryMistake("brackets", brackets.at, brackets.text, function.value)
        return metric, self._compared(function)

    def _compared(self, function: Function) -> Term:
        if not function.compares:
            if self.left and self.left[0].text[0] in "<>=!":
                raise QueryMistake("no_comparison", self.left[0].at, self.left[0].text, function.value)
            return Term(function)
        operator = self.take()
        if operator.text not in OPERATORS:
            raise QueryMistake("operator", operator.at, operator.text, function.value)
        length = self.take()
        try:
            return Term(function, operator.text, _seconds(length.text))
        except ValueError:
            raise QueryMistake("length", length.at, length.text) from None


def _metric(token: _Token) -> str:
    known = [metric.value for metric in Metric]
    if token.text.lower() in known:
        return token.text.lower()
    functions = [function.value.lower() for function in Function]
    if token.text.lower() in functions:
        raise QueryMistake("brackets", token.at + len(token.text), "", token.text)
    raise QueryMistake("metric", token.at, token.text, nearest(token.text, known) or "")


def _function(token: _Token) -> Function:
    by_fold = {function.value.lower(): function for function in Function}
    if token.text.lower() in by_fold:
        return by_fold[token.text.lower()]
    raise QueryMistake("function", token.at, token.text, nearest(token.text, list(Function)) or "")


def _seconds(text: str) -> int:
    if text == "0":
        return 0
    if text.startswith("-"):
        return -_seconds(text[1:].strip())
    return int(parse_duration(text).total_seconds())
