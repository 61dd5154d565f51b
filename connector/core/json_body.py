"""A request's body → JSON values, for bodies that nobody vouches for."""

from __future__ import annotations

import json
from typing import Any

from ..errors import Rejected

MAX_DEPTH = 64


def parse_json(body: bytes) -> Any:
    """The JSON value in `body`; raise `Rejected(400)` for anything else, too deep, or with absurd numbers.

    Lone surrogates become U+FFFD, NUL characters vanish: no database takes them.
    """
    try:
        document = json.loads(body.decode("utf-8-sig", "strict"), parse_constant=_refuse)
    except UnicodeDecodeError:
        raise Rejected(400, "the body is not UTF-8") from None
    except RecursionError:
        raise Rejected(400, "the body is nested too deeply") from None
    except ValueError:
        raise Rejected(400, "the body is not JSON") from None
    return _clean(document, MAX_DEPTH)


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")


def _clean(value: Any, depth: int) -> Any:
    if depth < 0:
        raise Rejected(400, "the body is nested too deeply")
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, dict):
        return {clean_text(k): _clean(v, depth - 1) for k, v in value.items()}
    if isinstance(value, list):
        return [_clean(v, depth - 1) for v in value]
    return value


def clean_text(text: str) -> str:
    """`text` without NUL, each lone surrogate replaced by U+FFFD."""
    if text.isascii() and "\0" not in text:
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").replace("\0", "")
