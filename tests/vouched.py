"""A company whose provider vouches for its people, on a loopback port, and a browser that goes there and comes back."""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import requests
from pydantic import SecretStr

from conftest import ORIGIN
from simulator.provider import Company, a_key, create_provider
from simulator.rest import serve
from visitors import EMAILS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flask import Flask
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from simulator.clock import Clock

BACK = "/sign-in/provider/back"
KEY, OTHER_KEY = a_key("first"), a_key("second")  # a key takes a while to find


def person(key: str = "thandi", **more: object) -> dict[str, object]:
    """What the provider says of somebody of the cast."""
    return {"email": EMAILS[key], "email_verified": True, **more}


@dataclass
class Sent:
    """A browser that was sent to the provider."""

    client: FlaskClient
    where: str

    @property
    def asked(self) -> dict[str, str]:
        """With what."""
        return {name: values[0] for name, values in parse_qs(urlsplit(self.where).query).items()}

    def answered(self) -> str:
        """The address that the provider sends the browser back to."""
        answer = requests.get(self.where, allow_redirects=False, timeout=10)
        assert answer.status_code == 302, answer.text
        return answer.headers["Location"].removeprefix(ORIGIN)


@dataclass
class Door:
    """The application with a provider; `company` is who runs that."""

    company: Company
    another: Callable[..., Flask]
    app: Flask

    def again(self, **settings: object) -> Flask:
        """The same with other settings."""
        self.app = self.another(**of(self.company), **settings)
        return self.app

    def sent(self, client: FlaskClient | None = None, **args: str) -> Sent:
        client = client or self.app.test_client()
        answer = client.get("/sign-in/provider", query_string=args)
        assert answer.status_code == 303, said(answer)
        return Sent(client, answer.location)

    def comes_back(self, client: FlaskClient | None = None, **args: str) -> TestResponse:
        """All of it: off to the provider and back."""
        sent = self.sent(client, **args)
        return sent.client.get(sent.answered())


def of(company: Company) -> dict[str, object]:
    """The settings of that provider."""
    return {
        "demo": False,
        "oidc_issuer": company.issuer,
        "oidc_name": "Protea accounts",
        "oidc_client_id": company.client_id,
        "oidc_client_secret": SecretStr(company.client_secret),
    }


@contextmanager
def provided(another: Callable[..., Flask], clock: Clock) -> Iterator[Door]:
    """A company whose people may sign in, Thandi first."""
    company = Company(clock, "afterhours", "a secret of both", ORIGIN + BACK, person=person(), key=KEY)
    with serve(create_provider(company)) as company.issuer:
        yield Door(company, another, another(**of(company)))


def said(answer: TestResponse) -> str:
    """What an alert says."""
    found = re.search(r'role="alert"[^>]*>(.*?)</div>', answer.text, re.DOTALL)
    return re.sub(r"<[^>]+>|\s+", " ", found[1]).strip() if found else answer.text
