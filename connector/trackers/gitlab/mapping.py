"""GitLab's words ↔ ours: scoped and plain labels, and the two states an issue has.

GitLab has no field for priority, severity, team or further statuses: each is a label, named in `_names.yaml`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ...frozen import EMPTY
from ...words import Place, PlaceKind, Words

OPENED, CLOSED = "opened", "closed"

SEVERITIES: Mapping[int, tuple[Place, ...]] = {
    level: (Place(PlaceKind.LABEL, f"severity::{level}"),) for level in range(1, 5)
}
"""Where a severity lives unless `_names.yaml` says otherwise."""


class Labels:
    """The labels of an issue; looked up as written, else without regard to case."""

    def __init__(self, names: frozenset[str]) -> None:
        self.names = names
        self._folded = {name.casefold(): name for name in sorted(names, reverse=True)}

    def find(self, name: str) -> str | None:
        """`name` as the issue carries it, None if it does not."""
        return name if name in self.names else self._folded.get(name.casefold())

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self.names))


def scope(label: str) -> str | None:
    """What stands before the last `::` of a scoped label, None for a plain one."""
    key, colons, value = label.rpartition("::")
    return key if colons and key and value else None


def siblings(label: str, labels: Labels) -> frozenset[str]:
    """The labels of an issue that exclude `label`: same scope, other value."""
    key = scope(label)
    if key is None:
        return frozenset()
    return frozenset(name for name in labels if name != label and scope(name) == key)


def is_state(place: Place) -> bool:
    return place.value in (OPENED, CLOSED) and place.kind in (PlaceKind.STATE, PlaceKind.NAME)


def label_for(place: Place, word: str) -> str | None:
    """The label that `place` means for `word`, None if the place is no label."""
    if is_state(place) or place.kind not in (PlaceKind.LABEL, PlaceKind.NAME):
        return None
    return place.value.replace("*", word) or None


def labels_of(table: Mapping[Any, tuple[Place, ...]], but: object = None) -> frozenset[str]:
    """All labels that a table of words names, those of the word `but` left out."""
    named = ((word, label_for(place, str(word))) for word, places in table.items() for place in places)
    return frozenset(label for word, label in named if label and word != but)


def severities(words: Words) -> Mapping[int, tuple[Place, ...]]:
    return words.severity or SEVERITIES


def word_of(table: Mapping[Any, tuple[Place, ...]], labels: Labels) -> Any:
    """The first word of `table` one of whose labels is among `labels`, None without one."""
    for word, places in table.items():
        names = (label_for(place, str(word)) for place in places)
        if any(name and labels.find(name) for name in names):
            return word
    return None


def status_of(words: Words, labels: Labels, state: str) -> str | None:
    """A closed issue is what `closed` means, whatever its labels; an open one is its label, else its state."""
    by_state = _word_of_state(words, state)
    if state == CLOSED and by_state:
        return by_state
    labelled: str | None = word_of(words.status, labels)
    return labelled or by_state


def _word_of_state(words: Words, state: str) -> str | None:
    for word, places in words.status.items():
        if any(is_state(place) and place.value == state for place in places):
            return word
    return None


def field_of(place: Place, labels: Labels) -> Any:
    """The value of a declared field: what the `*` stands for; true or false for a label without `*`."""
    if place.kind not in (PlaceKind.LABEL, PlaceKind.NAME):
        return None
    if "*" not in place.value:
        return labels.find(place.value) is not None
    return next((value for name in labels if (value := starred(place.value, name))), None)


def starred(pattern: str, label: str) -> str | None:
    """What the `*` of `pattern` stands for in `label`, None if it does not fit (or the pattern is `*` alone)."""
    before, _, after = pattern.partition("*")
    if not before and not after:
        return None
    fits = label.casefold().startswith(before.casefold()) and label.casefold().endswith(after.casefold())
    value = label[len(before) : len(label) - len(after)] if fits else ""
    return value or None


def slots(words: Words, names: frozenset[str], state: str) -> Mapping[str, Any]:
    """What labels and state say, slot by slot, as JSON values in our words."""
    labels = Labels(names)
    values: dict[str, Any] = {
        "priority": word_of(words.priority, labels) or "none",
        "severity": word_of(severities(words), labels),
        "team": word_of(words.team, labels),
        "status": status_of(words, labels, state),
    }
    fields = {f"field:{name}": field_of(place, labels) for name, place in words.fields.items()}
    return values | fields


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> Mapping[str, tuple[Any, Any]]:
    """Slot → (was, value) for each slot whose value differs."""
    if before == after:
        return EMPTY
    return {slot: (before.get(slot), value) for slot, value in after.items() if before.get(slot) != value}
