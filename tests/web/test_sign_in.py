"""Signing in: the token, the cookie, the guesses."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connector.web.session import REMEMBERED, TRIES, Guesses, Signer

from .conftest import NOW

TOKEN = "t0ken-t0ken"
FAR = {"remote": "192.0.2.7", "host": "desk.example"}


@pytest.fixture
def far(house):
    return house.client(console_token=TOKEN)


def sign_in(far, token=TOKEN, target="/"):
    csrf = far.token("/sign-in", **FAR)
    return far.post("/sign-in", data={"token": token, "csrf": csrf, "next": target}, **FAR)


def test_the_right_token_leads_back_to_where_one_wanted_to_go(far):
    answer = sign_in(far, target="/tickets/local/DESK-1")

    assert answer.status_code == 303
    assert answer.headers["Location"].endswith("/tickets/local/DESK-1")
    assert far.get("/", **FAR).status_code == 200


def test_the_cookie_is_kept_from_scripts_and_foreign_forms(far):
    [cookie] = [c for c in sign_in(far).headers.getlist("Set-Cookie") if c.startswith("pointsman_session=")]

    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert TOKEN not in cookie


def test_behind_https_the_cookie_never_travels_in_the_clear(house):
    far = house.client(console_token=TOKEN, public_url="https://desk.example")

    assert all("Secure" in c for c in sign_in(far).headers.getlist("Set-Cookie"))


def test_a_wrong_token_opens_nothing(far):
    assert sign_in(far, "wrong").status_code == 401
    assert far.get("/", **FAR).status_code == 401


def test_a_foreign_page_cannot_sign_anybody_in(far):
    far.token("/sign-in", **FAR)

    answer = far.post("/sign-in", data={"token": TOKEN, "csrf": "forged"}, **FAR)

    assert answer.status_code == 403
    assert far.get("/", **FAR).status_code == 401


def test_after_too_many_wrong_tries_even_the_right_one_waits(far, house):
    for _ in range(TRIES):
        assert sign_in(far, "wrong").status_code == 401

    refused = sign_in(far)

    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= 61
    house.now += timedelta(seconds=61)
    assert sign_in(far).status_code == 303


def test_the_guesses_of_one_client_lock_no_other_out(far):
    for _ in range(TRIES):
        sign_in(far, "wrong")
    csrf = far.token("/sign-in", remote="192.0.2.8", host="desk.example")

    answer = far.post("/sign-in", data={"token": TOKEN, "csrf": csrf}, remote="192.0.2.8", host="desk.example")

    assert answer.status_code == 303


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "evil", "/a\r\nX: y", ""]
)
def test_signing_in_never_leads_off_this_site(far, target):
    assert sign_in(far, target=target).headers["Location"].rstrip("/") in ("", "http://desk.example")


def test_signing_out_ends_it(far):
    sign_in(far)

    far.post("/sign-out", data={"csrf": far.token("/", **FAR)}, **FAR)

    assert far.get("/", **FAR).status_code == 401


def test_without_a_token_there_is_nothing_to_sign_in_to(browser):
    assert browser.get("/sign-in").status_code == 404


def test_a_session_ends_when_the_console_token_changes():
    cookie = Signer(("key",), "old token").session()

    assert Signer(("key",), "old token").is_session(cookie)
    assert not Signer(("key",), "new token").is_session(cookie)


def test_a_session_survives_a_new_key_as_long_as_the_old_one_is_listed():
    cookie = Signer(("old",), TOKEN).session()

    assert Signer(("new", "old"), TOKEN).is_session(cookie)
    assert not Signer(("new",), TOKEN).is_session(cookie)
    assert not Signer(("old",), TOKEN).is_session(Signer(("new", "old"), TOKEN).session())


@pytest.mark.parametrize("forged", ["", "x", "a.b.c", "é"])
def test_a_forged_session_is_none(forged):
    assert not Signer(("key",), TOKEN).is_session(forged)


def test_a_form_token_is_no_session_and_belongs_to_one_browser():
    signer = Signer(("key",), TOKEN)
    token = signer.form_token("browser")

    assert signer.is_form_token(token, "browser")
    assert not signer.is_form_token(token, "another")
    assert not signer.is_form_token(token, "")
    assert not signer.is_session(token)


def test_the_memory_of_wrong_guesses_is_bounded():
    guesses = Guesses()
    for number in range(REMEMBERED + 10):
        guesses.wrong(str(number), NOW)

    assert len(guesses._wrong) == REMEMBERED
