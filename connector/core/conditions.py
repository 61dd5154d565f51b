"""`when:` → a compiled test of a ticket, which can also say why and why not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ..frozen import EMPTY, frozen
from ..model import Ticket
from .fields import Field, Schema, getter
from .mistakes import Mistakes, Path, Problem
from .nodes import All, Node, Not, OneOf, Reason, compiled, first_false, hits, leaves, reasons
from .opening import NOW, OPEN, open_now
from .operators import Ask, line
from .plain import plain
from .spelling import did_you_mean

__all__ = ["ALWAYS", "Condition", "ConditionErrors", "Reason", "Why", "compile_when", "conditions_in"]

DEPTH = 4
_GROUPS = ("any", "all", "not")
_BROKEN = All(())
_TOO_DEEP = "`any`, `all` and `not` nest four deep at most: split the rule, or write a plugin"


class ConditionErrors(ValueError):
    """A condition holds mistakes; all of them are here.

    Each problem is (path inside the condition, sentence). A path in `on_keys` means the key at its end
    (an unknown field or operator), any other path the value there.
    """

    def __init__(self, problems: tuple[Problem, ...], on_keys: frozenset[Path] = frozenset()) -> None:
        super().__init__("; ".join(text for _, text in problems))
        self.problems = problems
        self.on_keys = on_keys


@dataclass(frozen=True, slots=True)
class Why:
    """How a ticket meets a condition, line by line; `first_false` is None if it does."""

    matched: bool
    reasons: tuple[Reason, ...] = ()
    first_false: Reason | None = None


class Condition:
    """Does a ticket meet a `when:`?  Every line must hold; a list means any of these.

    `source` is the condition as it was written, `fields` the names it uses. It travels to another
    process as its source and is compiled there.
    """

    __slots__ = ("_lists", "_node", "_schema", "_test", "fields", "source")

    def __init__(self, node: Node, source: Any, schema: Schema, lists: Mapping[str, tuple[str, ...]]) -> None:
        self._node = node
        self._test = compiled(node)
        self._schema = schema
        self._lists = lists
        self.source = source
        self.fields = frozenset(leaf.field for leaf in leaves(node))

    def __call__(self, ticket: Ticket) -> bool:
        return self._test(ticket)

    def why(self, ticket: Ticket) -> Why:
        """Every line with what was wanted and what is there; lines under a `not` are turned round."""
        return Why(
            self._test(ticket), tuple(reasons(self._node, ticket)), first_false(self._node, ticket, negated=False)
        )

    def hits(self, ticket: Ticket) -> tuple[str, ...]:
        """The keywords that made it hold, as the rule writes them and in its order; () if it does not hold."""
        return tuple(dict.fromkeys(hits(self._node, ticket)))

    def wakes(self, ticket: Ticket) -> datetime | None:
        """The next instant after `ticket.as_of` at which time alone can change the answer; None if none will."""
        return min(_turns(self._node, ticket), default=None)

    def __reduce__(self) -> str | tuple[Callable[..., Any], tuple[Any, ...]]:
        if self is ALWAYS:
            return "ALWAYS"
        return compile_when, (self.source, self._schema, self._lists)

    def __repr__(self) -> str:
        return f"Condition({self.source!r})"


def conditions_in(
    section: object, around: Mapping[str, Any] = EMPTY
) -> Iterator[tuple[Mapping[str, Any], Condition]]:
    """Every condition in a compiled section, in its order, each with the map around it: for a `when`, the rule."""
    match section:
        case Condition():
            yield around, section
        case Mapping():
            for value in section.values():
                yield from conditions_in(value, section)
        case tuple():
            for value in section:
                yield from conditions_in(value, around)


def compile_when(spec: Any, schema: Schema, lists: Mapping[str, tuple[str, ...]] = EMPTY) -> Condition:
    """The condition that `spec`, the value of a `when:`, stands for; `lists` are those used as `@name`.

    Raises `ConditionErrors` with all mistakes at once.
    """
    mistakes = Mistakes()
    try:
        source = plain(spec)
    except RecursionError:
        raise ConditionErrors((((), _TOO_DEEP),)) from None
    node = _Reader(schema, lists, mistakes).conditions(source, (), 0)
    if mistakes.found:
        raise ConditionErrors(tuple(mistakes.found), frozenset(mistakes.on_keys))
    return Condition(node, frozen(source), schema, lists)


@dataclass(frozen=True, slots=True)
class _Reader:
    schema: Schema
    lists: Mapping[str, tuple[str, ...]]
    mistakes: Mistakes

    def conditions(self, spec: Any, path: Path, depth: int) -> Node:
        """One map: all of its lines must hold."""
        if not isinstance(spec, Mapping):
            return self._bad(path, 'conditions are a map, such as `{type: incident, severity: "<= 2"}`')
        if not spec:
            return self._bad(path, "no condition stands here; leave `when` out for a rule that always matches")
        parts = tuple(self._entry(key, value, (*path, key), depth) for key, value in spec.items())
        return parts[0] if len(parts) == 1 else All(parts)

    def _entry(self, key: Any, value: Any, path: Path, depth: int) -> Node:
        if key in _GROUPS:
            return self._group(key, value, path, depth + 1)
        if key == OPEN:
            return open_now(self._ask(OPEN, NOW, path), value)
        field = self.schema.fields.get(key) if isinstance(key, str) else None
        if field is None:
            self.mistakes.on_key(path, self._unknown(key, value))
            return _BROKEN
        return line(self._ask(key, field, path), value)

    def _ask(self, name: str, field: Field, path: Path) -> Ask:
        return Ask(name, field, getter(name), self.lists, self.schema, path, self.mistakes)

    def _group(self, word: str, value: Any, path: Path, depth: int) -> Node:
        if depth > DEPTH:
            return self._bad(path, _TOO_DEEP)
        if word == "not":
            if isinstance(value, list):
                return self._bad(path, "`not` takes one map of conditions; for none of several: `not: {any: […]}`")
            return Not(self.conditions(value, path, depth))
        if not isinstance(value, list) or not value:
            return self._bad(path, f"`{word}` takes a list of maps, such as `[{{type: incident}}, {{severity: 1}}]`")
        parts = tuple(self.conditions(each, (*path, at), depth) for at, each in enumerate(value))
        return OneOf(parts) if word == "any" else All(parts)

    def _unknown(self, key: Any, value: Any) -> str:
        if not isinstance(key, str):
            return f"a condition begins with the name of a field; `{key}` is none"
        if later := self.schema.later(key):
            return later
        inner = sorted(name for name in self.schema.fields if name.startswith(f"{key}."))
        if inner:
            meant = [f"{key}.{each}" for each in value if f"{key}.{each}" in inner] if isinstance(value, dict) else []
            return f"unknown condition `{key}`: write it in one word, such as `{(meant or inner)[0]}`"
        return f"unknown condition `{key}`{did_you_mean(key, (*self.schema.fields, *_GROUPS, OPEN))}"

    def _bad(self, path: Path, text: str) -> Node:
        self.mistakes.on_value(path, text)
        return _BROKEN


def _turns(node: Node, ticket: Ticket) -> Iterator[datetime]:
    """The instants at which a line of `node` changes its answer by itself: by age, or by opening hours.

    For a ticket that is done hours turn nothing: else each would be looked at twice a day for ever.
    """
    now = ticket.as_of
    if now is None:
        return
    for leaf in leaves(node):
        ages = [] if ticket.created is None else [_after(ticket.created, age) for age in leaf.flips]
        hours = [] if ticket.status == "done" else [leaf.turns(now)]
        yield from (at for at in (*ages, *hours) if at and at > now)


def _after(created: datetime, age: timedelta) -> datetime | None:
    try:
        return created + age
    except OverflowError:
        return None


ALWAYS = Condition(All(()), EMPTY, Schema(), EMPTY)
"""The condition of a rule without `when`."""
