"""One `PUT` for everything about an issue that is no text and no link."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ...frozen import FrozenDict
from ...model import Ticket
from .mapping import CLOSED, Labels, siblings

RESOLVE = Callable[[str], str]


class CannotWrite(Exception):
    """GitLab cannot take this wish; the text is a sentence for the record."""


@dataclass(slots=True)
class Edit:
    """Collects labels to add and to remove and other parameters, with the effects each of them carries.

    A name is never in both lists: GitLab would let the removal win. What is asked later wins.
    """

    ticket: Ticket
    resolve: RESOLVE
    params: dict[str, Any] = field(default_factory=dict)
    fields: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _add: dict[str, None] = field(default_factory=dict)
    _remove: dict[str, None] = field(default_factory=dict)
    _labels: Labels = field(init=False)

    def __post_init__(self) -> None:
        self._labels = Labels(self.ticket.labels)

    @property
    def is_closed(self) -> bool:
        return self.ticket.raw.get("state") == CLOSED

    def has(self, name: str) -> str | None:
        """`name` as the issue carries it."""
        return self._labels.find(name)

    def present(self, names: frozenset[str]) -> frozenset[str]:
        """Which of `names` the issue carries, written as there."""
        return frozenset(found for name in names if (found := self._labels.find(name)))

    def add(self, key: str, name: str, instead_of: frozenset[str] = frozenset()) -> None:
        """Add the label `name`; its exclusive siblings and `instead_of` go."""
        label = self._labels.find(name) or self.resolve(checked(name))
        self._remove.pop(label, None)
        self._add[label] = None
        self._carry(key, "add_labels")
        # Siblings that an earlier wish of the same plan adds must not come either.
        gone = siblings(label, Labels(self.ticket.labels | self._add.keys())) | (instead_of - {label})
        for other in sorted(gone):
            self.remove(key, other)

    def remove(self, key: str, name: str) -> None:
        """Remove the label `name`, whether or not the issue is known to carry it."""
        label = self._labels.find(name) or checked(name)
        self._add.pop(label, None)
        self._remove[label] = None
        self._carry(key, "remove_labels")

    def put(self, key: str, name: str, value: Any) -> None:
        """Set the parameter `name`."""
        self.params[name] = value
        self._carry(key, name)

    def body(self) -> Mapping[str, Any]:
        """The body of the `PUT`; label names are separated by commas."""
        lists = {"add_labels": ",".join(self._add), "remove_labels": ",".join(self._remove)}
        return FrozenDict({**{name: text for name, text in lists.items() if text}, **self.params})

    def covers(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(key for keys in self.fields.values() for key in keys))

    def _carry(self, key: str, name: str) -> None:
        self.fields[name] = tuple(dict.fromkeys((*self.fields.get(name, ()), key)))


def checked(name: str) -> str:
    """`name` if GitLab can take it as a label; raise `CannotWrite` otherwise."""
    if "," in name:
        raise CannotWrite(f"the label `{name}` has a comma in its name, which GitLab cannot be sent")
    if not name.strip() or not name.isprintable() or len(name) > 255:
        raise CannotWrite("a label's name must be printable text of 1 to 255 characters")
    return name.strip()
