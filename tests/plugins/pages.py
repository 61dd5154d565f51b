"""Reads the examples of a page in `docs/plugins`: a YAML block of rules, then JSON blocks: what they give."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[2] / "docs" / "plugins"
BUILT_IN = ("customers", "language", "priority", "routing", "sla", "escalation", "replies", "commands")

_BLOCK = re.compile(r"^```(yaml|json)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Example:
    """One `ticket` (and `event`) of the page, and what the plugin `gives`: only the keys shown are compared."""

    page: str
    rules: str
    given: dict[str, Any]

    def __str__(self) -> str:
        return json.dumps(self.given.get("event") or self.given.get("ticket"), ensure_ascii=False)[:60]


def examples(page: str) -> list[Example]:
    rules, found = "", []
    for kind, block in _BLOCK.findall((FOLDER / f"{page}.md").read_text(encoding="utf-8")):
        if kind == "yaml":
            rules = block
        else:
            found.append(Example(page, rules, json.loads(block)))
    return found
