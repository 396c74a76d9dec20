"""The way out to strangers' servers: to the public internet alone, and to the networks that a setting names.

The name is looked up once, every address it has must be allowed, and the connection goes to the one that was looked
at: a name that means something else the next moment leads nowhere. No proxy of the environment is asked, for it
would look the name up again.
"""

from __future__ import annotations

import socket
from concurrent.futures import Future
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from threading import Thread
from typing import TYPE_CHECKING, Any, TypeVar

import requests
from requests.adapters import HTTPAdapter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Network = IPv4Network | IPv6Network
Result = TypeVar("Result")
UNICAST, TUNNELLED = ip_network("2000::/3"), ip_network("2002::/16")  # 6to4 would carry any IPv4 address
TRANSLATED = ip_network("64:ff9b::/96")  # NAT64 (RFC 6052): the last 32 bits are an IPv4 address


class OutOfBounds(Exception):
    """Nobody may go there, or nobody knows where it is; the text says why, in half a sentence."""


@dataclass(frozen=True)
class Bounds:
    """Where one may go: `networks` beside the public internet, by certificates that `authorities` have signed."""

    networks: tuple[Network, ...] = ()
    authorities: str | bool = True
    look_up: Callable[[str, int], Iterable[str]] | None = None

    def address(self, host: str, port: int) -> str:
        """The address to connect to; raises OutOfBounds."""
        try:
            found = [ip_address(each) for each in (self.look_up or _look_up)(host, port)]
        except (OSError, UnicodeError):
            raise OutOfBounds(f"{host} is not known") from None
        if not all(allowed(each, self.networks) for each in found):
            raise OutOfBounds(f"{host} is not on the public internet")
        if not found:
            raise OutOfBounds(f"{host} is not known")
        return str(found[0])

    def session(self, host: str, port: int) -> requests.Session:
        """What asks that host and no other; raises OutOfBounds."""
        made = requests.Session()
        made.trust_env, made.verify = False, self.authorities
        pinned = _Pinned(host, self.address(host, port))
        for scheme in ("https://", "http://"):
            made.mount(scheme, pinned)
        return made


def allowed(address: IPv4Address | IPv6Address, networks: Iterable[Network]) -> bool:
    """Whether one may go to that address."""
    return is_public(address) or any(address in network for network in networks)


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether it leads out into the public internet, also where it stands for an IPv4 address within."""
    if address in TRANSLATED:
        address = IPv4Address(int(address) & 0xFFFFFFFF)
    if isinstance(address, IPv6Address) and (address not in UNICAST or address in TUNNELLED):
        return False
    return address.is_global and not address.is_multicast


def networks(text: str) -> tuple[Network, ...]:
    """Read "10.1.0.0/16, fd00::/8"; raises ValueError."""
    return tuple(ip_network(each.strip()) for each in text.split(",") if each.strip())


def within(patience: float, work: Callable[[], Result]) -> Result:
    """What comes of that work; raises TimeoutError when it takes longer than so many seconds, and leaves it behind.

    No timeout of a socket bounds the whole of an answer that comes in drops, nor the look-up of a name.
    """
    answer: Future[Result] = Future()

    def run() -> None:
        try:
            answer.set_result(work())
        except BaseException as error:
            answer.set_exception(error)

    Thread(target=run, daemon=True).start()
    return answer.result(patience)


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
        if host["scheme"] == "https":
            pool = {**pool, "assert_hostname": self._host, "server_hostname": self._host}
        return host | {"host": self._address}, pool

    def add_headers(self, request: Any, **_: Any) -> None:
        request.headers["Host"] = request.url.split("/")[2]
