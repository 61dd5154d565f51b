"""Other people's text on our pages: what cannot be seen is made visible, what is endless is cut."""

from __future__ import annotations

import re
from typing import Any

from flask import Flask
from markupsafe import Markup, escape

# Controls except tab and line breaks, marks that turn the reading direction, spaces without width, tags.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\U000e0000-\U000e0fff]"
)


def visible(text: str) -> str:
    """`text` with every character that hides, or turns what follows around, written as `⟨U+202E⟩`."""
    return _HIDDEN.sub(lambda found: f"⟨U+{ord(found[0]):04X}⟩", text)


def shortened(text: str | None, most: int) -> str:
    """`text`, or its first `most` characters and `…`; '' for none, such as one that was erased."""
    if text is None:
        return ""
    return text if len(text) <= most else text[:most].rstrip() + "…"


def code(text: str) -> Markup:
    """`text` as HTML in which what stands between backticks is code."""
    parts = visible(text).split("`")
    return Markup("").join(
        Markup("<code>{}</code>").format(part)
        if n % 2 and n < len(parts) - 1
        else escape(part if n % 2 == 0 else f"`{part}")
        for n, part in enumerate(parts)
    )


def install(app: Flask) -> None:
    """Have every text that a template of `app` puts on a page pass through `visible`, wherever it is from.

    What a form is to hand back unchanged is written `{{ text | e }}`: escaped already, it is left as it is.
    """
    app.jinja_options = {**app.jinja_options, "finalize": _finalized}
    app.jinja_env.filters["shortened"] = shortened
    app.jinja_env.filters["code"] = code


def _finalized(value: Any) -> Any:
    return visible(value) if type(value) is str else value
