"""The resources Twilio keeps of an account: calls, messages, recordings and numbers, each with its JSON."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime

Form = dict[str, list[str]]
Json = dict[str, object]

CALL_ENDED = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})
CALL_STATUSES = frozenset({"queued", "ringing", "in-progress"}) | CALL_ENDED
MESSAGE_UNDER_WAY = ("accepted", "scheduled", "queued", "sending", "receiving")
MESSAGE_DONE = frozenset({"delivered", "undelivered", "failed", "canceled", "received", "read"})
MESSAGE_STATUSES = frozenset(MESSAGE_UNDER_WAY) | MESSAGE_DONE | {"sent"}
API_VERSION = "2010-04-01"


def one(form: Form, name: str) -> str | None:
    """The last value of a parameter; blank counts as absent, as it does at Twilio."""
    return (form.get(name) or [""])[-1] or None


def rfc2822(at: datetime | None) -> str | None:
    return None if at is None else format_datetime(at)


@dataclass
class Record:
    """What every resource has; `serial` orders the lists and anchors their pages."""

    sid: str
    account_sid: str
    serial: int
    date_created: datetime
    date_updated: datetime

    def path(self) -> str:
        return f"/{API_VERSION}/Accounts/{self.account_sid}/{RESOURCES[type(self)]}/{self.sid}"

    def json(self) -> Json:
        return {
            "sid": self.sid,
            "account_sid": self.account_sid,
            "api_version": API_VERSION,
            "date_created": rfc2822(self.date_created),
            "date_updated": rfc2822(self.date_updated),
            "uri": f"{self.path()}.json",
        }

    def subresources(self, *names: str) -> dict[str, str]:
        return {name.lower(): f"{self.path()}/{name}.json" for name in names}


@dataclass
class Call(Record):
    """A call or a leg of one [OAI api.v2010.account.call]; `form` is the request that made it."""

    from_: str
    to: str
    direction: str
    status: str = "queued"
    parent_call_sid: str | None = None
    phone_number_sid: str | None = None
    start_time: datetime | None = None
    answer_time: datetime | None = None
    end_time: datetime | None = None
    answered_by: str | None = None
    price: str | None = None  # negative; it comes some time after the end
    price_unit: str = "USD"
    form: Form = field(default_factory=dict)
    steered: list[Form] = field(default_factory=list)

    @property
    def ended(self) -> bool:
        return self.status in CALL_ENDED

    def duration(self) -> str | None:
        """Seconds, "empty for busy, failed, unanswered, or ongoing calls" [OAI]."""
        if self.answer_time is None or self.end_time is None:
            return None
        return str(int((self.end_time - self.answer_time).total_seconds()))

    def json(self) -> Json:
        absent = ("forwarded_from", "group_sid", "caller_name", "trunk_sid")
        return {
            **super().json(),
            **dict.fromkeys(absent),
            "parent_call_sid": self.parent_call_sid,
            "phone_number_sid": self.phone_number_sid,
            "from": self.from_,
            "from_formatted": self.from_,
            "to": self.to,
            "to_formatted": self.to,
            "status": self.status,
            "direction": self.direction,
            "answered_by": self.answered_by,
            "start_time": rfc2822(self.start_time),
            "end_time": rfc2822(self.end_time),
            "duration": self.duration(),
            "price": self.price,
            "price_unit": self.price_unit,
            "queue_time": "0",
            "subresource_uris": self.subresources("Recordings", "Notifications", "Events"),
        }


@dataclass
class Message(Record):
    """A text [OAI api.v2010.account.message]; `validity` is what ValidityPeriod asked for, in seconds."""

    from_: str | None
    to: str
    body: str
    direction: str
    status: str = "queued"
    messaging_service_sid: str | None = None
    date_sent: datetime | None = None
    error_code: int | None = None
    validity: int = 36000
    form: Form = field(default_factory=dict)

    def segments(self) -> int:
        """160 characters, or 153 in each of several; 70 and 67 outside ASCII (for GSM 03.38)."""
        alone, each = (160, 153) if self.body.isascii() else (70, 67)
        return 1 if len(self.body) <= alone else -(-len(self.body) // each)

    def json(self) -> Json:
        return {
            **super().json(),
            "from": self.from_,
            "to": self.to,
            "body": self.body,
            "direction": self.direction,
            "status": self.status,
            "messaging_service_sid": self.messaging_service_sid,
            "date_sent": rfc2822(self.date_sent),
            "error_code": self.error_code,
            "error_message": None,
            "num_media": "0",
            "num_segments": str(self.segments()),
            "price": None,
            "price_unit": "USD",
            "subresource_uris": self.subresources("Media"),
        }


@dataclass
class Recording(Record):
    """A recording [OAI api.v2010.account.recording]; deleted ones keep their facts, not the media."""

    call_sid: str
    seconds: int
    status: str
    source: str
    audio: bytes | None = None

    def json(self) -> Json:
        return {
            **super().json(),
            **dict.fromkeys(("conference_sid", "price", "encryption_details", "error_code")),
            "call_sid": self.call_sid,
            "start_time": rfc2822(self.date_created),
            "duration": str(self.seconds),
            "status": self.status,
            "channels": 1,
            "source": self.source,
            "price_unit": "USD",
            "subresource_uris": self.subresources("Transcriptions"),
        }


SETTINGS = (
    "friendly_name",
    *("voice_url", "voice_method", "voice_fallback_url", "voice_fallback_method"),
    *("sms_url", "sms_method", "sms_fallback_url", "sms_fallback_method"),
    *("status_callback", "status_callback_method"),
)  # fmt: skip


@dataclass
class Number(Record):
    """A number of ours [OAI api.v2010.account.incoming_phone_number] and its webhooks."""

    phone_number: str
    capabilities: Mapping[str, bool]
    settings: dict[str, str]

    def json(self) -> Json:
        absent = ("address_sid", "identity_sid", "trunk_sid", "emergency_address_sid", "bundle_sid")
        methods = {name: "POST" for name in SETTINGS if name.endswith("_method")}
        return {
            **super().json(),
            **dict.fromkeys(absent),
            **dict.fromkeys(SETTINGS, ""),
            **methods,
            "friendly_name": self.phone_number,
            **self.settings,
            "phone_number": self.phone_number,
            "capabilities": dict(self.capabilities),
            "address_requirements": "none",
            "beta": False,
            "origin": "twilio",
            "voice_receive_mode": "voice",
            "voice_caller_id_lookup": False,
            "emergency_status": "Inactive",
            "status": "in-use",
            "type": "local",
        }


RESOURCES: dict[type[Record], str] = {
    Call: "Calls",
    Message: "Messages",
    Recording: "Recordings",
    Number: "IncomingPhoneNumbers",
}
