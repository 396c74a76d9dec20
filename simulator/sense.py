"""Rules of TWILIO.md §3 that no schema states: order, traps, limits, and what a whisper may say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.grammar import VOICES, refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from simulator.twiml import Verb

WHISPER = ("Say", "Play", "Gather", "Hangup")
SAY_LIMITS = {"Polly": 3000, "Google": 5000, "basic": 4096}


def check_sense(root: Verb, *, whisper: bool) -> None:
    """Refuse a document that every schema accepts and that still goes wrong."""
    for place, verb in enumerate(root.children):
        if whisper and verb.name not in WHISPER:
            raise refusal(verb, f"in a whisper: only {', '.join(WHISPER)} are allowed there (13201)")
        if verb.name == "Reject" and place > 0:
            raise refusal(verb, "must come first: the call is answered already")
        if _never_returns(verb) and place + 1 < len(root.children):
            raise refusal(root.children[place + 1], f"is never reached after {verb.name}")
        for inner in (verb, *verb.children):
            RULES_OF_SENSE.get(inner.name, _anything)(inner)


def _never_returns(verb: Verb) -> bool:
    """Say whether nothing after this verb is ever played.

    Record is not among them: after an empty recording Twilio goes on with the next verb.
    """
    has = verb.attributes
    return (
        verb.name in ("Redirect", "Hangup", "Reject")
        or (verb.name == "Dial" and "action" in has)
        or (verb.name == "Gather" and has.get("actionOnEmptyResult") == "true")
    )


def _anything(_verb: Verb) -> None:
    pass


def _say(verb: Verb) -> None:
    voice, language = verb.attributes.get("voice"), verb.attributes.get("language")
    if not verb.heard:
        raise refusal(verb, "says nothing (13520)")
    family = (voice or "").partition(".")[0]
    limit = SAY_LIMITS.get(family, SAY_LIMITS["basic"])
    if len(verb.words) > limit:
        raise refusal(verb, f"is longer than {limit} characters (13521)")
    if voice and language and language not in VOICES[voice]:
        raise refusal(verb, f"has a voice {voice} that does not speak {language}")
    if verb.children and family not in ("Polly", "Google"):
        raise refusal(verb.children[0], "needs a Polly or Google voice")


def _address(verb: Verb) -> None:
    if not verb.text.strip():
        raise refusal(verb, "names no address")


def _next(verb: Verb) -> None:
    if "action" not in verb.attributes:
        raise refusal(verb, "has no action: Twilio would ask for the same document again, for ever")


def _dial(verb: Verb) -> None:
    if len(verb.children) > 1:
        raise refusal(verb, "rings several at once: the first to answer wins, even a voicemail (§3 Dial)")
    if bool(verb.children) == bool(verb.text.strip()):
        raise refusal(verb, "needs one number, in a Number or as its text")


def _number(verb: Verb) -> None:
    _address(verb)
    if "statusCallbackEvent" in verb.attributes and "statusCallback" not in verb.attributes:
        raise refusal(verb, "asks for events and says no statusCallback")


RULES_OF_SENSE: dict[str, Callable[[Verb], None]] = {
    "Say": _say,
    "Play": _address,
    "Redirect": _address,
    "Gather": _next,
    "Record": _next,
    "Dial": _dial,
    "Number": _number,
}
