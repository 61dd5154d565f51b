"""Sends notices to people outside the tracker: what the engine asks of a sender."""

from __future__ import annotations

from typing import Protocol


class Sender(Protocol):
    """Thread-safe."""

    def send(self, to: str, address: str, title: str, body: str) -> None:
        """Tell `title` and `body`, plain text, to `address`, in a bounded time.

        Raise `NoticeError`, which names `to`; a notice whose outcome stays unknown counts as not sent.
        """
