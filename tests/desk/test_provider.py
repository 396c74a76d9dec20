"""Signing in with the company's own account: whom the provider vouches for, what is not believed, and what is left."""

from __future__ import annotations

import hmac
import json
from base64 import urlsafe_b64encode
from datetime import timedelta
from threading import Event
from time import monotonic
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests
from joserfc import jwt
from joserfc.jwk import OctKey
from sqlalchemy import func, select

from conftest import ORIGIN
from desk.audit import Entry, What
from desk.door import attempts
from desk.door.attempts import Attempts
from desk.door.errand import LIFE
from desk.staff import Staff
from simulator.provider import TOKEN_LASTS
from visitors import COOKIE, EMAILS, browser_of, give_link, give_password, secret_of, sign_in, staff_id
from vouched import BACK, KEY, OTHER_KEY, person, provided, said

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flask import Flask
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from simulator.clock import Clock
    from simulator.provider import Claims, Company
    from vouched import Door


@pytest.fixture
def door(another: Callable[..., Flask], clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Door]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with provided(another, clock) as made:
        yield made


def is_in(client: FlaskClient) -> bool:
    return client.get("/account").status_code == 200


def audited(app: Flask) -> list[tuple[str, str, dict[str, object]]]:
    with app.extensions["database"].reading() as session:
        return [(one.what, one.about, one.detail) for one in session.scalars(select(Entry).order_by(Entry.id))]


def refused(door: Door, why: str, words: str) -> None:
    """Whoever comes back now stays outside, reads why, and the audit knows it."""
    answer = door.comes_back()
    assert answer.status_code == 422
    assert words in said(answer)
    assert not is_in(door.app.test_client())
    what, _, detail = audited(door.app)[-1]
    assert (what, detail["why"], detail["way"]) == (What.SIGN_IN_FAILED, why, "Protea accounts")


# In


def test_whom_the_provider_vouches_for_comes_in_and_is_led_on(door: Door):
    client = browser_of(door.app)
    asked = client.get("/try?m=2&from=%2B27825550202").location
    onward = parse_qs(urlsplit(asked).query)["next"][0]
    answer = door.comes_back(client, next=onward)
    assert (answer.status_code, answer.location) == (303, "/try?m=2&from=%2B27825550202")
    assert "Thandi" in client.get("/").text
    assert audited(door.app)[-1] == (What.SIGNED_IN, "Thandi Nkosi", {"way": "Protea accounts"})


def test_the_provider_is_asked_as_it_should_be(door: Door):
    asked = door.sent().asked
    assert (asked["response_type"], asked["scope"]) == ("code", "openid email")
    assert (asked["client_id"], asked["redirect_uri"]) == ("afterhours", ORIGIN + BACK)
    assert asked["code_challenge_method"] == "S256"
    again = door.sent().asked
    for name in ("state", "nonce", "code_challenge"):
        assert asked[name] != again[name]


def test_an_address_is_the_same_however_it_is_written(door: Door):
    door.company.person = person(email="Thandi@PROTEA-IT.example")
    with door.app.extensions["database"].writing() as session:
        session.get_one(Staff, staff_id(door.app, "thandi")).email = "tHANDI@protea-it.example"
    assert door.comes_back().status_code == 303


def test_an_address_that_stands_beside_the_token_is_asked_for(door: Door):
    door.company.person, door.company.beside = {}, person()
    assert door.comes_back().status_code == 303
    door.company.beside = person(sub="another person")
    refused(door, "the provider's answer is not to be believed", "cannot be believed")


def test_signing_in_makes_a_new_secret_and_ends_the_old(door: Door):
    client = browser_of(door.app, "pieter")
    before = secret_of(client)
    door.comes_back(client)
    assert secret_of(client) != before
    old = browser_of(door.app)
    old.set_cookie(COOKIE, before)
    assert not is_in(old)


def test_a_planted_secret_does_not_become_a_session(door: Door):
    for planted in ("ahv_" + "x" * 43, "ahs_" + "x" * 43):
        victim, thief = browser_of(door.app), browser_of(door.app)
        victim.set_cookie(COOKIE, planted)
        assert door.comes_back(victim).status_code == 303
        thief.set_cookie(COOKIE, planted)
        assert is_in(victim)
        assert not is_in(thief)


@pytest.mark.parametrize("onward", ["https://evil.example/", "//evil.example", "/\\evil.example", "/\r\nx", "é", "/%0"])
def test_nobody_is_led_to_another_site(door: Door, onward: str):
    assert door.comes_back(next=onward).location in ("/", "/%0")
    sent = door.sent()
    sent.client.set_cookie("onward", onward.replace("\r\n", "%0d%0a"))
    assert sent.client.get(sent.answered()).location in ("/", "/%0")


def test_the_description_is_asked_for_once_an_hour_and_keys_when_they_change(door: Door, clock: Clock):
    door.comes_back()
    door.comes_back()
    assert [door.company.asked.count(path) for path in ("/.well-known/openid-configuration", "/keys")] == [1, 1]
    door.company.key = OTHER_KEY
    assert door.comes_back().status_code == 303
    assert door.company.asked.count("/keys") == 2
    clock.until(clock() + timedelta(hours=1))
    door.comes_back()
    assert door.company.asked.count("/.well-known/openid-configuration") == 2


def test_a_provider_that_wants_the_secret_in_the_form_is_given_it_there(door: Door):
    door.company.description = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    door.comes_back()  # this one takes it in the header alone, so it refuses
    assert audited(door.app)[-1][2]["why"] == "the provider refused the code"


# Who


def test_nobody_is_added_by_signing_in(door: Door):
    def how_many() -> int:
        with door.app.extensions["database"].reading() as session:
            return session.scalars(select(func.count(Staff.id))).one()

    before = how_many()
    door.company.person = person(email="new@protea-it.example")
    refused(door, "nobody here has that mail address", "Nobody here has the mail address new@protea-it.example.")
    assert audited(door.app)[-1][1] == "new@protea-it.example"
    assert how_many() == before


def test_who_has_left_is_refused_and_told_so(door: Door):
    with door.app.extensions["database"].writing() as session:
        session.get_one(Staff, staff_id(door.app, "thandi")).active = False
    refused(door, "does not work here any more", "The account of thandi@protea-it.example is closed here.")


def test_who_leaves_while_at_the_provider_is_refused(door: Door):
    sent = door.sent()
    back = sent.answered()
    with door.app.extensions["database"].writing() as session:
        session.get_one(Staff, staff_id(door.app, "thandi")).active = False
    assert sent.client.get(back).status_code == 422


def test_two_who_share_an_address_do_not_get_in(door: Door):
    with door.app.extensions["database"].writing() as session:
        session.get_one(Staff, staff_id(door.app, "pieter")).email = EMAILS["thandi"].upper()
    refused(door, "more than one here has that mail address", "more than one person")


@pytest.mark.parametrize("verified", [False, None, "true", "yes", 1, [True]])
def test_an_address_that_is_not_verified_is_nobody_s(door: Door, verified: object):
    door.company.wrong = {"email_verified": verified}
    refused(door, "the mail address is not verified", "has not verified the mail address")
    assert audited(door.app)[-1][1] == "unknown account"


def test_a_tenant_of_one_s_own_may_be_trusted_with_its_addresses(door: Door):
    door.again(oidc_trust_mail=True, oidc_domains="protea-it.example")
    door.company.wrong = {"email_verified": None}
    assert door.comes_back().status_code == 303
    door.company.wrong = {"email_verified": False}
    refused(door, "the mail address is not verified", "has not verified")


@pytest.mark.parametrize(
    "email", [None, "", 7, ["thandi@protea-it.example"], "thandi", " thandi@protea-it.example", "\u212aaroo@x.example",
              "thandi@protea-it.example\n", "Thandi <thandi@protea-it.example>"],
)  # fmt: skip
def test_what_is_no_plain_address_is_nobody_s(door: Door, email: object):
    door.company.wrong = {"email": email}
    refused(door, "no mail address", "names no mail address")


def test_letters_that_look_alike_are_not_alike(door: Door):
    """Lower case of the Kelvin sign is k; were it folded, its owner would be somebody else."""
    with door.app.extensions["database"].writing() as session:
        session.get_one(Staff, staff_id(door.app, "naledi")).email = "k@protea-it.example"
    door.company.person = person(email="\u212a@protea-it.example")
    refused(door, "no mail address", "names no mail address")


@pytest.mark.parametrize(
    ("domains", "code"),
    [("protea-it.example", 303), ("x.example, Protea-IT.example", 303), ("it.example", 422), ("example", 422)],
)
def test_addresses_of_other_domains_are_not_taken(door: Door, domains: str, code: int):
    door.again(oidc_domains=domains)
    assert door.comes_back().status_code == code


def test_a_domain_is_what_stands_after_the_last_at_sign(door: Door):
    door.again(oidc_domains="protea-it.example")
    door.company.person = person(email='"thandi@protea-it.example"@evil.example')
    assert door.comes_back().status_code == 422


# What is not believed


def test_an_answer_opens_only_the_browser_that_asked(door: Door):
    thief, victim = door.sent(), door.sent()
    back = thief.answered()
    answer = victim.client.get(back)  # somebody makes them follow a link, to have them signed in as another
    assert answer.status_code == 422
    assert "not begun in this browser" in said(answer)
    assert not is_in(victim.client)
    assert "/token" not in door.company.asked
    fresh = browser_of(door.app)
    assert fresh.get(back).status_code == 422
    assert thief.client.get(back).status_code == 303


@pytest.mark.parametrize("state", [None, "", "x", ".", "a.b.c", "é.b.c", "x" * 5000, "ffffffffffffffff.x." + "0" * 64])
def test_a_state_that_was_made_up_leads_nowhere(door: Door, state: str | None):
    sent = door.sent()
    code = parse_qs(urlsplit(sent.answered()).query)["code"][0]
    answer = sent.client.get(BACK, query_string={"code": code} | ({"state": state} if state is not None else {}))
    assert answer.status_code == 422
    assert audited(door.app)[-1][2]["why"] == "not begun in this browser"
    assert "/token" not in door.company.asked


def test_a_swapped_state_brings_the_wrong_proof(door: Door):
    """Two sign-ins of one browser: the code of one does not fit the other, whoever swaps them."""
    one = door.sent()
    other = door.sent(one.client)
    code = parse_qs(urlsplit(other.answered()).query)["code"][0]
    answer = one.client.get(BACK, query_string={"code": code, "state": one.asked["state"]})
    assert answer.status_code == 422
    assert "did not confirm this sign-in" in said(answer)


def test_a_code_works_once(door: Door):
    sent = door.sent()
    back = sent.answered()
    assert sent.client.get(back).status_code == 303
    before = secret_of(sent.client)
    answer = sent.client.get(back)
    assert answer.status_code == 422
    assert "you have signed in since" in said(answer)
    assert secret_of(sent.client) == before
    assert is_in(sent.client)


def test_a_code_that_was_used_elsewhere_opens_nothing(door: Door):
    sent = door.sent()
    back = sent.answered()
    for granted in door.company.codes.values():
        granted.is_used = True
    answer = sent.client.get(back)
    assert "did not confirm this sign-in" in said(answer)
    assert not is_in(sent.client)


def test_who_takes_too_long_begins_again(door: Door, clock: Clock):
    sent = door.sent()
    back = sent.answered()
    clock.until(clock() + LIFE)
    answer = sent.client.get(back)
    assert "longer than ten minutes" in said(answer)
    assert audited(door.app)[-1][2]["why"] == "begun too long ago"


def raw(company: Company, header: dict[str, str], claims: Claims, signature: bytes) -> str:
    """A token as somebody makes it by hand."""
    parts = [json.dumps(header).encode(), json.dumps(claims).encode(), signature]
    return ".".join(urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


def unsigned(company: Company, claims: Claims) -> str:
    return raw(company, {"alg": "none", "kid": "first"}, claims, b"")


def unsigned_in_capitals(company: Company, claims: Claims) -> str:
    return raw(company, {"alg": "None"}, claims, b"x")


def by_the_public_key(company: Company, claims: Claims) -> str:
    """The published key as a shared secret: whoever believes HS256 from a provider lets anybody sign."""
    pem = company.key.as_pem(private=False)
    head, body, _ = raw(company, {"alg": "HS256", "kid": "first"}, claims, b"").split(".")
    mac = hmac.digest(pem, f"{head}.{body}".encode(), "sha256")
    return f"{head}.{body}.{urlsafe_b64encode(mac).rstrip(b'=').decode()}"


def by_our_secret(company: Company, claims: Claims) -> str:
    key = OctKey.import_key(company.client_secret)
    return jwt.encode({"alg": "HS256", "kid": "first"}, claims, key)


def by_another_key(company: Company, claims: Claims) -> str:
    return jwt.encode({"alg": "RS256", "kid": "first"}, claims, OTHER_KEY)


def by_an_unknown_key(company: Company, claims: Claims) -> str:
    return jwt.encode({"alg": "RS256", "kid": "second"}, claims, OTHER_KEY)


def with_its_own_key(company: Company, claims: Claims) -> str:
    return jwt.encode({"alg": "RS256", "kid": "first", "jwk": OTHER_KEY.as_dict(private=False)}, claims, OTHER_KEY)


def changed_since(company: Company, claims: Claims) -> str:
    head, _, signature = jwt.encode({"alg": "RS256", "kid": "first"}, claims, KEY).split(".")
    return f"{head}.{raw(company, {}, claims | {'email': EMAILS['naledi']}, b'').split('.')[1]}.{signature}"


@pytest.mark.parametrize(
    "forge",
    [
        unsigned, unsigned_in_capitals, by_the_public_key, by_our_secret, by_another_key, by_an_unknown_key,
        with_its_own_key, changed_since, lambda *_: "", lambda *_: "a.b.c", lambda *_: "x" * 9000, lambda *_: None,
        lambda *_: {"a": 1}, lambda *_: "a.b.c.d.e",
    ],
)  # fmt: skip
def test_a_token_that_the_provider_did_not_sign_is_not_believed(door: Door, forge: Callable[..., str]):
    door.company.forge = forge
    refused(door, "the provider's answer is not to be believed", "cannot be believed, so nobody is let in")


@pytest.mark.parametrize(
    "wrong",
    [
        {"iss": "https://accounts.example"}, {"iss": None}, {"aud": "another"}, {"aud": None}, {"sub": None},
        {"aud": ["afterhours", "another"], "azp": "afterhours"}, {"aud": ["another"], "azp": "afterhours"},
        {"azp": "another"}, {"at_hash": "x"}, {"iat": None}, {"exp": None}, {"exp": "soon"}, {"iat": 4_000_000_000},
        {"nbf": 4_000_000_000}, {"aud": {}},
    ],
)  # fmt: skip
def test_a_token_for_somebody_else_is_not_believed(door: Door, wrong: Claims):
    door.company.wrong = wrong
    refused(door, "the provider's answer is not to be believed", "cannot be believed, so nobody is let in")


@pytest.mark.parametrize("nonce", [None, "", "another", 7])
def test_a_token_of_another_sign_in_is_refused(door: Door, nonce: object):
    door.company.wrong = {"nonce": nonce}
    refused(door, "the answer belongs to another sign-in", "belongs to another sign-in")


def test_a_token_that_has_expired_is_refused(door: Door, clock: Clock):
    now = int(clock().timestamp())
    door.company.wrong = {"iat": now - 3600, "exp": now - 61}
    refused(door, "the provider's answer has expired", "has expired")
    door.company.wrong = {"iat": now - int(TOKEN_LASTS.total_seconds()), "exp": now - 30}
    assert door.comes_back().status_code == 303  # its clock is half a minute behind ours


def test_an_answer_in_the_name_of_another_provider_is_refused(door: Door):
    sent = door.sent()
    answer = sent.client.get(sent.answered() + "x")  # the last of it is who answers (RFC 9207)
    assert answer.status_code == 422
    assert "/token" not in door.company.asked


@pytest.mark.parametrize(
    "description",
    [
        {"issuer": "https://accounts.example"}, {"issuer": None}, {"token_endpoint": "http://accounts.example/token"},
        {"jwks_uri": None}, {"authorization_endpoint": "javascript:alert(1)"},
    ],
)  # fmt: skip
def test_a_description_of_something_else_is_not_followed(door: Door, description: Claims):
    door.company.description = description
    answer = browser_of(door.app).get("/sign-in/provider")
    assert answer.status_code == 422
    assert "cannot be believed" in said(answer)


def test_a_wrong_secret_is_our_fault_and_lets_nobody_in(door: Door):
    door.company.client_secret = "changed there"
    refused(door, "the provider refused the code", "did not confirm this sign-in")


@pytest.mark.parametrize(
    ("error", "why"),
    [("access_denied", "stopped at the provider"), ("<b>login_required</b>", "stopped at the provider"),
     ("temporarily_unavailable", "the provider does not answer")],
)  # fmt: skip
def test_what_the_provider_refuses_is_told_in_our_words(door: Door, error: str, why: str):
    door.company.refuses = error
    answer = door.comes_back()
    assert "login_required" not in answer.text
    assert audited(door.app)[-1][2]["why"] == why


# Away


@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/token", "/keys"])
def test_a_provider_that_hangs_is_waited_for_five_seconds_and_the_rest_goes_on(door: Door, path: str):
    over = Event()
    door.company.dawdle = lambda asked: asked == path and over.wait(20) and None
    began = monotonic()
    client = browser_of(door.app)
    answer = client.get("/sign-in/provider")
    if answer.status_code == 303:
        back = requests.get(answer.location, allow_redirects=False, timeout=10).headers["Location"]
        answer = client.get(back.removeprefix(ORIGIN))
    assert monotonic() - began < 7  # five, on a machine that has other things to do
    over.set()
    assert answer.status_code == 503
    assert "Protea accounts does not answer just now." in said(answer)
    assert audited(door.app)[-1][2]["why"] == "the provider does not answer"


def test_a_provider_that_answers_in_drops_is_not_waited_for_either(door: Door):
    over = Event()
    door.company.drip = lambda: over.wait(0.2)
    began = monotonic()
    answer = browser_of(door.app).get("/sign-in/provider")
    assert monotonic() - began < 7
    over.set()
    assert (answer.status_code, "does not answer just now" in said(answer)) == (503, True)


def test_while_it_hangs_two_wait_and_the_others_are_told_at_once(door: Door):
    over = Event()
    door.company.dawdle = lambda _: over.wait(20) and None
    provider = door.app.extensions["provider"]
    assert provider._lines.acquire()
    assert provider._lines.acquire()
    answer = browser_of(door.app).get("/sign-in/provider")
    assert (answer.status_code, "Try again in a few seconds" in said(answer)) == (503, True)
    over.set()


def test_without_the_provider_everything_else_goes_on(another: Callable[..., Flask], clock: Clock):
    """Nobody listens there; passwords, links from a page by SMS and the carrier's webhooks do not care."""
    nobody = {"oidc_issuer": "http://127.0.0.1:9", "oidc_client_id": "x", "demo": False}
    app = another(**nobody)
    assert browser_of(app).get("/sign-in/provider").status_code == 503
    assert browser_of(app).get("/have/1.1.6b023404." + "x" * 20).status_code == 410
    give_password(app, "thandi", clock)
    assert sign_in(browser_of(app), EMAILS["thandi"]).status_code == 303


def test_where_no_provider_is_set_up_there_is_no_such_door(shut: Flask):
    assert browser_of(shut).get("/sign-in/provider").status_code == 404
    assert browser_of(shut).get(BACK).status_code == 404
    assert "Sign in with" not in browser_of(shut).get("/sign-in").text


def test_one_address_of_the_network_cannot_come_back_for_ever(door: Door, clock: Clock):
    with door.app.extensions["database"].writing() as session:
        session.add(Attempts(key=attempts.address("127.0.0.1"), since=clock(), count=attempts.PER_ADDRESS - 1))
    codes = [browser_of(door.app).get(BACK).status_code for _ in range(3)]
    assert codes == [422, 429, 429]
    assert [what for what, _, _ in audited(door.app)].count(What.SIGN_IN_BLOCKED) == 1


# Without passwords


def test_where_passwords_are_switched_off_the_button_is_all_there_is(door: Door, clock: Clock):
    app = door.again(password_sign_in=False)
    give_password(app, "thandi", clock)
    client = browser_of(app)
    page = client.get("/sign-in").text
    assert "Sign in with Protea accounts" in page
    assert 'type="password"' not in page
    answer = client.post("/sign-in", data={"form_token": token_of(client, app, clock), "email": EMAILS["thandi"]})
    assert answer.status_code == 422
    assert "Passwords are switched off here." in said(answer)
    assert audited(app)[-1][2] == {"way": "password", "why": "passwords are switched off"}
    assert door.comes_back(client).status_code == 303


def test_where_passwords_are_switched_off_one_s_own_cannot_be_changed(door: Door):
    client = browser_of(door.again(password_sign_in=False), "thandi")
    page = client.get("/account").text
    assert "Your password" not in page
    assert post_by(client, page, "/account/password").status_code == 404


def test_a_manager_gets_back_in_by_the_terminal_whatever_the_provider_does(door: Door, clock: Clock):
    app = door.again(password_sign_in=False)
    door.company.dawdle = lambda _: pytest.fail("nobody asks the provider")
    told = app.test_cli_runner().invoke(args=["desk", "password", EMAILS["naledi"]])
    assert "Naledi Dlamini comes in here, once, within 24 hours" in told.output
    link = told.output.strip().rpartition(ORIGIN)[2]
    client = browser_of(app)
    page = client.get(link).text
    assert "You come in as Naledi Dlamini" in page
    answer = post_by(client, page, link)
    assert (answer.status_code, answer.location) == (303, "/")
    assert is_in(client)
    assert client.get("/people").status_code == 200
    assert audited(app)[-1] == (What.SIGNED_IN, "Naledi Dlamini", {"way": "one-time link"})
    assert browser_of(app).get(link).status_code == 410
    other = browser_of(app)
    assert post_by(other, page_with_form(other), link).status_code == 410


def test_without_passwords_the_pages_make_no_links(door: Door):
    """A manager who made one could come in as anybody; only whoever runs the machine may."""
    client = browser_of(door.again(password_sign_in=False), "naledi")
    thandi = f"/people/{staff_id(door.app, 'thandi')}"
    page = client.get(thandi).text
    assert "With Protea accounts, as thandi@protea-it.example." in page
    assert "password link" not in page
    assert post_by(client, page, f"{thandi}/password-link").status_code == 404


def test_the_terminal_asks_for_no_password_where_there_are_none(door: Door):
    app = door.again(password_sign_in=False)
    told = app.test_cli_runner().invoke(args=["desk", "password", EMAILS["naledi"], "--ask"])
    assert (told.exit_code, "Passwords are switched off" in told.output) == (1, True)


def token_of(client: FlaskClient, app: Flask, clock: Clock) -> str:
    return token_in(client.get(give_link(app, "pieter", clock)).text)


def token_in(page: str) -> str:
    return page.split('name="form_token" value="')[1][:64]


def post_by(client: FlaskClient, page: str, path: str, **fields: str) -> TestResponse:
    return client.post(path, data={"form_token": token_in(page), **fields})


def page_with_form(client: FlaskClient) -> str:
    return client.get("/help/track").text


def test_the_provider_s_strictness_is_real(door: Door):
    """What the tests above lean on: it refuses what a real one refuses."""
    sent = door.sent()
    assert requests.get(sent.where.replace("afterhours", "x"), allow_redirects=False, timeout=10).status_code == 400
    for name in ("state", "nonce", "code_challenge", "code_challenge_method", "scope", "response_type"):
        fields = {key: value for key, value in sent.asked.items() if key != name}
        where = f"{door.company.issuer}/authorize?{urlencode(fields)}"
        answer = requests.get(where, allow_redirects=False, timeout=10)
        assert "error=" in answer.headers["Location"], name
