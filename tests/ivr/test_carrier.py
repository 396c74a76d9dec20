"""The carrier behind the Telephone, over HTTP: what each refusal means, and whether it may be sent again."""

from __future__ import annotations

from datetime import datetime, timedelta
from inspect import isfunction
from typing import TYPE_CHECKING

import pytest
from openapi_core.exceptions import OpenAPIError
from pydantic import SecretStr

import description
from conftest import ACCOUNT, LINE, NIGHT, NOBODY, TOKEN, settings_for
from desk.answer import Done, Later, Refused, Unknown
from ivr import provision, refusals
from ivr.carrier import Carrier
from simulator.rest_faults import Fault
from simulator.rest_refusals import CALL_FROM, CALL_TO, MESSAGE_FROM, MESSAGE_TO, TEST_NUMBER, WORDS

if TYPE_CHECKING:
    from pathlib import Path

    from desk.answer import Answer
    from simulator.clock import Clock
    from simulator.rest import Rest

THANDI, ORIGIN = "+27825550101", "https://afterhours.example"
LATER = {20003, 20429, 21611}


def carrier_at(api: str, clock: Clock, **more: object) -> Carrier:
    return Carrier(settings_for("sqlite://", twilio_api=api, **more), clock)


@pytest.fixture
def carrier(rest: Rest, clock: Clock) -> Carrier:
    return carrier_at(rest.config["BASE"], clock)


def text(carrier: Carrier, to: str = THANDI, sender: str = LINE, seconds: int = 30) -> Answer:
    return carrier.text(
        to,
        sender,
        "Ticket 482-913-075.",
        report_to=f"{ORIGIN}/voice/text?row=1",
        lasts=timedelta(hours=1),
        before=carrier.clock() + timedelta(seconds=seconds),
    )


def ring(carrier: Carrier, to: str = THANDI, from_: str = LINE) -> Answer:
    return carrier.ring(
        to,
        from_,
        f"{ORIGIN}/voice/picked_up/0?page=1",
        fallback=f"{ORIGIN}/voice/fallback",
        seconds=20,
        report_to=f"{ORIGIN}/voice/leg",
        before=carrier.clock() + timedelta(seconds=30),
    )


# What is sent


def test_a_text_goes_with_everything_that_belongs_to_it(rest: Rest, carrier: Carrier):
    answer = text(carrier)
    (message,) = rest.account.messages.values()
    assert answer == Done(message.sid)
    assert (message.to, message.from_, message.body, message.validity) == (THANDI, LINE, "Ticket 482-913-075.", 3600)
    assert message.form["StatusCallback"] == [f"{ORIGIN}/voice/text?row=1"]


def test_a_call_asks_for_each_event_by_a_name_of_its_own(rest: Rest, carrier: Carrier):
    answer = ring(carrier)
    (call,) = rest.account.calls.values()
    assert answer == Done(call.sid)
    assert call.form["StatusCallbackEvent"] == ["initiated", "ringing", "answered", "completed"]
    assert rest.account.alerts == []


def test_steer_and_end(rest: Rest, carrier: Carrier):
    call = rest.account.add_call(LINE, THANDI, "outbound-api", status="in-progress")
    assert carrier.steer(call.sid, f"{ORIGIN}/voice/incoming") == Done(call.sid)
    assert carrier.end(call.sid) == Done(call.sid)
    assert call.status == "completed"
    assert carrier.end(call.sid) == Refused("the call is over (21220)", 21220)


def test_a_ring_is_canceled_and_a_conversation_is_not(rest: Rest, carrier: Carrier):
    rings = rest.account.add_call(LINE, THANDI, "outbound-api", status="ringing")
    talks = rest.account.add_call(LINE, THANDI, "outbound-api", status="in-progress")
    assert (carrier.cancel(rings.sid), carrier.cancel(talks.sid)) == (Done(rings.sid), Done(talks.sid))
    assert (rings.status, talks.status) == ("canceled", "in-progress")


# What is refused


@pytest.mark.parametrize(("to", "code"), MESSAGE_TO.items())
def test_a_number_that_cannot_be_texted(carrier: Carrier, to: str, code: int):
    assert text(carrier, to=to, sender=TEST_NUMBER) == Refused(refusals.words(code), code)


@pytest.mark.parametrize(("sender", "code"), MESSAGE_FROM.items())
def test_a_number_that_cannot_send(carrier: Carrier, sender: str, code: int):
    expected = Later if code in LATER else Refused
    assert text(carrier, sender=sender) == expected(refusals.words(code), code)


@pytest.mark.parametrize(("to", "code"), CALL_TO.items())
def test_a_number_that_cannot_be_rung(carrier: Carrier, to: str, code: int):
    assert ring(carrier, to=to, from_=TEST_NUMBER) == Refused(refusals.words(code), code)


@pytest.mark.parametrize(("from_", "code"), [*CALL_FROM.items(), ("+27825550999", 21210), (THANDI, 21210)])
def test_a_number_that_cannot_ring(carrier: Carrier, from_: str, code: int):
    assert ring(carrier, from_=from_) == Refused(refusals.words(code), code)


@pytest.mark.parametrize("to", ["+27215550123", "+27825550666"])
def test_the_newer_codes_for_landlines_are_known_too(rest: Rest, carrier: Carrier, to: str):
    rest.account.narrow_codes = True
    answer = text(carrier, to=to)
    assert isinstance(answer, Refused if to.startswith("+2721") else Done)
    assert not isinstance(answer, Refused) or answer.code == 21635


def test_every_code_of_the_simulated_carrier_that_we_can_meet_has_words():
    never_sent = {20001, 20004, 20009, 21208, 21209, 21402, 21403, 21405, 21406, 21603, 21604, 30409, 32018}
    assert set(WORDS) - never_sent <= set(refusals.WORDS)


def test_the_test_numbers_that_pass_pass(carrier: Carrier):
    assert isinstance(text(carrier, sender=TEST_NUMBER), Done)
    assert isinstance(ring(carrier, from_=TEST_NUMBER), Done)


# What fails


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (Fault.TOO_MANY, Later),
        (Fault.BROKEN, Unknown),
        (Fault.UNAVAILABLE, Unknown),
        (Fault.DROPPED, Unknown),
        (Fault.BROKEN_AFTER, Unknown),
        (Fault.UNAVAILABLE_AFTER, Unknown),
        (Fault.DROPPED_AFTER, Unknown),
    ],
)
def test_a_fault_is_repeated_by_nobody_here(rest: Rest, carrier: Carrier, fault: Fault, expected: type):
    for create in (text, ring):
        rest.faults.next(fault)
        assert isinstance(create(carrier), expected)
    assert len(rest.account.requests) == 2
    assert len(rest.account.messages) == len(rest.account.calls) == (1 if fault.accepted else 0)


def test_whoever_cannot_be_reached_has_not_got_it(clock: Clock):
    assert text(carrier_at(NOBODY, clock)) == Later("the carrier cannot be reached (ConnectionError)")


def test_a_wrong_token_waits_for_people(rest: Rest, clock: Clock):
    stranger = carrier_at(rest.config["BASE"], clock, twilio_auth_token=SecretStr("not the token"))
    assert text(stranger) == Later(refusals.words(20003), 20003)
    assert stranger.texts(THANDI, LINE, NIGHT) == Later(refusals.words(20003), 20003)


@pytest.mark.parametrize(
    ("fault", "expected"), [(Fault.TOO_MANY, Later), (Fault.BROKEN, Unknown), (Fault.DROPPED, Unknown)]
)
def test_a_list_that_fails_says_why(rest: Rest, carrier: Carrier, fault: Fault, expected: type):
    """The client raises these without a code; it stands in the answer alone."""
    for ask in (lambda: carrier.texts(THANDI, LINE, NIGHT), lambda: carrier.legs("CA" + "0" * 32)):
        rest.faults.next(fault)
        assert isinstance(ask(), expected)


def test_nothing_leaves_after_its_time(rest: Rest, carrier: Carrier):
    """The claim ran out: not a byte of the body goes, so there is no request that could be carried out."""
    answer = text(carrier, seconds=0)
    assert answer == Later("not sent by 00:00:00")
    assert rest.account.messages == {}


def test_the_time_runs_out_while_it_connects(rest: Rest, carrier: Carrier, clock: Clock):
    """A worker stopped while it connects wakes with a connection, and still sends nothing."""
    limits = iter([clock()])

    def ticking() -> datetime:  # each look at the clock is a minute after the last
        now = next(limits, clock())
        clock.advance(60)
        return now

    carrier.clock = ticking
    assert isinstance(text(carrier, seconds=90), Later)
    assert rest.account.messages == {}


def test_the_environment_does_not_change_the_host(rest: Rest, carrier: Carrier, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TWILIO_EDGE", "sydney")
    monkeypatch.setenv("TWILIO_REGION", "au1")
    assert isinstance(text(carrier), Done)
    assert rest.account.messages


# What is asked


def test_texts_are_listed_though_they_still_wait_and_the_old_ones_left_out(rest: Rest, carrier: Carrier, clock: Clock):
    rest.account.add_message(LINE, THANDI, "old", "outbound-api")
    clock.advance(3600)
    since = clock()
    new = [rest.account.add_message(LINE, THANDI, str(number), "outbound-api") for number in range(60)]
    rest.account.add_message(LINE, "+27825550102", "to somebody else", "outbound-api")
    seen = carrier.texts(THANDI, LINE, since)
    assert [one.sid for one in seen] == [message.sid for message in new]
    assert (seen[0].body, seen[0].status, seen[0].made_at) == ("0", "queued", since)


def test_texts_are_listed_whatever_they_were_sent_from(rest: Rest, carrier: Carrier):
    """SMS_FROM may have been changed since."""
    sent = rest.account.add_message("Protea IT", THANDI, "x", "outbound-api")
    assert [one.sid for one in carrier.texts(THANDI, "", NIGHT)] == [sent.sid]
    assert carrier.texts(THANDI, LINE, NIGHT) == []


def test_a_clock_that_is_wrong_hides_nothing_that_was_sent(rest: Rest, carrier: Carrier, clock: Clock):
    """Ours is twenty minutes ahead of the carrier's: what we send now it says was sent before that."""
    rest.account.clock = lambda: clock() - timedelta(minutes=20)
    old = rest.account.add_message(LINE, THANDI, "old", "outbound-api")
    clock.advance(3600)
    text(carrier)
    assert [one.body for one in carrier.texts(THANDI, LINE, clock())] == ["Ticket 482-913-075."]
    assert old.sid not in {one.sid for one in carrier.texts(THANDI, LINE, clock())}


def test_a_call_and_its_legs(rest: Rest, carrier: Carrier, clock: Clock):
    call = rest.account.add_call(THANDI, LINE, status="in-progress")
    leg = rest.account.add_call(LINE, THANDI, "outbound-dial", status="in-progress", parent_call_sid=call.sid)
    clock.advance(60)
    rest.account.progress(leg.sid, "completed")
    assert carrier.call(call.sid).ended_at is None
    (seen,) = carrier.legs(call.sid)
    assert (seen.sid, seen.to, seen.status, seen.ended_at) == (leg.sid, THANDI, "completed", clock())
    assert carrier.call("CA" + "0" * 32) == Refused(refusals.words(20404), 20404)
    assert seen.seconds == 60
    assert carrier.calls(THANDI, LINE, NIGHT) == [], "a dialled leg is no call that we placed"
    ours = ring(carrier).reference
    assert [one.sid for one in carrier.calls(THANDI, LINE, NIGHT)] == [ours]


def test_a_recording_is_listed_fetched_and_deleted(rest: Rest, carrier: Carrier):
    call = rest.account.add_call(THANDI, LINE, status="completed")
    kept = rest.account.add_recording(call.sid, 4)
    (seen,) = carrier.recordings(call.sid)
    assert (seen.sid, seen.status, seen.seconds) == (kept.sid, "completed", 4)
    assert carrier.sound(kept.sid)[:1] == b"\xff"
    assert carrier.discard(kept.sid) == carrier.discard(kept.sid) == Done(kept.sid)
    assert carrier.sound(kept.sid) == Refused(refusals.words(20404), 20404)


def everything(rest: Rest, carrier: Carrier) -> dict[str, object]:
    """Each thing that the carrier is asked or told, once, by the method's name."""
    call = rest.account.add_call(THANDI, LINE, status="in-progress")
    recording = rest.account.add_recording(call.sid, 4)
    number = carrier.number(LINE)
    return {
        "text": text(carrier),
        "ring": ring(carrier),
        "texts": carrier.texts(THANDI, LINE, NIGHT),
        "calls": carrier.calls(THANDI, LINE, NIGHT),
        "steer": carrier.steer(call.sid, f"{ORIGIN}/voice/incoming"),
        "end": carrier.end(call.sid),
        "cancel": carrier.cancel(rest.account.add_call(LINE, THANDI, "outbound-api").sid),
        "call": carrier.call(call.sid),
        "legs": carrier.legs(call.sid),
        "begun": carrier.begun(NIGHT.date()),
        "recordings": carrier.recordings(call.sid),
        "sound": carrier.sound(recording.sid),
        "discard": carrier.discard(recording.sid),
        "account": carrier.account(),
        "number": number,
        "set_up": carrier.set_up(number, provision.wanted(provision.Hooks(ORIGIN), LINE)),
    }


def test_every_request_is_held_to_twilio_s_description(rest: Rest, carrier: Carrier):
    """A new method of the carrier has to join them; and a parameter that Twilio does not know is noticed."""
    if not description.SPEC.exists():
        pytest.skip("Twilio's OpenAPI description is not beside the repository (../shared/twilio)")
    answers = everything(rest, carrier)
    asked = {name for name, made in vars(Carrier).items() if isfunction(made) and name[0] != "_"}
    assert asked - {"skew"} == set(answers)
    assert not [name for name, answer in answers.items() if isinstance(answer, Refused | Later | Unknown)]
    assert description.hold(rest) == len(answers) - 1, "all but the sound, which is no JSON"
    for wrong in ({"Bodily": ["?"]}, {"ValidityPeriod": ["soon"]}, {"To": []}):
        create = next(note for note in rest.account.requests if note.path.endswith("/Messages.json"))
        right = dict(create.form)
        create.form.update(wrong)
        with pytest.raises((AssertionError, OpenAPIError)):
            description.hold(rest)
        create.form.clear()
        create.form.update(right)


def test_the_token_is_in_no_log(rest: Rest, carrier: Carrier, caplog: pytest.LogCaptureFixture, tmp_path: Path):
    with caplog.at_level("DEBUG"):
        text(carrier)
    assert ACCOUNT in rest.account.requests[0].path
    assert TOKEN not in caplog.text
    assert THANDI not in caplog.text
