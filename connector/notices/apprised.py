"""Notices by Apprise: mail, chat, webhooks, and whatever else it has an address for.

One plugin of Apprise is asked directly: its own dispatch has threads that outlive a time limit. What it logs is
kept from the log, since addresses and texts stand in it; the status that the receiver answered is read from there.
"""

from __future__ import annotations

import logging
import re
import threading
from typing import Any

from apprise import Apprise, AppriseAsset, NotifyFormat, NotifyType
from apprise.common import OverflowMode, PersistentStoreMode

from .. import log as logs
from ..errors import NoticeError
from .answers import read_answers

log = logging.getLogger(__name__)
LOGGER = "apprise"
SECONDS = 20.0
"""A receiver that has not taken the notice by then is tried again later."""
MOST_TITLE, MOST_BODY = 200, 4_000

_STATUS = re.compile(r"(?:\berror=|notification failed: )(\d{3})\b")


class _Heard(logging.Handler):
    """The last status that a receiver answered, for each thread."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.local = threading.local()

    def emit(self, record: logging.LogRecord) -> None:
        if found := _STATUS.search(record.getMessage()):
            self.local.status = int(found[1])


class _Try(threading.Thread):
    """One notice on its way; `status` is 200 once it was taken."""

    def __init__(self, heard: _Heard, plugin: Any, title: str, body: str) -> None:
        super().__init__(name=logs.PRIVATE, daemon=True)
        self.status = 0
        self._heard, self._plugin, self._title, self._body = heard, plugin, title, body

    def run(self) -> None:
        overflow = self._plugin.overflow_mode
        try:
            taken = self._plugin.notify(
                body=self._body,
                title=self._title,
                notify_type=NotifyType.INFO,
                body_format=NotifyFormat.TEXT,
                overflow=OverflowMode.TRUNCATE if overflow == OverflowMode.UPSTREAM else overflow,
            )
        except Exception as error:
            # A plugin of Apprise may raise whatever its libraries do, and its text may hold the address.
            log.warning("notice_fault", extra={"kind": self._plugin.service_name, "error": type(error).__name__})
            taken = False
        self.status = 200 if taken else getattr(self._heard.local, "status", 0)


class Apprised:
    """A `Sender`. `seconds` limit one try; an address whose last try has not ended is not tried anew."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._running: dict[str, _Try] = {}
        self._heard = _Heard()
        self._asset = AppriseAsset(
            app_id="Pointsman",
            app_desc="Pointsman",
            app_url="",
            # Pictures would be fetched from elsewhere by whoever reads the notice.
            image_url_mask="",
            image_url_logo="",
            # A POST that is led elsewhere arrives there as a GET, and its secrets with it.
            http_redirects=False,
            pgp_autogen=False,
            pem_autogen=False,
            storage_mode=PersistentStoreMode.MEMORY,
        )
        logs.silence(LOGGER)
        logging.getLogger(LOGGER).addHandler(self._heard)
        read_answers()

    def send(self, to: str, address: str, title: str, body: str) -> None:
        with self._lock:
            # A receiver that never answers holds one thread, not one more with each try.
            if (earlier := self._running.get(address)) and earlier.is_alive():
                raise NoticeError(to)
            plugin = Apprise.instantiate(address, asset=self._asset)
            if plugin is None:
                raise NoticeError(to, addressless=True)
            attempt = self._running[address] = _Try(self._heard, plugin, title[:MOST_TITLE], body[:MOST_BODY])
            attempt.start()
        attempt.join(self._seconds)
        if attempt.is_alive():
            raise NoticeError(to)
        with self._lock:
            self._running.pop(address, None)
        if attempt.status != 200:
            raise NoticeError(to, status=attempt.status)
