"""Addresses as they may be shown: without what somebody may have put into them to get in."""

from __future__ import annotations

from urllib.parse import urlsplit


def shown_address(url: str) -> str:
    """`https://user:word@host/path?key=1` → `https://host/path`; '' for what is no address."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return ""
    if not host:
        return ""
    name = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{name}{f':{port}' if port else ''}{parts.path}"
