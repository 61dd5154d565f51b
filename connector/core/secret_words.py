"""Keys that sound like secrets: what stands behind them in somebody's own section is not shown on a page."""

from __future__ import annotations

import re
from collections.abc import Iterator

MASK = "••••"

_SECRET = ("token", "secret", "password", "passwd", "api_key", "apikey", "api-key", "credential")
_PAIR = re.compile(
    r"""((?:^|[\s{,\[])["']?[\w.-]*(?:"""
    + "|".join(_SECRET)
    + r""")[\w.-]*["']?[ \t]*:[ \t]+)("(?:[^"\\]|\\.)*"|'[^']*'|[\[{].*|[^\s,}\]#][^,}\]#]*)""",
    re.IGNORECASE,
)
_WHOLE = re.compile(
    r"""^(\s*(?:-[ ]+)?["']?[\w.-]*(?:"""
    + "|".join(_SECRET)
    + r""")[\w.-]*["']?[ \t]*:[ \t]+)([^\s"'\[{|>#&](?:[^#]|(?<!\s)#)*)""",
    re.IGNORECASE,
)
"""On a line of its own a bare value ends with the line: commas, brackets and hashes are part of it."""
_OPEN = re.compile(r"""(\s*)(?:- )?["']?([\w.-]+)["']?\s*:\s*(?:[|>][-+\d]*)?\s*(?:#.*)?$""")


def sounds_secret(name: str) -> bool:
    """Is a key of this name likely to hold a secret?"""
    return any(part in name.casefold() for part in _SECRET)


def without_secrets(text: str) -> tuple[str, ...]:
    """The lines of a rule file, with the values left out of keys that sound like secrets, on the lines below too."""
    return tuple(_lines(text))


def _lines(text: str) -> Iterator[str]:
    inside: int | None = None
    for line in text.splitlines():
        indent = len(line) - len(line.lstrip())
        if inside is not None and (indent > inside or not line.strip()):
            yield f"{line[:indent]}{MASK}" if line.strip() else ""
            continue
        opened = _OPEN.match(line)
        inside = indent if opened and sounds_secret(opened[2]) else None
        yield _PAIR.sub(rf"\1{MASK}", _WHOLE.sub(rf"\1{MASK}", line))
