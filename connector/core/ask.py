"""One line of a condition while it is read: the field, what it may name, and where mistakes go."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from .fields import Field, Getter, Schema
from .mistakes import Mistakes, Path
from .nodes import All, Leaf, Node
from .spelling import did_you_mean
from .text import fold_word

BROKEN: Node = All(())
"""What stands where a mistake was reported; a condition with one is never used."""

_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Ask:
    """`name` is the field's, `path` leads to the line inside the condition."""

    name: str
    field: Field
    read: Getter
    lists: Mapping[str, tuple[str, ...]]
    schema: Schema
    path: Path
    mistakes: Mistakes

    def bad(self, text: str, *below: str | int) -> Node:
        """Report a mistake in the value at `below` inside this line."""
        self.mistakes.on_value((*self.path, *below), text)
        return BROKEN

    def bad_key(self, text: str, key: str) -> Node:
        """Report `key`, an operator of this line, as a mistake."""
        self.mistakes.on_key((*self.path, key), text)
        return BROKEN

    def words(self, spec: Any, *below: str | int) -> list[str]:
        """The words of `spec`, one word or a list, with every `@list` put in; mistakes are reported."""
        if not isinstance(spec, list):
            return list(self._word(spec, *below))
        if not spec:
            self.bad("the list is empty, so this can never hold", *below)
        return [word for at, each in enumerate(spec) for word in self._word(each, *below, at)]

    def _word(self, spec: Any, *below: str | int) -> Iterator[str]:
        if not isinstance(spec, str):
            self.bad(not_a_word(self.name, spec), *below)
        elif spec.startswith("@"):
            yield from self._listed(spec, *below)
        elif not spec.strip():
            self.bad("an empty word: to ask for a missing value, write `{empty: true}`", *below)
        elif self._allowed(spec, *below):
            yield spec

    def _listed(self, name: str, *below: str | int) -> Iterator[str]:
        words = self.lists.get(name[1:])
        if words is None:
            near = did_you_mean(name, [f"@{known}" for known in self.lists])
            self.bad(f"unknown list `{name}`{near or '; lists stand under `lists:` in the same file'}", *below)
            return
        if not words:
            self.bad(f"the list `{name}` is empty, so this can never hold", *below)
        yield from (word for word in words if self._allowed(word, *below))

    def _allowed(self, word: str, *below: str | int) -> bool:
        values = self.field.values
        if values is None or fold_word(word) in {fold_word(value) for value in values}:
            return True
        self.bad(f"`{self.name}` has no value `{word}`{did_you_mean(word, values)}{self._known()}", *below)
        return False

    def _known(self) -> str:
        known = list(reversed(self.field.order)) or sorted(self.field.values or ())
        return f"; it is one of {', '.join(known)}" if 0 < len(known) <= _SHOWN else ""


def not_a_word(name: str, value: Any) -> str:
    """The sentence for a value that should have been a word."""
    if value is None:
        return f"`{name}` has no value here; to ask for a missing one, write `{{empty: true}}`"
    if isinstance(value, bool):
        said = str(value).lower()
        return f'`{name}` wants a word, and `{said}` is a truth value; if the word is meant, write "{said}" in quotes'
    if isinstance(value, int | float | date):
        return f'`{name}` wants a word, and `{value}` is none; if it is meant as one, write "{value}" in quotes'
    return f"`{name}` wants a word or a list of words"


def spec_text(spec: Any, joint: str = " or ") -> str:
    """`spec` as the rule writes it, for a reason: a list as its words, `@name` as it stands."""
    if isinstance(spec, list):
        return joint.join(map(spec_text, spec))
    return str(spec).lower() if isinstance(spec, bool) else str(spec)


def empty_line(ask: Ask, wanted: Any) -> Node:
    """Is the field missing, or an empty text or set?  A priority of `none` is missing too."""
    if not isinstance(wanted, bool):
        return ask.bad(f"`empty` is true or false, not `{spec_text(wanted)}`", "empty")
    read, missing = ask.read, (None, "", "none") if ask.name == "priority" else (None, "")

    def test(ticket: Any) -> bool:
        value = read(ticket)
        if isinstance(value, str):
            value = value.strip()
        nothing = value in missing if value is None or isinstance(value, str) else _no_members(value)
        return nothing is wanted

    return Leaf(ask.name, f"empty: {spec_text(wanted)}", read, test)


def _no_members(value: Any) -> bool:
    return isinstance(value, frozenset | set | tuple | list | dict) and not value
