"""One Twilio account: what it holds, how it is set up, and what the network does to it."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import RLock
from typing import TypeVar

from simulator.rest_records import (
    CALL_STATUSES,
    MESSAGE_DONE,
    MESSAGE_STATUSES,
    MESSAGE_UNDER_WAY,
    Call,
    Form,
    Message,
    Number,
    Record,
    Recording,
    one,
)
from simulator.rest_refusals import TEST_NUMBER, Refused

R = TypeVar("R", bound=Record)
STOP = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT"})
START = frozenset({"START", "YES", "UNSTOP"})


def nothing(*_: object) -> None:
    return None


@dataclass
class Request:
    """A request as it came in, for the contract tests; values are lists, since names may repeat."""

    method: str
    path: str
    query: Form
    form: Form
    at: datetime
    status: int | None = None  # None: no answer was given
    fault: str | None = None


@dataclass
class Account:
    """The account's state. Every time comes from `clock`, every id from `seed`.

    Hooks, called after the state is written and before the answer, outside the lock, not for the test
    number: `on_call(call)` queued by REST, `on_steer(call, form)` redirected, `on_hang_up(call)` ended by
    REST (the state is already final), `on_message(message)` queued by REST.
    """

    sid: str
    token: str
    clock: Callable[[], datetime]
    seed: str = "0"
    keys: dict[str, str] = field(default_factory=dict)  # API keys: SK… and secret
    kind: str = "Full"
    calls: dict[str, Call] = field(default_factory=dict)
    messages: dict[str, Message] = field(default_factory=dict)
    recordings: dict[str, Recording] = field(default_factory=dict)
    numbers: dict[str, Number] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    alerts: list[tuple[int, str]] = field(default_factory=list)  # what only the console's debugger would show
    verified: set[str] = field(default_factory=set)  # outgoing caller IDs that are not our numbers
    senders: set[str] = field(default_factory=set)  # alphanumeric sender ids
    stopped: set[tuple[str, str | None]] = field(default_factory=set)  # (person, our number)
    uncallable: dict[str, int] = field(default_factory=dict)  # number: code
    untextable: dict[str, int] = field(default_factory=dict)
    may_call: tuple[str, ...] = ("+",)  # geographic permissions, as prefixes
    may_text: tuple[str, ...] = ("+",)
    narrow_codes: bool = False  # 21659, 21661, 21635 instead of 21606 and 21614 (changelog of 10 July 2024)
    whole_days: bool = False  # date filters ignore the time of day: the docs promise no more
    list_lag: timedelta = timedelta(0)  # until what was made appears in lists: how long is documented nowhere
    on_call: Callable[[Call], None] = nothing
    on_steer: Callable[[Call, Form], None] = nothing
    on_hang_up: Callable[[Call], None] = nothing
    on_message: Callable[[Message], None] = nothing
    lock: RLock = field(default_factory=RLock, repr=False)
    _serial: int = 0

    def find(self, kept: dict[str, R], sid: str) -> R:
        if sid not in kept:
            raise Refused(20404, sid)
        return kept[sid]

    def recording(self, sid: str, *, deleted: bool = False) -> Recording:
        recording = self.find(self.recordings, sid)
        if recording.status == "deleted" and not deleted:
            raise Refused(20404, sid)
        return recording

    def now(self) -> datetime:
        return self.clock().astimezone(UTC).replace(microsecond=0)

    def number(self, phone_number: str) -> Number | None:
        return next((number for number in list(self.numbers.values()) if number.phone_number == phone_number), None)

    def may_call_from(self, number: str) -> bool:
        ours = self.number(number)
        return number == TEST_NUMBER or number in self.verified or bool(ours and ours.capabilities["voice"])

    def add_number(self, phone_number: str, *, voice: bool = True, sms: bool = True, **settings: str) -> Number:
        """A number of ours; `settings` as in the JSON: voice_url, status_callback, …"""
        capabilities = {"voice": voice, "sms": sms, "mms": False, "fax": False}
        return self._keep(self.numbers, Number(*self._new("PN"), phone_number, capabilities, settings))

    def add_call(
        self,
        from_: str,
        to: str,
        direction: str = "inbound",
        *,
        status: str = "queued",
        parent_call_sid: str | None = None,
        form: Form | None = None,
    ) -> Call:
        """A call that came in (`inbound`), a leg of a Dial (`outbound-dial`), or one that REST made."""
        ours = self.number(to if direction == "inbound" else from_)
        call = Call(*self._new("CA"), from_, to, direction, parent_call_sid=parent_call_sid, form=form or {})
        call.phone_number_sid = ours.sid if ours else None
        self._keep(self.calls, call)
        if status != "queued":
            self.progress(call.sid, status)
        return call

    def add_recording(
        self,
        call_sid: str,
        seconds: int,
        *,
        status: str = "completed",
        source: str = "RecordVerb",
        audio: bytes | None = None,
    ) -> Recording:
        self.find(self.calls, call_sid)
        return self._keep(self.recordings, Recording(*self._new("RE"), call_sid, seconds, status, source, audio))

    def add_message(
        self, from_: str | None, to: str, body: str, direction: str = "inbound", *, form: Form | None = None
    ) -> Message:
        """A text that REST made; without From, a Messaging Service chooses the sender later."""
        message = Message(*self._new("SM"), from_, to, body, direction, form=form or {})
        message.status = "queued" if from_ else "accepted"
        message.messaging_service_sid = one(message.form, "MessagingServiceSid")
        message.validity = int(one(message.form, "ValidityPeriod") or message.validity)
        return self._keep(self.messages, message)

    def receive(self, from_: str, to: str, body: str) -> Message:
        """A text from a person; STOP and START are obeyed as by Twilio's default opt-out handling."""
        word = body.strip().upper()
        if word in STOP:
            self.stopped.add((from_, to))
        if word in START:
            self.stopped.discard((from_, to))
        message = self.add_message(from_, to, body)
        message.status, message.date_sent = "received", message.date_created
        return message

    def progress(self, sid: str, status: str, *, error_code: int | None = None, answered_by: str | None = None) -> None:
        """Move a call or a message on; what has ended stays as it is, and saying otherwise is a mistake."""
        with self.lock:
            if sid in self.calls:
                self._progress_call(self.calls[sid], status, answered_by)
            else:
                self._progress_message(self.messages[sid], status, error_code)

    def _progress_call(self, call: Call, status: str, answered_by: str | None) -> None:
        if call.ended or status not in CALL_STATUSES:
            raise ValueError(f"{call.sid} is {call.status}: cannot become {status}")
        now = self.now()
        call.status, call.date_updated, call.answered_by = status, now, answered_by or call.answered_by
        if status not in {"queued", "canceled"}:
            call.start_time = call.start_time or now
        if status == "in-progress":
            call.answer_time = call.answer_time or now
        if call.ended:
            call.end_time = now

    def _progress_message(self, message: Message, status: str, error_code: int | None) -> None:
        if message.status in MESSAGE_DONE or status not in MESSAGE_STATUSES:
            raise ValueError(f"{message.sid} is {message.status}: cannot become {status}")
        message.status, message.error_code, message.date_updated = status, error_code, self.now()
        if status not in MESSAGE_UNDER_WAY and status not in {"failed", "canceled"}:
            message.date_sent = message.date_sent or message.date_updated

    def _new(self, prefix: str) -> tuple[str, str, int, datetime, datetime]:
        with self.lock:
            self._serial += 1
            digest = hashlib.sha256(f"{self.sid}:{self.seed}:{self._serial}".encode()).hexdigest()
            return f"{prefix}{digest[:32]}", self.sid, self._serial, self.now(), self.now()

    def _keep(self, kept: dict[str, R], record: R) -> R:
        kept[record.sid] = record
        return record
