"""Compiles every `when:` of a file, and gives each mistake in it its line and column."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any

from ..core.conditions import ALWAYS, Condition, ConditionErrors, compile_when
from ..core.text import fold_word
from .nodes import Entry, Map, Node, Scalar, Seq, spot_of
from .report import shown
from .scope import BAD, Scope

ALMOST = 0.72


def when(node: Node, scope: Scope) -> Any:
    """The condition that stands there; all its mistakes are reported."""
    _check_customer_words(node, scope)
    try:
        found = compile_when(node.plain(), scope.schema, scope.lists)
    except ConditionErrors as errors:
        for path, text in errors.problems:
            scope.bad(spot_of(node, path, on_key=path in errors.on_keys), text)
        return BAD
    for name in found.fields:
        scope.used.setdefault(name, node.spot)
    return found


def always() -> Condition:
    """The condition of a rule without `when`."""
    return ALWAYS


def _check_customer_words(node: Node, scope: Scope) -> None:
    for entry in _entries(node):
        known = scope.customer_words.get(entry.key)
        for value in _words_of(entry.value) if known else ():
            text = str(value.value)
            meant = _meant(text, known or frozenset())
            if meant:
                scope.bad(value, f"no customer has `{entry.key}` {shown(text)} (did you mean `{meant}`?)")


def _meant(word: str, known: frozenset[str]) -> str:
    """The word that `word` is a slip of the keyboard away from; '' if it is known, or may well be a new one."""
    close = get_close_matches(word, sorted(known), n=1, cutoff=ALMOST)
    if fold_word(word) in map(fold_word, known) or not close or abs(len(word) - len(close[0])) > 1:
        return ""
    numbered = _letters(word) == _letters(close[0]) and word.casefold() != close[0].casefold()
    return "" if numbered else close[0]


def _letters(word: str) -> str:
    return "".join(sign for sign in word.casefold() if not sign.isdigit())


def _entries(node: Node) -> Iterator[Entry]:
    if isinstance(node, Seq):
        for item in node.items:
            yield from _entries(item)
    if isinstance(node, Map):
        for entry in node:
            yield entry
            yield from _entries(entry.value)


def _words_of(node: Node) -> Iterator[Scalar]:
    for item in node.items if isinstance(node, Seq) else (node,):
        if (
            isinstance(item, Scalar)
            and isinstance(item.value, str)
            and item.value[:1] not in ("@", "<", ">", "=", "!")
        ):
            yield item
