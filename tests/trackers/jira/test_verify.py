"""Genuine or not, and the id under which a delivery would come again."""

from __future__ import annotations

import hashlib
import hmac
import json

import pytest

from connector.errors import Rejected
from connector.trackers.jira.verify import delivery, verify

from .samples import sample

BODY = b'{"webhookEvent":"jira:issue_updated"}'
NEW, OLD = "new secret", "ältere secret"


def signature(body: bytes = BODY, secret: str = NEW, method: str = "sha256") -> dict[str, str]:
    return {"x-hub-signature": f"{method}={hmac.new(secret.encode(), body, method).hexdigest()}"}


def refused(headers, body=BODY, path=None, secrets=(NEW, OLD)):
    with pytest.raises(Rejected) as caught:
        verify(headers, body, path, secrets)
    assert caught.value.status == 401
    assert NEW not in caught.value.reason
    return caught.value.reason


def test_the_published_example_of_the_vendor_verifies():
    digest = "a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9"
    verify({"x-hub-signature": f"sha256={digest}"}, b"Hello World!", None, ("It's a Secret to Everybody",))


@pytest.mark.parametrize("secret", [NEW, OLD])
@pytest.mark.parametrize("method", ["sha256", "sha384", "sha512"])
def test_each_secret_and_each_strong_method_verifies(secret, method):
    verify(signature(secret=secret, method=method), BODY, None, (NEW, OLD))


@pytest.mark.parametrize("method", ["sha1", "md5", "sha224", "none", ""])
def test_a_method_that_is_not_listed_is_refused(method):
    digest = hmac.new(NEW.encode(), BODY, "sha1").hexdigest()
    refused({"x-hub-signature": f"{method}={digest}"})


def test_one_byte_more_or_less_is_a_forgery():
    refused(signature(), BODY + b" ")
    refused(signature(), BODY[:-1])


def test_the_secret_in_the_path_serves_where_nothing_is_signed():
    verify({}, BODY, NEW, (NEW, OLD))
    verify({}, BODY, OLD, (NEW, OLD))
    refused({}, path="guess")
    refused({}, path="")


def test_a_wrong_signature_is_refused_even_when_the_path_is_right():
    refused({"x-hub-signature": "sha256=00"}, path=NEW)
    refused({"x-hub-signature": ""}, path=NEW)


def test_a_wrong_path_is_refused_even_when_the_signature_is_right():
    refused(signature(), path="guess")


@pytest.mark.parametrize("secrets", [(), ("",)])
def test_without_a_secret_nothing_is_genuine(secrets):
    refused(signature(secret=""), secrets=secrets)
    refused({}, path="", secrets=secrets)
    refused({}, secrets=secrets)


def test_signatures_with_strange_characters_are_refused_not_crashed_on():
    for value in ("sha256=\xff\xfe", "sha256=é", "=", "sha256", "sha256=" + "a" * 100_000):
        refused({"x-hub-signature": value})


def test_jiras_own_id_is_the_id_of_a_delivery():
    assert delivery({"x-atlassian-webhook-identifier": "abc-1"}, BODY) == "abc-1"


def test_an_absurdly_long_id_becomes_a_digest():
    assert len(delivery({"x-atlassian-webhook-identifier": "x" * 100_000}, BODY)) == 64


def raw(body) -> bytes:
    return json.dumps(body).encode()


def test_without_an_id_the_same_event_has_the_same_id_however_its_body_is_written():
    body = sample("dc-issue-commented")
    twice = dict(reversed(body.items()))

    assert delivery({}, raw(body)) == delivery({}, raw(twice))


@pytest.mark.parametrize(
    "change",
    [
        lambda b: b.update(timestamp=b["timestamp"] + 1),
        lambda b: b["comment"].update(id="502"),
        lambda b: b["issue"].update(id="10043"),
        lambda b: b.update(webhookEvent="comment_created"),
        lambda b: b.update(changelog={"id": "9", "items": []}),
    ],
)
def test_another_event_has_another_id(change):
    body = sample("dc-issue-commented")
    other = sample("dc-issue-commented")
    change(other)

    assert delivery({}, raw(body)) != delivery({}, raw(other))


@pytest.mark.parametrize("body", [b"", b"not json", b"[]", b"{}", b'{"timestamp": "x"}', b'{"timestamp": 5}'])
def test_a_body_that_tells_nothing_is_known_by_its_digest(body):
    assert delivery({}, body) == "body/" + hashlib.sha256(body).hexdigest()
