"""The carrier: Twilio's REST API behind `oncall.paging.Telephone`, with outcomes as values (TWILIO.md §4).

Nothing is repeated here: the outbox decides, for it alone knows how to ask before it sends again.
"""

from __future__ import annotations

import json
import logging
import re
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import requests
from twilio.base import values
from twilio.base.exceptions import TwilioException, TwilioRestException, TwilioServiceException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from desk.answer import Done, Later, Refused, Unknown
from ivr import listed, refusals, wire
from oncall.paging import Sound

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from desk.answer import Answer, Failed
    from desk.settings import Settings
    from ivr.provision import Number
    from oncall.paging import Listed, Seen

    Found = TypeVar("Found")

PATIENCE = 8  # seconds to connect, and again to wait for an answer; Twilio's client would wait for ever
PAGE = 500  # of a list; every further page is one more request that may fail
LONGEST_VALIDITY = 14400  # seconds; a text that waited longer at the carrier would only confuse
EVER = datetime(2000, 1, 1, tzinfo=UTC)
SKEW = timedelta(minutes=5)  # between our clock and the carrier's, when what it has is looked through
NOWHERE = {"TWILIO_EDGE": "", "TWILIO_REGION": ""}  # in the environment they would change the host unasked
NAME = re.compile(r"[A-Z]{2}[0-9a-f]{32}")  # of everything the carrier makes
NOT_FOUND = 404
LARGEST_SOUND = 50_000_000  # bytes; a message of five minutes has three million
DOWNLOAD = timedelta(minutes=2)  # for all of a file, however slowly it drips
NOT_UNDERSTOOD = (ValueError, LookupError, TypeError, AttributeError)  # of an answer that is not Twilio's JSON
log = logging.getLogger(__name__)
logging.getLogger("twilio.http_client").setLevel(logging.WARNING)  # below that it writes numbers down


class Carrier:
    """One Twilio account."""

    def __init__(self, settings: Settings, clock: Callable[[], datetime]) -> None:
        self.settings, self.clock = settings, clock
        self._skew: timedelta | None = None
        self._pause: timedelta | None = None
        self._tokens = settings.tokens

    @cached_property
    def client(self) -> Client:
        """Twilio's client, made when it is first needed: the web never is the one to need it."""
        http = TwilioHttpClient(timeout=PATIENCE, request_hooks=self._hooks)
        for scheme in ("http://", "https://"):
            http.session.mount(scheme, wire.Wire(max_retries=0))
        # A connection that went to sleep is dead when it is needed, and nobody knows then what became of the request.
        http.session.headers["Connection"] = "close"
        account = self.settings.twilio_account_sid
        client = Client(account, self._tokens[0], http_client=http, environment=NOWHERE)
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

    def cancel(self, sid: str) -> Answer:
        """End what is queued or rings, and nothing else."""
        return self._do(lambda: self.client.calls(sid).update(status="canceled"))

    def discard(self, recording_sid: str) -> Answer:
        """Delete a recording; one that is gone already is as good."""
        answer = self._ask(lambda: self.client.recordings(recording_sid).delete())
        gone = isinstance(answer, Refused) and answer.code == refusals.UNKNOWN_THERE
        return answer if isinstance(answer, Refused | Later | Unknown) and not gone else Done(recording_sid)

    # What is only asked

    def texts(self, to: str, sender: str, since: datetime) -> Sequence[Seen] | Failed:
        """Every text to a number, the oldest first; by DateSent one that still waits would not be listed."""
        from_ = sender or values.unset
        return self._ask(lambda: self._since(self.client.messages.stream(to=to, from_=from_, page_size=PAGE), since))

    def calls(self, to: str, from_: str, since: datetime) -> Sequence[Seen] | Failed:
        """Every call to a number, the oldest first; by StartTime one that still waits would not be listed."""
        return self._ask(lambda: self._since(self._placed(to, from_), since))

    def call(self, sid: str) -> Seen | Failed:
        """What became of a call."""
        return self._ask(lambda: listed.seen(self.client.calls(sid).fetch()))

    def legs(self, sid: str) -> Sequence[Seen] | Failed:
        """The legs dialled for a call, the oldest first."""
        return self._ask(lambda: listed.since(self.client.calls.stream(parent_call_sid=sid, page_size=PAGE), EVER))

    def begun(self, day: date) -> Sequence[Listed] | Failed:
        """Every call and leg that began on that day in UTC, page by page."""
        start = datetime.combine(day, time(), UTC)
        span = {"start_time_after": start, "start_time_before": start + timedelta(days=1)}
        return self._ask(lambda: listed.begun(self.client.calls.stream(**span, page_size=PAGE), day))

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

        return self._ask(lambda: self._fetched(f"{self._address(recording_sid)}.mp3"))

    def _fetched(self, url: str) -> bytes:
        session, deadline = self.client.http_client.session, self.clock() + DOWNLOAD
        with session.get(url, auth=self.client.auth, timeout=PATIENCE, stream=True, hooks=self._hooks) as answer:
            if answer.status_code != requests.codes.ok:
                raise TwilioException("no file", answer)
            # Whatever else answers here (a page of a proxy), it is not kept in place of a caller's words.
            if not answer.headers.get("Content-Type", "").startswith("audio/"):
                raise ValueError("that is no sound")
            whole = bytearray()
            for part in answer.iter_content(65536):
                whole += part
                if len(whole) > LARGEST_SOUND or self.clock() > deadline:
                    raise ValueError("that is no message: too long, or too slow to come")
        if not whole:
            raise ValueError("that is an empty file")
        return bytes(whole)

    # The account and its numbers

    def account(self) -> str | Failed:
        """The state of our account."""
        return self._ask(lambda: str(self.client.api.accounts(self.settings.twilio_account_sid).fetch().status))

    def number(self, e164: str) -> Number | Failed | None:
        """One of our numbers as it is set up; None if it is not ours."""
        ours = self.client.incoming_phone_numbers
        return self._ask(
            lambda: next((listed.number(one) for one in ours.list(phone_number=e164, limit=PAGE)), None),
        )

    def set_up(self, number: Number, urls: dict[str, str]) -> Answer:
        """Set a number's webhooks; `urls` by Twilio's own names."""
        return self._do(lambda: self.client.incoming_phone_numbers(number.sid).update(**urls))

    def skew(self) -> timedelta | None:
        """How far the carrier's clock was ahead of ours at its last answer."""
        return self._skew

    @property
    def _hooks(self) -> dict[str, Callable[..., None]]:
        return {"response": self._hear}

    def _hear(self, answer: requests.Response, *_: object, **__: object) -> None:
        if date := listed.instant(answer.headers.get("Date")):
            self._skew = date - self.clock()
        self._pause = listed.pause(answer.headers.get("Retry-After"), date or self.clock())

    def _placed(self, to: str, from_: str) -> Iterator[Any]:
        found = self.client.calls.stream(to=to, from_=from_, page_size=PAGE)
        return (call for call in found if not call.parent_call_sid)

    def _address(self, recording_sid: str) -> str:
        account = self.settings.twilio_account_sid
        return f"{self.settings.twilio_api}/2010-04-01/Accounts/{account}/Recordings/{recording_sid}"

    def _since(self, found: Iterable[Any], start: datetime) -> list[Seen]:
        # By the carrier's clock, which is known by now: the first page has been fetched.
        return listed.since(found, start + (self._skew or timedelta(0)) - SKEW)

    def _do(self, request: Callable[[], Any], before: datetime | None = None) -> Answer:
        return self._ask(lambda: Done(_name(request())), before)

    def _ask(self, request: Callable[[], Found], before: datetime | None = None) -> Found | Failed:
        answer = self._asked(request, before)
        # Whom the carrier does not know it has done nothing for: the same once more, by the token to come.
        if isinstance(answer, Later) and answer.code == refusals.NOT_KNOWN and len(self._tokens) > 1:
            self._tokens = (*self._tokens[1:], self._tokens[0])
            self.__dict__.pop("client", None)
            return self._asked(request, before)
        return answer

    def _asked(self, request: Callable[[], Found], before: datetime | None) -> Found | Failed:
        self._pause = None
        with wire.watched(before, self.clock) as departure:
            try:
                return request()
            except wire.TooLate as error:
                return Later(str(error))
            except (TwilioRestException, TwilioServiceException) as error:
                return refusals.judged(error.status, error.code, self._pause)
            except TwilioException as error:  # of a list: the answer comes along, the code only in its text
                return self._judged(error)
            except requests.RequestException as error:
                return _judged_failure(error, departure)
            except NOT_UNDERSTOOD as error:
                log.warning("an answer of the carrier was not understood", exc_info=True)
                return Unknown(f"the carrier's answer was not understood ({type(error).__name__})")

    def _judged(self, error: TwilioException) -> Failed:
        answer = error.args[1] if len(error.args) > 1 else None
        if answer is None:
            return Unknown(f"the carrier's answer was not understood: {error}")
        return refusals.judged(answer.status_code, _code(answer), self._pause)


def _name(made: Any) -> str:
    if not NAME.fullmatch(str(made.sid)):
        raise ValueError("what was made has no name")
    return str(made.sid)


def _code(answer: Any) -> int | None:
    try:
        return int(json.loads(answer.text)["code"])
    except NOT_UNDERSTOOD:
        # The address of a file answers in whatever form it likes, and says no more than this.
        return refusals.UNKNOWN_THERE if answer.status_code == NOT_FOUND else None


def _judged_failure(error: requests.RequestException, departure: wire.Departure) -> Failed:
    if departure.begun:
        return Unknown(f"the carrier did not answer ({type(error).__name__})")
    return Later(f"the carrier cannot be reached ({type(error).__name__})")
