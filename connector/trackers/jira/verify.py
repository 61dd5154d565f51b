"""Whether a webhook is genuine, and the id under which Jira would send it again.

Sources: Atlassian's "Webhooks" page for Jira Cloud (`X-Hub-Signature: <method>=<hex>` over the raw
body; `X-Atlassian-Webhook-Identifier`, the same on retries). Data Center documents neither, so the
secret may stand in the path, and an id is derived from what the body says.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum

from ...core.json_body import parse_json
from ...errors import Rejected
from ..secrets import as_bytes, matches_any
from ..shapes import mapping, word
from .bearer import token_of, verify_token
from .shapes import number

SIGNATURE = "x-hub-signature"
IDENTIFIER = "x-atlassian-webhook-identifier"
METHODS = ("sha256", "sha384", "sha512")
"""Accepted for the signature; Jira sends `sha256` and reserves the right to change it. SHA-1 and MD5 are out."""


LAST_DAY = datetime.max.replace(tzinfo=UTC)
"""Every bearer token has expired by then: who wants one taken must say what time it is."""


class Proof(StrEnum):
    """What a request was believed for; all but the first leave the body open to whoever knows the proof."""

    SIGNATURE = "signature"
    BEARER = "bearer"
    PATH = "path"


def verify(
    headers: Mapping[str, str],
    body: bytes,
    path_secret: str | None,
    secrets: tuple[str, ...],
    client_secrets: tuple[str, ...] = (),
    now: datetime = LAST_DAY,
) -> Proof:
    """The best proof of the request, once all that it brings are right; else raise `Rejected(401)`.

    One of `secrets` signed `body`, or stands in the path; or one of `client_secrets` signed the bearer token, which
    is looked at only where there are such secrets.
    """
    if not any(secrets) and not any(client_secrets):
        raise Rejected(401, "this tracker has no webhook secret, so no request can be genuine")
    signature, token = headers.get(SIGNATURE), token_of(headers) if any(client_secrets) else None
    if path_secret is not None and not matches_any(_utf8(path_secret), map(_utf8, secrets)):
        raise Rejected(401, "the secret in the path is wrong")
    if signature is None and path_secret is None and token is None:
        raise Rejected(401, "neither a signature nor a bearer token nor a secret in the path")
    if signature is not None:
        _check(signature, body, secrets)
    if token is not None:
        verify_token(token, client_secrets, now)
    return Proof.SIGNATURE if signature is not None else Proof.BEARER if token is not None else Proof.PATH


def proven(body: bytes, secret: str) -> dict[str, str]:
    """The header by which Jira would prove that a delivery of `body` is genuine."""
    return {"X-Hub-Signature": f"sha256={_signed(secret, body, 'sha256').decode()}"}


def delivery(headers: Mapping[str, str], body: bytes) -> str:
    """Jira's own id of this delivery, else one made of what the body says, else a digest of the body."""
    sent = headers.get(IDENTIFIER, "").strip()
    if sent:
        return sent if len(sent) <= 200 else _digest(sent.encode("utf-8", "replace"))
    return _derived(body) or f"body/{_digest(body)}"


def _check(signature: str, body: bytes, secrets: tuple[str, ...]) -> None:
    method, _, digest = signature.strip().partition("=")
    if method.lower() not in METHODS:
        raise Rejected(401, "the signature's method is not one of " + ", ".join(METHODS))
    signed = [_signed(secret, body, method.lower()) for secret in secrets if secret]
    if not matches_any(as_bytes(digest.strip().lower()), signed):
        raise Rejected(401, "the signature does not match the body")


def _signed(key: str, body: bytes, method: str) -> bytes:
    return hmac.new(_utf8(key), body, method).hexdigest().encode()


def _derived(body: bytes) -> str:
    """Event, issue, time, change and comment; '' where the body does not tell at least the time and one more."""
    try:
        document = mapping(parse_json(body))
    except Rejected:
        return ""
    stamp = document.get("timestamp")
    comment, changelog = mapping(document.get("comment")), mapping(document.get("changelog"))
    what = (number(mapping(document.get("issue")).get("id")), number(changelog.get("id")), number(comment.get("id")))
    if not isinstance(stamp, int) or isinstance(stamp, bool) or not any(what):
        return ""
    # The type is part of it: Data Center sends a comment twice, at one instant, as two events.
    kind = (word(document.get("webhookEvent")), word(document.get("issue_event_type_name")))
    return "derived/" + _digest("\n".join((*kind, *what, str(stamp))).encode("utf-8", "replace"))


def _utf8(text: str) -> bytes:
    """A path arrives decoded as UTF-8, unlike a header."""
    return text.encode("utf-8", "surrogatepass")


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
