#!/usr/bin/env python3
"""Answers callers when none of Afterhours' own servers does: one file, Python 3.11 or later and nothing else.

It runs on any second host; the number's *Primary handler fails* at the carrier leads here, to `https://…/voice/away`.
It rings whoever is on duty by its own clock and the timetable that Afterhours has put here, one engineer after
another, and only a 1 takes the call. It believes a request only if the carrier has signed it, and a timetable only if
Afterhours has sealed it.

Settings, from the environment:
    PUBLIC_URL           where the carrier reaches this host, as in https://other.example.com
    TWILIO_ACCOUNT_SID   the account whose calls are answered
    TWILIO_AUTH_TOKEN    its token; two with a comma between them while it is being changed
    TIMETABLE            the file, timetable.json unless set; PUT /timetable.json replaces it by a newer one
    PORT                 8080 unless set; a proxy that ends TLS stands before it
"""

from __future__ import annotations

import hmac
import json
import logging
import os
import re
import sys
from base64 import b64encode
from datetime import UTC, datetime
from hashlib import sha1, sha256
from pathlib import Path
from socketserver import ThreadingMixIn
from threading import Lock
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server
from xml.sax.saxutils import escape, quoteattr

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from wsgiref.types import StartResponse, WSGIEnvironment

log = logging.getLogger("responder")
FORMAT = 1
LARGEST = 1_000_000  # bytes of a request
WHISPER_SECONDS = 30  # a leg that lasts longer has heard more than the whisper, where nobody says who was joined
OVERRIDES = "#rc=2&ct=2000&rt=4000&tt=14000&rp=ct,rt,5xx"  # the carrier tries again: a second answer harms nothing
FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # by XML 1.0
SORRY = "<Say>I am sorry, our telephone system is out of order. Please call again in a few minutes.</Say>"
OK, SPEECH, TEXT = "200 OK", "text/xml", "text/plain"

Document = dict[str, Any]
Answer = tuple[str, str, str]


class Refused(Exception):
    """A request or a timetable that is not believed; the text says why."""


class Timetable:
    """The newest timetable that was put here; read again whenever the file has changed."""

    def __init__(self, path: Path, tokens: Sequence[str]) -> None:
        self.path, self.tokens = path, tokens
        self._seen: tuple[int, int, int] | None = None
        self._document: Document | None = None
        self._alone = Lock()

    def document(self) -> Document | None:
        """What stands in the file; what stood there before, if it cannot be read or believed."""
        try:
            about = self.path.stat()
            seen = about.st_mtime_ns, about.st_size, about.st_ino
            if seen != self._seen:
                self._document = self.believed(self.path.read_bytes())
                self._seen = seen
        except (OSError, Refused) as error:
            log.warning("the timetable cannot be read: %s", error)
        return self._document

    def believed(self, raw: bytes) -> Document:
        """The timetable in a file; raises Refused unless Afterhours has sealed it."""
        try:
            file = json.loads(raw)
            timetable, sealed = file["timetable"], str(file["seal"]).encode()
            ours = [hmac.compare_digest(sealed, seal(timetable, token).encode()) for token in self.tokens]
        except (ValueError, KeyError, TypeError, RecursionError):
            raise Refused("it is no timetable") from None
        if not any(ours):
            raise Refused("its seal does not fit")
        if timetable["format"] != FORMAT:
            raise Refused("it is of another format: take the responder that came with this release")
        return dict(timetable)

    def replace(self, raw: bytes) -> None:
        """Have a newer one in its place, whole or not at all; raises Refused."""
        new = self.believed(raw)
        with self._alone:
            old = self.document()
            if old and instant(new["made_at"]) < instant(old["made_at"]):
                raise Refused("a newer one is here already")
            half = self.path.with_name(f"{self.path.name}.half")
            with half.open("wb") as file:
                file.write(raw)
                file.flush()
                os.fsync(file.fileno())
            half.replace(self.path)


def seal(timetable: Document, token: str) -> str:
    """What Afterhours seals a timetable with."""
    key = hmac.digest(token.encode(), b"the timetable of a line", sha256)
    return hmac.new(key, json.dumps(timetable, sort_keys=True, separators=(",", ":")).encode(), sha256).hexdigest()


def signature(token: str, url: str, params: Iterable[tuple[str, str]]) -> bytes:
    """What the carrier signs: the address that it asks, and every parameter behind it (HMAC-SHA1, base64)."""
    text = url + "".join(name + value for name, value in sorted(set(params)))
    return b64encode(hmac.digest(token.encode(), text.encode(), sha1))


def instant(text: str) -> datetime:
    """An instant as it stands in a timetable."""
    return datetime.fromisoformat(text)


def ringing(line: Document, now: datetime) -> list[str]:
    """Who rings at an instant, one after another; after the timetable's end, who rings at its end."""
    begun = [spell for spell in line["spells"] if instant(spell["start"]) <= now]
    return list((begun[-1] if begun else line["spells"][0])["ring"])


class Responder:
    """The application (WSGI)."""

    def __init__(
        self,
        origin: str,
        account: str,
        tokens: Sequence[str],
        timetable: Timetable,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.origin, self.account, self.tokens = origin.rstrip("/"), account, tokens
        self.timetable, self.clock = timetable, clock

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        """Answer one request; a fault of ours is told in speech, too."""
        try:
            status, kind, body = self._answer(environ)
        except Refused as error:
            log.warning("refused: %s", error)
            status, kind, body = "403 Forbidden", TEXT, f"{error}\n"
        except Exception:
            log.exception("an answer failed")
            status, kind, body = "500 Internal Server Error", TEXT, "it failed\n"
            if environ.get("PATH_INFO", "").startswith("/voice/"):
                status, kind, body = OK, SPEECH, response(SORRY, "<Hangup/>")
        raw = body.encode()
        start_response(status, [("Content-Type", f"{kind}; charset=utf-8"), ("Content-Length", str(len(raw)))])
        return [raw]

    def _answer(self, environ: WSGIEnvironment) -> Answer:
        asked = environ["REQUEST_METHOD"], environ.get("PATH_INFO", "")
        if asked == ("GET", "/health"):
            return self._health()
        if asked == ("PUT", "/timetable.json"):
            self.timetable.replace(_body(environ))
            return "204 No Content", TEXT, ""
        steps = {
            ("POST", "/voice/away"): self._arrived,
            ("POST", "/voice/away/next"): self._next,
            ("POST", "/voice/away/whisper"): self._whisper,
        }
        if asked not in steps:
            return "404 Not Found", TEXT, "there is nothing here\n"
        query = environ.get("QUERY_STRING", "")
        form = self._signed(f"{asked[1]}?{query}" if query else asked[1], environ)
        return OK, SPEECH, steps[asked](form, {name: values[-1] for name, values in parse_qs(query).items()})

    def _signed(self, target: str, environ: WSGIEnvironment) -> Mapping[str, str]:
        """The form of a request; raises Refused unless the carrier has signed it for our account."""
        params = parse_qsl(_body(environ).decode(errors="replace"), keep_blank_values=True)
        given = environ.get("HTTP_X_TWILIO_SIGNATURE", "").encode()
        fits = [hmac.compare_digest(given, signature(token, self.origin + target, params)) for token in self.tokens]
        if not any(fits):
            raise Refused("the signature does not fit")
        form = dict(params)
        if form.get("AccountSid") != self.account:
            raise Refused("it is of another account")
        return form

    def _health(self) -> Answer:
        """Whether a caller would reach somebody by a plan that still holds; no number is told."""
        document = self.timetable.document()
        if document is None:
            return "503 Service Unavailable", "application/json", '{"fresh": false}\n'
        fresh = self.clock() < instant(document["until"])
        told = {"fresh": fresh, "made_at": document["made_at"], "until": document["until"]}
        return OK if fresh else "503 Service Unavailable", "application/json", f"{json.dumps(told)}\n"

    def _arrived(self, form: Mapping[str, str], _: Mapping[str, str]) -> str:
        # In the middle of a call nobody here knows whether the caller has talked to somebody by now.
        begun = urlsplit(form.get("ErrorUrl", "")).path in ("", "/voice/incoming")
        return self._go_on(form, form.get("To", ""), [], 1, "help" if begun else "help_still")

    def _next(self, form: Mapping[str, str], carried: Mapping[str, str]) -> str:
        rung = [mark for mark in carried.get("rung", "").split(".") if mark]
        return self._go_on(form, f"+{carried.get('line', '')}", rung, int(carried["lap"]), "help.again")

    def _go_on(self, form: Mapping[str, str], number: str, rung: list[str], lap: int, key: str) -> str:
        found = self._line(number)
        if found is None:
            return response(SORRY, "<Hangup/>")
        if _joined(form):  # they have talked; what should have come after that could not be fetched
            return response(said(found[1], "help_ended"), "<Hangup/>")
        return self._ring(*found, rung, lap, key)

    def _ring(self, number: str, line: Document, rung: list[str], lap: int, key: str) -> str:
        """Ring the next one; whoever takes over while a phone rings is the next."""
        order = ringing(line, self.clock())
        left = [phone for phone in order if self._mark(phone) not in rung]
        if not left and lap < line["rounds"]:
            left, rung, lap = order, [], lap + 1
        if not left:
            return response(said(line, "help_nobody"), "<Hangup/>")
        here = {"line": number.removeprefix("+")}
        carried = here | {"lap": str(lap), "rung": ".".join([*rung, self._mark(left[0])])}
        values = {
            "callerId": number,
            "timeout": str(line["ring_seconds"]),
            "timeLimit": "14400",
            "ringTone": "za",
            "action": self._address("/voice/away/next", carried),
        }
        noun = element("Number", {"url": self._address("/voice/away/whisper", here)}, text(left[0]))
        return response(said(line, key), element("Dial", values, noun))

    def _whisper(self, form: Mapping[str, str], carried: Mapping[str, str]) -> str:
        found = self._line(f"+{carried.get('line', '')}")
        if found is None:
            return response("<Hangup/>")
        if "Digits" in form:
            return response(*([] if form["Digits"] == "1" else ["<Hangup/>"]))
        values = {"input": "dtmf", "numDigits": "1", "timeout": "6", "finishOnKey": ""}
        action = {"action": self._address("/voice/away/whisper", carried)}
        return response(element("Gather", values | action, said(found[1], "help_whisper")), "<Hangup/>")

    def _line(self, number: str) -> tuple[str, Document] | None:
        """The line that was rung, with its number; the only one there is, whatever the carrier calls it."""
        document = self.timetable.document()
        lines: dict[str, Document] = document["lines"] if document else {}
        if number not in lines and len(lines) == 1:
            number = next(iter(lines))
        return (number, lines[number]) if number in lines else None

    def _mark(self, number: str) -> str:
        """A number as the address of the next request carries it: for us alone to know again."""
        return hmac.new(self.tokens[0].encode(), number.encode(), sha256).hexdigest()[:12]

    def _address(self, path: str, carried: Mapping[str, str]) -> str:
        return f"{self.origin}{path}?{urlencode(carried)}{OVERRIDES}"


def response(*verbs: str) -> str:
    """A document of TwiML."""
    return "\n".join(['<?xml version="1.0" encoding="UTF-8"?>', "<Response>", *verbs, "</Response>", ""])


def element(name: str, values: Mapping[str, str], inside: str) -> str:
    """One verb with its attributes."""
    return f"<{name} {' '.join(f'{key}={quoteattr(value)}' for key, value in values.items())}>{inside}</{name}>"


def said(line: Document, key: str) -> str:
    """What somebody hears."""
    return element("Say", {"voice": line["voice"], "language": line["language"]}, text(line["words"][key]))


def text(words: str) -> str:
    """Words as XML takes them."""
    return escape(FORBIDDEN.sub("", words))


def _joined(form: Mapping[str, str]) -> bool:
    if form.get("DialBridged") in ("true", "false"):
        return form["DialBridged"] == "true"
    seconds = form.get("DialCallDuration", "")
    return form.get("DialCallStatus") == "completed" and seconds.isdecimal() and int(seconds) > WHISPER_SECONDS


def _body(environ: WSGIEnvironment) -> bytes:
    length = environ.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal() or len(length) > 9 or int(length) > LARGEST:
        raise Refused("it is too large")
    return bytes(environ["wsgi.input"].read(int(length)))


class Server(ThreadingMixIn, WSGIServer):
    """A thread for every request."""

    daemon_threads = True
    request_queue_size = 128


class Handler(WSGIRequestHandler):
    """Waits for nobody, and logs no address and no number."""

    timeout = 10  # seconds for a request to arrive

    def log_message(self, *_: object) -> None:
        """Nothing."""


def main(environ: Mapping[str, str]) -> int:
    """Serve until stopped; the exit status is 2 where a setting is missing."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    if missing := [name for name in ("PUBLIC_URL", "TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN") if not environ.get(name)]:
        print(f"These settings are missing: {', '.join(missing)}", file=sys.stderr)
        return 2
    tokens = [token.strip() for token in environ["TWILIO_AUTH_TOKEN"].split(",") if token.strip()]
    timetable = Timetable(Path(environ.get("TIMETABLE", "timetable.json")), tokens)
    timetable.document()
    responder = Responder(environ["PUBLIC_URL"], environ["TWILIO_ACCOUNT_SID"], tokens, timetable)
    with make_server("", int(environ.get("PORT", "8080")), responder, Server, Handler) as server:
        log.info("the responder listens on port %d", server.server_port)
        server.serve_forever()
    return 0


if __name__ == "__main__":
    sys.exit(main(os.environ))
