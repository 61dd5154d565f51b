"""Text made comparable: two spellings that a reader takes for the same word become the same string."""

from __future__ import annotations

import unicodedata
from functools import cache, lru_cache

import opencc

CAP = 16 * 1024
"""How much of a text is looked at, in bytes of UTF-8."""

# Scripts written without spaces, or (Hangul) with particles joined on: a Latin word ends where they begin.
_UNSPACED = (
    (0x0E00, 0x0EFF),
    (0x1000, 0x109F),
    (0x1780, 0x17FF),
    (0x2E80, 0xA4CF),
    (0xAC00, 0xD7AF),
    (0xF900, 0xFAFF),
    (0x20000, 0x3FFFF),
)


def clip(text: str, cap: int = CAP) -> str:
    """The first `cap` bytes of `text`, never half a character; a lone surrogate, which no encoder takes, is a `?`."""
    return text[:cap].encode("utf-8", "replace")[:cap].decode("utf-8", "ignore")


def nfkc(text: str) -> str:
    """`text`, clipped, in compatibility form: full-width `ＡＢＣ` is `ABC`. Patterns are tried on this."""
    return _nfkc(text[:CAP])


def fold(text: str) -> str:
    """NFKC, then case folding, then traditional → simplified Chinese: `當機 ＡＢＣ` is `当机 abc`. Clipped."""
    return spellings(text)[0]


def spellings(text: str) -> tuple[str, ...]:
    """`fold(text)`, and the same converted sign by sign where that differs.

    Whole phrases decide how a sign is simplified (答覆 → 答复, but 覆 alone stays), so a keyword that is
    part of a phrase would be missed by either form alone. Keyword and text are compared in both.
    """
    return _spellings(text[:CAP])


def fold_word(word: str) -> str:
    """NFKC and case folding, for words that are compared as a whole: Jira's `Incident` is `incident`."""
    return word if word.isascii() and word.islower() else _folded_word(word[:1024])


def stands_alone(text: str, word: str) -> bool:
    """Does `word` occur in `text` other than as a part of a longer word?

    A side of `word` that is no letter, digit or `_` needs no boundary (`c++`), nor does one in a script
    without spaces; towards such scripts every sign is a boundary: `app` stands alone in 打开app时.
    """
    at = text.find(word)
    while at >= 0:
        end = at + len(word)
        joined_left = at > 0 and _joins(word[0]) and _joins(text[at - 1])
        joined_right = end < len(text) and _joins(word[-1]) and _joins(text[end])
        if not joined_left and not joined_right:
            return True
        at = text.find(word, at + 1)
    return False


@lru_cache(maxsize=4096)
def _folded_word(word: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", word).casefold())


@lru_cache(maxsize=64)
def _nfkc(text: str) -> str:
    return unicodedata.normalize("NFKC", clip(text))


@lru_cache(maxsize=256)
def _spellings(text: str) -> tuple[str, ...]:
    base = _folded(text)
    by_phrase = _simplified(base)
    changed = {ord(sign): plain for sign in set(base) if (plain := _simplified_sign(sign)) != sign}
    by_sign = base.translate(changed) if changed else base
    return (by_phrase,) if by_sign == by_phrase else (by_phrase, by_sign)


def _folded(text: str) -> str:
    plain = nfkc(text).casefold()
    return plain if plain.isascii() else unicodedata.normalize("NFKC", plain)


def _simplified(text: str) -> str:
    return text if text.isascii() else str(_converter().convert(text))


@lru_cache(maxsize=65_536)
def _simplified_sign(sign: str) -> str:
    return sign if ord(sign) < 0x2E80 else str(_converter().convert(sign))


@cache
def _converter() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


def _joins(sign: str) -> bool:
    if not (sign.isalnum() or sign == "_" or unicodedata.category(sign)[0] == "M"):
        return False
    return not any(first <= ord(sign) <= last for first, last in _UNSPACED)
