"""What a bare YAML value means: the core schema of YAML 1.2, and a refusal for what other readers take otherwise.

Dates and times stay the text they are; only quotes make a text of anything else.
"""

from __future__ import annotations

import re

NULLS = frozenset({"", "~", "null", "Null", "NULL"})
BOOLS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
SWITCHES = frozenset({"yes", "no", "on", "off"})
MOST_DIGITS = 18

_INT = re.compile(r"[-+]?[0-9]+\Z")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]{1,3})?\Z")
_PADDED = re.compile(r"[-+]?0[0-9_]+\Z")
_BASED = re.compile(r"[-+]?0[xob][0-9a-fA-F_]+\Z")
_GROUPED = re.compile(r"[-+]?[0-9][0-9_]*_[0-9_]*\Z")
_SIXTIES = re.compile(r"[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?\Z")
_NO_NUMBER = re.compile(r"[-+]?\.(inf|Inf|INF|nan|NaN|NAN)\Z")


class Trap(Exception):
    """A bare value that YAML readers disagree about; the text is the sentence for the admin."""


def meaning(text: str) -> str | int | float | bool | None:
    """The value of `text` written without quotes; raises `Trap` where nobody can know what was meant."""
    if text in NULLS:
        return None
    if text in BOOLS:
        return BOOLS[text]
    refuse_traps(text)
    if _INT.match(text):
        return int(text)
    if _FLOAT.match(text):
        return _number(text)
    return text


def _number(text: str) -> float:
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise Trap(f"`{text}` is larger than any number this program can hold")
    return value


def refuse_traps(text: str) -> None:
    """Raise `Trap` for the bare words and digits that one YAML version reads as text and another does not."""
    if text.lower() in SWITCHES:
        other = "true" if text.lower() in ("yes", "on") else "false"
        raise Trap(f'a bare `{text}` is a word to some YAML readers and {other} to others: write "{text}" or {other}')
    if _SIXTIES.match(text):
        raise Trap(f'a bare `{text}` is a number to the base of sixty to some YAML readers: write "{text}"')
    if len(text) > MOST_DIGITS and _INT.match(text):
        raise Trap(f"`{text[:MOST_DIGITS]}…` has more than {MOST_DIGITS} digits: put it in quotes if it is a name")
    for pattern in (_PADDED, _BASED, _GROUPED):
        if pattern.match(text):
            raise Trap(f'YAML readers disagree about the number `{text}`: write "{text}", or the plain number')
    if _NO_NUMBER.match(text):
        raise Trap(f"`{text}` is no number that anything can be compared with: put it in quotes if it is a word")
