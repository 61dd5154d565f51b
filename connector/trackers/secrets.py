"""Is a secret the right one? Answered in a time that depends neither on the answer nor on the secrets."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable


def as_bytes(header: str) -> bytes:
    """The raw bytes of a header: WSGI hands them over decoded as Latin-1; other text is taken as UTF-8."""
    try:
        return header.encode("latin-1")
    except UnicodeEncodeError:
        return header.encode("utf-8", "surrogatepass")


def matches_any(given: bytes, wanted: Iterable[bytes]) -> bool:
    """Whether `given` equals one of `wanted`; an empty one never matches.

    Every candidate is compared, and digests are compared instead of the values, so that neither the
    place in the list nor the length shows in the time taken.
    """
    digest = hashlib.sha256(given).digest()
    found = False
    for candidate in wanted:
        same = hmac.compare_digest(digest, hashlib.sha256(candidate).digest())
        found |= same and bool(candidate)
    return found


def secret_matches(given: str, wanted: Iterable[str]) -> bool:
    """`matches_any` for a header or a part of a path against configured secrets (UTF-8)."""
    return matches_any(as_bytes(given), [secret.encode("utf-8", "surrogatepass") for secret in wanted])
