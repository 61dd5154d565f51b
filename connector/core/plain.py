"""Values as a YAML or JSON reader gives them, without the reader's own classes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def plain(value: Any) -> Any:
    """`value` made of exactly `dict`, `list`, `str`, `int`, `float`, `bool`, None, and dates as they are.

    Readers that keep positions and quotes use subclasses, whose pickles would drag their library along.
    """
    if isinstance(value, Mapping):
        return {plain(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(inner) for inner in value]
    for kind in (bool, str, int, float):
        if isinstance(value, kind):
            return kind(value)
    return value
