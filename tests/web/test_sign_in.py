"""Signing in: the token, the cookie, the guesses."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest

from connector.errors import StoreUnavailable
from connector.settings import Settings
from connector.store.door import TRIES
from connector.web.guard import CONSOLE
from connector.web.guesses import REMEMBERED, Guesses, Memory
from connector.web.session import LIFE, Signer
from tests.fakes.desk import FakeDoor

from .conftest import NOW

TOKEN = "t0ken-t0ken"
MANY = 20
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


def test_every_page_says_as_whom_one_is_signed_in(far):
    sign_in(far)

    assert 'title="Signed in as console">console</bdi>' in far.get("/", **FAR).text


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


def signer(*keys, token=TOKEN):
    return Signer(keys or ("key",), Settings(console_token=token))


def test_a_session_ends_when_the_console_token_changes():
    cookie = signer(token="old token").session(CONSOLE, "token", NOW)

    assert signer(token="old token").open_session(cookie, NOW).visitor == CONSOLE
    assert signer(token="new token").open_session(cookie, NOW) is None
    assert signer(token="").open_session(cookie, NOW) is None


def test_a_session_lasts_a_week_and_begins_no_earlier_than_it_was_made():
    cookie = signer().session(CONSOLE, "token", NOW)

    assert signer().open_session(cookie, NOW + LIFE["token"] - timedelta(seconds=1))
    assert signer().open_session(cookie, NOW + LIFE["token"]) is None
    assert signer().open_session(cookie, NOW - timedelta(minutes=6)) is None


def test_a_session_survives_a_new_key_as_long_as_the_old_one_is_listed():
    cookie = signer("old").session(CONSOLE, "token", NOW)

    assert signer("new", "old").open_session(cookie, NOW)
    assert signer("new").open_session(cookie, NOW) is None
    assert signer("old").open_session(signer("new", "old").session(CONSOLE, "token", NOW), NOW) is None


@pytest.mark.parametrize("forged", ["", "x", "a.b.c", "é"])
def test_a_forged_session_is_none(forged):
    assert signer().open_session(forged, NOW) is None


def test_a_form_token_is_no_session_and_belongs_to_one_browser():
    token = signer().form_token("browser")

    assert signer().is_form_token(token, "browser")
    assert not signer().is_form_token(token, "another")
    assert not signer().is_form_token(token, "")
    assert signer().open_session(token, NOW) is None


def test_a_sign_in_and_a_sign_out_stand_in_the_record(far, house):
    sign_in(far)
    far.post("/sign-out", data={"csrf": far.token("/", **FAR)}, **FAR)

    assert [(row.actor, row.what) for row in house.audit.rows] == [
        ("console", "signed_in"),
        ("console", "signed_out"),
    ]


def test_signing_out_ends_copies_of_the_cookie_too(far):
    sign_in(far)
    kept = far.client.get_cookie("pointsman_session", domain="desk.example").value
    far.post("/sign-out", data={"csrf": far.token("/", **FAR)}, **FAR)
    far.client.set_cookie("pointsman_session", kept, domain="desk.example")

    assert far.get("/", **FAR).status_code == 401


def test_a_foreign_page_cannot_sign_anybody_out(far):
    sign_in(far)

    assert far.post("/sign-out", data={"csrf": "forged"}, **FAR).status_code == 403
    assert far.get("/", **FAR).status_code == 200


def test_what_was_planted_before_the_sign_in_is_of_no_use_after_it(far):
    far.client.set_cookie("pointsman_browser", "planted", domain="desk.example")
    planted = far.token("/sign-in", **FAR)
    sign_in(far)
    assert far.client.get_cookie("pointsman_browser", domain="desk.example").value != "planted"
    far.client.set_cookie("pointsman_browser", "planted", domain="desk.example")

    answer = far.post("/tickets", data={"title": "x", "csrf": planted}, **FAR)

    assert answer.status_code == 403


def test_each_sign_in_has_a_session_of_its_own(far):
    cookies = set()
    for _ in range(2):
        sign_in(far)
        cookies.add(far.client.get_cookie("pointsman_session", domain="desk.example").value)

    assert len(cookies) == 2


def test_guesses_at_one_process_count_at_the_other(house):
    one, other = house.client(console_token=TOKEN), house.client(console_token=TOKEN)
    for number in range(TRIES):
        assert sign_in((one, other)[number % 2], "wrong").status_code == 401

    assert sign_in(one).status_code == 429
    assert sign_in(other).status_code == 429


def test_guesses_by_bearer_count_with_those_at_the_form(far):
    for _ in range(TRIES):
        assert far.get("/", headers={"Authorization": "Bearer wrong"}, **FAR).status_code == 401

    refused = far.get("/", headers={"Authorization": f"Bearer {TOKEN}"}, **FAR)

    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= 61
    assert sign_in(far).status_code == 429


def test_a_program_with_a_revoked_token_locks_no_person_out(far, house):
    good = house.tokens.grant("reports", "read")
    for _ in range(TRIES):
        far.get("/", headers={"Authorization": "Bearer pmt_revoked"}, **FAR)

    assert far.get("/", headers={"Authorization": "Bearer pmt_revoked"}, **FAR).status_code == 429
    assert far.get("/", headers={"Authorization": f"Bearer {good}"}, **FAR).status_code == 200
    assert sign_in(far).status_code == 303


def silent(*_):
    raise StoreUnavailable("the database is away")


def test_while_the_store_is_silent_guesses_still_count_in_the_process(far, house, monkeypatch):
    monkeypatch.setattr(house.door, "wait", silent)
    monkeypatch.setattr(house.door, "wrong", silent)
    for _ in range(TRIES):
        assert far.get("/", headers={"Authorization": "Bearer wrong"}, **FAR).status_code == 401

    assert far.get("/", headers={"Authorization": f"Bearer {TOKEN}"}, **FAR).status_code == 429


def test_while_the_store_is_silent_a_session_waits_and_readyz_answers(far, house, monkeypatch):
    sign_in(far)
    monkeypatch.setattr(house.door, "is_over", silent)

    assert far.get("/", **FAR).status_code == 503
    assert far.get("/readyz", **FAR).status_code == 200


class DoorOfMany(FakeDoor):
    """Asked by `MANY` at once, it answers when all have asked."""

    def __init__(self):
        super().__init__()
        self.all_here = Barrier(MANY)

    def wait(self, client, now):
        found = super().wait(client, now)
        self.all_here.wait(30)
        return found


def test_of_guesses_that_come_at_once_no_more_are_looked_at():
    guesses = Guesses(DoorOfMany())

    with ThreadPoolExecutor(MANY) as crowd:
        waits = list(crowd.map(lambda _: guesses.judge("192.0.2.7", NOW, right=False), range(MANY)))

    assert waits.count(0) == TRIES
    assert guesses.wait("192.0.2.7", NOW)


def test_the_memory_of_wrong_guesses_is_bounded():
    guesses = Memory()
    for number in range(REMEMBERED + 10):
        guesses.wrong(str(number), NOW)

    assert len(guesses._wrong) == REMEMBERED
