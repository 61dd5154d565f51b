"""`language:` the languages that tickets are written in."""

from __future__ import annotations

from typing import Any

from ..nodes import Node
from ..scope import Scope
from ..shapes import Record, list_of, pattern

_CODE = pattern(r"[a-z]{2,3}(-[A-Za-z]{2,8})?", "is no language: write it like `zh`, `en` or `de`")
_SECTION = Record("`language`", {"candidates": list_of(_CODE)})


def section(node: Node, scope: Scope) -> Any:
    """`candidates`: what a text in Latin letters may be, so that a short one is not taken for a rare language."""
    return _SECTION(node, scope)
