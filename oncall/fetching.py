"""Fetching an address that a person typed: over TLS alone, from where one may go (desk.outward), so much and no more.

Redirects are not followed. Who answers in drops is left waiting.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests

from desk import outward
from desk.outward import Bounds, OutOfBounds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from desk.outward import Network

CONNECT, READ = 5, 10  # seconds
PATIENCE = 30  # seconds for all of it
CHUNK = 65_536


class NotFetched(Exception):
    """It could not be had, or may not be; the text says why, and nothing of the secret in the address."""


@dataclass(frozen=True)
class Fetcher:
    """Fetches texts; `networks` are allowed beside the public internet, `authorities` a file of those trusted."""

    networks: tuple[Network, ...] = ()
    authorities: str | bool = True
    look_up: Callable[[str, int], Iterable[str]] | None = None

    def get(self, url: str, largest: int, patience: float = PATIENCE) -> bytes:
        """Return what is there; raises NotFetched, or ValueError for an address that is never fetched."""
        try:
            return outward.within(patience, lambda: self._get(url, largest))
        except TimeoutError:
            raise NotFetched(f"{urlsplit(url).hostname} takes longer than {patience:g} s") from None

    def _get(self, url: str, largest: int) -> bytes:
        host, port = address_of(url)
        try:
            with Bounds(self.networks, self.authorities, self.look_up).session(host, port) as session:
                return self._read(session, url, largest)
        except OutOfBounds as error:
            raise NotFetched(str(error)) from None
        except requests.RequestException as error:
            raise NotFetched(f"{host} does not answer as it should ({type(error).__name__})") from None

    def _read(self, session: requests.Session, url: str, largest: int) -> bytes:
        headers = {"Accept": "text/calendar", "User-Agent": "Afterhours"}
        options: dict[str, Any] = {"stream": True, "allow_redirects": False}
        with session.get(url, headers=headers, timeout=(CONNECT, READ), **options) as answer:
            if answer.status_code != requests.codes.ok:
                raise NotFetched(f"{urlsplit(url).hostname} answers {answer.status_code}")
            body = b""
            for chunk in answer.iter_content(CHUNK):
                body += chunk
                if len(body) > largest:
                    raise NotFetched(f"it is larger than {largest // 1_000_000} MB")
            return body


def address_of(url: str) -> tuple[str, int]:
    """Return host and port of an address that may be fetched; raises ValueError with a sentence."""
    parts = urlsplit(url)
    try:
        port = parts.port or 443
    except ValueError:
        raise ValueError("this is not an address such as https://calendar.example.com/leave.ics") from None
    if parts.scheme != "https" or not parts.hostname:
        raise ValueError("the address of a calendar begins with https://")
    if parts.username or parts.password:
        raise ValueError("an address with a name and password in it is not kept")
    return parts.hostname, port
