"""Questions to a text: which keywords occur in it, and does a pattern match."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..model import Ticket
from .ask import Ask, spec_text
from .fields import Getter
from .lexicon import PatternError
from .nodes import Leaf, Node, Test

_FRAGMENT = 60
_Groups = tuple[tuple[str, frozenset[int]], ...]


def text_line(ask: Ask, spec: Mapping[str, Any]) -> list[Node]:
    """The leaves of `{contains_any, contains_all, matches, whole_words}`; each of them must hold."""
    whole = spec.get("whole_words", False)
    keys = [key for key in ("contains_any", "contains_all") if key in spec]
    if not isinstance(whole, bool):
        ask.bad(f"`whole_words` is true or false, not `{spec_text(whole)[:40]}`", "whole_words")
    elif "whole_words" in spec and not keys:
        ask.bad("`whole_words` belongs beside `contains_any` or `contains_all`", "whole_words")
    leaves: list[Node] = [_keywords(ask, key, spec[key], whole=whole is True) for key in keys]
    return [*leaves, _pattern(ask, spec["matches"])] if "matches" in spec else leaves


def _keywords(ask: Ask, key: str, spec: Any, *, whole: bool) -> Node:
    words = ask.words(spec, key)
    groups = tuple((word, ask.lexicon.keyword(word, whole=whole)) for word in dict.fromkeys(words))
    read, found = _text_of(ask.read), ask.lexicon.keywords.found
    test = _any_of(read, found, groups) if key == "contains_any" else _all_of(read, found, groups)

    def hits(ticket: Ticket) -> tuple[str, ...]:
        there, first = found(read(ticket)), dict[frozenset[int], str]()
        for word, numbers in groups:
            if numbers & there:
                # Two spellings of one keyword (當機, 当机) are one hit.
                first.setdefault(numbers, word)
        return tuple(first.values())

    return Leaf(ask.name, f"{key} {spec_text(spec, ', ')}", read, test, hits, text=True)


def _any_of(read: Getter, found: Callable[[str], frozenset[int]], groups: _Groups) -> Test:
    wanted = frozenset(number for _, numbers in groups for number in numbers)
    return lambda ticket: not wanted.isdisjoint(found(read(ticket)))


def _all_of(read: Getter, found: Callable[[str], frozenset[int]], groups: _Groups) -> Test:
    def test(ticket: Ticket) -> bool:
        there = found(read(ticket))
        return all(numbers & there for _, numbers in groups)

    return test


def _pattern(ask: Ask, spec: Any) -> Node:
    if not isinstance(spec, str) or not spec:
        return ask.bad("`matches` takes one pattern in quotes; several are written `a|b`", "matches")
    try:
        pattern = ask.lexicon.pattern(spec)
    except PatternError as error:
        return ask.bad(_unreadable(error), "matches")
    read, occurs = _text_of(ask.read), pattern.occurs

    def hits(ticket: Ticket) -> tuple[str, ...]:
        fragment = " ".join(pattern.first(read(ticket)).split())[:_FRAGMENT]
        return (fragment,) if fragment else ()

    return Leaf(ask.name, f"matches {spec}", read, lambda ticket: occurs(read(ticket)), hits, text=True)


def _unreadable(error: Exception) -> str:
    cause = error.args[0] if error.args else ""
    said = cause.decode("utf-8", "replace") if isinstance(cause, bytes) else str(cause)
    return f"`matches` cannot be read: {said} (patterns are RE2: no look-around, no back-references)"


def _text_of(read: Getter) -> Callable[[Ticket], str]:
    def text(ticket: Ticket) -> str:
        value = read(ticket)
        return value if value.__class__ is str else "" if value is None else str(value)

    return text
