"""What a part of a rule file must look like, put together from small readers; each reports all its problems.

A reader takes a node and the scope and returns the plain value, or `BAD` once it has reported why not.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from ..frozen import EMPTY
from .nodes import Entry, Map, Node, Scalar, Seq, is_null
from .report import listed, nearest, shown
from .scope import BAD, Scope

Reader: TypeAlias = Callable[[Node, Scope], Any]
Check: TypeAlias = Callable[[str, Node, Scope], "str | None"]


def kind_of(node: Node) -> str:
    """What stands there, in the admin's words."""
    match node:
        case Map():
            return "a map"
        case Seq():
            return "a list"
        case Scalar(value=None):
            return "nothing"
        case Scalar(value=bool() as value):
            return f"the truth value `{str(value).lower()}`"
        case Scalar(value=int() | float() as value):
            return f"the number `{value}`"
        case Scalar(value=value):
            return f"the text {shown(value)}"


def text(node: Node, scope: Scope) -> Any:
    """A text that is not empty; numbers and truth values need quotes."""
    if isinstance(node, Scalar) and isinstance(node.value, str) and node.value.strip():
        return node.value
    if isinstance(node, Scalar) and isinstance(node.value, bool | int | float):
        return scope.bad(node, f"here stands {kind_of(node)}, but a text is wanted: put it in quotes")
    what = "the text is empty" if isinstance(node, Scalar) else f"a text is wanted here, not {kind_of(node)}"
    return scope.bad(node, what)


def texts(node: Node, scope: Scope) -> Any:
    """One text, or a list of them; always read as a tuple."""
    return one_or_many(text, empty=None)(node, scope)


def checked(check: Check) -> Reader:
    """A text for which `check(text, node, scope)` finds no sentence to say."""

    def read(node: Node, scope: Scope) -> Any:
        value = text(node, scope)
        if value is BAD:
            return BAD
        problem = check(value, node, scope)
        return scope.bad(node, problem) if problem else value

    return read


def choice(what: str, words: Collection[str], later: Mapping[str, str] | None = None) -> Reader:
    """One of `words`; `later` has sentences for words that a later version will know."""

    def check(value: str, _node: Node, _scope: Scope) -> str | None:
        if value in words:
            return None
        if later and value in later:
            return later[value]
        near = nearest(value, words)
        return f"unknown {what} {shown(value)}{near or f': choose {listed(words)}'}"

    return checked(check)


def pattern(expression: str, remedy: str) -> Reader:
    """A text that `expression` matches as a whole."""
    compiled = re.compile(expression)

    def check(value: str, _node: Node, _scope: Scope) -> str | None:
        return None if compiled.fullmatch(value) else f"{shown(value)} {remedy}"

    return checked(check)


def number(low: float | None = None, high: float | None = None, *, whole: bool = False) -> Reader:
    """A number from `low` to `high`, both included."""

    def read(node: Node, scope: Scope) -> Any:
        value = node.value if isinstance(node, Scalar) else None
        if isinstance(value, bool) or not isinstance(value, int if whole else int | float):
            return scope.bad(node, f"a {'whole ' if whole else ''}number is wanted here, not {kind_of(node)}")
        if (low is not None and value < low) or (high is not None and value > high):
            return scope.bad(node, f"`{value}` is out of range: {_range(low, high)}")
        return value

    return read


def _range(low: float | None, high: float | None) -> str:
    if low is not None and high is not None:
        return f"from {low} to {high}"
    return f"at least {low}" if high is None else f"at most {high}"


def flag(node: Node, scope: Scope) -> Any:
    """True or false."""
    if isinstance(node, Scalar) and isinstance(node.value, bool):
        return node.value
    return scope.bad(node, f"true or false is wanted here, not {kind_of(node)}")


def anything(node: Node, _scope: Scope) -> Any:
    """Whatever stands there."""
    return node.plain()


def one_or_many(reader: Reader, *, empty: str | None = "the list is empty") -> Reader:
    """One value or a list; always read as a tuple. `empty` is what is said about an empty list, None allows it."""

    def read(node: Node, scope: Scope) -> Any:
        if isinstance(node, Seq):
            return list_of(reader, empty=empty)(node, scope)
        value = reader(node, scope)
        return BAD if value is BAD else (value,)

    return read


def list_of(reader: Reader, *, empty: str | None = "the list is empty") -> Reader:
    """A list, read as a tuple without the bad ones; `empty` is what is said about an empty one, None allows it."""

    def read(node: Node, scope: Scope) -> Any:
        if not isinstance(node, Seq):
            return scope.bad(node, f"a list is wanted here, not {kind_of(node)}")
        if not node.items and empty is not None:
            return scope.bad(node, empty)
        values = [reader(item, scope) for item in node.items]
        return tuple(value for value in values if value is not BAD)

    return read


def map_of(reader: Reader, key: Callable[[Entry, Scope], bool] | None = None) -> Reader:
    """A map with free keys, all judged by `key`; read without the bad ones."""

    def read(node: Node, scope: Scope) -> Any:
        if not isinstance(node, Map):
            return scope.bad(node, f"a map is wanted here, not {kind_of(node)}")
        found = {}
        for entry in node:
            good_key = key is None or key(entry, scope)
            value = reader(entry.value, scope)
            if good_key and value is not BAD:
                found[entry.key] = value
        return found

    return read


def key_among(what: str, words: Collection[str]) -> Callable[[Entry, Scope], bool]:
    """A judge of keys for `map_of`: one of `words`."""

    def judge(entry: Entry, scope: Scope) -> bool:
        if entry.key in words:
            return True
        near = nearest(entry.key, words)
        scope.bad(entry, f"unknown {what} {shown(entry.key)}{near or f': choose {listed(words)}'}")
        return False

    return judge


@dataclass(frozen=True, slots=True)
class Record:
    """A map with known keys. `what` names it in problems ("a signal"); `later` has sentences for keys to come."""

    what: str
    keys: Mapping[str, Reader]
    required: tuple[str, ...] = ()
    later: Mapping[str, str] = EMPTY
    nullable: frozenset[str] = frozenset()

    def __call__(self, node: Node, scope: Scope) -> Any:
        if not isinstance(node, Map):
            return scope.bad(node, f"{self.what} is a map, not {kind_of(node)}")
        found = {e.key: value for e in node if (value := self._value(e, scope)) is not BAD}
        for name in self.required:
            if name not in node and not self.mistyped(name, node):
                scope.bad(node, f"{self.what} lacks `{name}`")
        return found

    def mistyped(self, name: str, node: Map) -> bool:
        """Was a key of `node` reported as unknown that was probably meant to be `name`?"""
        return any(f"`{name}`" in nearest(entry.key, self.keys) for entry in node if entry.key not in self.keys)

    def _value(self, entry: Entry, scope: Scope) -> Any:
        if entry.key in self.later:
            return scope.bad(entry, self.later[entry.key])
        reader = self.keys.get(entry.key)
        if reader is None:
            near = nearest(entry.key, self.keys) or f": {self.what} knows {listed(self.keys, 'and')}"
            return scope.bad(entry, f"unknown key {shown(entry.key)}{near}")
        if is_null(entry.value) and entry.key not in self.nullable:
            return scope.bad(entry, f"`{entry.key}` is empty: write a value, or leave the line out")
        return reader(entry.value, scope)
