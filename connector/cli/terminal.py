"""Other people's text on a terminal, which must obey no part of it."""

from __future__ import annotations

from ..web.shown import visible


def harmless(text: str) -> str:
    """`text` with every sign written out that would hide, colour, overwrite or turn around; lines stay lines."""
    return visible(text).replace("\r", "⟨U+000D⟩")
