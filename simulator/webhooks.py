"""How a webhook travels: signed, with patience and retries, once or twice (TWILIO.md §1.2, §2)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from time import perf_counter
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlencode, urlsplit, urlunsplit

from simulator.overrides import Overrides, overrides
from simulator.signature import Params, signature, signed_url
from simulator.web import NotConnected, PartialReply, Reply, Request, Web

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from simulator.clock import Clock
    from simulator.quirks import Quirks


class DifferentAnswers(Exception):
    """The same webhook, delivered twice, got two answers."""


@dataclass(frozen=True)
class Hook:
    """A webhook to be sent."""

    kind: Literal["document", "callback"]
    url: str
    params: Params
    method: str = "POST"


@dataclass
class Exchange:
    """A webhook as it was sent, and what came back in the end."""

    hook: Hook
    at: datetime
    reply: Reply | None = None
    faults: list[str] = field(default_factory=list)  # one for each attempt without a usable answer
    took: float = 0  # seconds on the watch of this machine, for who wants to know; the call's own clock stands still

    @property
    def url(self) -> str:
        return self.hook.url

    @property
    def params(self) -> Params:
        return self.hook.params

    @property
    def status(self) -> int | None:
        return self.reply.status if self.reply else None

    @property
    def body(self) -> str:
        return self.reply.body.decode(errors="replace") if self.reply else ""


class Webhooks:
    """Sends webhooks to the application."""

    def __init__(self, web: Web, token: str, quirks: Quirks, sid: Callable[[str], str]) -> None:
        self.web = web
        self.token = token
        self.quirks = quirks
        self.sid = sid

    def send(self, hook: Hook, clock: Clock) -> list[Exchange]:
        """Deliver a webhook: once, or twice where the quirks say so. The first answer counts."""
        if not self.quirks.twice:
            return [self._exchange(hook, clock)]
        if self.quirks.twice == "after":
            both = [self._exchange(hook, clock), self._exchange(hook, clock, again=True)]
        else:
            with ThreadPoolExecutor(2) as threads:
                again = threads.submit(self._exchange, hook, clock, again=True)
                both = [self._exchange(hook, clock), again.result()]
        self._compare(*both)
        return both

    def _compare(self, first: Exchange, second: Exchange) -> None:
        if first.reply and second.reply and _said(first.reply) != _said(second.reply):
            raise DifferentAnswers(
                f"{first.url} with {first.params}\n"
                f"first:  {first.status} {first.body}\nsecond: {second.status} {second.body}"
            )

    def _exchange(self, hook: Hook, clock: Clock, *, again: bool = False) -> Exchange:
        plain, patience = overrides(hook.url)
        exchange = Exchange(hook, clock())
        token = self.sid("IT")
        left = patience.total
        for attempt in range(1 + patience.retries):
            request = self._request(hook, plain, patience, left, token if again or attempt else None)
            trouble, seconds = self._attempt(request, exchange)
            clock.advance(seconds)
            left -= seconds
            if not patience.retry(trouble) or left <= 0:
                break
        return exchange

    def _attempt(self, request: Request, exchange: Exchange) -> tuple[str, float]:
        """Try once; name the trouble as the retry policies do, and say how long it took."""
        exchange.reply, begun = None, perf_counter()
        try:
            exchange.reply = self.web.send(request)
            exchange.took = perf_counter() - begun
        except (NotConnected, ConnectionRefusedError) as error:
            exchange.faults.append(f"no connection: {error}")
            return "ct", 0
        except PartialReply as error:
            exchange.faults.append(f"the answer broke off: {error}")
            return "none", 0
        except ConnectionError as error:
            exchange.faults.append(f"the connection broke: {error}")
            return self.quirks.broken_connection, 0
        except TimeoutError as error:
            exchange.faults.append(f"no answer in time: {error}")
            return "rt", request.answer_within
        if exchange.reply.status >= 400:
            exchange.faults.append(f"answered {exchange.reply.status}")
        return f"{exchange.reply.status // 100}xx", 0

    def _request(self, hook: Hook, plain: str, patience: Overrides, left: float, idempotency: str | None) -> Request:
        fields = list(hook.params.items())
        url, body, headers = plain, b"", {"User-Agent": "TwilioProxy/1.1", "Accept": "*/*"}
        if hook.method == "GET":
            parts = urlsplit(plain)
            url = urlunsplit(parts._replace(query="&".join(filter(None, (parts.query, urlencode(fields))))))
            fields = []
        else:
            body = urlencode(fields).encode()
            headers["Content-Type"] = "application/x-www-form-urlencoded; charset=UTF-8"
        headers["X-Twilio-Signature"] = signature(self.token, signed_url(url), fields)
        if idempotency:
            headers["I-Twilio-Idempotency-Token"] = idempotency
        return Request(hook.method, url, headers, body, min(patience.connect, left), min(patience.answer, left))


def _said(reply: Reply) -> tuple[int, str, bytes]:
    return reply.status, reply.kind, reply.body
