"""Sessions, passwords and the links that set them."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from desk.door.entry import Door
from desk.door.links import LIFE
from desk.door.sessions import IDLE, LONGEST, SignIn
from visitors import (
    EMAILS,
    PASSWORD,
    browser_of,
    form_token,
    give_link,
    give_password,
    post,
    secret_of,
    sign_in,
    staff_id,
)

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient

    from simulator.clock import Clock

NEW = "eleven quiet owls in a barn"


def is_in(client: FlaskClient) -> bool:
    return client.get("/account").status_code == 200


# Sessions


def test_a_session_ends_when_it_is_not_used(shut: Flask, clock: Clock):
    client = browser_of(shut, "thandi")
    clock.until(clock() + IDLE - timedelta(seconds=1))
    assert is_in(client)
    clock.until(clock() + IDLE - timedelta(seconds=1))
    assert is_in(client)
    clock.until(clock() + IDLE)
    assert not is_in(client)


def test_a_session_ends_at_last_however_much_it_is_used(shut: Flask, clock: Clock):
    client, end = browser_of(shut, "thandi"), clock() + LONGEST
    while clock() + IDLE / 2 < end:
        clock.until(clock() + IDLE / 2)
        assert is_in(client)
    clock.until(end)
    assert not is_in(client)


def test_one_sees_where_one_is_signed_in_and_ends_it_there(shut: Flask):
    here, there, other = browser_of(shut, "thandi"), browser_of(shut, "thandi"), browser_of(shut, "pieter")
    page = here.get("/account").text
    numbers = re.findall(r"/account/sessions/(\d+)/end", page)
    assert (len(numbers), page.count("this one"), page.count("Firefox on Linux")) == (2, 1, 2)
    theirs = re.findall(r"/account/sessions/(\d+)/end", other.get("/account").text)
    assert post(here, f"/account/sessions/{theirs[0]}/end").status_code == 404
    for number in numbers:
        if is_in(here):
            post(here, f"/account/sessions/{number}/end")
    assert (is_in(here) and is_in(there), is_in(other)) == (False, True)


def test_end_all_others(shut: Flask):
    here, *others = [browser_of(shut, "thandi") for _ in range(4)]
    assert post(here, "/account/sessions/end-others").location == "/account?said=ended"
    assert is_in(here)
    assert not any(map(is_in, others))


def test_signing_out_ends_the_session_not_only_the_cookie(shut: Flask):
    client = browser_of(shut, "thandi")
    secret = secret_of(client)
    post(client, "/sign-out")
    assert secret_of(client) != secret
    client.set_cookie("__Host-afterhours", secret)
    assert not is_in(client)


def test_a_manager_signs_somebody_out_everywhere(shut: Flask):
    client, manager = browser_of(shut, "thandi"), browser_of(shut, "naledi")
    assert "Sign out everywhere" in manager.get(f"/people/{staff_id(shut, 'thandi')}").text
    post(manager, f"/people/{staff_id(shut, 'thandi')}/sign-out")
    assert not is_in(client)
    assert is_in(manager)


def test_reading_pages_does_not_write_at_every_turn(shut: Flask, clock: Clock):
    client, began = browser_of(shut, "thandi"), clock()

    def seen() -> timedelta:
        with shut.extensions["database"].reading() as session:
            return session.scalars(select(SignIn.seen_at)).one() - began

    clock.until(began + timedelta(minutes=4))
    is_in(client)
    assert seen() == timedelta()
    clock.until(began + timedelta(minutes=5))
    is_in(client)
    assert seen() == timedelta(minutes=5)


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0 Safari/537.36",
         "Chrome on Linux"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 26_0 like Mac OS X) AppleWebKit Version/26.0 Safari/604.1",
         "Safari on an iPhone"),
        ("Mozilla/5.0 (Linux; Android 16; SM-S931B) AppleWebKit SamsungBrowser/30.0 Chrome/150.0 Mobile Safari/537.36",
         "Samsung Internet on an Android device"),
        ("Mozilla/5.0 (Linux; Android 10; K) AppleWebKit Chrome/150.0 Mobile Safari/537.36 EdgA/150.0",
         "Edge on an Android device"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit Version/26.0 Safari/605.1.15", "Safari on a Mac"),
        ("Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit Chrome/150.0 Safari/537.36", "Chrome on a Chromebook"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit Chrome/150.0 Safari/537.36 Edg/150.0", "Edge on Windows"),
        ("curl/8", "curl/8"),
        ("", ""),
    ],
)  # fmt: skip
def test_browsers_in_words(sent: str, words: str):
    assert SignIn(browser=sent).machine == words


# Passwords


def test_a_new_password_needs_the_old_one_and_signs_everybody_else_out(shut: Flask, clock: Clock):
    give_password(shut, "thandi", clock)
    here, there = browser_of(shut, "thandi"), browser_of(shut, "thandi")
    assert post(here, "/account/password", old="not the password", new=NEW).status_code == 422
    assert post(here, "/account/password", old=PASSWORD, new=NEW).location == "/account?said=password"
    assert (is_in(here), is_in(there)) == (True, False)
    assert sign_in(browser_of(shut), EMAILS["thandi"]).status_code == 422
    assert sign_in(browser_of(shut), EMAILS["thandi"], NEW).status_code == 303


def test_guessing_the_old_password_is_limited_too(shut: Flask, clock: Clock):
    give_password(shut, "thandi", clock)
    client = browser_of(shut, "thandi")
    token = form_token(client)
    told = [
        client.post("/account/password", data={"form_token": token, "old": "x", "new": NEW}).status_code
        for _ in range(11)
    ]
    assert told == [422] * 10 + [429]


@pytest.mark.parametrize("poor", ["", "eleven char", "x" * 201, "aaaaaaaaaaaaaaa", "Pieter Botha", EMAILS["pieter"]])
def test_a_poor_password_is_refused_and_the_link_stays(shut: Flask, clock: Clock, poor: str):
    client, link = browser_of(shut), give_link(shut, "pieter", clock)
    answer = post(client, link, password=poor)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert post(client, link, password=NEW).status_code == 303


def test_a_link_works_once_and_looking_does_not_use_it_up(shut: Flask, clock: Clock):
    client, link = browser_of(shut), give_link(shut, "pieter", clock)
    for _ in range(3):
        assert "Pieter Botha" in client.get(link).text
    assert post(client, link, password=NEW).location == "/sign-in?said=password"
    assert "The new password is set." in client.get("/sign-in?said=password").text
    assert post(client, link, password=PASSWORD).status_code == 410
    assert client.get(link).status_code == 410
    assert sign_in(client, EMAILS["pieter"], NEW).status_code == 303


def test_of_two_who_use_a_link_at_once_one_sets_the_password(shut: Flask, clock: Clock):
    secret, door = give_link(shut, "pieter", clock).removeprefix("/password/"), Door(shut.extensions["database"], "")
    # Both have been shown the form and passed its checks.
    assert [door.use_link(secret, NEW, clock()), door.use_link(secret, PASSWORD, clock())] == [True, False]
    assert sign_in(browser_of(shut), EMAILS["pieter"], NEW).status_code == 303


def test_a_link_signs_out_and_closes_the_other_links(shut: Flask, clock: Clock):
    one, other = give_link(shut, "pieter", clock), give_link(shut, "pieter", clock)
    signed_in = browser_of(shut, "pieter")
    post(browser_of(shut), one, password=NEW)
    assert browser_of(shut).get(other).status_code == 410
    assert not is_in(signed_in)


def test_a_link_grows_old(shut: Flask, clock: Clock):
    link = give_link(shut, "pieter", clock)
    clock.until(clock() + LIFE)
    assert browser_of(shut).get(link).status_code == 410
    assert post(browser_of(shut), link, password=NEW).status_code == 410


def test_a_manager_makes_a_link_that_works(shut: Flask):
    shown = post(browser_of(shut, "naledi"), f"/people/{staff_id(shut, 'pieter')}/password-link").text
    link = re.search(r"https://afterhours.example(/password/ahp_[\w-]+)", shown)
    assert post(browser_of(shut), link[1], password=NEW).status_code == 303
    assert link[1] not in browser_of(shut, "naledi").get(f"/people/{staff_id(shut, 'pieter')}").text


def test_who_has_no_address_gets_no_link(shut: Flask):
    assert post(browser_of(shut, "naledi"), "/people/999/password-link").status_code == 404


# The frame


@pytest.mark.parametrize(
    ("who", "entries"),
    [
        ("thandi", {"/", "/tickets", "/rota", "/try", "/calendars", "/notices", "/account"}),
        (
            "bongani",
            {"/", "/tickets", "/rota", "/billing", "/billing/reconciliation", "/customers", "/calendars", "/account"},
        ),
        (
            "naledi",
            {
                "/",
                "/tickets",
                "/rota",
                "/try",
                "/calendars",
                "/notices",
                "/account",
                "/people",
                "/tokens",
                "/audit",
                "/billing",
                "/settings",
            }
            | {"/hooks", "/kept", "/privacy/person", "/billing/reconciliation", "/customers"},
        ),
    ],
)
def test_the_menu_holds_what_one_may_use(shut: Flask, who: str, entries: set[str]):
    navs = re.findall(r"<nav.*?</nav>", browser_of(shut, who).get("/").text, re.DOTALL)
    assert set(re.findall(r'href="([^"]+)"', "".join(navs))) == entries


def test_a_page_one_may_not_see_says_whom_to_ask(shut: Flask):
    answer = browser_of(shut, "thandi").get("/audit")
    assert answer.status_code == 403
    assert "You may not see this" in answer.text
    assert "Ask Naledi Dlamini." in answer.text
    assert "<nav" in answer.text


@pytest.mark.parametrize(("chosen", "kept"), [("dark", "dark"), ("light", "light"), ("system", None), ("x", None)])
def test_light_dark_or_as_the_system_has_it(shut: Flask, chosen: str, kept: str | None):
    client = browser_of(shut, "thandi")
    client.set_cookie("theme", "light")
    assert post(client, "/account/theme", theme=chosen, next="/try").location == "/try"
    shown = re.search(r'<html lang="en"(?: data-theme="(\w+)")?>', client.get("/").text)
    assert shown[1] == kept


def test_pages_are_not_kept_by_anybody(shut: Flask):
    client = browser_of(shut, "naledi")
    for path in ("/", "/account", "/tokens", "/sign-in", "/nowhere", "/static/nothing.css", "/api/v1/calls"):
        headers = client.get(path).headers
        assert headers["Cache-Control"] == "no-store"
        assert headers["Strict-Transport-Security"] == "max-age=31536000"
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Frame-Options"] == "DENY"
