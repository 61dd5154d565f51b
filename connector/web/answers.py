"""JSON as it leaves: UTF-8 that every reader takes, whatever is stored."""

from __future__ import annotations

import json
from typing import Any

from flask.json.provider import DefaultJSONProvider

from ..core.json_body import clean_text


class Answers(DefaultJSONProvider):
    """Lone surrogates become U+FFFD and numbers that are not finite null: neither is JSON."""

    ensure_ascii = False
    sort_keys = False

    def dumps(self, obj: Any, **given: Any) -> str:
        try:
            return clean_text(super().dumps(obj, **{"allow_nan": False, **given}))
        except ValueError:
            finite = json.loads(super().dumps(obj), parse_constant=lambda _: None)
            return clean_text(super().dumps(finite, **given))
