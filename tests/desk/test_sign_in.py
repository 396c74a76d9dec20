"""Signing in: who gets in, what the browser keeps, and what guessing comes to."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from statistics import median
from time import process_time
from typing import TYPE_CHECKING

import pytest
from argon2 import extract_parameters
from sqlalchemy import select

from desk.door import attempts, passwords
from desk.door.attempts import LONGEST, PER_ACCOUNT, PER_ADDRESS, WINDOW, Attempts
from desk.door.entry import Door, WrongPassword
from desk.staff import Staff
from visitors import COOKIE, EMAILS, PASSWORD, browser_of, form_token, give_password, post, secret_of, sign_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask

    from desk.db import Database
    from simulator.clock import Clock

THANDI = EMAILS["thandi"]
WRONG = "another password altogether"


@pytest.fixture(autouse=True)
def known(shut: Flask, clock: Clock) -> None:
    give_password(shut, "thandi", clock)


def tries(app: Flask, how_many: int, email: str = THANDI, address: str = "127.0.0.1") -> list[int]:
    client = app.test_client()
    client.environ_base["REMOTE_ADDR"] = address
    return [sign_in(client, email, WRONG).status_code for _ in range(how_many)]


# In


@pytest.mark.parametrize("email", [THANDI, " THANDI@protea-it.example "])
def test_the_right_password_leads_on_to_the_page_that_was_asked_for(shut: Flask, email: str):
    client = browser_of(shut)
    asked = client.get("/try?m=2&from=%2B27825550202")
    shown = client.get(asked.location)
    onward = re.search(r'name="next" value="([^"]*)"', shown.text)
    answer = sign_in(client, email, next=onward[1].replace("&amp;", "&"))
    assert (answer.status_code, answer.location) == (303, "/try?m=2&from=%2B27825550202")
    assert "Thandi" in client.get("/").text


@pytest.mark.parametrize(
    "onward",
    [
        "https://evil.example/", "//evil.example", "/\\evil.example", "\\\\evil.example", "/\t/evil.example",
        "/%0d%0aSet-Cookie:x".replace("%0d%0a", "\r\n"), "javascript:alert(1)", "evil", " /x", "///evil.example",
        "/" + "x" * 3000, "/é", "http:/evil",
    ],
)  # fmt: skip
def test_nobody_is_led_to_another_site(shut: Flask, onward: str):
    assert sign_in(browser_of(shut), THANDI, next=onward).location == "/"
    answer = post(browser_of(shut, "thandi"), "/account/theme", theme="dark", next=onward)
    assert answer.location == "/"


def test_the_cookie_is_for_this_site_and_for_no_script(shut: Flask):
    client = browser_of(shut)
    cookies = [client.get("/sign-in").headers["Set-Cookie"], sign_in(client, THANDI).headers["Set-Cookie"]]
    cookies += [post(client, "/account/theme", theme="dark").headers["Set-Cookie"]]
    assert cookies[0].startswith(f"{COOKIE}=ahv_")
    assert cookies[1].startswith(f"{COOKIE}=ahs_")
    for cookie in cookies:
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
        assert "Domain" not in cookie


def test_without_tls_the_cookie_still_works(another: Callable[..., Flask]):
    client = another(demo=False, public_url="http://127.0.0.1:8000").test_client()
    answer = sign_in(client, THANDI)
    assert answer.headers["Set-Cookie"].startswith("afterhours=ahs_")
    assert "Secure" not in answer.headers["Set-Cookie"]
    assert "Strict-Transport-Security" not in answer.headers
    assert client.get("/").status_code == 200


def test_signing_in_makes_a_new_secret_and_ends_the_old(shut: Flask):
    client = browser_of(shut)
    form_token(client)
    before = secret_of(client)
    sign_in(client, THANDI)
    first = secret_of(client)
    sign_in(client, THANDI)
    assert len({before, first, secret_of(client)}) == 3
    for old in (before, first):
        other = browser_of(shut)
        other.set_cookie(COOKIE, old)
        assert other.get("/").status_code == 303


def test_a_planted_secret_does_not_become_a_session(shut: Flask):
    planted = "ahs_" + "x" * 43
    victim, thief = browser_of(shut), browser_of(shut)
    victim.set_cookie(COOKIE, planted)
    assert sign_in(victim, THANDI).status_code == 303
    thief.set_cookie(COOKIE, planted)
    assert thief.get("/").status_code == 303


def test_the_database_does_not_hold_what_opens_it(shut: Flask, clock: Clock):
    client = browser_of(shut)
    sign_in(client, THANDI)
    with shut.extensions["database"].engine.connect() as connection:
        for table in ("sign_in", "credential", "attempts", "audit"):
            rows = str(connection.exec_driver_sql(f"SELECT * FROM {table}").all())  # noqa: S608 - our own tables
            assert secret_of(client) not in rows
            assert PASSWORD not in rows


# Out


def test_unknown_and_wrong_get_the_same_answer(shut: Flask):
    def answer(email: str, password: str) -> tuple[int, str]:
        client = browser_of(shut)
        got = sign_in(client, email, password)
        return got.status_code, re.sub(r'value="[0-9a-f]{64}"', "", got.text.replace(email, "EMAIL"))

    without_password = answer(EMAILS["pieter"], WRONG)
    assert answer(THANDI, WRONG) == answer("nobody@protea-it.example", PASSWORD) == without_password
    assert without_password[0] == 422


def test_unknown_and_wrong_take_the_same_time(shut: Flask):
    def seconds(email: str) -> float:
        client, taken = browser_of(shut), []
        token = form_token(client)
        for _ in range(5):
            began = process_time()  # of the processor: others on this machine do not count
            client.post("/sign-in", data={"form_token": token, "email": email, "password": WRONG})
            taken.append(process_time() - began)
        return median(taken)

    # Without the password of nobody an unknown account is told in a tenth of the time.
    assert 0.4 < seconds("nobody@protea-it.example") / seconds(THANDI) < 2.5


def test_nobodys_password_costs_as_much_as_anybodys():
    assert extract_parameters(passwords.NOBODYS) == extract_parameters(passwords.hashed(PASSWORD))


def test_the_password_may_be_composed_differently(shut: Flask, clock: Clock):
    give_password(shut, "pieter", clock, "ein gr\u00fcner Frosch")
    assert sign_in(browser_of(shut), EMAILS["pieter"], "ein gru\u0308ner Frosch").status_code == 303


def test_a_password_that_is_changed_while_it_is_looked_at_lets_nobody_in(shut: Flask, clock: Clock):
    database = shut.extensions["database"]
    door = Door(database, "10.0.0.1")
    who, stored = door._try(THANDI, PASSWORD, clock())
    give_password(shut, "thandi", clock, "quite another one of mine")
    with pytest.raises(WrongPassword):
        database.write(lambda session: door._let_in(session, who, stored, clock()))
    with pytest.raises(WrongPassword):
        database.write(lambda session: door._replace(session, who, stored, stored, clock(), 1))
    assert sign_in(browser_of(shut), THANDI, "quite another one of mine").status_code == 303


@pytest.mark.parametrize("key", ["thandi", "pieter", None])
def test_a_very_long_password_is_refused_at_once(shut: Flask, key: str | None):
    """To compose a hundred thousand marks would stop the process, and every call on it, for half a minute."""
    client, marks = browser_of(shut), "a" + "\u0301\u0316" * 60_000
    token, began = form_token(client), process_time()
    answer = client.post(
        "/sign-in", content_type="multipart/form-data",
        data={"form_token": token, "email": EMAILS.get(key, "nobody@x.example"), "password": marks},
    )  # fmt: skip
    assert answer.status_code == 422
    assert process_time() - began < 5


def test_who_has_left_does_not_get_in_nor_stay_in(shut: Flask):
    client = browser_of(shut)
    sign_in(client, THANDI)
    with shut.extensions["database"].writing() as session:
        session.scalars(select(Staff).where(Staff.key == "thandi")).one().active = False
    assert client.get("/").status_code == 303
    assert sign_in(browser_of(shut), THANDI).status_code == 422


def test_two_who_share_an_address_do_not_get_in(shut: Flask):
    with shut.extensions["database"].writing() as session:
        session.scalars(select(Staff).where(Staff.key == "pieter")).one().email = THANDI.upper()
    assert sign_in(browser_of(shut), THANDI).status_code == 422


# Guessing


@pytest.mark.parametrize("email", [THANDI, "nobody@protea-it.example"])
def test_after_ten_wrong_tries_the_account_waits(shut: Flask, clock: Clock, email: str):
    assert tries(shut, PER_ACCOUNT + 1, email, "10.0.0.1") == [422] * PER_ACCOUNT + [429]
    late = sign_in(browser_of(shut), email)
    assert late.status_code == 429
    assert int(late.headers["Retry-After"]) == WINDOW.total_seconds()
    assert "Try again in 15 minutes." in late.text
    assert f'value="{email}"' in late.text
    clock.until(clock() + WINDOW)
    assert sign_in(browser_of(shut), email).status_code == (303 if email == THANDI else 422)


def test_the_count_is_shared_between_processes(shut: Flask, another: Callable[..., Flask]):
    assert tries(shut, 6) + tries(another(demo=False), 5) == [422] * PER_ACCOUNT + [429]


def test_no_two_tries_get_the_same_number(shut: Flask, clock: Clock):
    database: Database = shut.extensions["patient_database"]
    with ThreadPoolExecutor(8) as pool:
        counted = pool.map(lambda _: database.write(lambda s: attempts.count(s, "x", clock())[0]), range(40))
        assert sorted(counted) == list(range(1, 41))


def test_the_right_password_begins_the_count_anew(shut: Flask):
    for _ in range(2):
        assert tries(shut, PER_ACCOUNT - 1) == [422] * (PER_ACCOUNT - 1)
        assert sign_in(browser_of(shut), THANDI).status_code == 303


def test_one_address_cannot_try_every_account(shut: Flask, clock: Clock):
    with shut.extensions["database"].writing() as session:
        session.add(Attempts(key=attempts.address("10.0.0.9"), since=clock(), count=PER_ADDRESS - 2))
    told = [tries(shut, 1, f"{n}@protea-it.example", "10.0.0.9")[0] for n in range(4)]
    assert told == [422, 422, 429, 429]
    assert tries(shut, 1, "9@protea-it.example", "10.0.0.8") == [422]


def test_an_ipv6_network_is_one_address():
    one, same, other = "2001:db8:0:1::1", "2001:db8:0:1:ffff::2", "2001:db8:0:2::1"
    assert attempts.address(one) == attempts.address(same) != attempts.address(other)
    assert attempts.address("10.0.0.1") != attempts.address("10.0.0.2")
    assert attempts.address("no address") == "address no address"


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("::ffff:10.0.0.1", "10.0.0.1"), ("10.0.0.1:51234", "10.0.0.1"), ("[2001:db8::1]:51234", "2001:db8::/64"),
        ("[2001:db8::1]", "2001:db8::/64"), ("fe80::1%eth0", "fe80::/64"), ("10.0.0.1:x", "10.0.0.1:x"),
    ],
)  # fmt: skip
def test_an_address_is_one_however_it_is_written(written: str, key: str):
    """A socket of both families writes IPv4 as IPv6; some proxies add the port, a new one for every try."""
    assert attempts.address(written) == f"address {key}"


def test_an_address_that_has_used_up_its_tries_uses_up_nobody_else_s(shut: Flask, clock: Clock):
    with shut.extensions["database"].writing() as session:
        session.add(Attempts(key=attempts.address("10.0.0.9"), since=clock(), count=PER_ADDRESS))
    assert tries(shut, PER_ACCOUNT + 1, THANDI, "10.0.0.9") == [429] * (PER_ACCOUNT + 1)
    assert sign_in(browser_of(shut), THANDI).status_code == 303


def test_many_at_once_on_several_processes_get_ten_tries(shut: Flask, another: Callable[..., Flask]):
    """Two applications share nothing but the database, as two processes do."""
    apps = [shut, another(demo=False)]
    with ThreadPoolExecutor(6) as pool:
        told = [code for codes in pool.map(lambda n: tries(apps[n % 2], 3), range(6)) for code in codes]
    assert (told.count(422), told.count(429)) == (PER_ACCOUNT, 18 - PER_ACCOUNT)


@pytest.mark.parametrize(("proxies", "seen"), [(0, "127.0.0.1"), (1, "10.0.0.3"), (2, "10.0.0.2")])
def test_the_address_is_the_one_that_a_trusted_proxy_names(another: Callable[..., Flask], proxies: int, seen: str):
    app = another(trusted_proxies=proxies)
    client = app.test_client()
    token = form_token(client)
    forged = {"X-Forwarded-For": "10.0.0.1, 10.0.0.2, 10.0.0.3", "X-Forwarded-Host": "evil.example"}
    client.post("/sign-in", data={"form_token": token, "email": THANDI, "password": WRONG}, headers=forged)
    with app.extensions["database"].reading() as session:
        assert session.get(Attempts, f"address {seen}")


def test_tries_that_no_longer_count_are_forgotten(shut: Flask, clock: Clock):
    tries(shut, 1)
    clock.until(clock() + LONGEST + timedelta(seconds=1))
    tries(shut, 1, "nobody@protea-it.example", "10.0.0.1")
    with shut.extensions["database"].reading() as session:
        assert len(session.scalars(select(Attempts)).all()) == 2
