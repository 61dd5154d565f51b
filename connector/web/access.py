"""Is this request from this very machine?  Decided from addresses and headers alone, and closed when in doubt."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_FOR = re.compile(r'for\s*=\s*("[^"]*"|[^;,\s]+)', re.IGNORECASE)


def client_address(remote: str, headers: Mapping[str, str], proxies: Iterable[str]) -> Address | None:
    """Who really asks; None if nobody we trust can tell.

    `headers` has lower-case names. Forwarding headers count only if `remote` is in one of `proxies`
    (networks); then it is the last hop that is not itself such a proxy. When both kinds of forwarding
    header are there they must agree.
    """
    direct = _address(remote)
    if not _forwarded(headers):
        return direct
    networks = [ipaddress.ip_network(network) for network in proxies]
    if direct is None or not _within(direct, networks):
        return None
    chains = [chain for chain in (_x_forwarded_for(headers), _forwarded_for(headers)) if chain is not None]
    found = {_last_stranger(chain, networks) for chain in chains} or {direct}
    return found.pop() if len(found) == 1 else None


def is_loopback(address: Address | None) -> bool:
    """Is it `127.0.0.0/8` or `::1`, also when written as a mapped IPv6 address?"""
    return address is not None and address.is_loopback


def is_local_host(host: str, public_url: str = "") -> bool:
    """Does `Host` name this machine (or `public_url`)?

    A page of another site can point its own name at 127.0.0.1 and then read our answers as its own;
    the name it used still stands in `Host`.
    """
    name = (urlsplit(f"//{host}").hostname or "") if _plain(host) else ""
    if name == "localhost" or name.endswith(".localhost"):
        return True
    if public_url and name == urlsplit(public_url).hostname:
        return True
    return is_loopback(_address(name))


def _plain(host: str) -> bool:
    return re.fullmatch(r"[A-Za-z0-9.\-]+(:\d{1,5})?|\[[0-9A-Fa-f:.]+\](:\d{1,5})?", host) is not None


def _forwarded(headers: Mapping[str, str]) -> bool:
    return any(name in ("forwarded", "x-real-ip") or name.startswith("x-forwarded-") for name in headers)


def _address(text: str) -> Address | None:
    try:
        address = ipaddress.ip_address(text.strip().partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def _within(address: Address, networks: Iterable[ipaddress.IPv4Network | ipaddress.IPv6Network]) -> bool:
    return any(address in network for network in networks)


def _x_forwarded_for(headers: Mapping[str, str]) -> list[Address | None] | None:
    value = headers.get("x-forwarded-for", headers.get("x-real-ip"))
    return None if value is None else [_hop(part) for part in value.split(",")]


def _forwarded_for(headers: Mapping[str, str]) -> list[Address | None] | None:
    value = headers.get("forwarded")
    if value is None:
        return None
    return [_hop(found) for found in _FOR.findall(value)] or [None]


def _hop(text: str) -> Address | None:
    """The address in one hop, its port dropped: `192.0.2.1`, `192.0.2.1:80`, `"[2001:db8::1]:80"`."""
    bare = text.strip().strip('"')
    if bare.startswith("["):
        return _address(bare[1:].partition("]")[0])
    return _address(bare.partition(":")[0] if bare.count(":") == 1 else bare)


def _last_stranger(
    chain: list[Address | None], networks: list[ipaddress.IPv4Network | ipaddress.IPv6Network]
) -> Address | None:
    for address in reversed(chain):
        if address is None or not _within(address, networks):
            return address
    return chain[0]
