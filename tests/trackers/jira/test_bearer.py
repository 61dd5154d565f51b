"""A webhook of an OAuth app: its bearer token is right in every respect, or it is refused."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
from datetime import UTC, datetime, timedelta

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from connector.errors import Rejected
from connector.trackers.jira import JiraTracker
from connector.trackers.jira.verify import Proof, verify
from connector.words import Connection

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
NEW, OLD = "the newer client secret", "the older client secret"
BODY = b'{"webhookEvent":"jira:issue_updated"}'


def at(**ago: float) -> int:
    return int((NOW - timedelta(**ago)).timestamp())


FRESH = {"iss": "jira", "iat": at(seconds=3), "exp": at(minutes=-3)}


def token(claims=FRESH, secret=NEW, algorithm="HS256"):
    return jwt.encode({"alg": algorithm}, claims, OctKey.import_key(secret), algorithms=[algorithm])


def raw(header, claims, key=NEW):
    """A token put together by hand, as forgers do."""

    def part(value):
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=")

    signed = part(header) + b"." + part(claims)
    digest = hmac.new(key.encode() if isinstance(key, str) else key, signed, hashlib.sha256).digest()
    return (signed + b"." + base64.urlsafe_b64encode(digest).rstrip(b"=")).decode()


def proven(token, *, path=None, secrets=(), clients=(NEW, OLD), scheme="Bearer", **headers):
    return verify({"authorization": f"{scheme} {token}", **headers}, BODY, path, secrets, clients, NOW)


def refused(token, **more):
    with pytest.raises(Rejected) as caught:
        proven(token, **more)
    assert caught.value.status == 401
    assert NEW not in caught.value.reason
    return caught.value.reason


@pytest.mark.parametrize("secret", [NEW, OLD])
@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER "])
def test_each_client_secret_verifies(secret, scheme):
    assert proven(token(secret=secret), scheme=scheme) is Proof.BEARER


@pytest.mark.parametrize(
    "claims",
    [
        {"iat": at(seconds=0)},
        {"exp": at(minutes=-10)},
        {"exp": at(minutes=4), "iat": at(minutes=10)},
        {"iat": at(minutes=-4), "exp": at(minutes=-9)},
        {"nbf": at(minutes=-4), "exp": at(minutes=-9)},
        {"iat": at(hours=1), "exp": at(hours=-23)},
    ],
)
def test_times_within_the_leeway_pass(claims):
    assert proven(token(claims)) is Proof.BEARER


@pytest.mark.parametrize(
    ("claims", "said"),
    [
        ({}, "how old"),
        ({"iss": "jira"}, "how old"),
        ({"exp": at(minutes=6)}, "expired"),
        ({"exp": at(days=400), "iat": at(days=401)}, "expired"),
        ({"iat": at(minutes=-6), "exp": at(minutes=-9)}, "not valid yet"),
        ({"nbf": at(minutes=-6), "exp": at(minutes=-9)}, "not valid yet"),
        ({"iat": at(days=2)}, "too old"),
        ({"exp": at(days=-2)}, "too long"),
        ({"iat": at(seconds=1), "exp": at(days=-400)}, "too long"),
        ({"exp": "soon"}, "no time"),
        ({"exp": True}, "no time"),
        ({"exp": 1e300}, "no time"),
        ({"exp": []}, "no time"),
        ({"iat": None}, "how old"),
        ({"nbf": {}, "exp": at(minutes=-3)}, "no time"),
    ],
)
def test_a_token_of_another_time_is_refused(claims, said):
    assert said in refused(raw({"alg": "HS256"}, claims))


def test_a_wrong_secret_is_refused():
    assert "not signed" in refused(token(secret="a guess at the secret"))
    assert "not signed" in refused(token()[:-3] + "AAA")


@pytest.mark.parametrize("name", [None, "none", "None", "", "HS384", "HS512", "RS256"])
def test_no_other_algorithm_is_taken(name):
    assert "not signed" in refused(raw({} if name is None else {"alg": name}, FRESH))


def test_an_unsigned_token_is_refused():
    unsigned = raw({"alg": "none"}, FRESH).rpartition(".")[0] + "."
    assert "not signed" in refused(unsigned)


@pytest.mark.parametrize("algorithm", ["HS384", "HS512"])
def test_a_stronger_algorithm_than_agreed_is_refused_too(algorithm):
    assert "not signed" in refused(token(algorithm=algorithm))


def test_a_token_signed_with_a_public_key_as_its_secret_is_refused():
    public = RSAKey.generate_key(2048).as_pem(private=False)
    assert "not signed" in refused(raw({"alg": "HS256"}, FRESH, public))


@pytest.mark.parametrize(
    "junk", ["", "x", "a.b", "a.b.c", "a.b.c.d.e", "." * 50, "é.é.é", "\x00", "e30.e30.e30", "A" * 100_000]
)
def test_what_is_no_token_is_refused_without_a_fault(junk):
    refused(junk)


def test_claims_that_are_no_object_are_refused():
    assert "not signed" in refused(raw({"alg": "HS256"}, [1, 2]))
    assert "not signed" in refused(raw({"alg": "HS256"}, "text"))


def test_a_critical_header_that_nobody_knows_is_refused():
    assert "not signed" in refused(raw({"alg": "HS256", "crit": ["future"], "future": 1}, FRESH))


def signature(secret):
    return {"x-hub-signature": f"sha256={hmac.new(secret.encode(), BODY, 'sha256').hexdigest()}"}


def test_with_a_signature_both_must_be_right():
    good = signature("hook")
    assert proven(token(), secrets=("hook",), **good) is Proof.SIGNATURE
    assert "not signed" in refused(token(secret="wrong wrong wrong"), secrets=("hook",), **good)
    assert "does not match" in refused(token(), secrets=("hook",), **signature("other"))


def test_with_a_secret_in_the_path_both_must_be_right():
    assert proven(token(), path="hook", secrets=("hook",)) is Proof.BEARER
    assert "path" in refused(token(), path="guess", secrets=("hook",))
    assert "not signed" in refused(token(secret="wrong wrong wrong"), path="hook", secrets=("hook",))


def test_without_a_client_secret_a_bearer_token_proves_nothing_and_disturbs_nothing():
    assert "neither a signature" in refused(token(), clients=(), secrets=("hook",))
    assert "no webhook secret" in refused(token(), clients=())
    assert proven(token(), clients=(), secrets=("hook",), path="hook") is Proof.PATH


def test_another_scheme_is_no_bearer_token():
    assert "neither a signature" in refused(token(), scheme="Basic")


def test_that_the_body_is_not_signed_is_told_once_an_hour(caplog):
    connection = Connection("help", "jira", url="https://jira.example", client_secrets=(NEW,))
    tracker = JiraTracker(connection, clock=lambda: NOW)
    told = []
    with caplog.at_level(logging.WARNING):
        for minutes in (0, 1, 59, 60, 61):
            now = NOW + timedelta(minutes=minutes)
            claims = {"iat": int(now.timestamp())}
            tracker.verify({"authorization": f"Bearer {token(claims)}"}, BODY, None, now)
            told.append(sum(record.message == "weaker_proof" for record in caplog.records))
    assert told == [1, 1, 1, 2, 2]
    assert NEW not in caplog.text
    assert "eyJ" not in caplog.text
