"""A provider of identities on a loopback port: OpenID Connect with a code and PKCE, strict about what it is sent."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
from collections.abc import Callable
from datetime import datetime
from functools import cache, partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "pointsman-client", "a secret of the client"
Answer = tuple[int, dict[str, Any], dict[str, str]]


@cache
def rsa_key(name: str) -> RSAKey:
    """A key of its own for each name; made once, since making one takes long."""
    return RSAKey.generate_key(2048, parameters={"kid": name, "use": "sig"})


class FakeProvider:
    """`account` is who sits at the browser: the claims of the token; `told` those that only userinfo has.

    `violations` lists what a standard forbids and was sent all the same. `bend_claims` and `sign` change what the
    token says and how it is signed, `bend_description` the discovery, `bend_answer` the query that leads back.
    """

    def __init__(self, back: str, clock: Callable[[], datetime]) -> None:
        self.account: dict[str, Any] = {"sub": "7", "email": "ann@desk.example", "email_verified": True}
        self.told: dict[str, Any] = {"sub": "7", "groups": ["acme", "acme/support"]}
        self.violations: list[str] = []
        self.asked: list[str] = []
        self.public_client = False
        self.auth_methods = ["client_secret_basic", "client_secret_post"]
        self.keys = [rsa_key("first")]
        self.bend_claims: Callable[[dict[str, Any]], Any] = lambda claims: claims
        self.bend_description: Callable[[dict[str, Any]], Any] = lambda about: about
        self.bend_answer: Callable[[dict[str, str]], dict[str, str]] = lambda query: query
        self.sign = self.signed
        self.status: dict[str, int] = {}
        self._back = back
        self._clock = clock
        self._codes: dict[str, dict[str, str]] = {}
        self._tokens: set[str] = set()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=partial(self._server.serve_forever, poll_interval=0.02), daemon=True).start()

    def __enter__(self) -> FakeProvider:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def signed(self, claims: Any) -> str:
        key = self.keys[0]
        return jwt.encode({"alg": "RS256", "kid": key.kid}, claims, key)

    def answer(self, method: str, path: str, query: dict[str, str], body: dict[str, str], headers: Any) -> Answer:
        """One request; a status in `status` is answered whatever was asked."""
        self.asked.append(path)
        if path in self.status:
            return self.status[path], {}, {"Location": "/elsewhere"}
        match method, path:
            case "GET", "/.well-known/openid-configuration":
                return 200, self.bend_description(self._description()), {}
            case "GET", "/jwks":
                return 200, {"keys": [key.as_dict(private=False) for key in self.keys]}, {}
            case "GET", "/authorize":
                return self._authorize(query)
            case "POST", "/token":
                return self._token(body, headers.get("Authorization", ""))
            case "GET", "/userinfo":
                known = headers.get("Authorization", "").removeprefix("Bearer ") in self._tokens
                return (200, self.told, {}) if known else (401, {"error": "invalid_token"}, {})
        return 404, {}, {}

    def _description(self) -> dict[str, Any]:
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/jwks",
            "userinfo_endpoint": f"{self.url}/userinfo",
            "scopes_supported": ["openid", "profile", "email"],
            "token_endpoint_auth_methods_supported": self.auth_methods,
            "authorization_response_iss_parameter_supported": True,
        }

    def _authorize(self, query: dict[str, str]) -> Answer:
        scopes = set(query.get("scope", "").split())
        for name, fine in (
            ("client_id", query.get("client_id") == CLIENT),
            ("redirect_uri", query.get("redirect_uri") == self._back),
            ("response_type", query.get("response_type") == "code"),
            ("scope", "openid" in scopes and scopes <= {"openid", "profile", "email"}),
            ("code_challenge_method", query.get("code_challenge_method") == "S256"),
            ("code_challenge", len(query.get("code_challenge", "")) == 43),
            ("state", len(query.get("state", "")) >= 20),
            ("nonce", len(query.get("nonce", "")) >= 20),
        ):
            if not fine:
                self.violations.append(f"authorize: {name}")
                return 400, {"error": "invalid_request", "about": name}, {}
        code = secrets.token_urlsafe(16)
        self._codes[code] = query
        back = self.bend_answer({"code": code, "state": query["state"], "iss": self.url})
        return 302, {}, {"Location": f"{query['redirect_uri']}?{urlencode(back)}"}

    def _token(self, body: dict[str, str], authorization: str) -> Answer:
        if not self._is_client(body, authorization):
            return 401, {"error": "invalid_client"}, {}
        asked = self._codes.pop(body.get("code", ""), None)
        verifier = body.get("code_verifier", "")
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        fine = (
            asked is not None
            and body.get("grant_type") == "authorization_code"
            and body.get("redirect_uri") == asked["redirect_uri"]
            and 43 <= len(verifier) <= 128
            and challenge == asked["code_challenge"]
        )
        if asked is None or not fine:
            return 400, {"error": "invalid_grant"}, {}
        now = int(self._clock().timestamp())
        claims = {"iss": self.url, "aud": CLIENT, "iat": now, "exp": now + 120, "nonce": asked["nonce"]}
        token = secrets.token_urlsafe(16)
        self._tokens.add(token)
        found = {"access_token": token, "token_type": "Bearer", "expires_in": 120}
        return 200, {**found, "id_token": self.sign(self.bend_claims({**claims, **self.account}))}, {}

    def _is_client(self, body: dict[str, str], authorization: str) -> bool:
        if self.public_client:
            return body.get("client_id") == CLIENT and "client_secret" not in body and not authorization
        basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        if "client_secret_basic" in self.auth_methods:
            return authorization == f"Basic {basic}"
        return (body.get("client_id"), body.get("client_secret")) == (CLIENT, SECRET)


def _handler(fake: FakeProvider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 30

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            query, body = (dict(_single(text)) for text in (parts.query, content.decode()))
            status, told, headers = fake.answer(self.command, parts.path, query, body, self.headers)
            raw = told if isinstance(told, bytes) else json.dumps(told).encode()
            self.send_response(status)
            for name, value in {
                "Content-Type": "application/json",
                "Content-Length": str(len(raw)),
                **headers,
            }.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(raw)

        do_POST = do_GET

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    return Handler


def _single(text: str) -> list[tuple[str, str]]:
    return [(name, values[0]) for name, values in parse_qs(text, keep_blank_values=True).items()]
