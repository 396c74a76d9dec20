"""Signing in with the company's own account in a real browser: off to the provider and back, under our policy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr
from test_looks import look

from browsers import chromium, needs_chromium, site
from desk.door.provider import BACK
from simulator.provider import Company, create_provider
from simulator.rest import serve
from vouched import KEY, person

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from browsers import Site
    from databases import SqliteFiles
    from simulator.clock import Clock

pytestmark = needs_chromium


@pytest.fixture
def company(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Company]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    made = Company(clock, "afterhours", "a secret of both", "", person=person("naledi"), key=KEY)
    with serve(create_provider(made)) as made.issuer:
        yield made


@pytest.fixture
def seen(company: Company, sqlite_files: SqliteFiles, tmp_path: Path, clock: Clock) -> Iterator[Site]:
    """The site of a company that has switched passwords off."""
    secret = SecretStr(company.client_secret)
    known = {"oidc_issuer": company.issuer, "oidc_client_id": company.client_id, "oidc_client_secret": secret}
    named = {"oidc_name": "Protea accounts", "password_sign_in": False}
    with sqlite_files.copy(tmp_path) as url, chromium() as browser, site(browser, url, clock, **known, **named) as made:
        company.back = made.url + BACK
        yield made
        assert made.complaints == []


def test_a_manager_comes_in_and_adds_a_colleague_without_a_script(seen: Site):
    with seen.seen_by(None, java_script_enabled=False) as page:
        page.goto("/people")
        page.get_by_role("link", name="Sign in with Protea accounts").click()
        page.get_by_role("link", name="Add somebody").click()
        page.get_by_label("Name", exact=True).fill("Zanele Khumalo")
        page.get_by_label("Telephone").fill("082 555 0101")
        page.get_by_role("button", name="Add").click()
        assert page.get_by_role("alert").inner_text() == "Thandi Nkosi has this number already."
        page.get_by_label("Telephone").fill("082 555 0109")
        page.get_by_role("button", name="Add").click()
        assert "Added." in page.get_by_role("status").inner_text()
        page.get_by_role("button", name="Text a code").click()
        assert "A code is on its way." in page.get_by_role("status").inner_text()
        page.get_by_role("button", name="Zanele Khumalo has left").click()
        assert "They have left" in page.get_by_role("status").inner_text()
        page.get_by_role("button", name="Zanele Khumalo works here again").click()
        assert "They work here again." in page.get_by_role("status").inner_text()


def test_the_page_before_the_door_can_be_read_by_everybody_everywhere(seen: Site, company: Company):
    with seen.seen_by(None) as page:
        page.goto("/sign-in")
        look(page)
        company.person = person(email="stranger@protea-it.example")
        page.get_by_role("link", name="Sign in with Protea accounts").click()
        assert "Nobody here has the mail address stranger@protea-it.example." in page.get_by_role("alert").inner_text()
        look(page)
