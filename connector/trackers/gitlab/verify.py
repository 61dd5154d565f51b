"""Is a delivery genuine? GitLab signs it (19.0 and later), or sends a plain token, or knows our secret path."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from datetime import datetime

from ...errors import Rejected
from ..secrets import as_bytes, matches_any, secret_matches

SIGNING = "whsec_"
WINDOW_SECONDS = 300
MOST_SIGNATURES = 16
LONGEST_ID = 200


def verify(
    headers: Mapping[str, str], body: bytes, path_secret: str | None, now: datetime, secrets: Iterable[str]
) -> None:
    """Raise `Rejected(401)` unless every credential that came with the request is right, and one came.

    A secret that begins with `whsec_` is a signing token, any other a plain one. A wrong header is
    never made good by a right path. Source: the Standard Webhooks scheme as GitLab uses it.
    """
    known = [secret for secret in secrets if secret]
    if not known:
        raise Rejected(401, "this tracker has no webhook secret configured")
    signed = "webhook-signature" in headers
    if signed:
        _check_signature(headers, body, now, known)
    token = _check_token(headers, known)
    path = path_secret is not None
    # A path arrives decoded as UTF-8, unlike a header.
    if path and not matches_any(_utf8(path_secret or ""), map(_utf8, known)):
        raise Rejected(401, "the secret in the path is wrong")
    if not (signed or token or path):
        raise Rejected(401, "neither webhook-signature nor X-Gitlab-Token nor a secret in the path")


def proven(body: bytes, secret: str, now: datetime) -> dict[str, str]:
    """The headers by which GitLab would prove that a delivery of `body` is genuine."""
    if not secret.startswith(SIGNING):
        return {"X-Gitlab-Token": secret}
    id, stamp = "pointsman-setup", str(int(now.timestamp()))
    signatures = [_signature(key, f"{id}.{stamp}.".encode() + body) for key in _keys([secret])]
    return {"webhook-id": id, "webhook-timestamp": stamp, "webhook-signature": b" ".join(signatures).decode()}


def delivery(headers: Mapping[str, str], body: bytes) -> str:
    """`webhook-id` (signed) or `Idempotency-Key` (17.4 and later), both kept on a resend; else a digest of the body.

    `X-Gitlab-Webhook-UUID` is made anew for each call and says nothing.
    """
    for name in ("webhook-id", "idempotency-key"):
        value = headers.get(name, "").strip()
        if value and len(value) <= LONGEST_ID and value.isascii() and value.isprintable():
            return value
    return "body:" + hashlib.sha256(body).hexdigest()


def _check_token(headers: Mapping[str, str], known: list[str]) -> bool:
    """Whether a plain token came; one that is wrong is refused, also where no plain token is configured.

    GitLab sends the header only if the hook has a secret token: one that we do not know is not ours.
    """
    given = headers.get("x-gitlab-token")
    if given is None:
        return False
    if not secret_matches(given, [secret for secret in known if not secret.startswith(SIGNING)]):
        raise Rejected(401, "X-Gitlab-Token is wrong, or no plain secret is configured")
    return True


def _check_signature(headers: Mapping[str, str], body: bytes, now: datetime, known: list[str]) -> None:
    stamp = headers.get("webhook-timestamp", "")
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 15):
        raise Rejected(401, "webhook-timestamp is missing or no number")
    if abs(now.timestamp() - int(stamp)) > WINDOW_SECONDS:
        raise Rejected(401, "webhook-timestamp is more than 5 minutes off")
    if not headers.get("webhook-id"):
        raise Rejected(401, "webhook-id is missing")
    message = as_bytes(f"{headers['webhook-id']}.{stamp}.") + body
    wanted = [_signature(key, message) for key in _keys(known)]
    given = as_bytes(headers["webhook-signature"]).split(b" ")[:MOST_SIGNATURES]
    if not any([matches_any(one, wanted) for one in given]):  # noqa: C419 (each is compared, whatever came before)
        raise Rejected(401, "webhook-signature does not verify")


def _signature(key: bytes, message: bytes) -> bytes:
    return b"v1," + base64.b64encode(hmac.new(key, message, hashlib.sha256).digest())


def _keys(known: list[str]) -> list[bytes]:
    """The bytes of each signing token; one that is no base64, or empty, verifies nothing."""
    keys = []
    for secret in known:
        if not secret.startswith(SIGNING):
            continue
        text = secret.removeprefix(SIGNING).rstrip("=")
        try:
            keys.append(base64.b64decode(text + "=" * (-len(text) % 4), validate=True))
        except (binascii.Error, ValueError):
            continue
    return [key for key in keys if key]


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
