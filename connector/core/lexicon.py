"""All keywords and patterns of one rulebook: which of them occur in a text is found in one pass.

The answers are kept per text, not per ticket: plugins replace the frozen ticket between themselves,
and every one of a thousand rules asks about the same title and body.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Any

import re2

from .text import CAP, nfkc, spellings, stands_alone

PatternError = re2.error

_TEXTS_KEPT = 64
_MEMORY = 64 << 20
_LARGEST_JOINED = 100
# `.*` and its kin: joined with others they multiply the automaton's states instead of adding to them.
_RUNS_ON = re.compile(r"[.\]][*+{]|\\[A-Z][*+{]")


class Lexicon:
    """Numbers for keywords and patterns, and per text the numbers of those that occur.

    It grows while conditions are compiled and builds its automata when first asked. Thread-safe.
    """

    def __init__(self) -> None:
        self.keywords = OnePass(_keywords_in, _options(literal=True))
        self.patterns = OnePass(_patterns_in, _options(case_sensitive=False))

    def keyword(self, word: str, *, whole: bool) -> frozenset[int]:
        """The numbers of `word`, one per spelling: it occurs if `found` holds any of them."""
        return frozenset(self.keywords.number((form, whole), form) for form in spellings(word))

    def pattern(self, pattern: str) -> Pattern:
        """`pattern`, to be tried in any case; raises `PatternError` if it cannot be read."""
        alone = readable(pattern)
        if alone.programsize > _LARGEST_JOINED or _RUNS_ON.search(pattern):
            return Pattern(lambda text: alone.search(nfkc(text)) is not None, alone)
        number, found = self.patterns.number(pattern, pattern), self.patterns.found
        return Pattern(lambda text: number in found(text), alone)


@dataclass(frozen=True, slots=True)
class Pattern:
    """`occurs` tells whether the pattern is in a text."""

    occurs: Callable[[str], bool]
    _alone: Any

    def first(self, text: str) -> str:
        """The first piece of `text`, in NFKC, that the pattern matches; '' if none does."""
        found = self._alone.search(nfkc(text))
        return str(found.group()) if found else ""


def readable(pattern: str) -> Any:
    """`pattern` compiled to be tried in any case; raises `PatternError` if RE2 cannot read it."""
    return re2.compile(pattern, _options(case_sensitive=False))


class OnePass:
    """One automaton over many entries; `found(text)` has the numbers of those that occur in `text`."""

    def __init__(self, look: Callable[[OnePass, str], frozenset[int]], options: Any) -> None:
        self._look = look
        self._options = options
        self._numbers: dict[Any, int] = {}
        self.keys: list[Any] = []
        self._literals: list[str] = []
        self._automaton: Any = None
        self.answers: dict[str, frozenset[int]] = {}
        self._lock = Lock()

    def number(self, key: Any, literal: str) -> int:
        """The number of the entry `key`, which the automaton looks for as `literal`."""
        with self._lock:
            if key not in self._numbers:
                self._numbers[key] = len(self.keys)
                self.keys.append(key)
                self._literals.append(literal)
                self._automaton, self.answers = None, {}
            return self._numbers[key]

    def found(self, text: str) -> frozenset[int]:
        if len(text) > CAP:
            text = text[:CAP]
        answer = self.answers.get(text)
        return self._find(text) if answer is None else answer

    def _find(self, text: str) -> frozenset[int]:
        with self._lock:
            answer = self._look(self, text)
            while len(self.answers) >= _TEXTS_KEPT:
                del self.answers[next(iter(self.answers))]
            self.answers[text] = answer
            return answer

    def numbers_in(self, text: str) -> list[int] | None:
        """The numbers of the entries in `text`; None if the automaton ran out of memory."""
        if self._automaton is None:
            self._automaton = self._built()
        # RE2 does not tell running out of memory from finding nothing. The empty entry, which is
        # in every text, is missing from the answer only in the first case.
        numbers = self._automaton.Match(text) if self._automaton else None
        return [number - 1 for number in numbers if number] if numbers else None

    def _built(self) -> Any:
        automaton = re2.Set.SearchSet(self._options)
        try:
            for literal in ("", *self._literals):
                automaton.Add(literal)
            automaton.Compile()
        except PatternError:
            return False
        return automaton


def _keywords_in(entries: OnePass, text: str) -> frozenset[int]:
    forms = "\n".join(spellings(text))
    numbers = entries.numbers_in(forms)
    if numbers is None:
        numbers = [number for number, (word, _) in enumerate(entries.keys) if word in forms]
    return frozenset(n for n in numbers if not entries.keys[n][1] or stands_alone(forms, entries.keys[n][0]))


def _patterns_in(entries: OnePass, text: str) -> frozenset[int]:
    plain = nfkc(text)
    numbers = entries.numbers_in(plain)
    if numbers is None:
        numbers = [number for number, pattern in enumerate(entries.keys) if readable(pattern).search(plain)]
    return frozenset(numbers)


def _options(**values: Any) -> Any:
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MEMORY
    for name, value in values.items():
        setattr(options, name, value)
    return options
