"""Texts in Jira's wiki markup that can do nothing: no mention, no macro, no picture, no hidden link.

The character that opens such a thing gets a backslash before it, and a word joiner (U+2060, invisible)
behind it: Jira looks for mentions in the raw text, where a backslash alone may not count. Backslashes
that stand there already would undo ours, so a word joiner parts them from it.
"""

from __future__ import annotations

import re

from ...core.json_body import clean_text
from ...core.neutral import JOINER

MAX_COMMENT = 32_767
"""Jira's usual limit for a comment, in characters."""

HEADING = "Pointsman ·"

_OPENERS = re.compile(
    r"""
    (?P<before> \\? )
    (?P<opener>
      \[ (?= [~^\#$@!] )                        # [~mention], [^attachment], [#anchor]
    | \[ (?= [^\[\]\n]* [|] )                   # [a text|https://another.address]
    | \[ (?= \s*(?: [A-Za-z][A-Za-z0-9+.-]*: | // | \\ ) )    # [https://…], [mailto:…], [file:…]
    | \{ (?= [A-Za-z{] )                        # {code}, {color:red}, {{…}}
    | ! (?= [^\s!][^!\n]*! )                    # !picture.png!
    )
    """,
    re.VERBOSE,
)


def harmless(text: str) -> str:
    """`text` as a comment: prose comes back unchanged, what could act is disarmed, the length is within limits."""
    clean = _OPENERS.sub(_disarmed, clean_text(text).replace("\r\n", "\n"))
    return cut(clean)


def cut(text: str) -> str:
    """As much of `text` as a comment takes."""
    return text if len(text) <= MAX_COMMENT else text[: MAX_COMMENT - 1] + "…"


def _disarmed(found: re.Match[str]) -> str:
    before = found["before"] + JOINER if found["before"] else ""
    return f"{before}\\{found['opener']}{JOINER}"


def note_text(lines: tuple[str, ...]) -> str:
    """The reasoning note: a heading, and one bullet for each line that begins with `- `."""
    return harmless("\n".join(line.replace("\n", " ") for line in lines))


def is_note(text: str) -> bool:
    """Whether a comment of ours is the reasoning note, by its heading."""
    return text.lstrip(" *_").startswith(HEADING)


def label_fault(name: str) -> str:
    """Why Jira would not take `name` as a label; '' if it would."""
    if not name or re.search(r"\s", name):
        return f"Jira's labels are words without spaces, and `{name}` is not one"
    return f"the label `{name[:40]}…` is longer than 255 characters" if len(name) > 255 else ""
