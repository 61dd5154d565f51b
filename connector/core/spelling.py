"""Small turns of phrase: the nearest name for a reader who mistyped one, and how many of something."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(word: str, words: Iterable[str]) -> str | None:
    """The one of `words` that `word` was most likely meant to be, None if none is near; case does not matter."""
    by_fold = {known.casefold(): known for known in sorted(words)}
    close = get_close_matches(word.casefold()[:100], by_fold, n=1, cutoff=0.6)
    return by_fold[close[0]] if close else None


def did_you_mean(word: str, words: Iterable[str]) -> str:
    """` (did you mean `title`?)`, or '' if no name is near: made to follow the mistyped word."""
    close = nearest(word, words)
    return f" (did you mean `{close}`?)" if close else ""


def counted(number: int, what: str) -> str:
    """`1 problem`, `2 problems`."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
