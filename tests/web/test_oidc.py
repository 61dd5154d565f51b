"""Signing in by OpenID Connect, against a provider that is strict: only who was sent, and has a role, gets in."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests
from joserfc import jwt
from joserfc.jwk import OctKey

import app
from connector.engine import identity
from connector.settings import Settings
from connector.web import create_web
from connector.web.account import Account, role_of
from connector.web.oidc import AT_ONCE
from connector.web.provider import Provider, look_at_provider
from connector.web.session import LIFE
from connector.web.visitor import Standing
from tests.fakes.oidc_provider import CLIENT, SECRET, FakeProvider, rsa_key

from .conftest import NOW, Browser

HOST = "desk.example"
FAR = {"remote": "192.0.2.7", "host": HOST}
BACK = f"https://{HOST}/sign-in/oidc/callback"


@pytest.fixture
def provider(house):
    with FakeProvider(BACK, lambda: house.now) as fake:
        yield fake


@pytest.fixture
def far(house, provider):
    return client(house, provider)


def client(house, provider, **settings):
    given = {
        "oidc_issuer": provider.url,
        "oidc_client_id": CLIENT,
        "oidc_client_secret": SECRET,
        "oidc_agents": ("acme/support",),
        "public_url": f"https://{HOST}",
    }
    return house.client(**{**given, **settings})


def leave(far, target="/"):
    """Where the provider is asked."""
    return far.get("/sign-in/oidc", query_string={"next": target}, **FAR).headers["Location"]


def back(there):
    """Path and query by which the provider sends the browser back."""
    answer = requests.get(there, allow_redirects=False, timeout=10)
    assert answer.status_code == 302, answer.text
    parts = urlsplit(answer.headers["Location"])
    return f"{parts.path}?{parts.query}"


def sign_in(far, target="/"):
    return far.get(back(leave(far, target)), **FAR)


def actor(house):
    return [(row.actor, row.what) for row in house.audit.rows]


def test_a_member_of_a_group_comes_in_with_its_role_and_under_a_name_of_its_own(far, house, provider):
    answer = sign_in(far, "/tickets/local/DESK-1")

    assert (answer.status_code, answer.headers["Location"]) == (303, "/tickets/local/DESK-1")
    assert far.get("/", **FAR).status_code == 200
    assert actor(house) == [("ann@desk.example", "signed_in")]
    assert provider.violations == []


def test_the_session_and_the_journey_are_kept_from_scripts_and_from_plain_http(far):
    there = far.get("/sign-in/oidc", **FAR)
    answer = far.get(back(there.headers["Location"]), **FAR)

    for cookie in [*there.headers.getlist("Set-Cookie"), *answer.headers.getlist("Set-Cookie")]:
        assert "HttpOnly" in cookie or "Max-Age=0" in cookie
        assert "Secure" in cookie or "Max-Age=0" in cookie


def test_the_sign_in_page_offers_what_is_set_up(house, provider):
    only, both = client(house, provider), client(house, provider, console_token="t0ken-t0ken")

    assert f"Sign in with {urlsplit(provider.url).netloc}" in only.get("/sign-in", **FAR).text
    assert 'name="token"' not in only.get("/sign-in", **FAR).text
    assert 'name="token"' in both.get("/sign-in", **FAR).text
    assert only.post("/sign-in", data={"token": ""}, **FAR).status_code == 404


def test_where_people_can_sign_in_nobody_is_let_in_for_being_near(far):
    assert far.get("/").status_code == 401


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "/\\evil.example", "evil"])
def test_the_journey_ends_on_this_site(far, target):
    assert sign_in(far, target).headers["Location"] == "/"


def test_who_has_no_role_is_told_as_whom_and_gets_nothing(far, house, provider):
    provider.told["groups"] = ["elsewhere"]

    answer = sign_in(far)

    assert answer.status_code == 403
    assert "ann@desk.example" in answer.text
    assert far.get("/", **FAR).status_code == 401
    assert actor(house) == [("ann@desk.example", "sign_in_refused")]


def test_a_session_lasts_twelve_hours(far, house):
    sign_in(far)
    house.now = NOW + LIFE["oidc"] - timedelta(seconds=1)
    assert far.get("/", **FAR).status_code == 200
    house.now = NOW + LIFE["oidc"]
    assert far.get("/", **FAR).status_code == 401


@pytest.mark.parametrize(
    "changed",
    [
        {"oidc_agents": ("acme/other",)},
        {"oidc_client_secret": "another"},
        {"oidc_groups_claim": "roles"},
        {"oidc_admins": ("acme",)},
    ],
)
def test_a_session_ends_when_the_settings_of_the_way_change(house, provider, changed):
    before, after = client(house, provider), client(house, provider, **changed)
    sign_in(before)
    after.client = before.client.__class__(after.app, response_wrapper=after.app.response_class)
    cookie = before.client.get_cookie("pointsman_session", domain="localhost") or before.client.get_cookie(
        "pointsman_session", domain=HOST
    )
    after.client.set_cookie("pointsman_session", cookie.value, domain=HOST)

    assert after.get("/", **FAR).status_code == 401


def test_signing_out_ends_the_session_even_for_who_kept_the_cookie(far):
    sign_in(far)
    cookie = far.client.get_cookie("pointsman_session", domain=HOST).value
    far.post("/sign-out", data={"csrf": far.token("/", **FAR)}, **FAR)
    far.client.set_cookie("pointsman_session", cookie, domain=HOST)

    assert far.get("/", **FAR).status_code == 401


# What is not believed


def test_an_answer_is_good_once(far):
    there = back(leave(far))
    journey = far.client.get_cookie("pointsman_oidc", domain=HOST, path="/sign-in/oidc").value
    assert far.get(there, **FAR).status_code == 303
    far.client.delete_cookie("pointsman_session", domain=HOST)
    assert far.get(there, **FAR).status_code == 400
    far.client.set_cookie("pointsman_oidc", journey, domain=HOST, path="/sign-in/oidc")
    assert far.get(there, **FAR).status_code == 400
    assert far.get("/", **FAR).status_code == 401


def test_what_another_browser_began_cannot_be_ended_here(house, provider):
    mine, theirs = client(house, provider), client(house, provider)
    leave(mine)

    assert mine.get(back(leave(theirs)), **FAR).status_code == 400


def test_a_journey_lasts_ten_minutes(far, house):
    there = back(leave(far))
    house.now += timedelta(minutes=10, seconds=1)

    assert far.get(there, **FAR).status_code == 400


def test_a_refusal_of_the_provider_is_told(far, provider):
    provider.bend_answer = lambda query: {"error": "access_denied", "state": query["state"]}

    answer = sign_in(far)

    assert answer.status_code == 403
    assert "did not let you in" in answer.text


@pytest.mark.parametrize("bend", [lambda q: {**q, "iss": "https://evil.example"}, lambda q: {**q, "iss": ""}])
def test_an_answer_of_another_issuer_is_not_exchanged(far, provider, bend):
    provider.bend_answer = bend

    assert sign_in(far).status_code == 403
    assert "/token" not in provider.asked


def test_an_answer_that_lacks_the_promised_issuer_is_not_exchanged(far, provider):
    provider.bend_answer = lambda query: {name: query[name] for name in ("code", "state")}

    assert sign_in(far).status_code == 403
    assert "/token" not in provider.asked


FORGED = {
    "wrong audience": lambda claims: {**claims, "aud": "another client"},
    "audience beside ours": lambda claims: {**claims, "aud": [CLIENT, "other"], "azp": "other"},
    "expired": lambda claims: {**claims, "exp": claims["iat"] - 600},
    "never expires": lambda claims: {name: claims[name] for name in claims if name != "exp"},
    "from tomorrow": lambda claims: {**claims, "iat": claims["iat"] + 86400, "exp": claims["exp"] + 86400},
    "another issuer": lambda claims: {**claims, "iss": "https://evil.example"},
    "no issuer": lambda claims: {name: claims[name] for name in claims if name != "iss"},
    "another nonce": lambda claims: {**claims, "nonce": "another"},
    "no nonce": lambda claims: {name: claims[name] for name in claims if name != "nonce"},
    "no subject": lambda claims: {name: claims[name] for name in claims if name != "sub"},
    "subject is a list": lambda claims: {**claims, "sub": ["7"]},
    "another account's userinfo": lambda claims: {**claims, "sub": "8"},
}


@pytest.mark.parametrize("bend", FORGED.values(), ids=FORGED)
def test_a_token_with_a_wrong_claim_opens_nothing(far, provider, bend):
    provider.bend_claims = bend

    assert sign_in(far).status_code == 403
    assert far.get("/", **FAR).status_code == 401


def unsigned(claims):
    _, body, _ = jwt.encode({"alg": "HS256"}, claims, OctKey.import_key("x" * 32)).split(".")
    return f"eyJhbGciOiJub25lIn0.{body}."


def by_secret(claims):
    return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(SECRET.ljust(32, "x")))


def by_public_key(claims):
    public = rsa_key("first").as_dict(private=False)["n"]
    return jwt.encode({"alg": "HS256", "kid": "first"}, claims, OctKey.import_key(public))


def by_stranger(claims):
    return jwt.encode({"alg": "RS256", "kid": "first"}, claims, rsa_key("stranger"))


def by_unknown_key(claims):
    return jwt.encode({"alg": "RS256", "kid": "stranger"}, claims, rsa_key("stranger"))


SIGNATURES = [unsigned, by_secret, by_public_key, by_stranger, by_unknown_key]
SIGNATURES += [lambda _: "x.y.z", lambda _: "", lambda _: "é"]


@pytest.mark.parametrize("sign", SIGNATURES)
def test_a_forged_token_opens_nothing(far, provider, sign):
    provider.sign = sign

    assert sign_in(far).status_code == 403
    assert far.get("/", **FAR).status_code == 401


def test_new_keys_of_the_provider_are_fetched_when_met(far, provider):
    sign_in(far)
    provider.keys = [rsa_key("second"), rsa_key("first")]

    assert sign_in(far).status_code == 303


# How providers differ


def test_a_client_without_a_secret_relies_on_pkce(house, provider):
    provider.public_client = True

    assert sign_in(client(house, provider, oidc_client_secret="")).status_code == 303


def test_a_provider_that_wants_the_secret_in_the_form_gets_it_there(far, provider):
    provider.auth_methods = ["client_secret_post"]

    assert sign_in(far).status_code == 303


def test_groups_of_the_token_count_as_those_of_userinfo_do(house, provider):
    provider.told = {"sub": "7"}
    provider.account["groups_direct"] = ["acme/support"]

    assert sign_in(client(house, provider)).status_code == 303


def test_a_provider_without_userinfo_tells_all_in_the_token(far, provider):
    provider.bend_description = lambda about: {n: v for n, v in about.items() if n != "userinfo_endpoint"}
    provider.account["groups"] = "acme/support"

    assert sign_in(far).status_code == 303


@pytest.mark.parametrize(
    ("claims", "name"),
    [
        ({"email": "bo@desk.example", "email_verified": True}, "bo@desk.example"),
        ({"email": "boss@desk.example", "email_verified": False, "preferred_username": "bo"}, "oidc:bo"),
        ({"email": "boss@desk.example", "preferred_username": "bo"}, "oidc:bo"),
        ({"email": "cli:root@desk", "email_verified": True, "preferred_username": "bo"}, "oidc:bo"),
        ({"preferred_username": "console"}, "oidc:console"),
        ({"preferred_username": "b\u202eo\n"}, "oidc:bo"),
        ({"preferred_username": ["x"], "email": 7, "email_verified": True}, "oidc:x"),
        ({"nickname": "bo"}, "oidc:bo"),
        ({}, "oidc:7"),
    ],
)
def test_the_name_in_the_audit_is_one_that_nobody_can_choose_to_mislead(far, house, provider, claims, name):
    provider.account = {"sub": "7", **claims}

    sign_in(far)

    assert actor(house) == [(name, "signed_in")]


ROLES = Settings(oidc_admins=("acme/leads",), oidc_agents=("/acme/support", "acme/leads"), oidc_viewers=("*",))


@pytest.mark.parametrize(
    ("groups", "role"),
    [
        ({"acme/leads"}, Standing.ADMIN),
        ({"acme/support", "acme"}, Standing.AGENT),
        ({"/acme/support"}, Standing.AGENT),
        ({"ACME/support"}, Standing.VIEWER),
        (set(), Standing.VIEWER),
    ],
)
def test_the_highest_role_of_any_group_counts_and_a_star_means_everybody(groups, role):
    assert role_of(Account("x", frozenset(groups)), ROLES) is role


def test_a_group_called_star_is_nothing_but_a_group():
    only = dataclasses.replace(ROLES, oidc_viewers=("acme",))

    assert role_of(Account("x", frozenset({"*"})), only) is None


# What is wrong with the provider, or with the settings


BROKEN = {
    "no description": lambda fake: fake.status.update({"/.well-known/openid-configuration": 404}),
    "a redirect": lambda fake: fake.status.update({"/.well-known/openid-configuration": 302}),
    "another issuer": lambda fake: setattr(
        fake, "bend_description", lambda a: {**a, "issuer": "https://evil.example"}
    ),
    "no JSON": lambda fake: setattr(fake, "bend_description", lambda a: b"<html>"),
    "a list": lambda fake: setattr(fake, "bend_description", lambda a: [a]),
    "no endpoint": lambda fake: setattr(fake, "bend_description", lambda a: {"issuer": a["issuer"]}),
    "an endpoint that is a script": lambda fake: setattr(
        fake, "bend_description", lambda a: {**a, "authorization_endpoint": "javascript:alert(1)"}
    ),
    "a megabyte": lambda fake: setattr(fake, "bend_description", lambda a: b'"' + b"x" * 2_000_000 + b'"'),
    "away": lambda fake: fake.close(),
}


@pytest.mark.parametrize("break_it", BROKEN.values(), ids=BROKEN)
def test_a_provider_that_cannot_be_used_is_told_on_the_page_and_kept_for_readyz(far, house, provider, break_it):
    break_it(provider)

    answer = far.get("/sign-in/oidc", **FAR)

    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "60"
    assert "cannot be reached" in answer.text
    assert house.provider_troubles[-1]


LATER = {
    "token endpoint down": {"/token": 500},
    "token endpoint redirects": {"/token": 302},
    "userinfo down": {"/userinfo": 500},
    "keys down": {"/jwks": 500},
}


@pytest.mark.parametrize("status", LATER.values(), ids=LATER)
def test_what_breaks_on_the_way_back_is_told_too(far, house, provider, status):
    provider.status.update(status)

    assert sign_in(far).status_code in (403, 503)
    assert far.get("/", **FAR).status_code == 401


def test_few_wait_for_a_slow_provider_so_that_others_are_answered(far, house, monkeypatch):
    statuses = []

    def slow(*_):
        """Before it answers, somebody else asks."""
        statuses.append(far.get("/sign-in/oidc", **FAR).status_code)
        return "https://id.example/"

    monkeypatch.setattr(Provider, "address", slow)
    far.get("/sign-in/oidc", **FAR)

    assert statuses == [503] + [302] * (AT_ONCE - 1)
    assert not any(house.provider_troubles), "that many sign in at once is no trouble of the provider's"


def test_a_wrong_client_secret_is_told_to_whoever_looks_after_it(house, provider):
    far = client(house, provider, oidc_client_secret="wrong")

    assert sign_in(far).status_code == 503
    assert "POINTSMAN_OIDC_CLIENT_ID" in house.provider_troubles[-1]


def test_the_trouble_is_over_once_the_provider_answers(far, house, provider):
    provider.status["/.well-known/openid-configuration"] = 500
    far.get("/sign-in/oidc", **FAR)
    provider.status.clear()
    assert far.get("/sign-in/oidc", **FAR).status_code == 503
    assert provider.asked == ["/.well-known/openid-configuration"]
    house.now += timedelta(seconds=15)

    assert sign_in(far).status_code == 303
    assert house.provider_troubles[-1] == ""


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"oidc_issuer": "https://id.example", "oidc_admins": ("x",)}, ["OIDC_CLIENT_ID is not set"]),
        ({"oidc_client_id": "c", "oidc_admins": ("x",)}, ["OIDC_ISSUER is not set"]),
        ({"oidc_issuer": "https://id.example", "oidc_client_id": "c"}, ["has no role"]),
        (
            {"oidc_issuer": "http://id.example", "oidc_client_id": "c", "oidc_admins": ("x",)},
            ["must begin with https"],
        ),
        ({"oidc_client_secret": "s"}, ["ISSUER is not set", "CLIENT_ID is not set", "has no role"]),
        ({"oidc_issuer": "https://id.example", "oidc_client_id": "c", "oidc_viewers": ("*",)}, []),
        ({"oidc_issuer": "http://127.0.0.1:1", "oidc_client_id": "c", "oidc_viewers": ("*",)}, []),
        ({}, []),
    ],
)
def test_what_the_settings_lack_is_told_all_at_once(settings, said):
    found = list(identity.gaps(Settings(**settings)))

    assert len(found) == len(said)
    assert all(part in text for part, text in zip(said, found, strict=True))


def test_half_of_the_settings_opens_nothing_and_says_so(house):
    far = house.client(oidc_issuer="https://id.example")

    page = far.get("/sign-in")

    assert page.status_code == 200
    assert "half set up" in page.text
    assert far.get("/").status_code == 401
    assert far.get("/sign-in/oidc").status_code == 404


def test_without_a_provider_there_is_no_way_to_one(browser):
    assert browser.get("/sign-in/oidc").status_code == 404
    assert browser.get("/sign-in/oidc/callback?code=x&state=y").status_code == 404


def test_a_journey_that_was_forged_leads_nowhere(far):
    query = urlencode({"state": "x" * 24, "code": "x"})
    for cookie in ("", "x", "e30.x", "é"):
        far.client.set_cookie("pointsman_oidc", cookie, domain=HOST, path="/sign-in/oidc")
        assert far.get(f"/sign-in/oidc/callback?{query}", **FAR).status_code == 400


def test_the_state_is_new_each_time(far):
    states = {parse_qs(urlsplit(leave(far)).query)["state"][0] for _ in range(3)}

    assert len(states) == 3


def looked_at(provider, **settings):
    kept = {}
    given = {"oidc_issuer": provider.url, "oidc_client_id": CLIENT, "oidc_viewers": ("*",), **settings}
    store = SimpleNamespace(meta=SimpleNamespace(get=kept.get, set=kept.__setitem__))
    services = SimpleNamespace(settings=Settings(**given), clock=lambda: NOW, store=store)
    look_at_provider(services)
    return list(identity.remarks(services))


def test_a_provider_that_cannot_be_used_is_known_before_somebody_wants_to_sign_in(provider):
    assert looked_at(provider) == []

    provider.status["/jwks"] = 500

    assert looked_at(provider) == ["nobody can sign in by OpenID Connect: /jwks answers 500"]


def test_without_a_provider_nobody_is_asked(provider):
    looked_at(provider, oidc_client_id="")

    assert provider.asked == []


def test_trouble_is_written_only_when_it_changes():
    kept = {}
    written = []

    def keep(key, value):
        written.append(value)
        kept[key] = value

    services = SimpleNamespace(store=SimpleNamespace(meta=SimpleNamespace(get=kept.get, set=keep)))
    for why in ("", "down", "down", "", ""):
        identity.note_trouble(services, why)

    assert written == ["down", ""]


def test_the_whole_way_through_the_real_store(tmp_path):
    """Signed in, on record, signed out for good; the trouble of the provider stands in /readyz until it is over."""
    now = datetime.now(UTC)
    with FakeProvider(BACK, lambda: now) as fake:
        given = {"oidc_issuer": fake.url, "oidc_client_id": CLIENT, "oidc_client_secret": SECRET}
        roles = {"oidc_agents": ("acme/support",), "public_url": f"https://{HOST}"}
        services = app.build_services(
            Settings(data_dir=tmp_path, rules_dir=tmp_path, secret_key=("k",), **given, **roles)
        )
        far = Browser(create_web(services))
        try:
            fake.status["/.well-known/openid-configuration"] = 502
            look_at_provider(services)
            assert "sign-in by OpenID Connect needs a look" in far.get("/readyz", **FAR).text
            fake.status.clear()

            assert sign_in(far).status_code == 303
            assert "sign_in" not in far.get("/readyz", **FAR).text
            assert "ann@desk.example" in far.get("/changes", **FAR).text
            assert far.get("/settings", **FAR).status_code == 403

            kept = far.client.get_cookie("pointsman_session", domain=HOST).value
            far.post("/sign-out", data={"csrf": far.token("/", **FAR)}, **FAR)
            far.client.set_cookie("pointsman_session", kept, domain=HOST)
            assert far.get("/", **FAR).status_code == 401
            assert [row.what for row in services.store.audit.newest(9)] == ["signed_out", "signed_in"]
        finally:
            services.host.close()
            services.store.close()
