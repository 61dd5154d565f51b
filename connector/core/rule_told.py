"""What the rule book tells of a section: sentences about its settings, and its rules in groups."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .conditions import Condition
from .sentences import Speech


@dataclass(frozen=True, slots=True)
class RuleLine:
    """One rule: `text` is what it does and when, `because` the reason it gives, `says` its texts by language.

    `off` says why it is switched off; then it does nothing, and there is no text.
    """

    rule: str
    text: str = ""
    because: str = ""
    says: tuple[tuple[str, str], ...] = ()
    off: str = ""


@dataclass(frozen=True, slots=True)
class RuleGroup:
    """Rules that are asked together; `name` is the key they stand under (`signals`), '' for the section itself."""

    name: str
    lines: tuple[RuleLine, ...]


@dataclass(frozen=True, slots=True)
class SectionWords:
    """What one plugin does by one file: sentences about its settings, then its rules."""

    plugin: str
    settings: tuple[str, ...] = ()
    groups: tuple[RuleGroup, ...] = ()


def rule_line(rule: Mapping[str, Any], then: str, speech: Speech) -> RuleLine:
    """What `rule` does (`then`), and when."""
    conditions = [value.source for value in rule.values() if isinstance(value, Condition) and value.source]
    when = speech.say("and").join(speech.condition(source) for source in conditions)
    text = speech.say("if", when=when, then=then) if when else speech.say("always", then=then)
    because = rule.get("because")
    return RuleLine(str(rule.get("id") or ""), text, because if isinstance(because, str) else "")
