"""The provider of identities, by OpenID Connect: where it sends people, and who it says came back."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import requests
from authlib.common.errors import AuthlibBaseError  # type: ignore[import-untyped]
from authlib.integrations.requests_client import OAuth2Session  # type: ignore[import-untyped]
from authlib.oidc.core import CodeIDToken  # type: ignore[import-untyped]
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from ..engine.identity import has_provider, note_trouble
from ..engine.services import Services
from ..settings import Settings
from .account import Account, account_of

log = logging.getLogger("pointsman.web")

TIMEOUT = (5.0, 10.0)
FRESH = timedelta(hours=1)
PAUSE = timedelta(seconds=15)
"""After a failure nobody is made to wait for the same one."""
LEEWAY = 60
LARGEST = 1024 * 1024
WISHED = ("profile", "email", "groups")
# Only signatures that nobody but the provider can make: with HS256 our own secret, or a public key, would do.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
NEEDED = ("authorization_endpoint", "token_endpoint", "jwks_uri")


class ProviderTrouble(Exception):
    """The provider cannot be used now: it does not answer, or not as the standard says. The text holds no secret."""


class NotBelieved(Exception):
    """What came back is not what we sent somebody for; the text says in which way, and holds nothing of it."""


class Provider:
    """One provider. Its description is kept for an hour. Thread-safe: whoever comes last writes the same."""

    def __init__(self, settings: Settings, now: Callable[[], datetime]) -> None:
        self._settings = settings
        self._now = now
        self._known: tuple[datetime, Mapping[str, Any]] | None = None
        self._failed: tuple[datetime, str] | None = None
        self._keys: KeySet | None = None

    def check(self) -> None:
        """Raise `ProviderTrouble` unless it answers anew as it should."""
        self._known = None
        self._describe()
        self._fetch_keys()

    def address(self, back: str, state: str, nonce: str, verifier: str) -> str:
        """Where to send somebody, who then comes back to `back`. Raise `ProviderTrouble`."""
        about = self._describe()
        with self._client(about, back) as client:
            address, _ = client.create_authorization_url(
                about["authorization_endpoint"], state=state, nonce=nonce, code_verifier=verifier
            )
        return str(address)

    def account(self, back: str, answer: Mapping[str, str], nonce: str, verifier: str) -> Account:
        """Who came back with `answer`, the query. Raise `NotBelieved` or `ProviderTrouble`."""
        about = self._describe()
        sender = answer.get("iss")
        required = about.get("authorization_response_iss_parameter_supported") is True
        if (sender is not None or required) and sender != about["issuer"]:
            raise NotBelieved("the answer comes from another issuer")
        with self._client(about, back) as client:
            token = self._exchange(client, about, answer.get("code", ""), verifier)
            claims = self._verified(about, token, nonce)
            return account_of(self._settings, claims, self._userinfo(client, about, claims["sub"]))

    def _client(self, about: Mapping[str, Any], back: str) -> Any:
        offered = about.get("scopes_supported")
        scopes = [scope for scope in WISHED if (scope in offered if isinstance(offered, list) else scope != "groups")]
        return OAuth2Session(
            self._settings.oidc_client_id,
            self._settings.oidc_client_secret,
            scope=["openid", *scopes],
            redirect_uri=back,
            code_challenge_method="S256",
            token_endpoint_auth_method=_auth_method(about, self._settings.oidc_client_secret),
            default_timeout=TIMEOUT,
        )

    def _exchange(self, client: Any, about: Mapping[str, Any], code: str, verifier: str) -> Mapping[str, Any]:
        try:
            found = client.fetch_token(
                about["token_endpoint"],
                grant_type="authorization_code",
                code=code,
                code_verifier=verifier,
                allow_redirects=False,
            )
        except AuthlibBaseError as error:
            if error.error in ("invalid_client", "unauthorized_client"):
                raise ProviderTrouble("it does not know POINTSMAN_OIDC_CLIENT_ID with its secret") from None
            raise NotBelieved("the code is not good") from None
        except requests.RequestException as error:
            raise ProviderTrouble(f"its token endpoint does not answer ({type(error).__name__})") from None
        except (ValueError, TypeError):
            raise ProviderTrouble("its token endpoint answers no JSON object") from None
        return found if isinstance(found, Mapping) else {}

    def _verified(self, about: Mapping[str, Any], token: Mapping[str, Any], nonce: str) -> Mapping[str, Any]:
        """The claims of the token's `id_token`, every one of them checked."""
        raw = token.get("id_token")
        if not isinstance(raw, str):
            raise ProviderTrouble("it sent no id_token: does the application have the scope openid?")
        wanted = {
            "iss": {"essential": True, "value": about["issuer"]},
            "aud": {"essential": True, "value": self._settings.oidc_client_id},
        }
        params = {
            "nonce": nonce,
            "client_id": self._settings.oidc_client_id,
            "access_token": token.get("access_token"),
        }
        try:
            found = self._decoded(raw)
            claims = CodeIDToken(found.claims, found.header, wanted, params)
            claims.validate(now=int(self._now().timestamp()), leeway=LEEWAY)
        except (JoseError, ValueError, TypeError, LookupError, AttributeError) as error:
            raise NotBelieved(f"the id_token does not hold ({type(error).__name__})") from None
        return claims  # type: ignore[no-any-return]

    def _decoded(self, raw: str) -> jwt.Token:
        registry = JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)
        try:
            return jwt.decode(raw, key=self._keys or self._fetch_keys(), registry=registry)
        except InvalidKeyIdError:
            return jwt.decode(raw, key=self._fetch_keys(), registry=registry)

    def _fetch_keys(self) -> KeySet:
        try:
            self._keys = KeySet.import_key_set(_json(self._describe()["jwks_uri"]))  # type: ignore[arg-type]
        except (JoseError, ValueError, TypeError, LookupError, AttributeError):
            raise ProviderTrouble("its keys cannot be read") from None
        return self._keys

    def _userinfo(self, client: Any, about: Mapping[str, Any], subject: str) -> Mapping[str, Any]:
        """What it tells of the account besides; only of the same one that signed in."""
        address = about.get("userinfo_endpoint")
        if not address:
            return {}
        try:
            told = client.get(address, allow_redirects=False)
            told.raise_for_status()
            found = told.json()
        except (requests.RequestException, AuthlibBaseError, ValueError) as error:
            raise ProviderTrouble(f"its userinfo endpoint does not answer ({type(error).__name__})") from None
        if not isinstance(found, Mapping) or found.get("sub") != subject:
            raise NotBelieved("the userinfo is that of another account")
        return found

    def _describe(self) -> Mapping[str, Any]:
        now = self._now()
        if self._known is not None and timedelta(0) <= now - self._known[0] < FRESH:
            return self._known[1]
        if self._failed is not None and timedelta(0) <= now - self._failed[0] < PAUSE:
            raise ProviderTrouble(self._failed[1])
        try:
            about = _json(f"{self._settings.oidc_issuer}/.well-known/openid-configuration")
            _check_description(about, self._settings.oidc_issuer)
        except ProviderTrouble as trouble:
            self._failed = (now, str(trouble))
            raise
        self._known = (now, about)
        return about


def look_at_provider(services: Services) -> None:
    """Keep for `/readyz` whether the provider can be used; nothing while none is set up."""
    if not has_provider(services.settings):
        return
    try:
        Provider(services.settings, services.clock).check()
    except ProviderTrouble as trouble:
        log.warning("provider_trouble", extra={"why": str(trouble)})
        note_trouble(services, str(trouble))
    else:
        note_trouble(services, "")


def _auth_method(about: Mapping[str, Any], secret: str) -> str:
    if not secret:
        return "none"
    offered = about.get("token_endpoint_auth_methods_supported")
    basic = not isinstance(offered, list) or "client_secret_basic" in offered or "client_secret_post" not in offered
    return "client_secret_basic" if basic else "client_secret_post"


def _check_description(about: Mapping[str, Any], issuer: str) -> None:
    said = about.get("issuer")
    # Settings drop a slash at the end, which some providers have.
    if not isinstance(said, str) or said.rstrip("/") != issuer:
        raise ProviderTrouble("it calls itself by another issuer than POINTSMAN_OIDC_ISSUER")
    secure = urlsplit(issuer).scheme == "https"
    for name in (*NEEDED, *(["userinfo_endpoint"] if about.get("userinfo_endpoint") else [])):
        scheme = urlsplit(address).scheme if isinstance(address := about.get(name), str) else ""
        if scheme != "https" and (secure or scheme != "http"):
            raise ProviderTrouble(f"its description has no safe {name}")


def _json(address: str) -> Mapping[str, Any]:
    try:
        with requests.get(address, timeout=TIMEOUT, allow_redirects=False, stream=True) as answer:
            if answer.status_code != 200:
                raise ProviderTrouble(f"{urlsplit(address).path} answers {answer.status_code}")
            body = answer.raw.read(LARGEST + 1, decode_content=True)
    except (requests.RequestException, OSError) as error:
        raise ProviderTrouble(f"it does not answer ({type(error).__name__})") from None
    try:
        found = json.loads(body) if len(body) <= LARGEST else None
    except ValueError:
        found = None
    if not isinstance(found, Mapping):
        raise ProviderTrouble(f"{urlsplit(address).path} answers no JSON object")
    return found
