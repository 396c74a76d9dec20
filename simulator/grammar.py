"""The TwiML that this network plays, as one table, and the checks that Twilio itself does not make.

Twilio ignores a verb or attribute that it does not know (a 12200 warning) and the call misbehaves in silence;
here it is `UnknownTwiml` and the test fails. The table is a part of Twilio's own grammar, as much as the
application uses. The rules that no schema states are in `sense.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from simulator.twiml import Verb


class UnknownTwiml(Exception):
    """A document that Twilio would misunderstand without telling anybody."""


@dataclass(frozen=True)
class Words:
    """One of these words; several with blanks between where `several` is set."""

    words: tuple[str, ...]
    several: bool = False

    def __call__(self, value: str) -> bool:
        parts = value.split(" ") if self.several else [value]
        return all(part in self.words for part in parts)


@dataclass(frozen=True)
class Whole:
    """A whole number within bounds."""

    low: int
    high: int

    def __call__(self, value: str) -> bool:
        return value.isascii() and value.isdigit() and self.low <= int(value) <= self.high


@dataclass(frozen=True)
class Like:
    """A text of this shape."""

    pattern: str

    def __call__(self, value: str) -> bool:
        return re.fullmatch(self.pattern, value) is not None


Check = Callable[[str], bool]
URL = Like(r"[^\s]+")
METHOD = Words(("GET", "POST"))
TRUTH = Words(("true", "false"))
PHONE = Like(r"[^\s].*")  # a bad number fails the Dial, not the document
CALL_EVENTS = Words(("initiated", "ringing", "answered", "completed"), several=True)
RECORDING_EVENTS = Words(("in-progress", "completed", "absent"), several=True)
VOICES = {  # what each voice speaks; another language is a silent failure (§3 Say)
    "man": ("en-US", "en-GB"),
    "woman": ("en-US", "en-GB"),
    "alice": ("en-US", "en-GB", "en-AU"),
    "Polly.Ayanda-Neural": ("en-ZA",),
    "Polly.Ayanda-Generative": ("en-ZA",),
    "Polly.Amy-Neural": ("en-GB",),
    "Polly.Joanna-Neural": ("en-US",),
    "Google.af-ZA-Standard-A": ("af-ZA",),
}
LANGUAGES = ("en-ZA", "af-ZA", "en-GB", "en-US", "en-AU")
SSML = ("break", "say-as", "p", "s")


@dataclass(frozen=True)
class Rule:
    """What one element may carry and hold."""

    attributes: Mapping[str, Check] = field(default_factory=dict)
    children: tuple[str, ...] = ()
    text: bool = False


RULES: dict[str, Rule] = {
    "Response": Rule(children=("Say", "Play", "Pause", "Gather", "Dial", "Record", "Redirect", "Hangup", "Reject")),
    "Say": Rule({"voice": Words(tuple(VOICES)), "language": Words(LANGUAGES), "loop": Whole(1, 1000)}, SSML, text=True),
    "Play": Rule({"loop": Whole(1, 1000)}, text=True),
    "Pause": Rule({"length": Whole(1, 600)}),
    "Gather": Rule(
        {
            "input": Words(("dtmf",)),
            "action": URL,
            "method": METHOD,
            "numDigits": Whole(1, 100),
            "timeout": Whole(1, 600),
            "finishOnKey": Like(r"[0-9*#]?"),
            "actionOnEmptyResult": TRUTH,
            "language": Words(("en-ZA", "af-ZA", "zu-ZA", "en-GB", "en-US")),
        },
        ("Say", "Play", "Pause"),
    ),
    "Dial": Rule(
        {
            "action": URL,
            "method": METHOD,
            "timeout": Whole(5, 600),
            "timeLimit": Whole(1, 14400),
            "callerId": PHONE,
            "answerOnBridge": TRUTH,
            "ringTone": Words(("za", "uk", "us")),
        },
        ("Number",),
        text=True,
    ),
    "Number": Rule(
        {
            "url": URL,
            "method": METHOD,
            "statusCallback": URL,
            "statusCallbackMethod": METHOD,
            "statusCallbackEvent": CALL_EVENTS,
        },
        text=True,
    ),
    "Record": Rule(
        {
            "action": URL,
            "method": METHOD,
            "timeout": Whole(0, 600),
            "finishOnKey": Like(r"[0-9*#]*"),
            "maxLength": Whole(1, 3600),
            "playBeep": TRUTH,
            "trim": Words(("trim-silence", "do-not-trim")),
            "recordingStatusCallback": URL,
            "recordingStatusCallbackMethod": METHOD,
            "recordingStatusCallbackEvent": RECORDING_EVENTS,
        }
    ),
    "Redirect": Rule({"method": METHOD}, text=True),
    "Hangup": Rule(),
    "Reject": Rule({"reason": Words(("rejected", "busy"))}),
    "break": Rule(
        {
            "strength": Words(("none", "x-weak", "weak", "medium", "strong", "x-strong")),
            "time": Like(r"\d+(ms|s)"),
        }
    ),
    "say-as": Rule({"interpret-as": Words(("digits", "characters", "telephone", "ordinal"))}, text=True),
    "p": Rule(children=("s", "say-as", "break"), text=True),
    "s": Rule(children=("say-as", "break"), text=True),
}


def check(root: Verb) -> None:
    """Refuse a document with a word, a place or a value that Twilio does not know."""
    for verb in list(_all(root)):
        rule = RULES[verb.name]
        _attributes(verb, rule)
        for child in verb.children:
            if child.name not in rule.children:
                raise refusal(child, f"has no place in {verb.name} (12200)")
        if verb.text.strip() and not rule.text:
            raise refusal(verb, f"holds no text, but has {verb.text.strip()!r} (12200)")


def _all(verb: Verb) -> Iterable[Verb]:
    if verb.name not in RULES:
        raise refusal(verb, "is not a verb here (12200)")
    yield verb
    for child in verb.children:
        yield from _all(child)


def _attributes(verb: Verb, rule: Rule) -> None:
    for name, value in verb.attributes.items():
        if name not in rule.attributes:
            raise refusal(verb, f"has no attribute {name} here (12200)")
        if not rule.attributes[name](value):
            raise refusal(verb, f"cannot have {name}={value!r}")


def refusal(verb: Verb, why: str) -> UnknownTwiml:
    """The error that names a verb and its line."""
    return UnknownTwiml(f"line {verb.line}: {verb.name} {why}")
