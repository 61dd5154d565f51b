"""What may be asked of each type of field: one line of a condition → its leaves, or what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, assert_never

from ..model import Ticket
from .ask import BROKEN, Ask, empty_line, not_a_word, spec_text
from .comparisons import comparison_line
from .fields import FieldType
from .nodes import All, Leaf, Node, Test
from .opening import OPEN, open_line
from .reading import language_reader, once, set_reader, words_reader
from .spelling import did_you_mean
from .text import fold_word
from .text_tests import text_line

__all__ = ["Ask", "line"]

OPERATORS: Mapping[FieldType, tuple[str, ...]] = {
    FieldType.TEXT: ("contains_any", "contains_all", "matches", "whole_words", "empty"),
    FieldType.SET: ("has", "has_any", "has_all", "empty"),
    FieldType.INSTANT: (OPEN, "empty"),
}
ORDERED = re.compile(r"\s*(>=|<=|>|<)\s*(\S+)\s*")
KIND = {
    FieldType.WORD: "a word: write `{name}: word` or a list of words",
    FieldType.BOOL: "true or false: write `{name}: true`",
    FieldType.NUMBER: 'a number: write `{name}: 2` or `{name}: ">= 5"`',
    FieldType.INSTANT: 'an instant: write `{name}: ">= 2026-01-31"` or `{name}: {open: 24x7}`',
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
    return KIND[ask.field.type].replace("{name}", ask.name)


def _by_operators(ask: Ask, spec: Mapping[str, Any]) -> Node:
    known = OPERATORS.get(ask.field.type, ("empty",))
    unknown = [key for key in spec if key not in known]
    for key in unknown:
        ask.bad_key(_unknown_operator(ask, key, known), key)
    if not spec:
        return ask.bad(f"`{ask.name}` is {kind_of(ask)}")
    parts: list[Node] = [empty_line(ask, spec["empty"])] if "empty" in spec else []
    if ask.field.type is FieldType.TEXT:
        parts += text_line(ask, {key: spec[key] for key in spec if key in known})
    if OPEN in spec and OPEN in known:
        parts.append(open_line(ask, spec[OPEN]))
    if ask.field.type is FieldType.SET:
        parts += [_set_line(ask, key, spec[key]) for key in ("has", "has_any", "has_all") if key in spec]
    return BROKEN if unknown else All(tuple(parts))


def _unknown_operator(ask: Ask, key: Any, known: tuple[str, ...]) -> str:
    for kind, operators in OPERATORS.items():
        if key in operators:
            article = "an" if kind is FieldType.INSTANT else "a"
            return f"`{key}` is for {article} {kind.value}, and `{ask.name}` is {kind_of(ask)}"
    near = did_you_mean(str(key), known)
    return f"unknown operator `{key}` for `{ask.name}`{near}" + ("" if near else f": it is {kind_of(ask)}")


def _word_line(ask: Ask, spec: Any) -> Node:
    if isinstance(spec, str) and (found := ORDERED.fullmatch(spec)):
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
    read = words_reader(ask.name)

    def test(ticket: Ticket) -> bool:
        try:
            value = ticket.memo[read]
        except KeyError:
            value = once(ticket, read)
        return value in wanted if value.__class__ is not tuple else not wanted.isdisjoint(value)

    return test


def _is_language(ask: Ask) -> bool:
    return ask.name == "language" or ask.name.endswith(".language")


def _language_test(ask: Ask, wanted: frozenset[str]) -> Test:
    read, asked = language_reader(ask.name), frozenset(word.replace("_", "-") for word in wanted)

    def test(ticket: Ticket) -> bool:
        try:
            tags = ticket.memo[read]
        except KeyError:
            tags = once(ticket, read)
        return not asked.isdisjoint(tags)

    return test


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
    read, wanted = set_reader(ask.name), frozenset(ask.words(spec, key))
    holds: Callable[[frozenset[str]], bool] = wanted.issubset
    if key == "has_any":
        holds = lambda there: not wanted.isdisjoint(there)  # noqa: E731

    def test(ticket: Ticket) -> bool:
        try:
            there = ticket.memo[read]
        except KeyError:
            there = once(ticket, read)
        return holds(there)

    return Leaf(ask.name, f"{key} {spec_text(spec, ', ')}", ask.read, test)
