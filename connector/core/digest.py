"""Digests by which we know our own texts and unchanged values again."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from ..plan import jsonable


def text_digest(text: str) -> str:
    """The same for texts that differ only in white space, as trackers store line ends their own way."""
    return hashlib.sha256(" ".join(text.split()).encode("utf-8", "replace")).hexdigest()[:32]


def value_digest(value: Any) -> str:
    """The same for equal values, whatever the order of their keys."""
    text = json.dumps(jsonable(value), sort_keys=True, ensure_ascii=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()
