"""Who may see the pages: this machine while no token is set, whoever knows the token afterwards."""

from __future__ import annotations

import pytest

from connector.web.access import client_address, is_local_host, is_loopback

PROXY = ("10.0.0.0/8", "127.0.0.1/32")
TOKEN = "t0ken-t0ken"


@pytest.mark.parametrize(
    ("remote", "headers", "proxies", "expected"),
    [
        ("127.0.0.1", {}, (), True),
        ("127.8.9.1", {}, (), True),
        ("::1", {}, (), True),
        ("::ffff:127.0.0.1", {}, (), True),
        ("192.0.2.7", {}, (), False),
        ("", {}, (), False),
        ("not an address", {}, (), False),
        ("127.0.0.1", {"x-forwarded-for": "127.0.0.1"}, (), False),
        ("127.0.0.1", {"x-forwarded-proto": "https"}, (), False),
        ("127.0.0.1", {"x-forwarded-host": "localhost"}, (), False),
        ("127.0.0.1", {"forwarded": "for=127.0.0.1"}, (), False),
        ("127.0.0.1", {"x-real-ip": "127.0.0.1"}, (), False),
        ("127.0.0.1", {"x-forwarded-for": "127.0.0.1"}, ("192.0.2.0/24",), False),
        ("10.1.1.1", {"x-forwarded-for": "127.0.0.1"}, ("10.0.0.0/8",), True),
        ("127.0.0.1", {"x-forwarded-for": "127.0.0.1"}, PROXY, True),
        ("127.0.0.1", {"x-forwarded-for": "192.0.2.7"}, PROXY, False),
        ("127.0.0.1", {"x-forwarded-for": "127.0.0.1, 192.0.2.7"}, PROXY, False),
        ("127.0.0.1", {"x-forwarded-for": "192.0.2.7, 10.2.2.2"}, PROXY, False),
        ("127.0.0.1", {"x-forwarded-for": "garbage"}, PROXY, False),
        ("127.0.0.1", {"x-forwarded-proto": "https"}, PROXY, True),
        ("127.0.0.1", {"forwarded": 'for="[::1]:4711";proto=https'}, PROXY, True),
        ("127.0.0.1", {"forwarded": "for=_hidden"}, PROXY, False),
        ("127.0.0.1", {"forwarded": "proto=https"}, PROXY, False),
        ("127.0.0.1", {"forwarded": "for=127.0.0.1", "x-forwarded-for": "192.0.2.7"}, PROXY, False),
        ("10.1.1.1", {}, ("10.0.0.0/8",), False),
    ],
)
def test_who_counts_as_this_machine(remote, headers, proxies, expected):
    assert is_loopback(client_address(remote, headers, proxies)) is expected


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("localhost", True),
        ("localhost:8080", True),
        ("desk.localhost:8080", True),
        ("127.0.0.1:8080", True),
        ("[::1]:8080", True),
        ("LOCALHOST", True),
        ("evil.example", False),
        ("evil.example:8080", False),
        ("127.0.0.1.evil.example", False),
        ("localhost.evil.example", False),
        ("localhost@evil.example", False),
        ("", False),
        ("192.0.2.7", False),
    ],
)
def test_which_host_names_mean_this_machine(host, expected):
    assert is_local_host(host) is expected


def test_the_public_address_is_no_rebound_name():
    assert is_local_host("desk.example:443", "https://desk.example")
    assert not is_local_host("other.example", "https://desk.example")


@pytest.mark.parametrize("path", ["/", "/tickets/local/DESK-1", "/nothing-here", "/sign-in"])
def test_without_a_token_strangers_get_403(browser, path):
    answer = browser.get(path, remote="192.0.2.7")

    assert answer.status_code == 403
    assert "CONSOLE_TOKEN" in answer.text


def test_without_a_token_this_machine_gets_the_desk(browser):
    assert browser.get("/").status_code == 200


def test_a_name_that_was_pointed_at_us_gets_403(browser):
    assert browser.get("/", host="evil.example").status_code == 403


def test_a_forwarded_request_is_not_this_machine(browser):
    assert browser.get("/", headers={"X-Forwarded-For": "127.0.0.1"}).status_code == 403


def test_with_a_token_pages_ask_to_sign_in_even_here(house):
    answer = house.client(console_token=TOKEN).get("/tickets/local/DESK-1")

    assert answer.status_code == 401
    assert 'name="token"' in answer.text
    assert "/tickets/local/DESK-1" in answer.text


def test_a_program_without_the_token_gets_json(house):
    answer = house.client(console_token=TOKEN).get("/", headers={"Accept": "application/json"})

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert "error" in answer.json


@pytest.mark.parametrize(
    ("header", "status"),
    [
        (f"Bearer {TOKEN}", 200),
        (f"bearer  {TOKEN}", 200),
        ("Bearer wrong", 401),
        ("Bearer ", 401),
        (f"Basic {TOKEN}", 401),
        ("Bearer tökén", 401),
    ],
)
def test_a_bearer_token_opens_the_pages_from_anywhere(house, header, status):
    browser = house.client(console_token=TOKEN)

    answer = browser.get("/", remote="192.0.2.7", host="desk.example", headers={"Authorization": header})

    assert answer.status_code == status


def test_the_empty_token_opens_nothing(house):
    answer = house.client().get("/", remote="192.0.2.7", headers={"Authorization": "Bearer "})

    assert answer.status_code == 403


def test_an_api_token_is_enough_where_there_is_no_other_way_in(house):
    browser, token = house.client(), house.tokens.grant("reports", "read")

    def status(token):
        return browser.get("/", remote="192.0.2.7", headers={"Authorization": f"Bearer {token}"}).status_code

    assert status(token) == 200
    assert status("pmt_unknown") == 401


def test_a_token_gives_its_own_role_even_on_this_machine(house):
    browser, token = house.client(), house.tokens.grant("reports", "read")

    answer = browser.post("/tickets", json={"title": "x"}, headers={"Authorization": f"Bearer {token}"})

    assert answer.status_code == 403
    assert house.typed == []


@pytest.mark.parametrize("settings", [{"oidc_issuer": "https://id.example"}, {"oidc_client_id": "c"}])
def test_where_a_provider_is_named_this_machine_is_no_reason_to_let_in(house, settings):
    assert house.client(**settings).get("/").status_code == 401


@pytest.mark.parametrize("path", ["/", "/nothing-here", "/sign-in", "/api/v1/tickets"])
@pytest.mark.parametrize("host", ["x" * 64, "a..b", "x" * 5000])
def test_a_host_that_can_be_no_name_gets_a_plain_400(house, host, path):
    answer = house.client(console_token=TOKEN).get(path, host=host)

    assert answer.status_code == 400
    assert answer.json["error"]
