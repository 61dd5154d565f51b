"""Reads a tracker word of `_names.yaml` into the `Place` where it lives.

On GitLab a word is a plain label, or `opened` / `closed`. On Jira it says what it is: `label x`,
`component X`, `field "Team" = X`, `group X`; priorities and statuses are names there.
"""

from __future__ import annotations

import re

from ..words import Place, PlaceKind

STATES = ("opened", "closed")
JIRA_WORDS = 'write `label x`, `component X`, `field "Team" = X` or `group X`'

_FIELD = re.compile(r"""field\s+(?:"([^"]+)"|'([^']+)')(?:\s*=\s*(.+))?\Z""")
_KINDS = {"label": PlaceKind.LABEL, "component": PlaceKind.COMPONENT, "group": PlaceKind.GROUP}


class NoPlace(Exception):
    """The text names no place at this tracker; the text of the exception is the sentence for the admin."""


def place(kind: str, table: str, text: str) -> Place:
    """Where `text` in the table `table` (`priority`, `team`, …) lives at a tracker of `kind`; raises `NoPlace`."""
    words = " ".join(text.split())
    if table == "fields":
        return _whole_field(kind, words)
    if kind == "gitlab":
        return _on_gitlab(table, words)
    if table in ("priority", "status"):
        return Place(PlaceKind.NAME, words)
    return _with_value(_on_jira(words), words)


def _on_gitlab(table: str, words: str) -> Place:
    if table == "status" and words in STATES:
        return Place(PlaceKind.STATE, words)
    if "," in words:
        raise NoPlace(f"`{words}` has a comma, which GitLab does not take in a label: rename the label")
    if "*" in words:
        raise NoPlace(f"`{words}` stands for many labels: only `fields` take a `*`")
    return Place(PlaceKind.LABEL, words)


def _on_jira(words: str) -> Place:
    found = _FIELD.match(words)
    if found:
        return Place(PlaceKind.FIELD, (found[3] or "*").strip().strip("\"'"), found[1] or found[2])
    head, _, rest = words.partition(" ")
    kind = _KINDS.get(head)
    if kind is None or (kind is PlaceKind.LABEL and " " in rest):
        raise NoPlace(f"`{words}` does not say what it is on Jira: {JIRA_WORDS} (a label has no spaces)")
    return Place(kind, rest or "*")


def _with_value(found: Place, words: str) -> Place:
    if found.value == "*":
        raise NoPlace(f"`{words}` says where but not which: {JIRA_WORDS}")
    return found


def _whole_field(kind: str, words: str) -> Place:
    """A place whose `*` is the value of one of our fields."""
    if kind == "gitlab":
        if not words.endswith("::*") or words.count("*") != 1 or "," in words:
            raise NoPlace(f"`{words}` is no label scope: write it as `env::*`")
        return Place(PlaceKind.LABEL, words)
    found = _on_jira(words)
    if found.kind is PlaceKind.GROUP:
        raise NoPlace('a group is no field: write `component`, `field "Name"` or `label env-*`')
    if found.value.count("*") != 1:
        raise NoPlace(
            f'`{words}` names one value, but a field takes any: write `component`, `field "Name"` or `label env-*`'
        )
    return found
