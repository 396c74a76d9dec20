"""The caller's side of a call: prompts, keys, messages, time, transcript."""

import pytest
from booth import CALLER, HOST, LINE, START, Site, elapsed, network, ring

from simulator import EndlessLoop, NobodyListens, Quirks, UnknownTwiml, Waiting, play

MENU = '<Gather numDigits="1" timeout="6" action="/chosen"><Say>Press one\n   or two.</Say></Gather>'
ASK = '<Gather numDigits="9" timeout="4" action="/chosen"><Say>Your reference.</Say></Gather>'
RECORD = '<Record action="/thanks" maxLength="60" recordingStatusCallback="/recorded"/>'


# Requests


def test_the_first_request_carries_the_usual_parameters() -> None:
    site = Site(incoming="<Hangup/>")
    network(site).ring(CALLER, LINE, {"StirVerstat": "TN-Validation-Passed-A"})
    form = site.forms("incoming")[0]
    assert form["CallSid"].startswith("CA")
    assert len(form["CallSid"]) == 34
    assert (form["From"], form["Caller"], form["To"], form["Called"]) == (CALLER, CALLER, LINE, LINE)
    assert (form["CallStatus"], form["Direction"], form["ApiVersion"]) == ("ringing", "inbound", "2010-04-01")
    assert (form["FromCity"], form["CalledCountry"]) == ("", "")
    assert form["StirVerstat"] == "TN-Validation-Passed-A"


def test_later_requests_are_in_progress_and_belong_to_the_same_call() -> None:
    site = Site(incoming=MENU, chosen="<Hangup/>")
    call = ring(site)
    call.press("2")
    form = site.forms("chosen")[0]
    assert (form["CallSid"], form["CallStatus"], form["Digits"]) == (call.sid, "in-progress", "2")


def test_withheld_numbers_pass_as_they_are() -> None:
    site = Site(incoming="<Hangup/>")
    network(site).ring("anonymous", LINE)
    assert site.forms("incoming")[0]["From"] == "anonymous"


def test_the_host_and_the_raw_target_reach_the_application() -> None:
    site = Site(incoming="<Redirect>/next?s=a%2Fb</Redirect>", next="<Hangup/>")
    ring(site)
    assert site.asked[1].target == "/next?s=a%2Fb"
    assert site.asked[1].headers["HTTP_HOST"] == "afterhours.example"


def test_relative_addresses_lead_on_from_the_document() -> None:
    site = Site(**{"incoming": "<Redirect>voice/a?x=1</Redirect>", "voice/a": "<Redirect>b</Redirect>"})
    site.pages["voice/b"] = "<Hangup/>"
    ring(site)
    assert [asked.path for asked in site.asked] == ["incoming", "voice/a", "voice/b"]


def test_only_our_own_numbers_can_be_rung() -> None:
    with pytest.raises(ValueError, match="not a number of ours"):
        network(Site()).ring(CALLER, "+27215550000")


# Gather


def test_a_gather_waits_for_its_caller() -> None:
    call = ring(Site(incoming=MENU, chosen="<Hangup/>"))
    assert call.waiting == Waiting("caller", "gather", CALLER, 1)
    assert call.transcript == ["> Press one or two."]
    call.press("2")
    assert call.waiting is None
    assert call.ended
    assert call.transcript == ["> Press one or two.", "< 2", "~ hangs up"]


def test_a_key_cuts_the_prompt() -> None:
    long = f'<Gather numDigits="1" action="/chosen"><Say>{"word " * 100}</Say></Gather>'
    call = ring(Site(incoming=long, chosen="<Hangup/>"))
    call.press("2")
    assert elapsed(call) == 2


def test_silence_costs_the_prompt_and_the_timeout_and_falls_through() -> None:
    call = ring(Site(incoming=MENU + "<Say>Goodbye.</Say>"))
    call.silence()
    assert call.transcript == ["> Press one or two.", "< says nothing", "> Goodbye.", "~ hangs up"]
    assert elapsed(call) == pytest.approx(4 * 0.4 + 6 + 0.4)


def test_empty_results_are_told_when_asked_for() -> None:
    site = Site(incoming=MENU.replace("action", 'actionOnEmptyResult="true" action'), chosen="<Hangup/>")
    ring(site).silence()
    assert site.forms("chosen")[0]["Digits"] == ""


def test_a_lone_finishing_key_is_no_input() -> None:
    site = Site(incoming=MENU + "<Hangup/>")
    ring(site).press("#")
    assert site.forms("chosen") == []


@pytest.mark.parametrize(
    ("keys", "digits", "seconds"),
    [("482913075", "482913075", 10), ("4829#", "4829", 6), ("48", "48", 3 + 4), ("4829130756", "482913075", 11)],
)
def test_a_reference_keyed_in(keys: str, digits: str, seconds: float) -> None:
    site = Site(incoming=ASK, chosen="<Hangup/>")
    call = ring(site)
    call.press(keys)
    assert site.forms("chosen")[0]["Digits"] == digits
    assert elapsed(call) == seconds


def test_finish_on_no_key_hears_them_all() -> None:
    site = Site(incoming=ASK.replace("timeout", 'finishOnKey="" timeout'), chosen="<Hangup/>")
    ring(site).press("12#")
    assert site.forms("chosen")[0]["Digits"] == "12#"


def test_what_is_no_key_cannot_be_pressed() -> None:
    with pytest.raises(ValueError, match="not keys"):
        ring(Site(incoming=MENU)).press("A")


def test_nobody_listens_where_the_line_does_not_wait() -> None:
    call = ring(Site(incoming=MENU))
    with pytest.raises(NobodyListens):
        call.speak(3)
    with pytest.raises(NobodyListens):
        call.engineer.press("1")
    call.hang_up()
    with pytest.raises(NobodyListens):
        call.press("1")


# The other verbs


def test_say_play_and_pause_take_their_time() -> None:
    call = ring(Site(incoming="<Say loop='2'>Hold on.</Say><Play>/hold.mp3</Play><Pause length='3'/>"))
    assert call.transcript == ["> Hold on.", "> Hold on.", "> (sound hold.mp3)", "~ hangs up"]
    assert elapsed(call) == pytest.approx(1.6 + 5 + 3)


def test_an_empty_response_hangs_up() -> None:
    assert ring(Site(incoming="")).transcript == ["~ hangs up"]


@pytest.mark.parametrize("reason", ["", ' reason="busy"'])
def test_reject_refuses_before_answering(reason: str) -> None:
    site = Site(incoming=f"<Reject{reason}/>", status="")
    call = ring(site, status="status")
    assert call.transcript == ["~ rejects the call"]
    form = site.forms("status")[0]
    assert (form["CallStatus"], form["CallDuration"]) == ("busy", "0")


def test_reject_after_a_redirect_is_still_in_time_but_not_after_words() -> None:
    assert ring(Site(incoming="<Redirect>/no</Redirect>", no="<Reject/>")).ended
    with pytest.raises(UnknownTwiml, match="too late"):
        ring(Site(incoming="<Say>Hello.</Say><Redirect>/no</Redirect>", no="<Reject/>"))


def test_documents_without_end_are_a_loop() -> None:
    with pytest.raises(EndlessLoop):
        ring(Site(incoming="<Redirect>/incoming</Redirect>"))


def test_a_menu_that_never_gives_up_is_a_loop() -> None:
    call = ring(Site(incoming=MENU + "<Redirect>/incoming</Redirect>"))
    with pytest.raises(EndlessLoop):
        play(call)
    assert len(call.documents) == 60


# The end


def test_the_number_hears_of_the_end() -> None:
    site = Site(incoming=MENU, status="")
    call = ring(site, status="status")
    call.clock.advance(60.5)
    call.hang_up()
    form = site.forms("status")[0]
    assert (form["CallSid"], form["CallStatus"], form["SequenceNumber"]) == (call.sid, "completed", "0")
    assert form["Timestamp"] == "Sun, 22 Nov 2026 00:01:00 +0000"
    assert (form["CallDuration"], form["Duration"]) == ("60", "1")
    assert form["CallbackSource"] == "call-progress-events"
    assert call.transcript[-1] == "< hangs up"


# Record


def test_a_message_ended_by_silence() -> None:
    site = Site(incoming=RECORD, thanks="<Hangup/>", recorded="")
    call = ring(site)
    assert call.waiting == Waiting("caller", "record", CALLER)
    call.speak(8)
    action, callback = site.forms("thanks")[0], site.forms("recorded")[0]
    assert action["RecordingDuration"] == "13"
    assert "Digits" not in action
    assert callback["RecordingDuration"] == "8"
    assert callback["RecordingStatus"] == "completed"
    assert callback["RecordingSource"] == "RecordVerb"
    assert callback["RecordingSid"] == action["RecordingSid"] == callback["RecordingUrl"][-34:]
    assert callback["RecordingStartTime"] == "Sun, 22 Nov 2026 00:00:00 +0000"
    assert not {"From", "To"} & set(callback)
    assert call.network.recordings[action["RecordingSid"]].call_sid == call.sid
    assert call.transcript == ["~ records", "< speaks for 8 s", "~ hangs up"]


def test_a_message_ended_by_a_key() -> None:
    site = Site(incoming=RECORD, thanks="<Hangup/>", recorded="")
    call = ring(site)
    call.speak(8, then="#")
    action = site.forms("thanks")[0]
    assert (action["RecordingDuration"], action["Digits"]) == ("8", "#")
    assert call.transcript == ["~ records", "< speaks for 8 s", "< #", "~ hangs up"]


def test_a_key_that_does_not_end_the_message() -> None:
    site = Site(incoming=RECORD.replace("maxLength", 'finishOnKey="*" maxLength'), thanks="", recorded="")
    ring(site).speak(8, then="#")
    assert "Digits" not in site.forms("thanks")[0]


def test_the_longest_message() -> None:
    site = Site(incoming=RECORD, thanks="", recorded="")
    ring(site).speak(600)
    assert site.forms("thanks")[0]["RecordingDuration"] == "60"


@pytest.mark.parametrize("told", [True, False])
def test_hanging_up_after_a_message(told: bool) -> None:
    site = Site(incoming=RECORD, thanks="<Say>Never heard.</Say>", recorded="")
    call = ring(site, quirks=Quirks(record_action_after_hangup=told))
    call.speak(8, then="hang up")
    assert call.ended
    assert [form["Digits"] for form in site.forms("thanks")] == ["hangup"] * told
    assert [form["RecordingDuration"] for form in site.forms("recorded")] == ["8"]
    assert call.transcript == ["~ records", "< speaks for 8 s", "< hangs up"]


def test_hanging_up_at_the_tone() -> None:
    site = Site(incoming=RECORD, thanks="", recorded="")
    call = ring(site)
    call.hang_up()
    assert site.forms("thanks")[0]["CallStatus"] == "completed"
    assert site.forms("recorded")[0]["RecordingDuration"] == "1"


@pytest.mark.parametrize(("silent", "requests"), [("stored", 1), ("falls through", 0)])
def test_a_silent_message(silent: str, requests: int) -> None:
    site = Site(incoming=RECORD + "<Say>Nothing.</Say>", thanks="<Hangup/>", recorded="")
    call = ring(site, quirks=Quirks(silent_recording=silent))
    call.silence()
    assert len(site.forms("thanks")) == len(site.forms("recorded")) == requests
    assert ("> Nothing." in call.transcript) is not bool(requests)


def test_subscribed_recording_events() -> None:
    events = 'recordingStatusCallbackEvent="in-progress completed" maxLength'
    site = Site(incoming=RECORD.replace("maxLength", events), thanks="", recorded="")
    ring(site).speak(8)
    assert [form["RecordingStatus"] for form in site.forms("recorded")] == ["in-progress", "completed"]


# Play a list of keys


def test_play_gives_back_what_it_did_not_use() -> None:
    site = Site(incoming=[MENU + "<Redirect>/incoming</Redirect>", MENU], chosen="<Hangup/>")
    call = ring(site)
    assert play(call, ["-", "2", "7"]) == ["7"]
    assert call.transcript == ["> Press one or two.", "< says nothing", "> Press one or two.", "< 2", "~ hangs up"]


def test_play_leaves_a_message_and_hangs_up() -> None:
    call = ring(Site(incoming=RECORD, thanks="", recorded=""))
    assert play(call) == []
    assert call.transcript == ["~ records", "< speaks for 8 s", "< hangs up"]


# Several at once, and calls that the application makes


def test_two_callers_at_once() -> None:
    site = Site(incoming=MENU, chosen=lambda form: f"<Say>{form['From']} {form['Digits']}</Say>")
    wire = network(site)
    one, other = wire.ring(CALLER, LINE), wire.ring("+27825550201", LINE)
    other.press("2")
    one.press("1")
    assert one.sid != other.sid
    assert one.transcript[-2] == f"> {CALLER} 1"
    assert other.transcript[-2] == "> +27825550201 2"


def test_a_call_made_by_the_application() -> None:
    site = Site(page=MENU, chosen="<Hangup/>")
    wire = network(site)
    call = wire.call_out(LINE, CALLER, f"{HOST}/page")
    assert call.waiting == Waiting("caller", "ringing", CALLER)
    call.answer()
    call.press("1")
    form = site.forms("page")[0]
    assert (form["Direction"], form["CallStatus"], form["To"]) == ("outbound-api", "in-progress", CALLER)
    assert call.transcript[0] == f"~ rings {CALLER}"


def test_a_call_made_by_the_application_that_nobody_takes() -> None:
    wire = network(Site())
    wire.handset(CALLER, "no-answer")
    call = wire.call_out(LINE, CALLER, f"{HOST}/page")
    assert call.ended
    assert call.leg.outcome == "no-answer"
    assert call.requests == []


def test_a_call_steered_and_ended_by_the_application() -> None:
    call = ring(Site(incoming=MENU, elsewhere=ASK))
    call.steer(f"{HOST}/elsewhere")
    assert call.transcript[-1] == "> Your reference."
    call.end()
    assert call.ended
    assert call.transcript[-1] == "~ hangs up"


def test_the_same_seed_gives_the_same_network() -> None:
    calls = [ring(Site(incoming=MENU), seed=7).sid for _ in range(2)]
    assert calls[0] == calls[1] != ring(Site(incoming=MENU), seed=8).sid


def test_time_stands_still_until_somebody_acts() -> None:
    assert ring(Site(incoming=MENU)).clock() == START
