"""Orders that people write in comments: `@handle verb words [because …]`, each on a line of its own."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from .prose import own_words

_BECAUSE = re.compile(r"(?:^|\s)(?:because\b|因为)[\s:：]*", re.IGNORECASE)
_PUNCTUATION = " \t.,;:!?`'\"。、"


@dataclass(frozen=True, slots=True)
class Order:
    """`verb` is in lower case, '' after a bare handle; `words` stand behind it, `because` is the reason given."""

    verb: str
    words: str = ""
    because: str = ""


def orders_in(text: str, handle: str) -> tuple[Order, ...]:
    """The orders of a comment, in order; code blocks and quoted lines hold none.

    The handle may be indented by at most three blanks, in any case, with a full-width `＠`, or a Jira
    mention `[~handle]`. Full-width letters count as ordinary ones; punctuation after a word is dropped.
    """
    name = re.escape(handle)
    call = re.compile(rf"[ \u3000]{{0,3}}(?:[@＠]{name}(?![\w-]|\.\w)|\[~{name}\])[\s:,：，]*(.*)", re.IGNORECASE)
    found = (call.match(line) for line in own_words(text).splitlines())
    return tuple(_order(match[1]) for match in found if match)


def _order(line: str) -> Order:
    verb, _, rest = " ".join(line.split()).partition(" ")
    words, *reasons = _BECAUSE.split(rest, maxsplit=1)
    return Order(_plain(verb).casefold(), _plain(words), "".join(reasons).strip())


def _plain(words: str) -> str:
    return unicodedata.normalize("NFKC", words).strip(_PUNCTUATION)
