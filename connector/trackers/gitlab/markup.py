"""The texts we post: unable to run a quick action, and marked so that we know them again."""

from __future__ import annotations

import re
from urllib.parse import unquote

from ...core.mention import mentioned
from ...core.neutral import JOINER, neutral
from ...words import Words
from ..shapes import storable

LONGEST_NOTE = 900_000
"""GitLab takes 1,000,000 characters; what is beyond is cut, never the marker."""

NOTE = "note"
_SAID, _EFFECT = "pointsman:", "pointsman-effect:"
_BREAK = r"\n\r\v\f\x1c-\x1e\x85\u2028\u2029"
# From one line break to the next, and (below) from the first blank on: a run of blanks is looked at once.
_COMMAND = re.compile(rf"(?:\A|(?<=[{_BREAK}]))[^\S{_BREAK}]*(?=/)")
_FORGED = re.compile(r"<!--(?=\s*pointsman)", re.IGNORECASE)
_TAIL = re.compile(rf"(?<!\s)(?:\s*<!-- (?:{_SAID}|{_EFFECT})\S+ -->)+\s*\Z")
_ONE = re.compile(rf"<!-- (?:{_SAID}|{_EFFECT})(\S+) -->")
_ACCOUNT = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
_UNSAFE = re.compile(r"[\s<>%\x00-\x20\x7f]|-(?=-)|-\Z")


def said(text: str, key: str, effect: str) -> str:
    """`text` to post, with the marker of the text's `key` in its last line and that of the effect above it."""
    return f"{safe(text)}\n\n{marker(effect, _EFFECT)}\n{marker(key)}"


def with_mentions(text: str, words: Words) -> str:
    """`text` with `@account` for each person mentioned, and the name of whoever has no account here.

    Word joiners part the mention from letters beside it, which would make it another account's.
    """

    def written(person: str) -> str:
        account = next(filter(_ACCOUNT.fullmatch, words.people.get(person, ())), "")
        return f"{JOINER}@{account}{JOINER}" if account else neutral(words.names.get(person, person))

    return mentioned(text, written)


def note(lines: tuple[str, ...]) -> str:
    """The reasoning note: a heading, one list item per further line, the marker."""
    items = [line if line.startswith("- ") else f"- {line}" for line in lines[1:]]
    return "\n".join([*map(safe, [*lines[:1], *items]), marker(NOTE)])


def described(text: str, key: str) -> str:
    """A description that ends with the marker of the draft's `key`."""
    return f"{safe(text)}\n\n{marker(key)}".lstrip("\n")


def safe(text: str) -> str:
    """`text` in which no line begins with `/` and no marker of ours is forged; storable, and not too long.

    GitLab executes `/commands` at line starts with our rights.
    """
    clean = _FORGED.sub(f"<{JOINER}!--", storable(text[:LONGEST_NOTE]))
    return _COMMAND.sub(lambda found: found[0] + JOINER, clean)


def marker(key: str, kind: str = _SAID) -> str:
    """An HTML comment that nobody sees; characters that would end it are written as `%XX`."""
    return f"<!-- {kind}{_UNSAFE.sub(lambda c: ''.join(f'%{byte:02X}' for byte in c[0].encode()), key)} -->"


def markers(body: str) -> frozenset[str]:
    """The keys in the markers that end `body`; a marker in its midst may be a quotation and does not count."""
    tail = _TAIL.search(body)
    return frozenset(unquote(key) for key in _ONE.findall(tail[0])) if tail else frozenset()
