"""Plays TwiML on one leg, verb by verb, and stops wherever it waits for a person (TWILIO.md §3).

Written as generators: a call reads from top to bottom as it happens, a person's act comes in at a `yield`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn
from urllib.parse import urldefrag, urljoin

from simulator.acts import CallerLeft, EngineerLeft, HungUp, Play, Press, Rejected, Silence, Waiting
from simulator.dial import Dial
from simulator.grammar import check, refusal
from simulator.record import Record
from simulator.sense import check_sense
from simulator.twiml import BadAnswer, Document, Verb, parse, read
from simulator.webhooks import Hook

if TYPE_CHECKING:
    from simulator.call import Call
    from simulator.leg import Leg
    from simulator.signature import Params

SECONDS_A_WORD = 0.4
SECONDS_A_SOUND = 5
APOLOGY = b"<Response><Say>We are sorry, an application error has occurred. Goodbye.</Say><Hangup/></Response>"


class Performance:
    """One leg of a call, and the documents that are played on it."""

    def __init__(self, call: Call, leg: Leg) -> None:
        self.call = call
        self.leg = leg
        self.clock = call.clock
        self.transcript = call.transcript
        self.quirks = call.network.quirks

    def on(self, leg: Leg) -> Performance:
        """The same call, on another leg."""
        return Performance(self.call, leg)

    def perform(self, document: Document | None) -> Play[None]:
        """Play a document and all that follow from it, until there is nothing more to play."""
        while document:
            document = yield from self._once(document)

    def _once(self, document: Document) -> Play[Document | None]:
        for verb in document.verbs:
            following = yield from self._verb(verb, document)
            if following:
                return following
        return None

    def _verb(self, verb: Verb, document: Document) -> Play[Document | None]:
        if verb.name not in ("Reject", "Redirect") and verb.attributes.get("answerOnBridge") != "true":
            self.leg.answer(self.clock())
        match verb.name:
            case "Gather":
                return (yield from self._gather(verb, document))
            case "Record":
                return (yield from Record(self, verb, document).play())
            case "Dial":
                return (yield from Dial(self, verb, document).play())
            case "Redirect":
                return self.follow(verb, document, verb.text.strip(), {})
            case "Hangup":
                raise HungUp
            case "Reject":
                self._reject(verb)
            case _:
                self.clock.advance(self._hear(verb))
        return None

    def _hear(self, verb: Verb) -> float:
        """Write down what is heard, and say how long it takes; nobody may listen to the end."""
        times = int(verb.attributes.get("loop", "1"))
        match verb.name:
            case "Say":
                for _ in range(times):
                    self.transcript.hears(self.leg.side, verb.heard, verb.attributes.get("language", ""))
                return times * len(verb.heard.split()) * SECONDS_A_WORD
            case "Play":
                url = verb.text.strip()
                said = self.call.network.captions(url) or f"(sound {url.rpartition('/')[2]})"
                self.transcript.hears(self.leg.side, said)
                return times * SECONDS_A_SOUND
            case _:
                return int(verb.attributes.get("length", "1"))

    def _gather(self, verb: Verb, document: Document) -> Play[Document | None]:
        prompt = sum(self._hear(inner) for inner in verb.children)
        count = int(verb.attributes.get("numDigits", "0")) or None
        self.leg.gathers += 1
        try:
            act = yield Waiting(self.leg.side, "gather", self.leg.number, count)
        except CallerLeft as left:
            self._cross(left, verb, document)
            raise
        digits = self._listen(act, verb, prompt, count)
        if digits or verb.attributes.get("actionOnEmptyResult") == "true":
            return self.follow(verb, document, verb.attributes["action"], {"Digits": digits})
        return None

    def _listen(self, act: object, verb: Verb, prompt: float, count: int | None) -> str:
        """The digits that a gather makes of what a person does (§1.5)."""
        timeout = int(verb.attributes.get("timeout", "5"))
        match act:
            case Press(keys=keys, listening=listening):
                self.transcript.does(self.leg.side, keys)
                self.clock.advance((prompt if listening else 1) + len(keys))
                finish = verb.attributes.get("finishOnKey", "#")
                digits, complete = heard(keys, count, finish)
                self.clock.advance(0 if complete else timeout)
                return digits
            case Silence(looks=looks):
                self.transcript.does(self.leg.side, looks)
                self.clock.advance(prompt + timeout)
                return ""
            case _:
                raise EngineerLeft

    def _cross(self, left: CallerLeft, verb: Verb, document: Document) -> None:
        """A key crossed the caller's hanging up: the application is told, its answer is played to nobody."""
        if not (left.crossing_key and self.leg.parent):
            return
        if left.caller_first:
            self.call.leave()
        self.transcript.does(self.leg.side, left.crossing_key)
        self.follow(verb, document, verb.attributes["action"], {"Digits": left.crossing_key})

    def _reject(self, verb: Verb) -> NoReturn:
        if self.leg.answered:
            raise refusal(verb, "comes too late: the call is answered already")
        raise Rejected

    def follow(self, verb: Verb, document: Document, url: str, params: Params) -> Document:
        """Fetch what an action or a redirect leads to."""
        return self.fetch(urljoin(document.url, url), verb.attributes.get("method", "POST"), params)

    def fetch(self, url: str, method: str, params: Params, *, fallback: bool = True) -> Document:
        """Fetch a document; if it is bad, the fallback's; if there is none, Twilio's own apology (§1.3)."""
        self.call.count_document()
        exchange = self.call.send(Hook("document", url, self.leg.params() | params, method))
        self.call.documents.append(exchange.body)
        try:
            document = Document(urldefrag(url).url, read(exchange))
        except BadAnswer as bad:
            self.call.errors.append(f"{bad} ({url})")
            return self._instead(bad, url, fallback=fallback)
        check(document.root)
        check_sense(document.root, whisper=self.leg.parent is not None)
        return document

    def _instead(self, bad: BadAnswer, url: str, *, fallback: bool) -> Document:
        other = self.call.fallback_url
        if not fallback or not other or self.leg.parent:
            return Document(url, parse(APOLOGY))
        trouble = {"ErrorCode": str(bad.code), "ErrorUrl": urldefrag(url).url}
        return self.fetch(other, self.call.fallback_method, trouble, fallback=False)


def heard(keys: str, count: int | None, finish: str) -> tuple[str, bool]:
    """The digits before the finishing key, as many as are wanted, and whether that ends the gather."""
    digits = ""
    for key in keys:
        if key == finish:
            return digits, True
        digits += key
        if len(digits) == count:
            return digits, True
    return digits, False
