"""A message after the tone (TWILIO.md §1.9, §3 Record)."""

from __future__ import annotations

from dataclasses import dataclass
from email.utils import format_datetime
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from simulator.acts import Act, CallerLeft, Interrupted, Play, Press, Silence, Speak, Waiting
from simulator.webhooks import Hook

if TYPE_CHECKING:
    from datetime import datetime

    from simulator.performance import Performance
    from simulator.twiml import Document, Verb

ALL_KEYS = "1234567890*#"


@dataclass(frozen=True)
class Recording:
    """What the network keeps of a message."""

    sid: str
    call_sid: str
    url: str
    started: datetime
    seconds: int  # silence trimmed, unless the verb says otherwise


class Record:
    """One Record verb as it is played."""

    def __init__(self, stage: Performance, verb: Verb, document: Document) -> None:
        self.stage = stage
        self.verb = verb
        self.document = document
        self.started = stage.clock()
        self.spoken = 0.0
        self.sid = stage.call.network.sid("RE")

    def play(self) -> Play[Document | None]:
        leg, transcript = self.stage.leg, self.stage.transcript
        transcript.line(leg.side, "records")
        self._tell("in-progress", 0)
        try:
            act = yield Waiting(leg.side, "record", leg.number)
        except Interrupted as why:
            self.spoken = 1.0
            self.stage.clock.advance(self.spoken)
            if isinstance(why, CallerLeft):
                self._left()
            else:
                self._keep()
            raise
        ending = self._listen(act)
        if ending == "hang up":
            transcript.does(leg.side, "hangs up")
            self._left()
            raise CallerLeft
        if isinstance(act, Silence) and self.stage.quirks.silent_recording == "falls through":
            self._tell("absent", 0)
            return None
        return self._done({"Digits": ending} if ending else {})

    def _listen(self, act: Act) -> str:
        """Let the time of the message pass; say what ended it: a key, "hang up", or nothing but silence."""
        longest = int(self.verb.attributes.get("maxLength", "3600"))
        silence = int(self.verb.attributes.get("timeout", "5")) or longest
        match act:
            case Press(keys=keys):
                spoken, ending, does = 1.0, keys[0], keys
            case Speak(seconds=seconds, then=then):
                spoken, ending, does = seconds, "" if then == "silence" else then, f"speaks for {seconds:g} s"
            case _:
                spoken, ending, does = 0, "", "says nothing"
        self.stage.transcript.does(self.stage.leg.side, does)
        if ending != "hang up" and ending not in self.verb.attributes.get("finishOnKey", ALL_KEYS):
            ending = ""
        elif isinstance(act, Speak) and ending not in ("", "hang up"):
            self.stage.transcript.does(self.stage.leg.side, ending)
        if spoken >= longest:
            ending, spoken = "", longest
        self.spoken = spoken
        self.stage.clock.advance(spoken if ending else min(spoken + silence, longest))
        return ending

    def _left(self) -> None:
        """The caller hung up: the recording is kept, its action is a quirk."""
        self.stage.leg.status = "completed"
        if self.stage.quirks.record_action_after_hangup:
            self._done({"Digits": "hangup"})
        else:
            self._keep()

    def _done(self, ending: dict[str, str]) -> Document:
        about = {"RecordingUrl": self.url, "RecordingSid": self.sid, "RecordingDuration": str(self.seconds)}
        verb = self.verb
        following = self.stage.follow(verb, self.document, verb.attributes["action"], about | ending)
        self._keep()
        return following

    @property
    def url(self) -> str:
        account = self.stage.leg.account_sid
        return f"https://api.twilio.com/2010-04-01/Accounts/{account}/Recordings/{self.sid}"

    @property
    def seconds(self) -> int:
        return round((self.stage.clock() - self.started).total_seconds())

    def _keep(self) -> None:
        call = self.stage.call
        trimmed = self.verb.attributes.get("trim", "trim-silence") == "trim-silence"
        seconds = round(self.spoken) if trimmed else self.seconds
        kept = Recording(self.sid, self.stage.leg.sid, self.url, self.started, seconds)
        call.network.recordings[self.sid] = kept
        self._tell("completed", kept.seconds)

    def _tell(self, status: str, seconds: int) -> None:
        """The recording status callback; it names neither From nor To (§1.9)."""
        has = self.verb.attributes
        events = has.get("recordingStatusCallbackEvent", "completed").split(" ")
        if "recordingStatusCallback" not in has or status not in events:
            return
        params = {
            "AccountSid": self.stage.leg.account_sid,
            "CallSid": self.stage.leg.sid,
            "RecordingSid": self.sid,
            "RecordingUrl": self.url,
            "RecordingStatus": status,
            "RecordingDuration": str(seconds),
            "RecordingChannels": "1",
            "RecordingStartTime": format_datetime(self.started),
            "RecordingSource": "RecordVerb",
            "ErrorCode": "0",
        }
        url = urljoin(self.document.url, has["recordingStatusCallback"])
        method = has.get("recordingStatusCallbackMethod", "POST")
        self.stage.call.post(Hook("callback", url, params, method))
