"""The webhooks: signature, step, and what the carrier reports; whatever fails, the caller hears a way to a person."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, cast

from flask import Blueprint, Response, current_app, g, request
from twilio.request_validator import RequestValidator

from desk import numbers
from ivr import outgoing, refusals, replies, reports, verifying
from ivr.callflow import ARRIVAL, STEPS
from ivr.exchange import Asked, Exchange, UnknownCall, failed
from ivr.fallback import Stranded, WayOut
from ivr.seal import BrokenSeal
from ivr.verifying import Rung
from oncall import texting

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from desk.settings import Settings
    from ivr.call import Call
    from ivr.switchboard import Switchboard

log = logging.getLogger(__name__)
voice = Blueprint("voice", __name__, url_prefix="/voice")
REPORTS = {
    "voice.call_status",
    "voice.leg_status",
    "voice.rung",
    "voice.verify_over",
    "voice.recording_status",
    "voice.text_status",
    "voice.texted",
}  # told, not asked: no TwiML
VERIFYING = {"voice.verify", "voice.verify_pressed"}
UNSIGNED = ("The signature does not fit.\n", 403, {"Content-Type": "text/plain"})


@voice.before_request
def check_signature() -> tuple[str, int, dict[str, str]] | None:
    """Only the carrier may speak here (TWILIO.md §2): its signature over the URL it called, and our account."""
    settings: Settings = current_app.extensions["settings"]
    # The raw target: the framework decodes some escapes, and the signature would no longer fit.
    target = request.environ.get("RAW_URI") or request.environ.get("REQUEST_URI") or request.full_path.rstrip("?")
    signature = request.headers.get("X-Twilio-Signature")
    url = settings.public_url + target
    # The form itself, not a dict of it: repeated names are signed too.
    if not signature or not any(
        RequestValidator(one).validate(url, request.form, signature) for one in settings.tokens
    ):
        log.warning("refused a webhook whose signature does not fit: %r", request.path)
        return UNSIGNED
    if request.form.get("AccountSid") != settings.twilio_account_sid:
        log.warning("refused a webhook of another account: %r", request.path)
        return UNSIGNED
    g.signed = True
    return None


@voice.post("/incoming")
def incoming() -> Response:
    """A call arrives."""
    return _speak(Asked(ARRIVAL, 0, None, request.form))


@voice.post("/<step>/<int:number>")
def step(step: str, number: int) -> Response:
    """The carrier has played a step and reports what it heard."""
    if step not in STEPS:
        raise UnknownCall(f"no step is called {step!r}")
    return _speak(Asked(step, number, request.args.get("s"), request.form, request.args.get("page", type=int)))


@voice.post("/fallback")
def fallback() -> Response:
    """The carrier could not use an answer of ours: go on where the call was, or else ring a person directly."""
    log.error("the carrier asked the fallback: error %r", request.form.get("ErrorCode", "?"))
    return _twiml(_exchange().resume(request.form, g.now))


@voice.post("/help/<step>/<int:place>")
def help_dialled(step: str, place: int) -> Response:
    """Somebody was rung without the database; go on with the next or end."""
    return _twiml(_way_out().dialled(_exchange().boards.last, _stranded(), place, g.now))


@voice.post("/help/whisper")
def help_whisper() -> Response:
    """Whoever was rung without the database presses 1."""
    return _twiml(_way_out().whisper(request.form.get("Digits")))


@voice.post("/status")
def call_status() -> tuple[str, int]:
    """The caller's call is over."""
    return _report(lambda session, board, call, now: reports.ended(session, board, call, request.form, now))


@voice.post("/leg")
def leg_status() -> tuple[str, int]:
    """A dialled leg rings, is answered, or is over."""

    def apply(session: Session, board: Switchboard, call: Call, now: datetime) -> None:
        page_id = _exchange().seal.open(call.sid, request.args.get("s", "")).page
        reports.leg(session, board, call, request.form, page_id, now)

    return _report(apply)


@voice.post("/rung")
def rung() -> tuple[str, int]:
    """An engineer who is to call somebody back is rung, answers, or is gone; the page in the URL is ours."""
    form, now, page_id = request.form, g.now, int(request.args["page"])

    def work(session: Session, board: Switchboard) -> None:
        call = outgoing.begin(session, board, page_id, form["CallSid"], now)
        reports.ended(session, board, call, form, now)

    _exchange().write(work)
    return "", 204


@voice.post("/verify")
def verify() -> Response:
    """Whoever answers an engineer's number is asked to confirm it."""
    return _verifying(verifying.question)


@voice.post("/verify/pressed")
def verify_pressed() -> Response:
    """They have pressed a key, or nothing."""
    return _verifying(verifying.answer)


@voice.post("/verify/over")
def verify_over() -> tuple[str, int]:
    """That ring has come a step further."""
    told, now = _rung(), g.now
    _exchange().database.write(lambda session: verifying.reported(session, told, now))
    return "", 204


@voice.post("/recording")
def recording_status() -> tuple[str, int]:
    """A message's file is ready."""
    return _report(lambda session, _, call, now: reports.recorded(session, call, request.form, now))


@voice.post("/text")
def text_status() -> tuple[str, int]:
    """A text has come a step further, or not arrived; the row in the URL is ours, for the signature covers it."""
    form, now = request.form, g.now
    why = refusals.words(int(form["ErrorCode"])) if form.get("ErrorCode") else "no reason was given"
    row, status = int(request.args["row"]), form["MessageStatus"]
    _exchange().database.write(lambda session: texting.reported(session, row, form["MessageSid"], status, why, now))
    return "", 204


@voice.post("/texted")
def texted() -> Response:
    """Somebody writes: an engineer takes a ticket; what anybody else writes goes on their newest open ticket."""
    form, now = request.form, g.now
    wrote = (form.get("From", ""), form.get("Body", ""), form["MessageSid"])

    def work(session: Session, board: Switchboard) -> None:
        if not replies.answered(session, board, *wrote, now):
            reports.texted(session, *wrote, now)

    _exchange().write(work)
    return _twiml("<Response/>")


def no_such_webhook() -> Response:
    """The answer on a voice URL that does not exist: words alone, for nobody has checked who asks."""
    return _twiml(_way_out().apology())


@voice.errorhandler(Exception)
def way_out(error: Exception) -> Response | tuple[str, int] | tuple[str, int, dict[str, str]]:
    """Whatever went wrong: a caller hears an apology and is put through to a person; never HTML, never a 500."""
    if not g.get("signed"):  # it failed before anybody knew that the carrier asks: tell nothing, ring nobody
        log.warning("refused a webhook that cannot be read: %r: %s", request.path, error)
        return UNSIGNED
    log.error("failed on %r for %s", request.path, numbers.masked(request.form.get("From")), exc_info=error)
    if request.endpoint in REPORTS:
        return "", 503  # nobody listens; the carrier tries again, and the report is not lost
    if request.endpoint in VERIFYING:
        return _twiml(_way_out().unproved())
    if request.form.get("Direction") == "outbound-dial":  # an engineer's leg: only a whisper may be played
        return _twiml(_way_out().whisper(None))
    if request.form.get("Direction") == "outbound-api":  # nobody is rung for an engineer who calls back
        return _twiml(_way_out().engineer())
    return _twiml(_way_out().help(_exchange().boards.last, _stranded(), g.now))


def _speak(asked: Asked) -> Response:
    return _twiml(_exchange().answer(asked, g.now))


def _verifying(answer: Callable[[Session, Switchboard, Rung, datetime], str]) -> Response:
    now, told = g.now, _rung()
    return _twiml(_exchange().write(lambda session, board: answer(session, board, told, now)))


def _rung() -> Rung:
    """Whom the call asks; the URL is ours, for the signature covers it."""
    return Rung(int(request.args["staff"]), request.args["code"], request.form, _exchange().origin)


def _report(apply: Callable[[Session, Switchboard, Call, datetime], object]) -> tuple[str, int]:
    exchange, now, form = _exchange(), g.now, request.form

    def work(session: Session, board: Switchboard) -> None:
        call = exchange.call_of(session, form)
        if call:
            apply(session, board, call, now)
        else:
            log.warning("a report of a call that never arrived here: %r", request.path)

    exchange.write(work)
    return "", 204


def _stranded() -> Stranded:
    step, sealed = (request.view_args or {}).get("step", ARRIVAL), request.args.get("s", "")
    if request.endpoint == "voice.fallback":
        asked = failed(request.form)
        step, sealed = asked.step, asked.sealed or ""
    try:
        carried = _exchange().seal.open(request.form.get("CallSid", ""), sealed)
    except BrokenSeal:
        carried, sealed = None, ""
    return Stranded(step, request.form, carried, sealed)


def _way_out() -> WayOut:
    return cast("WayOut", current_app.extensions["way_out"])


def _exchange() -> Exchange:
    return cast("Exchange", current_app.extensions["exchange"])


def _twiml(document: str) -> Response:
    return Response(document, content_type="text/xml; charset=utf-8")
