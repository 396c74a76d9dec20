"""The canary's call: what the carrier does when it rings somebody and they press 1, played against our own web process.

Over HTTP and signed like every webhook, to the address where a worker reaches the web (CANARY_URL), with the names and
the signature of PUBLIC_URL. Nothing of it goes to the carrier. Said twice it is done once, as everything that the
carrier says, so it may be played again whatever became of it.
"""

from __future__ import annotations

import logging
from concurrent.futures import Future
from datetime import timedelta
from functools import partial
from threading import Thread
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import requests
from twilio.request_validator import RequestValidator

from desk.answer import Done, Later
from ivr import wire
from oncall.paging import Outcome, Page
from tickets import canary

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from desk.answer import Answer, Failed
    from desk.db import Database
    from desk.outbox import Outgoing
    from desk.settings import Settings

log = logging.getLogger(__name__)
CONNECT, READ = 3, 5  # seconds
PATIENCE = 10.0  # seconds for all of it: the worker's other rows wait so long
AGAIN = timedelta(seconds=30)
LARGEST = 65_536  # bytes of an answer
TAKEN = (200, 204)
API_VERSION = "2010-04-01"


class NoAnswer(Exception):
    """The web process does not answer as it would have to; the text says how, in words for a manager."""


class CanaryRings:
    """Plays the ring of a canary; `base` is where the web process is reached."""

    def __init__(self, settings: Settings, base: str, database: Database, clock: Callable[[], datetime]) -> None:
        self.origin, self.account, self.base = settings.public_url, settings.twilio_account_sid, base
        self.validator = RequestValidator(settings.twilio_auth_token.get_secret_value())
        self.database, self.clock = database, clock

    def find(self, item: Outgoing) -> tuple[str, ...] | Failed:
        """Nothing: to play it twice does no harm."""
        return ()

    def send(self, item: Outgoing, before: datetime) -> Answer:
        """Ring, hear what is asked, press 1, hang up."""
        sid = f"{canary.SID}{item.payload['page']}"
        try:
            self._in_time(lambda: self._play(item, sid, before))
        except NoAnswer as error:
            why = str(error)
            log.warning("the canary was not answered: %s", why)
            self.database.note(lambda session: canary.heard(session, item.payload["ticket"], why))
            return Later(why, pause=AGAIN)
        return Done(sid)

    def settled(self, session: Session, item: Outgoing, answer: Answer, now: datetime) -> None:
        """Whatever came of it, there is no telephone that goes on ringing."""
        page = session.get(Page, item.payload["page"])
        if page and page.accepted_at is None:
            page.close(Outcome.FAILED, now)

    def _in_time(self, work: Callable[[], None]) -> None:
        # No timeout of a socket bounds the whole, nor the look-up of a name; a thread can be left behind.
        done: Future[None] = Future()

        def run() -> None:
            try:
                work()
                done.set_result(None)
            except BaseException as error:
                done.set_exception(error)

        Thread(target=run, daemon=True).start()
        try:
            done.result(PATIENCE)
        except TimeoutError:
            raise NoAnswer(f"{self._host} takes longer than {PATIENCE:g} s") from None

    def _play(self, item: Outgoing, sid: str, before: datetime) -> None:
        asked = item.payload
        form = {"CallSid": sid, "AccountSid": self.account, "ApiVersion": API_VERSION, "Direction": "outbound-api"}
        form |= {"From": asked["line"], "To": asked["to"], "CallStatus": "in-progress"}
        with wire.watched(before, self.clock), requests.Session() as web:
            web.trust_env = False  # a proxy of the way out is not on the way to ourselves
            for scheme in ("http://", "https://"):
                web.mount(scheme, wire.Wire(max_retries=0))
            keys = _keys(self._post(web, "the page", asked["url"], form))
            if not keys.startswith(f"{self.origin}/"):
                raise NoAnswer(f"it wants the key at {urlsplit(keys).hostname}, which is not PUBLIC_URL")
            self._post(web, "the key", keys.removeprefix(self.origin), form | {"Digits": "1"})
            self._post(web, "the end", asked["report"], form | {"CallStatus": "completed", "SequenceNumber": "1"})

    def _post(self, web: requests.Session, what: str, path: str, form: dict[str, str]) -> bytes:
        path = path.partition("#")[0]  # what follows is for the carrier alone, and not signed
        headers = {"X-Twilio-Signature": self.validator.compute_signature(self.origin + path, form)}
        ask = partial(web.post, self.base + path, form, headers=headers, timeout=(CONNECT, READ), stream=True)
        try:
            with ask(allow_redirects=False) as answer:
                if answer.status_code not in TAKEN:
                    raise NoAnswer(f"{self._host} answers {answer.status_code} to {what}")
                return _body(answer)
        except (requests.RequestException, wire.TooLate) as error:
            raise NoAnswer(f"{self._host} does not answer {what} ({type(error).__name__})") from None

    @property
    def _host(self) -> str:
        return urlsplit(self.base).netloc


def _body(answer: requests.Response) -> bytes:
    body = b""
    for chunk in answer.iter_content(LARGEST):
        body += chunk
        if len(body) > LARGEST:
            raise NoAnswer("the answer to the page is no TwiML")
    return body


def _keys(document: bytes) -> str:
    """Where the document wants the key of whoever is paged."""
    try:
        gather = ET.fromstring(document).find("Gather")  # noqa: S314 - our own web process wrote it
    except ET.ParseError:
        raise NoAnswer("the answer to the page is no TwiML") from None
    if gather is None or not gather.get("action"):
        raise NoAnswer("the answer to the page asks for no key")
    return gather.get("action", "")
