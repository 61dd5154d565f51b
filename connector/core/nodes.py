"""A compiled condition as a tree: each question can be asked of it by walking, and the test itself is closures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, TypeAlias, assert_never

from ..frozen import FrozenDict
from ..model import Ticket
from .durations import show_duration
from .fields import Getter

Test: TypeAlias = Callable[[Ticket], bool]


def _no_hits(_: Ticket) -> tuple[str, ...]:
    return ()


def _never(_: datetime) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Leaf:
    """One line of a condition: `field` must be as `wanted`, in the words of the rule.

    `hits` are the words of the rule that occur. `flips` are the ages at which the answer changes by itself, `turns`
    tells the first instant after another at which it does so whatever the ticket's age.
    """

    field: str
    wanted: str
    read: Getter
    test: Test
    hits: Callable[[Ticket], tuple[str, ...]] = _no_hits
    flips: tuple[timedelta, ...] = ()
    turns: Callable[[datetime], datetime | None] = _never
    text: bool = False


@dataclass(frozen=True, slots=True)
class All:
    """Every part must hold; without parts it always holds."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class OneOf:
    """At least one part must hold."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part must not hold."""

    part: Node


Node: TypeAlias = Leaf | All | OneOf | Not


@dataclass(frozen=True, slots=True)
class Reason:
    """One line of a condition against one ticket: what was wanted, what is there, and whether that holds.

    `seen` is a JSON value; for a text it holds only the words that were found, never the text.
    """

    field: str
    wanted: str
    seen: Any
    holds: bool

    def __str__(self) -> str:
        seen = ", ".join(map(str, self.seen)) if isinstance(self.seen, tuple) else self.seen
        return f"`{self.field}` should be {self.wanted}, is {'nothing' if seen in (None, '') else seen}"


def compiled(node: Node) -> Test:
    """The test of `node` as closures, which stop at the first line that decides."""
    match node:
        case Leaf():
            return node.test
        case All():
            return _every([compiled(part) for part in node.parts])
        case OneOf():
            return _some([compiled(part) for part in node.parts])
        case Not():
            inner = compiled(node.part)
            return lambda ticket: not inner(ticket)
        case _:
            assert_never(node)


def reasons(node: Node, ticket: Ticket, *, negated: bool = False) -> Iterator[Reason]:
    """Every line of `node` with its answer, those under a `not` turned round."""
    match node:
        case Leaf():
            wanted = f"not {node.wanted}" if negated else node.wanted
            yield Reason(node.field, wanted, _seen(node, ticket), node.test(ticket) is not negated)
        case All() | OneOf():
            for part in node.parts:
                yield from reasons(part, ticket, negated=negated)
        case Not():
            yield from reasons(node.part, ticket, negated=not negated)
        case _:
            assert_never(node)


def first_false(node: Node, ticket: Ticket, *, negated: bool = False) -> Reason | None:
    """The first line to which `node` owes that it does not hold; None if it holds."""
    if compiled(node)(ticket) is not negated:
        return None
    match node:
        case Leaf():
            return next(reasons(node, ticket, negated=negated))
        case All() | OneOf():
            failing = (first_false(part, ticket, negated=negated) for part in node.parts)
            return next((reason for reason in failing if reason), None)
        case Not():
            return first_false(node.part, ticket, negated=not negated)
        case _:
            assert_never(node)


def hits(node: Node, ticket: Ticket) -> Iterator[str]:
    """The words that made `node` hold: of every part of it that holds, and of nothing under a `not`."""
    if isinstance(node, Not) or not compiled(node)(ticket):
        return
    if isinstance(node, Leaf):
        yield from node.hits(ticket)
        return
    for part in node.parts:
        yield from hits(part, ticket)


def leaves(node: Node) -> Iterator[Leaf]:
    match node:
        case Leaf():
            yield node
        case All() | OneOf():
            for part in node.parts:
                yield from leaves(part)
        case Not():
            yield from leaves(node.part)
        case _:
            assert_never(node)


def shown(value: Any) -> Any:
    """`value` as JSON knows it, to be read by people: lengths as `3d4h`, sets sorted, mappings frozen."""
    if isinstance(value, timedelta):
        return show_duration(value)
    if isinstance(value, datetime | date):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, set | frozenset):
        return tuple(sorted(map(str, value)))
    if isinstance(value, list | tuple):
        return tuple(map(shown, value))
    if isinstance(value, dict):
        return FrozenDict({str(key): shown(inner) for key, inner in value.items()})
    return value


def _seen(leaf: Leaf, ticket: Ticket) -> Any:
    return leaf.hits(ticket) if leaf.text else shown(leaf.read(ticket))


def _every(tests: list[Test]) -> Test:
    if len(tests) == 1:
        return tests[0]
    if len(tests) == 2:
        first, second = tests
        return lambda ticket: first(ticket) and second(ticket)
    if len(tests) == 3:
        one, two, three = tests
        return lambda ticket: one(ticket) and two(ticket) and three(ticket)

    def every(ticket: Ticket) -> bool:
        # A loop, since a generator would double the time of a rule.
        for test in tests:  # noqa: SIM110
            if not test(ticket):
                return False
        return True

    return every


def _some(tests: list[Test]) -> Test:
    if len(tests) == 1:
        return tests[0]
    if len(tests) == 2:
        first, second = tests
        return lambda ticket: first(ticket) or second(ticket)

    def some(ticket: Ticket) -> bool:
        for test in tests:  # noqa: SIM110
            if test(ticket):
                return True
        return False

    return some
