"""The carrier: Twilio's REST API behind `oncall.paging.Telephone`, with outcomes as values (TWILIO.md §4).

Nothing is repeated here: the outbox decides, for it alone knows how to ask before it sends again.
"""

from __future__ import annotations

import json
import logging
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import requests
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client
from urllib3.exceptions import NewConnectionError

from desk.answer import Done, Later, Refused, Unknown
from ivr import refusals, wire
from ivr.provision import Number
from oncall.paging import Seen, Sound

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from desk.answer import Answer, Failed
    from desk.settings import Settings

    Kept = TypeVar("Kept")
    Found = TypeVar("Found")

PATIENCE = 8  # seconds to connect, and again to wait for an answer; Twilio's client would wait for ever
PAGE = 500  # of a list; every further page is one more request that may fail
LONGEST_VALIDITY = 14400  # seconds; a text that waited longer at the carrier would only confuse
EVER = datetime(2000, 1, 1, tzinfo=UTC)
SKEW = timedelta(minutes=5)  # between our clock and the carrier's, when what it has is looked through
NOWHERE = {"TWILIO_EDGE": "", "TWILIO_REGION": ""}  # in the environment they would change the host unasked
logging.getLogger("twilio.http_client").setLevel(logging.WARNING)  # below that it writes numbers down


class Carrier:
    """One Twilio account."""

    def __init__(self, settings: Settings, clock: Callable[[], datetime]) -> None:
        self.settings, self.clock = settings, clock
        self._skew: timedelta | None = None

    @cached_property
    def client(self) -> Client:
        """Twilio's client, made when it is first needed: the web never is the one to need it."""
        http = TwilioHttpClient(timeout=PATIENCE, request_hooks={"response": self._hear})
        for scheme in ("http://", "https://"):
            http.session.mount(scheme, wire.Wire(max_retries=0))
        # A connection that went to sleep is dead when it is needed, and nobody knows then what became of the request.
        http.session.headers["Connection"] = "close"
        token = self.settings.twilio_auth_token.get_secret_value()
        client = Client(self.settings.twilio_account_sid, token, http_client=http, environment=NOWHERE)
        client.api.base_url = self.settings.twilio_api
        return client

    # What must not happen twice

    def text(self, to: str, sender: str, body: str, *, report_to: str, lasts: timedelta, before: datetime) -> Answer:
        """Send an SMS."""
        validity = max(1, min(int(lasts.total_seconds()), LONGEST_VALIDITY))
        return self._do(
            lambda: self.client.messages.create(
                to=to, from_=sender, body=body, status_callback=report_to, validity_period=validity
            ),
            before,
        )

    def ring(
        self, to: str, from_: str, url: str, *, fallback: str, seconds: int, report_to: str, before: datetime
    ) -> Answer:
        """Ring a telephone and play it what `url` answers, or `fallback` where that cannot be had."""
        return self._do(
            lambda: self.client.calls.create(
                to=to,
                from_=from_,
                url=url,
                fallback_url=fallback,
                timeout=seconds,
                status_callback=report_to,
                status_callback_event=["initiated", "ringing", "answered", "completed"],
            ),
            before,
        )

    # What may

    def steer(self, sid: str, url: str) -> Answer:
        """Send a live call to another document."""
        return self._do(lambda: self.client.calls(sid).update(url=url, method="POST"))

    def end(self, sid: str) -> Answer:
        """Hang up."""
        return self._do(lambda: self.client.calls(sid).update(status="completed"))

    def discard(self, recording_sid: str) -> Answer:
        """Delete a recording; one that is gone already is as good."""
        answer = self._do(lambda: self.client.recordings(recording_sid).delete())
        gone = isinstance(answer, Refused) and answer.code == 20404
        return Done(recording_sid) if gone or isinstance(answer, Done) else answer

    # What is only asked

    def texts(self, to: str, sender: str, since: datetime) -> Sequence[Seen] | Failed:
        """Every text to a number, the oldest first; by DateSent one that still waits would not be listed."""
        return self._ask(lambda: _since(self.client.messages.stream(to=to, from_=sender, page_size=PAGE), since))

    def calls(self, to: str, from_: str, since: datetime) -> Sequence[Seen] | Failed:
        """Every call to a number, the oldest first; by StartTime one that still waits would not be listed."""
        return self._ask(lambda: _since(self._placed(to, from_), since))

    def call(self, sid: str) -> Seen | Failed:
        """What became of a call."""
        return self._ask(lambda: _seen(self.client.calls(sid).fetch()))

    def legs(self, sid: str) -> Sequence[Seen] | Failed:
        """The legs dialled for a call, the oldest first."""
        return self._ask(lambda: _since(self.client.calls.stream(parent_call_sid=sid, page_size=PAGE), EVER))

    def recordings(self, call_sid: str) -> Sequence[Sound] | Failed:
        """What was recorded in a call."""
        return self._ask(
            lambda: [
                Sound(one.sid, one.status, int(one.duration or 0), one.media_url or self._address(one.sid))
                for one in self.client.recordings.list(call_sid=call_sid, page_size=PAGE, limit=PAGE)
            ]
        )

    def sound(self, recording_sid: str) -> bytes | Failed:
        """The file of a recording, as MP3."""

        def fetch() -> bytes:
            with requests.Session() as session:
                answer = session.get(f"{self._address(recording_sid)}.mp3", auth=self.client.auth, timeout=PATIENCE)
            if answer.status_code != requests.codes.ok:
                raise TwilioException("no file", answer)
            return answer.content

        return self._ask(fetch)

    # The account and its numbers

    def account(self) -> str | Failed:
        """The state of our account."""
        return self._ask(lambda: str(self.client.api.accounts(self.settings.twilio_account_sid).fetch().status))

    def number(self, e164: str) -> Number | Failed | None:
        """One of our numbers as it is set up; None if it is not ours."""
        return self._ask(
            lambda: next(
                (_number(one) for one in self.client.incoming_phone_numbers.list(phone_number=e164, limit=PAGE)), None
            )
        )

    def set_up(self, number: Number, urls: dict[str, str]) -> Answer:
        """Set a number's webhooks; `urls` by Twilio's own names."""
        return self._do(lambda: self.client.incoming_phone_numbers(number.sid).update(**urls))

    def skew(self) -> timedelta | None:
        """How far the carrier's clock was ahead of ours at its last answer."""
        return self._skew

    def _hear(self, answer: requests.Response, *_: object, **__: object) -> None:
        if date := answer.headers.get("Date"):
            self._skew = parsedate_to_datetime(date).astimezone(UTC) - self.clock()

    def _placed(self, to: str, from_: str) -> Iterator[Any]:
        listed = self.client.calls.stream(to=to, from_=from_, page_size=PAGE)
        return (call for call in listed if not call.parent_call_sid)

    def _address(self, recording_sid: str) -> str:
        account = self.settings.twilio_account_sid
        return f"{self.settings.twilio_api}/2010-04-01/Accounts/{account}/Recordings/{recording_sid}"

    def _do(self, request: Callable[[], Any], before: datetime | None = None) -> Answer:
        return self._ask(lambda: Done(str(getattr(request(), "sid", ""))), before)

    def _ask(self, request: Callable[[], Found], before: datetime | None = None) -> Found | Failed:
        try:
            with wire.before(before, self.clock) if before else nullcontext():
                return request()
        except wire.TooLate as error:
            return Later(str(error))
        except TwilioRestException as error:
            return refusals.judged(error.status, error.code)
        except TwilioException as error:  # of a list: the answer comes along, the code only in its text
            return _judged_answer(error)
        except requests.RequestException as error:
            return _judged_failure(error)


def _judged_answer(error: TwilioException) -> Failed:
    answer = error.args[1] if len(error.args) > 1 else None
    if answer is None:
        return Unknown(f"the carrier's answer was not understood: {error}")
    try:
        code = int(json.loads(answer.text)["code"])
    except (ValueError, KeyError, TypeError):
        code = None
    return refusals.judged(answer.status_code, code)


def _judged_failure(error: requests.RequestException) -> Failed:
    cause = error.args[0] if error.args else None
    never_connected = isinstance(error, requests.ConnectTimeout | requests.exceptions.SSLError) or isinstance(
        getattr(cause, "reason", None), NewConnectionError
    )
    if never_connected:
        return Later(f"the carrier cannot be reached ({type(error).__name__})")
    return Unknown(f"the carrier did not answer ({type(error).__name__})")


def _since(listed: Iterable[Any], since: datetime) -> list[Seen]:
    # Newest first, as Twilio lists: what is older ends the search, not the list.
    found: list[Seen] = []
    for one in listed:
        if one.date_created and one.date_created < since - SKEW:
            break
        found.append(_seen(one))
    return found[::-1]


def _seen(one: Any) -> Seen:
    ended, seconds = getattr(one, "end_time", None), int(getattr(one, "duration", None) or 0)
    return Seen(one.sid, one.to, one.status, one.date_created, ended, seconds, getattr(one, "body", "") or "")


def _number(one: Any) -> Number:
    return Number(
        sid=one.sid,
        e164=one.phone_number,
        voice=bool(one.capabilities.get("voice")),
        sms=bool(one.capabilities.get("sms")),
        urls={
            name: getattr(one, name) or "" for name in ("voice_url", "voice_fallback_url", "status_callback", "sms_url")
        },
    )
