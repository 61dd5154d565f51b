"""`Authorization: Bearer <JWT>`, by which Jira Cloud vouches for webhooks that an OAuth 2.0 app registered.

The token is signed with the app's client secret by HS256. It proves who sends, not what is sent: the body is not
signed. Atlassian's page promises no claim, so that none but the times is read; of these one at least must be there.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from ...errors import Rejected

HEADER = "authorization"
ALGORITHMS = ["HS256"]
"""Nothing else: neither `none`, nor a public key taken for a secret."""
LEEWAY = timedelta(minutes=5)
LONGEST_LIFE = timedelta(hours=24)
LONGEST = 8_192


def token_of(headers: Mapping[str, str]) -> str | None:
    """The bearer token, None without one; another scheme is none."""
    scheme, _, token = headers.get(HEADER, "").strip().partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def verify_token(token: str, secrets: tuple[str, ...], now: datetime) -> None:
    """Raise `Rejected(401)` unless one of `secrets` signed `token`, and it is of today."""
    claims = _claims(token, secrets)
    issued, starts, ends = (_time(claims, name) for name in ("iat", "nbf", "exp"))
    if issued is None and ends is None:
        raise Rejected(401, "the bearer token does not say how old it is")
    if ends is not None and ends + LEEWAY < now:
        raise Rejected(401, "the bearer token has expired")
    if any(at is not None and at > now + LEEWAY for at in (issued, starts)):
        raise Rejected(401, "the bearer token is not valid yet: compare the clocks")
    if now - (issued or now) > LONGEST_LIFE + LEEWAY:
        raise Rejected(401, "the bearer token is too old")
    if (ends or now) - (issued or now) > LONGEST_LIFE + LEEWAY:
        raise Rejected(401, "the bearer token is meant to live too long")


def _claims(token: str, secrets: tuple[str, ...]) -> Mapping[str, Any]:
    if len(token) > LONGEST:
        raise Rejected(401, "the bearer token is too long")
    found: Mapping[str, Any] | None = None
    # Every secret is tried, so that the time taken does not tell which one it was.
    for secret in filter(None, secrets):
        try:
            claims = jwt.decode(token, OctKey.import_key(secret), algorithms=ALGORITHMS).claims
        except (JoseError, ValueError, TypeError, KeyError, RecursionError):
            continue
        found = claims if isinstance(claims, dict) else found
    if found is None:
        raise Rejected(401, "the bearer token is not signed with the client secret by HS256")
    return found


def _time(claims: Mapping[str, Any], name: str) -> datetime | None:
    value = claims.get(name)
    if value is None:
        return None
    try:
        # A truth value is a number to Python, not to us.
        return datetime.fromtimestamp(float("nan") if isinstance(value, bool) else float(value), UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        raise Rejected(401, f"the bearer token's `{name}` is no time") from None
