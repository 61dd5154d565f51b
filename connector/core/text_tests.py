"""Questions to a text: which keywords occur in it, and does a pattern match."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..model import Ticket
from .ask import Ask, spec_text
from .fields import Getter
from .lexicon import OnePass, PatternError
from .nodes import Leaf, Node, Test
from .reading import once, text_reader

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
    groups = tuple((word, ask.schema.lexicon.keyword(word, whole=whole)) for word in dict.fromkeys(words))
    entries = ask.schema.lexicon.keywords
    find = _find_any if key == "contains_any" else _find_all
    read = text_reader(ask.name)

    def hits(ticket: Ticket) -> tuple[str, ...]:
        there, first = entries.found(read(ticket)), dict[frozenset[int], str]()
        for word, numbers in groups:
            if numbers & there:
                # Two spellings of one keyword (當機, 当机) are one hit.
                first.setdefault(numbers, word)
        return tuple(first.values())

    return Leaf(ask.name, f"{key} {spec_text(spec, ', ')}", read, find(read, entries, groups), hits, text=True)


def _find_any(read: Getter, entries: OnePass, groups: _Groups) -> Test:
    wanted, find = frozenset(number for _, numbers in groups for number in numbers), entries.found

    def test(ticket: Ticket) -> bool:
        try:
            text = ticket.memo[read]
        except KeyError:
            text = once(ticket, read)
        found = entries.answers.get(text)
        return not wanted.isdisjoint(find(text) if found is None else found)

    return test


def _find_all(read: Getter, entries: OnePass, groups: _Groups) -> Test:
    def test(ticket: Ticket) -> bool:
        there = entries.found(read(ticket))
        return all(numbers & there for _, numbers in groups)

    return test


def _pattern(ask: Ask, spec: Any) -> Node:
    if not isinstance(spec, str) or not spec:
        return ask.bad("`matches` takes one pattern in quotes; several are written `a|b`", "matches")
    try:
        pattern = ask.schema.lexicon.pattern(spec)
    except PatternError as error:
        return ask.bad(_unreadable(error), "matches")
    read, occurs = text_reader(ask.name), pattern.occurs

    def test(ticket: Ticket) -> bool:
        try:
            text = ticket.memo[read]
        except KeyError:
            text = once(ticket, read)
        return occurs(text)

    def hits(ticket: Ticket) -> tuple[str, ...]:
        fragment = " ".join(pattern.first(read(ticket)).split())[:_FRAGMENT]
        return (fragment,) if fragment else ()

    return Leaf(ask.name, f"matches {spec}", read, test, hits, text=True)


def _unreadable(error: Exception) -> str:
    cause = error.args[0] if error.args else ""
    said = cause.decode("utf-8", "replace") if isinstance(cause, bytes) else str(cause)
    return f"`matches` cannot be read: {said} (patterns are RE2: no look-around, no back-references)"
