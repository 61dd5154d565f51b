"""Whether an address of ours can be reached from here: looked up by name, and asked for its health."""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

import requests

SECONDS = (5.0, 10.0)
LARGEST = 4096


class Trouble(StrEnum):
    """Why an address did not answer as we do."""

    NAME = "name"
    TLS = "tls"
    SILENT = "silent"
    STRANGER = "stranger"


@dataclass(frozen=True, slots=True)
class Reached:
    """`addresses` are those that the name stands for; `trouble` is None if we answered there.

    `said` is short and never quotes a body.
    """

    addresses: tuple[str, ...] = ()
    trouble: Trouble | None = None
    said: str = ""

    @property
    def private(self) -> bool:
        """Does every address lie in a network that nobody outside reaches?"""
        return bool(self.addresses) and not any(is_public(each) for each in self.addresses)


def reach(url: str) -> Reached:
    """Ask `url`/healthz once, following no redirect; never raises."""
    found = addresses(url)
    if not found:
        return Reached((), Trouble.NAME, f"`{urlsplit(url).hostname}` has no address")
    try:
        with requests.get(f"{url}/healthz", timeout=SECONDS, allow_redirects=False, stream=True) as answer:
            body = answer.raw.read(LARGEST, decode_content=True)
    except requests.exceptions.SSLError:
        return Reached(found, Trouble.TLS, "its certificate is not valid for this name")
    except (requests.RequestException, OSError) as error:
        return Reached(found, Trouble.SILENT, type(error).__name__)
    if answer.status_code == 200 and b'"alive"' in body:
        return Reached(found)
    return Reached(found, Trouble.STRANGER, f"it answered {answer.status_code}")


def addresses(url: str) -> tuple[str, ...]:
    """The addresses that the host of `url` stands for; () if the name is unknown."""
    host = urlsplit(url).hostname
    try:
        rows = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM) if host else []
    except (OSError, UnicodeError):
        return ()
    return tuple(dict.fromkeys(str(row[4][0]) for row in rows))


def is_public(address: str) -> bool:
    """Can `address` be reached from the whole Internet?"""
    try:
        return ipaddress.ip_address(address.partition("%")[0]).is_global
    except ValueError:
        return False
