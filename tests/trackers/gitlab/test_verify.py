import base64
import hashlib
import hmac
from datetime import timedelta

import pytest

from connector.errors import Rejected
from connector.trackers.gitlab.verify import delivery, verify
from tests.trackers.gitlab.samples import NOW

KEY = b"thirty-two bytes of a signing key"
SIGNING = "whsec_" + base64.b64encode(KEY).decode()
OLD_KEY = b"the key before"
OLD = "whsec_" + base64.b64encode(OLD_KEY).decode()
PLAIN = "a plain token"
BODY = b'{"object_kind":"issue"}'


def signed(body=BODY, key=KEY, at=NOW, id="id-1"):
    seconds = str(int(at.timestamp()))
    digest = hmac.new(key, f"{id}.{seconds}.".encode() + body, hashlib.sha256).digest()
    entry = "v1," + base64.b64encode(digest).decode()
    return {"webhook-id": id, "webhook-timestamp": seconds, "webhook-signature": entry}


def refusal(headers, secrets, path=None, body=BODY):
    with pytest.raises(Rejected) as caught:
        verify(headers, body, path, NOW, secrets)
    assert caught.value.status == 401
    return caught.value.reason


def test_a_signed_delivery_is_genuine():
    verify(signed(), BODY, None, NOW, (SIGNING,))


def test_the_signature_of_the_standard_webhooks_example_verifies():
    # Computed with openssl over "msg_1.1762074000.{}", so that both sides of the test cannot share a mistake.
    key = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    at = NOW.fromtimestamp(1762074000, NOW.tzinfo)
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": "1762074000",
        "webhook-signature": "v1,yQjHkKHIYbUSQhAnibLzWsjJLfxJxRzMDpNV366A+Bo=",
    }
    verify(headers, b"{}", None, at, (key,))


def test_an_older_secret_still_verifies_while_it_is_listed():
    verify(signed(key=OLD_KEY), BODY, None, NOW, (SIGNING, OLD))
    assert "does not verify" in refusal(signed(key=OLD_KEY), (SIGNING,))


def test_one_of_several_signatures_is_enough():
    headers = signed()
    headers["webhook-signature"] = "v1a,xxxx v1,AAAA " + headers["webhook-signature"]
    verify(headers, BODY, None, NOW, (SIGNING,))


def test_one_changed_byte_of_the_body_is_noticed():
    assert "does not verify" in refusal(signed(), (SIGNING,), body=BODY + b" ")


@pytest.mark.parametrize("minutes", [-5.02, 5.02, -600, 600])
def test_a_timestamp_more_than_five_minutes_off_is_refused(minutes):
    assert "5 minutes" in refusal(signed(at=NOW + timedelta(minutes=minutes)), (SIGNING,))


@pytest.mark.parametrize("minutes", [-4.9, 0, 4.9])
def test_a_timestamp_within_five_minutes_is_taken(minutes):
    verify(signed(at=NOW + timedelta(minutes=minutes)), BODY, None, NOW, (SIGNING,))


@pytest.mark.parametrize("stamp", ["", "now", "-5", "1e9", "９９", "9" * 40])
def test_a_timestamp_that_is_no_number_is_refused(stamp):
    assert "webhook-timestamp" in refusal({**signed(), "webhook-timestamp": stamp}, (SIGNING,))


def test_a_bad_signature_is_not_made_good_by_a_right_token_or_path():
    headers = {**signed(), "webhook-signature": "v1,AAAA", "x-gitlab-token": PLAIN}
    refusal(headers, (SIGNING, PLAIN), path=PLAIN)


def test_a_signature_is_refused_where_only_plain_tokens_are_configured():
    refusal(signed(), (PLAIN,))


def test_a_plain_token_is_genuine():
    verify({"x-gitlab-token": PLAIN}, BODY, None, NOW, ("another", PLAIN))


def test_a_token_beyond_ascii_is_compared_by_its_bytes():
    verify({"x-gitlab-token": "größe".encode().decode("latin-1")}, BODY, None, NOW, ("größe",))


@pytest.mark.parametrize("token", ["", "wrong", PLAIN + " ", PLAIN[:-1]])
def test_a_wrong_token_is_refused_even_on_the_right_path(token):
    assert "X-Gitlab-Token" in refusal({"x-gitlab-token": token}, (PLAIN,), path=PLAIN)


@pytest.mark.parametrize("secrets", [(SIGNING,), (SIGNING, PLAIN)])
@pytest.mark.parametrize("token", ["", "wrong", SIGNING])
def test_a_good_signature_does_not_make_good_a_wrong_token_beside_it(token, secrets):
    assert "X-Gitlab-Token" in refusal({**signed(), "x-gitlab-token": token}, secrets)


def test_a_good_signature_and_a_right_token_are_genuine():
    verify({**signed(), "x-gitlab-token": PLAIN}, BODY, None, NOW, (SIGNING, PLAIN))


def test_a_signing_token_is_not_taken_as_a_plain_one():
    refusal({"x-gitlab-token": SIGNING}, (SIGNING,))


def test_the_path_alone_is_enough_where_gitlab_cannot_sign():
    verify({}, BODY, PLAIN, NOW, (PLAIN,))


@pytest.mark.parametrize("secret", ["größe", "密钥", "naïve ключ"])
def test_a_secret_beyond_ascii_is_right_in_the_path(secret):
    verify({}, BODY, secret, NOW, ("another", secret))
    assert "path" in refusal({}, (secret,), path=secret[:-1])


@pytest.mark.parametrize("path", ["", "wrong"])
def test_a_wrong_path_is_refused(path):
    refusal({}, (PLAIN,), path=path)
    refusal(signed(), (SIGNING,), path=path)


def test_nothing_at_all_is_refused():
    assert "neither" in refusal({}, (PLAIN,))


@pytest.mark.parametrize("secrets", [(), ("",), ("", "")])
def test_without_a_configured_secret_everything_is_refused(secrets):
    assert "no webhook secret" in refusal({"x-gitlab-token": ""}, secrets, path="")


@pytest.mark.parametrize("secret", ["whsec_", "whsec_====", "whsec_not base64!"])
def test_an_unusable_signing_token_verifies_nothing(secret):
    refusal(signed(key=b""), (secret,))


def test_a_resend_has_the_same_id():
    assert delivery({"webhook-id": "a", "idempotency-key": "a"}, b"1") == "a"
    assert delivery({"idempotency-key": "b"}, b"1") == "b"


def test_the_signed_id_wins_over_an_unsigned_header():
    assert delivery({"webhook-id": "a", "idempotency-key": "forged"}, b"1") == "a"


@pytest.mark.parametrize("id", ["", "x" * 500, "a\x00b", "é"])
def test_without_a_usable_id_the_body_decides(id):
    first, second = (delivery({"idempotency-key": id, "x-gitlab-webhook-uuid": "u"}, body) for body in (b"1", b"2"))
    assert first != second
    assert first == delivery({}, b"1")
