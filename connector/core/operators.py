"""What may be asked of each type of field: one line of a condition → its leaves, or what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, assert_never

from ..model import Ticket
from .ask import BROKEN, Ask, empty_line, not_a_word, spec_text
from .comparisons import comparison_line
from .fields import FieldType
from .nodes import All, Leaf, Node, Test
from .spelling import did_you_mean
from .text import fold_word
from .text_tests import text_line

__all__ = ["Ask", "line"]

_OPERATORS: Mapping[FieldType, tuple[str, ...]] = {
    FieldType.TEXT: ("contains_any", "contains_all", "matches", "whole_words", "empty"),
    FieldType.SET: ("has", "has_any", "has_all", "empty"),
}
_ORDERED = re.compile(r"\s*(>=|<=|>|<)\s*(\S+)\s*")
_KIND = {
    FieldType.WORD: "a word: write `{name}: word` or a list of words",
    FieldType.BOOL: "true or false: write `{name}: true`",
    FieldType.NUMBER: 'a number: write `{name}: 2` or `{name}: ">= 5"`',
    FieldType.INSTANT: 'an instant: write `{name}: ">= 2026-01-31"`',
    FieldType.DURATION: 'a length of time: write `{name}: ">= 3d"`',
    FieldType.TEXT: "a text: ask with `contains_any`, `contains_all` or `matches`",
    FieldType.SET: "a set: ask with `has`, `has_any` or `has_all`",
}


def line(ask: Ask, spec: Any) -> Node:
    """The leaf that asks `ask.name` for `spec`; mistakes are reported in `ask`."""
    if isinstance(spec, Mapping):
        return _by_operators(ask, spec)
    match ask.field.type:
        case FieldType.WORD:
            return _word_line(ask, spec)
        case FieldType.BOOL:
            return _bool_line(ask, spec)
        case FieldType.NUMBER | FieldType.INSTANT | FieldType.DURATION:
            return comparison_line(ask, spec)
        case FieldType.TEXT | FieldType.SET:
            return ask.bad(f"`{ask.name}` is {kind_of(ask)}")
        case _:
            assert_never(ask.field.type)


def kind_of(ask: Ask) -> str:
    """What the field is and how it is asked, as the second half of a sentence."""
    return _KIND[ask.field.type].replace("{name}", ask.name)


def _by_operators(ask: Ask, spec: Mapping[str, Any]) -> Node:
    known = _OPERATORS.get(ask.field.type, ("empty",))
    unknown = [key for key in spec if key not in known]
    for key in unknown:
        ask.bad_key(_unknown_operator(ask, key, known), key)
    if not spec:
        return ask.bad(f"`{ask.name}` is {kind_of(ask)}")
    parts: list[Node] = [empty_line(ask, spec["empty"])] if "empty" in spec else []
    if ask.field.type is FieldType.TEXT:
        parts += text_line(ask, {key: spec[key] for key in spec if key in known})
    if ask.field.type is FieldType.SET:
        parts += [_set_line(ask, key, spec[key]) for key in ("has", "has_any", "has_all") if key in spec]
    return BROKEN if unknown else All(tuple(parts))


def _unknown_operator(ask: Ask, key: Any, known: tuple[str, ...]) -> str:
    if key == "open":
        return "`open` comes with working hours; it is not in this version"
    for kind, operators in _OPERATORS.items():
        if key in operators:
            return f"`{key}` is for a {kind.value}, and `{ask.name}` is {kind_of(ask)}"
    near = did_you_mean(str(key), known)
    return f"unknown operator `{key}` for `{ask.name}`{near}" + ("" if near else f": it is {kind_of(ask)}")


def _word_line(ask: Ask, spec: Any) -> Node:
    if isinstance(spec, str) and (found := _ORDERED.fullmatch(spec)):
        return _ordered_line(ask, found[1], found[2])
    wanted = frozenset(fold_word(word) for word in ask.words(spec))
    return Leaf(
        ask.name, spec_text(spec), ask.read, _language_test(ask, wanted) if _is_language(ask) else _in(ask, wanted)
    )


def _ordered_line(ask: Ask, sign: str, word: str) -> Node:
    order = ask.field.order
    if not order:
        return ask.bad(f"`{ask.name}` is a word, and words have no order: write the word, or a list of words")
    words = ask.words(word)
    if not words or words[0].casefold() not in order:
        return BROKEN
    at = order.index(words[0].casefold())
    wanted = {">=": order[at:], ">": order[at + 1 :], "<=": order[: at + 1], "<": order[:at]}[sign]
    return Leaf(ask.name, f"{sign} {word}", ask.read, _in(ask, frozenset(wanted)))


def _in(ask: Ask, wanted: frozenset[str]) -> Test:
    read = ask.read

    def test(ticket: Ticket) -> bool:
        value = read(ticket)
        if value.__class__ is str:
            return fold_word(value) in wanted
        return any(fold_word(word) in wanted for word in words_in(value))

    return test


def words_in(value: Any) -> tuple[str, ...]:
    """The words that a field holds: one, several where the tracker's field takes several, none if missing."""
    if value is None or value == "":
        return ()
    if isinstance(value, bool):
        return (str(value).lower(),)
    if isinstance(value, set | frozenset | tuple | list):
        return tuple(map(str, value))
    return (str(value),)


def _is_language(ask: Ask) -> bool:
    return ask.name == "language" or ask.name.endswith(".language")


def _language_test(ask: Ask, wanted: frozenset[str]) -> Test:
    read, asked = ask.read, frozenset(word.replace("_", "-") for word in wanted)

    def test(ticket: Ticket) -> bool:
        return any(not asked.isdisjoint(_tags(word)) for word in words_in(read(ticket)))

    return test


@lru_cache(maxsize=512)
def _tags(language: str) -> tuple[str, ...]:
    """`zh-Hant-TW` is also `zh-hant` and `zh`."""
    parts = fold_word(language[:40]).replace("_", "-").split("-")
    return tuple("-".join(parts[:end]) for end in range(len(parts), 0, -1))


def _bool_line(ask: Ask, spec: Any) -> Node:
    if not isinstance(spec, bool):
        return ask.bad(
            f"`{ask.name}` is true or false; `{spec_text(spec)[:40]}` is neither (write it without quotes)"
        )
    read = ask.read

    def test(ticket: Ticket) -> bool:
        value = read(ticket)
        if isinstance(value, str):
            value = {"true": True, "false": False}.get(value.strip().lower())
        return value is spec

    return Leaf(ask.name, spec_text(spec), ask.read, test)


def _set_line(ask: Ask, key: str, spec: Any) -> Node:
    if key == "has" and (isinstance(spec, list) or (isinstance(spec, str) and spec.startswith("@"))):
        return ask.bad("`has` takes one word; for a list write `has_any` or `has_all`", key)
    if key != "has" and not isinstance(spec, list | str):
        return ask.bad(not_a_word(f"{ask.name}: {key}", spec), key)
    read, wanted = ask.read, frozenset(ask.words(spec, key))
    holds: Callable[[frozenset[str]], bool] = wanted.issubset
    if key == "has_any":
        holds = lambda there: not wanted.isdisjoint(there)  # noqa: E731

    def test(ticket: Ticket) -> bool:
        value = read(ticket)
        return holds(value if value.__class__ is frozenset else frozenset(words_in(value)))

    return Leaf(ask.name, f"{key} {spec_text(spec, ', ')}", read, test)
