"""The wire to the carrier: patience with an end, no connection used twice, and nothing sent after its time.

A worker may be stopped at any moment and wake when another has taken over. So the clock is looked at again where
the bytes leave, after the connection has been made and for every part of the request: one that breaks off before
its body is none.
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


_limit: ContextVar[Callable[[], None] | None] = ContextVar("limit", default=None)


@contextmanager
def before(limit: datetime, clock: Callable[[], datetime]) -> Iterator[None]:
    """Nothing sent in this block leaves at `limit` or later; raises TooLate instead."""

    def check() -> None:
        if clock() >= limit:
            raise TooLate(f"not sent by {limit:%H:%M:%S}")

    token = _limit.set(check)
    try:
        yield
    finally:
        _limit.reset(token)


class _Plain(HTTPConnection):
    def send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()
        if check := _limit.get():
            check()
        super().send(data)


class _Secure(HTTPSConnection):
    def send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()
        if check := _limit.get():
            check()
        super().send(data)


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _Plain


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _Secure


class Wire(HTTPAdapter):
    """Makes the connections of a session."""

    def init_poolmanager(self, *args: Any, **more: Any) -> None:
        """Make the pools with connections that look at the clock."""
        super().init_poolmanager(*args, **more)
        self.poolmanager.pool_classes_by_scheme = {"http": _PlainPool, "https": _SecurePool}
