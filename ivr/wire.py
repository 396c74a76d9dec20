"""The wire to the carrier: patience with an end, no connection used twice, and nothing sent after its time.

A worker may be stopped at any moment and wake when another has taken over. So the clock is looked at again where
the bytes leave, after the connection has been made and for every part of the request: one that breaks off before
its body is none. That nothing has left is also known here for certain, whatever failed and whatever it is called.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime


class TooLate(Exception):
    """The time in which it might be sent is over, and it was not sent."""


class Departure:
    """A request on its way out; `begun` once any byte of it may have left."""

    def __init__(self, limit: datetime | None, clock: Callable[[], datetime]) -> None:
        self.limit, self.clock = limit, clock
        self.begun = False

    def part(self) -> None:
        """Part of it leaves now; raises TooLate where it must not."""
        if self.limit and self.clock() >= self.limit:
            raise TooLate(f"not sent by {self.limit:%H:%M:%S}")
        self.begun = True


_departure: ContextVar[Departure | None] = ContextVar("departure", default=None)


@contextmanager
def watched(limit: datetime | None, clock: Callable[[], datetime]) -> Iterator[Departure]:
    """Whatever is sent in this block; where there is a limit, nothing leaves then or later, but raises TooLate."""
    departure = Departure(limit, clock)
    token = _departure.set(departure)
    try:
        yield departure
    finally:
        _departure.reset(token)


class _Plain(HTTPConnection):
    def send(self, data: Any) -> None:
        _depart(self)
        super().send(data)


class _Secure(HTTPSConnection):
    def send(self, data: Any) -> None:
        _depart(self)
        super().send(data)


def _depart(connection: HTTPConnection) -> None:
    if connection.sock is None:
        connection.connect()
    if departure := _departure.get():
        departure.part()


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _Plain


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _Secure


POOLS = {"http": _PlainPool, "https": _SecurePool}


class Wire(HTTPAdapter):
    """Makes the connections of a session, the ones through a proxy of the environment included."""

    def init_poolmanager(self, *args: Any, **more: Any) -> None:
        """Make the pools with connections that look at the clock."""
        super().init_poolmanager(*args, **more)
        self.poolmanager.pool_classes_by_scheme = POOLS

    def proxy_manager_for(self, *args: Any, **more: Any) -> Any:
        """The same for what goes through a proxy."""
        manager = super().proxy_manager_for(*args, **more)
        manager.pool_classes_by_scheme = POOLS
        return manager
