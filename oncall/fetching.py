"""Fetching an address that a person typed: over TLS alone, from the public internet, so much and no more.

The name is looked up once, every address it has must be allowed, and the connection goes to the one that was looked
at: a name that means something else the next moment leads nowhere. Redirects are not followed. Who answers in drops
is left waiting.
"""

from __future__ import annotations

import socket
from concurrent.futures import Future
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from threading import Thread
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Network = IPv4Network | IPv6Network
UNICAST, TUNNELLED = ip_network("2000::/3"), ip_network("2002::/16")  # 6to4 would carry any IPv4 address
TRANSLATED = ip_network("64:ff9b::/96")  # NAT64 (RFC 6052): the last 32 bits are an IPv4 address
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
        answer: Future[bytes] = Future()

        def work() -> None:
            try:
                answer.set_result(self._get(url, largest))
            except BaseException as error:
                answer.set_exception(error)

        # No timeout of a socket bounds the whole, nor the look-up of a name; a thread can be left behind.
        Thread(target=work, daemon=True).start()
        try:
            return answer.result(patience)
        except TimeoutError:
            raise NotFetched(f"{urlsplit(url).hostname} takes longer than {patience:g} s") from None

    def _get(self, url: str, largest: int) -> bytes:
        host, port = address_of(url)
        found = self._checked(host, port)
        with requests.Session() as session:
            session.trust_env = False  # a proxy would look the name up again
            session.mount("https://", _Pinned(host, found))
            try:
                return self._read(session, url, largest)
            except requests.RequestException as error:
                raise NotFetched(f"{host} does not answer as it should ({type(error).__name__})") from None

    def _read(self, session: requests.Session, url: str, largest: int) -> bytes:
        headers = {"Accept": "text/calendar", "User-Agent": "Afterhours"}
        options: dict[str, Any] = {"stream": True, "allow_redirects": False, "verify": self.authorities}
        with session.get(url, headers=headers, timeout=(CONNECT, READ), **options) as answer:
            if answer.status_code != requests.codes.ok:
                raise NotFetched(f"{urlsplit(url).hostname} answers {answer.status_code}")
            body = b""
            for chunk in answer.iter_content(CHUNK):
                body += chunk
                if len(body) > largest:
                    raise NotFetched(f"it is larger than {largest // 1_000_000} MB")
            return body

    def _checked(self, host: str, port: int) -> str:
        try:
            found = [ip_address(each) for each in (self.look_up or _look_up)(host, port)]
        except OSError:
            raise NotFetched(f"{host} is not known") from None
        for each in found:
            if not _is_public(each) and not any(each in network for network in self.networks):
                raise NotFetched(f"{host} is not on the public internet")
        if not found:
            raise NotFetched(f"{host} is not known")
        return str(found[0])


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


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether it leads out into the public internet, also where it stands for an IPv4 address within."""
    if address in TRANSLATED:
        address = IPv4Address(int(address) & 0xFFFFFFFF)
    if isinstance(address, IPv6Address) and (address not in UNICAST or address in TUNNELLED):
        return False
    return address.is_global and not address.is_multicast


def networks(text: str) -> tuple[Network, ...]:
    """Read "10.1.0.0/16, fd00::/8"; raises ValueError."""
    return tuple(ip_network(each.strip()) for each in text.split(",") if each.strip())


def _look_up(host: str, port: int) -> Iterable[str]:
    return {str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}


class _Pinned(HTTPAdapter):
    """Connects to one address, and holds the other side's certificate to the name."""

    def __init__(self, host: str, address: str) -> None:
        self._host, self._address = host, address
        super().__init__(max_retries=0)

    def build_connection_pool_key_attributes(self, request: Any, verify: Any, cert: Any = None) -> Any:
        host: Any
        pool: Any
        host, pool = super().build_connection_pool_key_attributes(request, verify, cert)
        pool = {**pool, "assert_hostname": self._host, "server_hostname": self._host}
        return host | {"host": self._address}, pool

    def add_headers(self, request: Any, **_: Any) -> None:
        request.headers["Host"] = request.url.split("/")[2]
