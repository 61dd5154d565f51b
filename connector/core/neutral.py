"""Text from customers, made harmless for trackers: it reads the same and can do nothing.

GitLab executes `/commands` at line starts with the rights of whoever posts them, and both trackers
turn mentions, references and markup into actions. A word joiner (U+2060, invisible, no line break)
behind the character that starts such a thing takes its power away; nothing else changes.
"""

from __future__ import annotations

import re

JOINER = "\u2060"

# Bidirectional overrides and isolates: they can make a text read backwards.
_TURNS = "\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069"
# Blanks before a break count from the first of them on, so that a long run is looked at once.
_BREAK = r"\n\r\v\f\t\x1c-\x1e\x85\u2028\u2029"
_BREAKS = re.compile(rf"(?:(?<![ \t])[ \t]+)?[{_BREAK}][{_BREAK} ]*")
_UNSEEN = re.compile(rf"[\x00-\x1f\x7f-\x9f\ufeff{_TURNS}\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]")
_AT_START = re.compile(r"^(\s*)(?=/)")

_STARTERS = re.compile(
    rf"""
      (?<![A-Za-z0-9]) @ (?= [^\s{JOINER}] )              # a mention; inside a mail address there is a letter before
    | [#!&$] (?= [0-9] )                                  # an issue, merge request, epic, snippet; `group/x#1` too
    | (?<![A-Za-z0-9]) [~%] (?= [\w"\\] )                  # a label, a milestone
    | & (?= \#|[A-Za-z][A-Za-z0-9]*; )                    # an entity that would be read as one of these
    | < (?= [A-Za-z/!?] )                                 # HTML, `<!--`, `<https://…>`
    | \[ (?= [~^\[] )                                     # Jira's mention and attachment, a wiki link
    | \] (?= [(\[] )                                      # a Markdown link or picture
    | \{{ (?= [A-Za-z{{] )                                # a Jira macro
    | ! (?= [^\s!{JOINER}][^!]*! )                        # a Jira picture
    | ` (?= `{JOINER}?` )                                 # a fence, which would swallow what follows
    """,
    re.VERBOSE,
)


def neutral(text: str) -> str:
    """`text` on one line, without control characters, and unable to act, mention, refer or format.

    Plain prose comes back unchanged, and what is neutral already stays as it is.
    """
    line = _UNSEEN.sub("", _BREAKS.sub(" ", text))
    line = _STARTERS.sub(lambda found: found[0] + JOINER, line)
    return _AT_START.sub(rf"\1{JOINER}", line)
