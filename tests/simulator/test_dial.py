"""The engineer's side of a call: ringing, whisper, bridge, and what the application is told."""

from typing import Any

import pytest
from booth import CALLER, HOST, LINE, THANDI, Site, elapsed, network, ring

from simulator import NobodyListens, Quirks, UnknownTwiml, Waiting, play

NUMBER = (
    '<Number url="/whisper" statusCallback="/status"'
    f' statusCallbackEvent="initiated ringing answered completed">{THANDI}</Number>'
)
DIAL = f'<Dial callerId="{LINE}" timeout="15" action="/dialled">{NUMBER}</Dial>'
WHISPER = '<Gather numDigits="1" timeout="4" action="/screened"><Say>Emergency. Press 1.</Say></Gather><Hangup/>'


def site(**more: Any) -> Site:
    pages: dict[str, Any] = {
        "incoming": DIAL,
        "whisper": WHISPER,
        "screened": lambda form: "" if form["Digits"] == "1" else "<Hangup/>",
        "dialled": "<Say>Goodbye.</Say>",
        "status": "",
        "end": "",
    }
    return Site(**pages | more)


def dialled(office: Site) -> dict[str, str]:
    return {name: value for name, value in office.forms("dialled")[0].items() if name.startswith("Dial")}


def statuses(office: Site) -> list[tuple[str, str]]:
    return [(form["CallStatus"], form["SequenceNumber"]) for form in office.forms("status")]


# A conversation


def test_an_engineer_accepts_by_hand() -> None:
    office = site()
    call = ring(office)
    assert call.waiting == Waiting("engineer", "ringing", THANDI)
    call.engineer.answer()
    assert call.waiting == Waiting("engineer", "gather", THANDI, 1)
    call.engineer.press("1", listening=True)
    assert call.waiting == Waiting("caller", "bridged", CALLER)
    call.talk(600)
    call.engineer.hang_up()
    assert call.transcript == [
        "~ rings Thandi Nkosi",
        "    > Emergency. Press 1.",
        "    < 1",
        "~ joins them",
        "~ they talk for 600 s",
        "    < hangs up",
        "> Goodbye.",
        "~ hangs up",
    ]
    child = call.children[0]
    assert dialled(office) == {
        "DialCallStatus": "completed",
        "DialCallSid": child.sid,
        "DialCallDuration": "602",
        "DialBridged": "true",
    }
    assert child.outcome == "bridged"
    assert (child.bridged - child.answered).total_seconds() == pytest.approx(2.2)
    assert (child.ended - child.bridged).total_seconds() == 600


def test_the_whisper_is_a_request_of_the_child_leg() -> None:
    office = site()
    call = ring(office)
    call.engineer.answer()
    form = office.forms("whisper")[0]
    assert form["CallSid"] == call.children[0].sid != call.sid
    assert form["ParentCallSid"] == call.sid
    assert (form["Direction"], form["From"], form["To"]) == ("outbound-dial", LINE, THANDI)
    assert form["CallStatus"] == "in-progress"


def test_status_callbacks_of_a_clean_call() -> None:
    office = site()
    call = ring(office, talk=600)
    call.engineer.answer()
    call.engineer.press("1")
    assert statuses(office) == [("initiated", "0"), ("ringing", "1"), ("in-progress", "2"), ("completed", "3")]
    last = office.forms("status")[-1]
    assert (last["ParentCallSid"], last["CallDuration"], last["Duration"]) == (call.sid, "602", "11")


def test_the_time_limit_ends_the_talk() -> None:
    office = site(incoming=DIAL.replace("timeout", 'timeLimit="300" timeout'))
    call = ring(office)
    call.engineer.answer()
    call.engineer.press("1")
    call.talk(600)
    assert call.children[0].seconds == 302
    assert call.transcript[-2:] == ["> Goodbye.", "~ hangs up"]


def test_without_a_whisper_whoever_answers_is_joined() -> None:
    call = ring(site(incoming=DIAL.replace('url="/whisper" ', "")))
    call.engineer.answer()
    assert call.waiting.kind == "bridged"


def test_a_number_as_text_and_without_action_goes_on_with_the_next_verb() -> None:
    call = ring(site(incoming=f'<Dial callerId="{LINE}">{THANDI}</Dial><Say>Next.</Say>'))
    call.engineer.decline_ring()
    assert call.transcript[-2:] == ["> Next.", "~ hangs up"]


def test_answer_on_bridge_leaves_the_caller_ringing() -> None:
    office = site(incoming=DIAL.replace("timeout", 'answerOnBridge="true" timeout'))
    ring(office).engineer.let_ring()
    assert office.forms("dialled")[0]["CallStatus"] == "ringing"


# Nobody


@pytest.mark.parametrize(
    ("behaviour", "status", "seconds", "line"),
    [
        ("busy", "busy", 2, "~ Thandi Nkosi is busy"),
        ("no-answer", "no-answer", 20, "~ Thandi Nkosi does not answer"),
        ("failed", "failed", 2, "~ Thandi Nkosi cannot be reached"),
    ],
)
def test_a_ring_that_is_not_taken(behaviour: Any, status: str, seconds: int, line: str) -> None:
    office = site()
    wire = network(office)
    wire.handset(THANDI, behaviour)
    call = wire.ring(CALLER, LINE)
    assert call.transcript[:2] == ["~ rings Thandi Nkosi", line]
    assert dialled(office) == {
        "DialCallStatus": status,
        "DialCallSid": call.children[0].sid,
        "DialBridged": "false",
    }
    assert statuses(office) == [("initiated", "0"), ("ringing", "1"), (status, "2")]
    assert elapsed(call) == pytest.approx(seconds + 0.4)


@pytest.mark.parametrize(
    ("behaviour", "lines"),
    [
        ("decline", ["    < 2", "    ~ hangs up"]),
        ("wrong-key", ["    < 5", "    ~ hangs up"]),
        ("silent", ["    < says nothing", "    ~ hangs up"]),
        ("voicemail", ["    < the greeting talks on", "    ~ hangs up"]),
    ],
)
def test_a_ring_that_is_answered_and_not_accepted(behaviour: Any, lines: list[str]) -> None:
    office = site()
    wire = network(office)
    wire.handset(THANDI, behaviour)
    call = wire.ring(CALLER, LINE)
    heard = call.transcript.index("    > Emergency. Press 1.")
    assert call.transcript[heard + 1 : heard + 3] == lines
    told = dialled(office)
    assert (told["DialCallStatus"], told["DialBridged"]) == ("completed", "false")
    assert int(told["DialCallDuration"]) > 0
    assert call.children[0].outcome == "answered"


def test_an_engineer_hangs_up_in_the_whisper() -> None:
    office = site()
    call = ring(office)
    call.engineer.answer()
    call.engineer.hang_up()
    assert "    < hangs up" in call.transcript
    assert dialled(office)["DialBridged"] == "false"


def test_a_whisper_that_cannot_be_fetched_joins_nobody() -> None:
    office = site(whisper=(500, "text/html", "oops"))
    call = ring(office, fallback="incoming")
    call.engineer.answer()
    assert dialled(office)["DialBridged"] == "false"
    assert len(office.forms("incoming")) == 1


@pytest.mark.parametrize("number", ["0825550101", "+27", "+27 82 555 0101", "anonymous"])
def test_what_is_no_number_fails_at_once(number: str) -> None:
    office = site(incoming=DIAL.replace(THANDI, number))
    call = ring(office)
    assert dialled(office) == {"DialCallStatus": "failed", "DialBridged": "false"}
    assert statuses(office) == []
    assert call.transcript[0] == f"~ {number} cannot be reached"


@pytest.mark.parametrize("caller_id", [f'callerId="{CALLER}"', ""])
def test_a_caller_id_that_is_not_ours_fails_at_once(caller_id: str) -> None:
    office = site(incoming=DIAL.replace(f'callerId="{LINE}"', caller_id))
    assert ring(office).errors[0].startswith("13214")
    assert dialled(office)["DialCallStatus"] == "failed"


def test_an_unreachable_number_fails_without_ringing() -> None:
    office = site()
    wire = network(office)
    wire.unreachable.add(THANDI)
    wire.ring(CALLER, LINE)
    assert statuses(office) == [("initiated", "0"), ("failed", "1")]
    assert dialled(office)["DialCallStatus"] == "failed"


# The caller leaves


def test_the_caller_hangs_up_while_it_rings() -> None:
    office = site()
    call = ring(office)
    call.hang_up()
    assert call.transcript == ["~ rings Thandi Nkosi", "< hangs up", "~ stops ringing Thandi Nkosi"]
    assert statuses(office)[-1] == ("canceled", "2")
    assert call.children[0].outcome == "canceled"
    assert office.forms("dialled") == []
    with pytest.raises(NobodyListens):
        call.engineer.answer()


@pytest.mark.parametrize(
    ("says", "last"), [("canceled", "canceled"), ("no-answer", "no-answer"), ("nothing", "ringing")]
)
def test_what_is_said_of_a_cancelled_leg(says: Any, last: str) -> None:
    office = site()
    ring(office, quirks=Quirks(child_cancel_status=says)).hang_up()
    assert statuses(office)[-1][0] == last


def test_the_caller_hangs_up_in_the_whisper() -> None:
    office = site()
    call = ring(office)
    call.engineer.answer()
    call.hang_up()
    assert call.children[0].outcome == "answered"
    assert statuses(office)[-1] == ("completed", "3")
    assert office.forms("screened") == []


@pytest.mark.parametrize(("caller_first", "order"), [(True, ["end", "screened"]), (False, ["screened", "end"])])
def test_the_engineers_key_crosses_the_callers_hanging_up(caller_first: bool, order: list[str]) -> None:
    office = site()
    call = ring(office, status="end")
    call.engineer.answer()
    call.hang_up(crossing_key="1", caller_first=caller_first)
    assert office.forms("screened")[0]["Digits"] == "1"
    assert [asked.path for asked in office.asked if asked.path in order] == order
    assert call.transcript[-3:] == ["< hangs up", "    < 1", "    ~ hangs up"]
    assert call.children[0].bridged is None


def test_the_dial_action_may_still_come() -> None:
    office = site()
    call = ring(office, quirks=Quirks(dial_action_after_hangup=True))
    call.engineer.answer()
    call.engineer.press("1")
    call.hang_up()
    assert office.forms("dialled")[0]["CallStatus"] == "completed"
    assert dialled(office)["DialBridged"] == "true"
    assert "> Goodbye." not in call.transcript


# Open questions


@pytest.mark.parametrize("status", ["completed", "no-answer", "canceled", "answered"])
def test_what_is_told_of_a_declined_whisper(status: Any) -> None:
    office = site()
    call = ring(office, quirks=Quirks(declined_whisper_status=status))
    call.engineer.answer()
    call.engineer.press("2")
    told = dialled(office)
    assert told["DialCallStatus"] == status
    assert ("DialCallDuration" in told) is (status in ("completed", "answered"))


def test_dial_bridged_may_be_absent() -> None:
    office = site()
    ring(office, quirks=Quirks(dial_bridged="absent")).engineer.decline_ring()
    assert "DialBridged" not in dialled(office)


def test_the_whisper_may_say_ringing() -> None:
    office = site()
    ring(office, quirks=Quirks(whisper_call_status="ringing")).engineer.answer()
    assert office.forms("whisper")[0]["CallStatus"] == "ringing"


@pytest.mark.parametrize(("counts", "number"), [("all", "3"), ("subscribed", "0")])
def test_what_the_sequence_counts(counts: Any, number: str) -> None:
    office = site(incoming=DIAL.replace(' statusCallbackEvent="initiated ringing answered completed"', ""))
    call = ring(office, quirks=Quirks(sequence_counts=counts))
    call.engineer.answer()
    call.engineer.press("2")
    assert statuses(office) == [("completed", number)]


# Telephones that answer by themselves


def test_a_handset_has_a_plan_for_successive_rings() -> None:
    office = site(dialled=lambda form: "" if form["DialBridged"] == "true" else DIAL)
    wire = network(office)
    wire.handset(THANDI, ["voicemail", "busy", "accept"])
    call = wire.ring(CALLER, LINE)
    assert play(call, ["9"], talk=60) == ["9"]
    assert [child.outcome for child in call.children] == ["answered", "busy", "bridged"]
    assert call.children[-1].seconds == 62


def test_telephones_behave_in_the_order_in_which_they_ring() -> None:
    second = DIAL.replace(THANDI, "+27825550102")
    wire = network(site(dialled=[second, "<Hangup/>"]))
    wire.in_order(["decline", "accept"])
    call = wire.ring(CALLER, LINE)
    assert call.waiting.kind == "bridged"
    assert [child.to for child in call.children] == [THANDI, "+27825550102"]


def test_a_talk_given_beforehand() -> None:
    wire = network(site(), talk=600)
    wire.handset(THANDI, "accept")
    call = wire.ring(CALLER, LINE)
    assert call.ended
    assert call.transcript[-3:] == ["~ they talk for 600 s", "< hangs up", "    ~ hangs up"]


def test_an_unknown_behaviour_is_refused() -> None:
    with pytest.raises(ValueError, match="one of accept"):
        network(site()).handset(THANDI, ["acept"])  # type: ignore[list-item]


def test_a_wrong_key_may_be_followed_by_silence() -> None:
    office = site(screened=lambda form: "" if form["Digits"] == "1" else WHISPER)
    wire = network(office)
    wire.handset(THANDI, "wrong-key")
    call = wire.ring(CALLER, LINE)
    assert [line for line in call.transcript if line.startswith("    <")] == ["    < 5", "    < says nothing"]


def test_one_telephone_in_two_calls_is_a_clash() -> None:
    wire = network(site())
    one, other = wire.ring(CALLER, LINE), wire.ring("+27825550201", LINE)
    assert len(wire.clashes) == 1
    other.hang_up()
    one.engineer.let_ring()
    wire.ring(CALLER, LINE)
    assert len(wire.clashes) == 1


def test_a_steered_call_drops_the_other_leg_and_goes_on() -> None:
    office = site(elsewhere="<Say>Elsewhere.</Say>")
    call = ring(office)
    call.steer(f"{HOST}/elsewhere")
    assert call.transcript[-3:] == ["~ stops ringing Thandi Nkosi", "> Elsewhere.", "~ hangs up"]
    assert office.forms("dialled") == []


def test_a_whisper_says_only_four_verbs() -> None:
    call = ring(site(whisper="<Pause/>"))
    with pytest.raises(UnknownTwiml, match="13201"):
        call.engineer.answer()
