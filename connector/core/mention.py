"""Mentions of people: a marker in a text of ours, which each tracker turns into its own kind of mention.

The marker is a person's id between two characters that nobody sees. `neutral` takes both out of every
value, so what a customer wrote never becomes a mention.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from .neutral import neutral

_BEGIN, _END = "\U000e0001", "\U000e007f"
_MARKED = re.compile(f"{_BEGIN}([^{_BEGIN}{_END}]*){_END}")
_STRAY = re.compile(f"[{_BEGIN}{_END}]")


class Mention(str):
    """A marker that `render` lets pass; a value of a ticket is never one."""

    __slots__ = ()


def mention(person_id: str) -> str:
    """A marker for the person with that id of `_people.yaml`, to stand in the text of a `Say` or a `Notify`.

    Trackers tell the person by it, where `ids` has an account of theirs there; elsewhere it is their name.
    As an extra value of `render` it stays what it is.
    """
    return Mention(f"{_BEGIN}{neutral(person_id)}{_END}")


def mentioned(text: str, write: Callable[[str], str]) -> str:
    """`text` with `write(person id)` in the place of each marker; what is left of a broken one is taken out."""
    if _BEGIN not in text and _END not in text:
        return text
    return _STRAY.sub("", _MARKED.sub(lambda found: write(found[1]), text))


def with_names(text: str, names: Mapping[str, str]) -> str:
    """`text` as it is shown outside a tracker: each person mentioned by name; `names` maps ids to these."""
    return mentioned(text, lambda person: neutral(names.get(person, person)))
