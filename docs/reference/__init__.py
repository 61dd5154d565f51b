"""The reference, written from the code: `make reference`. A test holds that its pages are what it would write."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from . import codes, command_line, conditions, http_api, metrics, plugin_api, settings

PAGES: Mapping[str, Callable[[], str]] = {
    "command-line.md": command_line.page,
    "settings.md": settings.page,
    "conditions.md": conditions.page,
    "plugin-api.md": plugin_api.page,
    "http-api.md": http_api.page,
    "metrics.md": metrics.page,
    "codes.md": codes.page,
}
"""The pages that are written, and what each of them says."""
