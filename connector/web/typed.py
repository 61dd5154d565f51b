"""What somebody typed: cleaned of what no text holds, and checked before anything is made of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

TITLE_LIMIT, BODY_LIMIT, EMAIL_LIMIT = 255, 64 * 1024, 254


@dataclass(frozen=True, slots=True)
class Typed:
    """A typed ticket."""

    title: str = ""
    body: str = ""
    email: str = ""

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Typed:
        """The three fields of a form or a JSON object; whatever is no text counts as empty."""
        title, body, email = (clean(given.get(name)) for name in ("title", "body", "email"))
        return cls(" ".join(title.split()), body.strip(), email.strip())

    @property
    def mistake(self) -> str:
        """The key of the sentence about what is wrong; '' if nothing is."""
        if not self.title:
            return "form.no_title"
        if len(self.title) > TITLE_LIMIT or len(self.body) > BODY_LIMIT:
            return "form.too_long"
        if self.email and not _is_address(self.email):
            return "form.no_address"
        return ""


def clean(value: Any) -> str:
    """`value` without NUL and lone surrogates, which JSON and addresses can carry and no database holds."""
    text = value if isinstance(value, str) else ""
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")


def _is_address(text: str) -> bool:
    name, at, domain = text.rpartition("@")
    return bool(name and at and domain) and len(text) <= EMAIL_LIMIT and not any(c.isspace() for c in text)
