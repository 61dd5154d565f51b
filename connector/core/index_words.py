"""The words by which a ticket is found: of its title and its key, and of what somebody looks for."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .text import spellings

MOST_WORDS = 200
"""Of one ticket: a title of a megabyte must not fill the index."""
MOST_WANTED = 12
"""Of one search."""
LONGEST = 64

# `SUP-12`, `support#12`, `acme/app!7`: looked for as a whole too, or `12` would find every project's.
_KEY = re.compile(r"\S*[-#!]\d+")
_EDGES = "\"'`.,;:()[]{}<>?…。，；：（）「」《》"
_HAN = r"\u2e80-\u2fdf\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
# Scripts written without spaces (Thai, Lao, Khmer, Burmese, Kana), and Hangul with its particles joined on.
_OTHERS = r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff\uac00-\ud7af"
_RUNS = re.compile(rf"(?P<unspaced>[{_HAN}{_OTHERS}]+)|(?P<word>[^\W_{_HAN}{_OTHERS}]+)")
_IS_HAN = re.compile(f"[{_HAN}]")


def ticket_words(title: str, key: str) -> frozenset[str]:
    """What finds a ticket: the words of title and key, pairs of neighbouring Chinese signs, keys as a whole.

    Folded, traditional Chinese as simplified, in both spellings where they differ.
    """
    found: dict[str, None] = {}
    for word in (*_key_forms(key), *_of_text(key), *_of_text(title)):
        if len(found) >= MOST_WORDS:
            break
        found[word[:LONGEST]] = None
    return frozenset(found)


def wanted_words(text: str) -> frozenset[str]:
    """What a ticket must have, all of it, to be found by `text`; empty if nothing in `text` is a word."""
    folded = spellings(text)[0]
    found: dict[str, None] = {}
    for piece in folded.split():
        bare = piece.strip(_EDGES)
        for word in (bare,) if _KEY.fullmatch(bare) else _pairs_or_words(piece):
            found[word[:LONGEST]] = None
    return frozenset(list(found)[:MOST_WANTED])


def _of_text(text: str) -> Iterator[str]:
    for form in spellings(text):
        for piece in form.split():
            bare = piece.strip(_EDGES)
            if _KEY.fullmatch(bare):
                yield bare
        for run in _RUNS.finditer(form):
            yield from _pairs_or_words(run.group())
            yield from _IS_HAN.findall(run.group())


def _pairs_or_words(text: str) -> Iterator[str]:
    """`wifi 支付失败` gives `wifi`, `支付`, `付失`, `失败`; a sign that stands alone is itself."""
    for run in _RUNS.finditer(text):
        signs = run.group()
        if run.lastgroup == "word" or len(signs) == 1:
            yield signs
        else:
            yield from (signs[at : at + 2] for at in range(len(signs) - 1))


def _key_forms(key: str) -> Iterator[str]:
    """`acme/support#12` is found by itself, by `support#12` and by `#12`."""
    folded = spellings(key)[0]
    yield folded
    start = folded.find("/")
    while start >= 0:
        yield folded[start + 1 :]
        start = folded.find("/", start + 1)
    number = re.search(r"[#!]\d+$", folded)
    if number:
        yield number.group()
