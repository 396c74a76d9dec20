"""The carrier's REST API as the product meets it: through Twilio's own client, over a socket."""

import io
import json
import wave
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from threading import Event, Thread
from typing import Any

import pytest
import requests
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from simulator.clock import Clock
from simulator.rest import Rest, create_rest, serve
from simulator.rest_faults import Fault
from simulator.rest_refusals import CALL_FROM, CALL_TO, MESSAGE_FROM, MESSAGE_TO, TEST_NUMBER, WORDS

SID, TOKEN = "AC" + "0" * 32, "the-token"
OURS, THANDI, FATIMA = "+27878090263", "+27825550101", "+27825550201"
URL = "https://line.example.com/page"
NOON = datetime(2026, 11, 16, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")


@pytest.fixture
def clock() -> Clock:
    return Clock(NOON)


@pytest.fixture
def rest(clock: Clock) -> Rest:
    rest = create_rest(SID, TOKEN, clock, keys={"SK" + "1" * 32: "the-secret"})
    rest.account.add_number(OURS, voice_url="https://line.example.com/voice")
    return rest


@pytest.fixture
def base(rest: Rest) -> Iterator[str]:
    with serve(rest) as base:
        yield base


Sign = Callable[[str, str], Client]


@pytest.fixture
def sign(base: str) -> Iterator[Sign]:
    """A Twilio client for a user name and a password; five seconds of patience."""
    opened = []

    def sign(user: str, password: str) -> Client:
        http = TwilioHttpClient(timeout=5)
        assert http.session is not None
        opened.append(http.session)
        client = Client(user, password, SID, http_client=http)
        client.api.base_url = base
        return client

    yield sign
    for session in opened:
        session.close()


@pytest.fixture
def twilio(sign: Sign) -> Client:
    return sign(SID, TOKEN)


def code_of(action: Callable[[], object]) -> int:
    """The error code of a refusal, once its other parts have been seen to be as Twilio's."""
    with pytest.raises(TwilioException) as refused:
        action()
    error = refused.value
    if isinstance(error, TwilioRestException):
        code, status, message = int(error.code or 0), error.status, error.msg
    else:  # a list that fails gives its answer, and no code, with a plain TwilioException
        answer = json.loads(error.args[1].text)
        code, status, message = answer["code"], error.args[1].status_code, answer["message"]
        assert answer["status"] == status
    assert status == WORDS[code][0]
    assert message
    return code


def call(twilio: Client, to: str = THANDI, from_: str = OURS, **more: object) -> str:
    return str(twilio.calls.create(to=to, from_=from_, **({"url": URL} | more)).sid)


def text(twilio: Client, to: str = THANDI, from_: str = OURS, body: str = "Hello", **more: object) -> str:
    return str(twilio.messages.create(to=to, from_=from_, body=body, **more).sid)


# Who may ask


def test_a_wrong_token_a_wrong_user_and_nobody_are_refused(sign: Sign, base: str) -> None:
    assert code_of(sign(SID, "guess").calls.list) == 20003
    assert code_of(sign("SK" + "2" * 32, "the-secret").calls.list) == 20003
    answer = requests.get(f"{base}/2010-04-01/Accounts/{SID}/Calls.json", timeout=5)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Basic")
    assert answer.json()["more_info"] == "https://www.twilio.com/docs/errors/20003"


def test_an_api_key_does_all_but_look_at_the_account(sign: Sign) -> None:
    key = sign("SK" + "1" * 32, "the-secret")
    assert key.calls.list() == []
    assert code_of(key.api.accounts(SID).fetch) == 20003


def test_the_account_says_that_it_is_active(twilio: Client) -> None:
    account = twilio.api.accounts(SID).fetch()
    assert (account.sid, account.status, account.type) == (SID, "active", "Full")


def test_another_account_and_an_unknown_address_are_not_found(twilio: Client, base: str) -> None:
    assert code_of(twilio.api.accounts("AC" + "9" * 32).calls.list) == 20404
    answer = requests.get(f"{base}/2010-04-01/Accounts/{SID}/Faxes.json", auth=(SID, TOKEN), timeout=5)
    assert (answer.status_code, answer.json()["code"]) == (404, 20404)
    answer = requests.put(f"{base}/2010-04-01/Accounts/{SID}/Calls.json", auth=(SID, TOKEN), timeout=5)
    assert (answer.status_code, answer.json()["code"]) == (405, 20004)


# Calls


def test_a_call_is_queued_and_heard_of_with_every_parameter_it_came_with(rest: Rest, twilio: Client) -> None:
    heard: list[Any] = []
    rest.account.on_call = heard.append
    made = twilio.calls.create(
        to=THANDI,
        from_=OURS,
        url=URL,
        timeout=20,
        status_callback=URL,
        status_callback_event=["ringing", "answered"],
    )
    assert (made.status, made.direction, made.start_time, made.date_created) == (
        "queued",
        "outbound-api",
        None,
        NOON,
    )
    assert heard == [rest.account.calls[made.sid]]
    assert heard[0].form["StatusCallbackEvent"] == ["ringing", "answered"]
    assert heard[0].form["Timeout"] == ["20"]
    assert rest.account.alerts == []


def test_the_answer_says_queued_whatever_the_network_does_meanwhile(rest: Rest, twilio: Client) -> None:
    rest.account.on_call = lambda call: rest.account.progress(call.sid, "ringing")
    made = twilio.calls.create(to=THANDI, from_=OURS, url=URL)
    assert made.status == "queued"
    assert twilio.calls(made.sid).fetch().status == "ringing"


def test_events_in_one_word_are_accepted_and_only_the_debugger_complains(rest: Rest, twilio: Client) -> None:
    sid = call(twilio, status_callback=URL, status_callback_event=["ringing answered"])
    assert rest.account.alerts == [(21626, sid)]


def test_a_call_is_answered_ends_and_is_timed_from_the_answer(rest: Rest, clock: Clock, twilio: Client) -> None:
    sid = call(twilio)
    rest.account.progress(sid, "ringing")
    clock.advance(12)
    rest.account.progress(sid, "in-progress")
    clock.advance(90)
    rest.account.progress(sid, "completed")
    ended = twilio.calls(sid).fetch()
    assert (ended.status, ended.duration) == ("completed", "90")
    assert (ended.start_time, ended.end_time) == (NOON, NOON + timedelta(seconds=102))


@pytest.mark.parametrize("end", ["busy", "no-answer", "failed", "canceled"])
def test_a_call_nobody_answered_has_no_duration_and_stays_ended(rest: Rest, twilio: Client, end: str) -> None:
    sid = call(twilio)
    rest.account.progress(sid, end)
    assert twilio.calls(sid).fetch().duration is None
    with pytest.raises(ValueError, match=end):
        rest.account.progress(sid, "in-progress")


def test_a_waiting_call_is_cancelled_and_a_call_in_progress_is_not(rest: Rest, twilio: Client) -> None:
    over: list[Any] = []
    rest.account.on_hang_up = over.append
    waiting, talking = call(twilio), call(twilio)
    rest.account.progress(talking, "in-progress")
    assert twilio.calls(waiting).update(status="canceled").status == "canceled"
    assert twilio.calls(talking).update(status="canceled").status == "in-progress"
    assert twilio.calls(talking).update(status="completed").status == "completed"
    assert [ended.sid for ended in over] == [waiting, talking]


def test_only_a_call_in_progress_can_be_steered(rest: Rest, twilio: Client) -> None:
    steered = []
    rest.account.on_steer = lambda call, form: steered.append((call.sid, form))
    sid = call(twilio)
    assert code_of(lambda: twilio.calls(sid).update(url=URL)) == 21220
    rest.account.progress(sid, "in-progress")
    twilio.calls(sid).update(url=URL, method="POST")
    twilio.calls(sid).update(twiml="<Response/>")
    assert steered == [(sid, {"Url": [URL], "Method": ["POST"]}), (sid, {"Twiml": ["<Response/>"]})]
    twilio.calls(sid).update(status="completed")
    assert code_of(lambda: twilio.calls(sid).update(url=URL)) == 21220
    assert code_of(lambda: twilio.calls(sid).update(status="completed")) == 21220


def test_an_ended_call_can_be_deleted_and_then_is_gone(rest: Rest, twilio: Client) -> None:
    sid = call(twilio)
    assert code_of(twilio.calls(sid).delete) == 20009
    rest.account.progress(sid, "busy")
    assert twilio.calls(sid).delete()
    assert code_of(twilio.calls(sid).fetch) == 20404


@pytest.mark.parametrize(("from_", "code"), CALL_FROM.items())
def test_callers_of_the_test_table(twilio: Client, from_: str, code: int) -> None:
    assert code_of(lambda: call(twilio, from_=from_)) == code


@pytest.mark.parametrize(("to", "code"), CALL_TO.items())
@pytest.mark.parametrize("from_", [OURS, TEST_NUMBER])
def test_callees_of_the_test_table(twilio: Client, from_: str, to: str, code: int) -> None:
    assert code_of(lambda: call(twilio, to, from_)) == code


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"to": ""}, 21201),
        ({"from_": ""}, 21213),
        ({"from_": "0825550101"}, 21212),
        ({"from_": THANDI}, 21210),
        ({"to": "0825550101"}, 21217),
        ({"to": "+2782555010"}, 21217),
        ({"to": "+441632960001"}, 21215),
        ({"to": FATIMA}, 21216),
        ({"url": ""}, 21205),
        ({"url": "/page"}, 21205),
        ({"url": "https://my_host.example.com/"}, 21205),
        ({"method": "PUT"}, 21209),
        ({"status_callback": "line.example.com"}, 21609),
        ({"timeout": 601}, 21208),
        ({"url": "", "twiml": "x" * 4001}, 32018),
    ],
)
def test_calls_that_are_refused(rest: Rest, twilio: Client, change: dict[str, object], code: int) -> None:
    rest.account.may_call = ("+27",)
    rest.account.uncallable[FATIMA] = 21216
    assert code_of(lambda: call(twilio, **change)) == code  # type: ignore[arg-type]
    assert rest.account.calls == {}


def test_a_verified_number_may_be_shown_and_the_test_number_stirs_no_network(rest: Rest, twilio: Client) -> None:
    heard: list[Any] = []
    rest.account.on_call = heard.append
    rest.account.verified.add(THANDI)
    call(twilio, FATIMA, THANDI)
    call(twilio, FATIMA, TEST_NUMBER)
    assert [made.from_ for made in heard] == [THANDI]


# Lists


def test_calls_are_listed_newest_first_by_number_status_and_parent(rest: Rest, twilio: Client) -> None:
    parent = rest.account.add_call(FATIMA, OURS, status="in-progress")
    leg = rest.account.add_call(OURS, THANDI, "outbound-dial", status="ringing", parent_call_sid=parent.sid)
    made = call(twilio)
    assert [one.sid for one in twilio.calls.list()] == [made, leg.sid, parent.sid]
    assert [one.sid for one in twilio.calls.list(to=THANDI, from_=OURS)] == [made, leg.sid]
    assert [one.sid for one in twilio.calls.list(status="ringing")] == [leg.sid]
    assert [one.sid for one in twilio.calls.list(parent_call_sid=parent.sid)] == [leg.sid]
    assert parent.phone_number_sid == leg.phone_number_sid == next(iter(rest.account.numbers))


def test_calls_are_listed_by_start(rest: Rest, clock: Clock, twilio: Client) -> None:
    first = rest.account.add_call(FATIMA, OURS, status="ringing").sid
    clock.advance(24 * 3600)
    second = rest.account.add_call(FATIMA, OURS, status="ringing").sid
    queued = call(twilio)

    def sids(**dates: object) -> list[str | None]:
        return [one.sid for one in twilio.calls.list(**dates)]

    day_after = NOON + timedelta(days=1)
    assert sids(start_time=NOON) == [first]
    assert sids(start_time="2026-11-17") == [second]
    assert sids(start_time_after=NOON + timedelta(seconds=1)) == [second]
    assert sids(start_time_after="2026-11-16") == [second, first]
    assert sids(start_time_before=day_after) == [first]
    assert sids(start_time_before="2026-11-16") == []
    assert queued not in sids(start_time_after=NOON)  # not dialled yet: it has no start
    rest.account.whole_days = True
    assert sids(start_time_after=day_after + timedelta(hours=1)) == [second]
    assert code_of(lambda: sids(start_time="yesterday")) == 20001


def test_pages_follow_each_other_though_new_calls_come_in(rest: Rest, twilio: Client) -> None:
    sids = [rest.account.add_call(FATIMA, OURS).sid for _ in range(5)][::-1]
    first = twilio.calls.page(to=OURS, page_size=2)
    rest.account.add_call(FATIMA, OURS)
    second = first.next_page()
    assert second is not None
    third = second.next_page()
    assert third is not None
    assert [[one.sid for one in page] for page in (first, second, third)] == [sids[:2], sids[2:4], sids[4:]]
    assert third.next_page() is None
    back = twilio.calls.get_page(third.previous_page_url or "")
    assert [one.sid for one in back] == sids[2:4]
    assert len(twilio.calls.list(page_size=4)) == 6
    assert code_of(lambda: twilio.calls.page(page_size="many")) == 20001


# Messages


def test_a_text_is_queued_sent_and_delivered(rest: Rest, clock: Clock, twilio: Client) -> None:
    heard: list[Any] = []
    rest.account.on_message = heard.append
    made = twilio.messages.create(to=THANDI, from_=OURS, body="Hello", validity_period=600)
    assert (made.status, made.date_sent, made.num_segments) == ("queued", None, "1")
    assert heard == [rest.account.messages[made.sid]]
    assert heard[0].validity == 600
    clock.advance(3)
    for status in ("sending", "sent", "delivered"):
        rest.account.progress(made.sid, status)
    fetched = twilio.messages(made.sid).fetch()
    assert (fetched.status, fetched.date_sent, fetched.body) == ("delivered", clock(), "Hello")


def test_a_text_that_did_not_arrive_says_why(rest: Rest, twilio: Client) -> None:
    sid = text(twilio)
    rest.account.progress(sid, "undelivered", error_code=30003)
    assert twilio.messages(sid).fetch().error_code == 30003
    with pytest.raises(ValueError, match="undelivered"):
        rest.account.progress(sid, "delivered")


@pytest.mark.parametrize(("from_", "code"), MESSAGE_FROM.items())
def test_senders_of_the_test_table(twilio: Client, from_: str, code: int) -> None:
    assert code_of(lambda: text(twilio, from_=from_)) == code


@pytest.mark.parametrize(("to", "code"), MESSAGE_TO.items())
def test_recipients_of_the_test_table(twilio: Client, to: str, code: int) -> None:
    assert code_of(lambda: text(twilio, to, TEST_NUMBER)) == code


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"to": ""}, 21604),
        ({"from_": ""}, 21603),
        ({"body": ""}, 21602),
        ({"body": "x" * 1601}, 21617),
        ({"from_": "+2787"}, 21212),
        ({"from_": "Afterhours Line"}, 21212),
        ({"from_": THANDI}, 21606),
        ({"from_": "+27878090264"}, 21606),
        ({"from_": "Unlisted"}, 21606),
        ({"to": "082 555 0101"}, 21211),
        ({"to": OURS}, 21266),
        ({"to": "+27218090263"}, 21614),
        ({"to": "+441632960001"}, 21408),
        ({"to": FATIMA}, 21612),
        ({"status_callback": "https://"}, 21609),
        ({"validity_period": 36001}, 20001),
    ],
)
def test_texts_that_are_refused(rest: Rest, twilio: Client, change: dict[str, object], code: int) -> None:
    rest.account.add_number("+27878090264", sms=False)
    rest.account.may_text = ("+27",)
    rest.account.untextable[FATIMA] = 21612
    assert code_of(lambda: text(twilio, **change)) == code  # type: ignore[arg-type]
    assert rest.account.messages == {}


def test_the_narrower_codes_of_2024_can_be_switched_on(rest: Rest, twilio: Client) -> None:
    rest.account.narrow_codes = True
    rest.account.add_number("+27878090264", sms=False)
    assert code_of(lambda: text(twilio, from_=THANDI)) == 21659
    assert code_of(lambda: text(twilio, from_="+27878090264")) == 21661
    assert code_of(lambda: text(twilio, "+27218090263")) == 21635


def test_a_name_or_a_service_may_send(rest: Rest, twilio: Client) -> None:
    rest.account.senders.add("Afterhours")
    assert text(twilio, from_="Afterhours")
    service = twilio.messages.create(to=THANDI, messaging_service_sid="MG" + "3" * 32, body="Hello")
    assert (service.status, service.from_) == ("accepted", None)


def test_after_stop_nothing_is_sent_until_start(rest: Rest, twilio: Client) -> None:
    rest.account.receive(THANDI, OURS, " stop ")
    assert code_of(lambda: text(twilio)) == 21610
    assert text(twilio, FATIMA)
    rest.account.receive(THANDI, OURS, "Start")
    assert text(twilio)
    assert [one.body for one in twilio.messages.list(from_=THANDI)] == ["Start", " stop "]


def test_texts_are_listed_by_the_day_they_were_sent(rest: Rest, clock: Clock, twilio: Client) -> None:
    first = text(twilio)
    rest.account.progress(first, "sent")
    clock.advance(24 * 3600)
    second, unsent = text(twilio), text(twilio)
    rest.account.progress(second, "sent")

    def sids(**dates: object) -> list[str | None]:
        return [one.sid for one in twilio.messages.list(**dates)]

    assert sids(date_sent="2026-11-16") == [first]
    assert sids(date_sent_after=NOON, to=THANDI, from_=OURS) == [second, first]
    assert sids(date_sent_before="2026-11-16") == [first]  # "on and before"
    assert sids(to=THANDI) == [unsent, second, first]


def test_a_text_is_redacted_and_deleted_once_it_is_on_its_way(rest: Rest, twilio: Client) -> None:
    sid = text(twilio)
    assert code_of(lambda: twilio.messages(sid).update(body="")) == 20009
    assert code_of(twilio.messages(sid).delete) == 20009
    assert code_of(lambda: twilio.messages(sid).update(status="canceled")) == 30409
    rest.account.progress(sid, "delivered")
    assert code_of(lambda: twilio.messages(sid).update(body="Other words")) == 20001
    assert twilio.messages(sid).update(body="").body == ""
    assert twilio.messages(sid).delete()
    assert code_of(twilio.messages(sid).fetch) == 20404


@pytest.mark.parametrize(
    ("body", "segments"),
    [
        ("x" * 160, "1"),
        ("x" * 161, "2"),
        ("x" * 307, "3"),
        ("’" * 70, "1"),
        ("’" * 71, "2"),
        ("’" * 135, "3"),
    ],
)
def test_long_texts_count_as_several(twilio: Client, body: str, segments: str) -> None:
    assert twilio.messages.create(to=THANDI, from_=OURS, body=body).num_segments == segments


# Recordings


@pytest.fixture
def recorded(rest: Rest) -> str:
    call = rest.account.add_call(FATIMA, OURS, status="in-progress")
    return rest.account.add_recording(call.sid, 3).sid


def test_recordings_are_listed_of_the_account_and_of_a_call(rest: Rest, twilio: Client, recorded: str) -> None:
    other = rest.account.add_call(FATIMA, OURS).sid
    call_sid = rest.account.recordings[recorded].call_sid
    assert [one.sid for one in twilio.recordings.list()] == [recorded]
    assert [one.sid for one in twilio.recordings.list(call_sid=call_sid, date_created_after=NOON)] == [recorded]
    assert twilio.recordings.list(call_sid=other) == twilio.calls(other).recordings.list() == []
    assert [one.sid for one in twilio.calls(call_sid).recordings.list()] == [recorded]
    assert code_of(twilio.calls("CA" + "9" * 32).recordings.list) == 20404


def test_the_sound_comes_as_wav_or_mp3_and_only_with_a_password(twilio: Client, recorded: str) -> None:
    url = str(twilio.recordings(recorded).fetch().media_url)
    plain, wav, mp3 = (requests.get(url + end, auth=(SID, TOKEN), timeout=5) for end in ("", ".wav", ".mp3"))
    assert plain.content == wav.content
    assert (wav.headers["Content-Type"], mp3.headers["Content-Type"]) == ("audio/x-wav", "audio/mpeg")
    with wave.open(io.BytesIO(wav.content)) as sound:
        assert sound.getnframes() / sound.getframerate() == 3
    assert mp3.content[:2] == b"\xff\xf3"
    assert requests.get(url, timeout=5).status_code == 401


def test_sound_under_way_is_not_there_yet(rest: Rest, twilio: Client, recorded: str) -> None:
    rest.account.recordings[recorded].status = "processing"
    found = twilio.recordings(recorded).fetch()
    assert found.status == "processing"
    assert requests.get(str(found.media_url), auth=(SID, TOKEN), timeout=5).status_code == 404


def test_a_recording_brings_its_own_sound(rest: Rest, twilio: Client, recorded: str) -> None:
    call_sid = rest.account.recordings[recorded].call_sid
    own = rest.account.add_recording(call_sid, 1, audio=b"RIFF and so on")
    url = str(twilio.recordings(own.sid).fetch().media_url)
    assert requests.get(url, auth=(SID, TOKEN), timeout=5).content == b"RIFF and so on"


def test_a_deleted_recording_keeps_its_facts_for_those_who_ask(twilio: Client, recorded: str) -> None:
    url = str(twilio.recordings(recorded).fetch().media_url)
    assert twilio.recordings(recorded).delete()
    assert code_of(twilio.recordings(recorded).fetch) == 20404
    assert code_of(twilio.recordings(recorded).delete) == 20404
    assert requests.get(f"{url}.wav", auth=(SID, TOKEN), timeout=5).status_code == 404
    assert twilio.recordings.list() == []
    assert [one.status for one in twilio.recordings.list(include_soft_deleted=True)] == ["deleted"]
    assert twilio.recordings(recorded).fetch(include_soft_deleted=True).duration == "3"


# Numbers


@pytest.mark.parametrize(("part", "found"), [(OURS, True), ("8090263", True), ("+2787***0263", True), ("82", False)])
def test_numbers_are_found_by_part_and_say_what_they_can_do(twilio: Client, part: str, found: bool) -> None:
    numbers = twilio.incoming_phone_numbers.list(phone_number=part)
    assert [one.phone_number for one in numbers] == [OURS] * found
    assert all(one.capabilities["sms"] and one.voice_method == "POST" for one in numbers)


def test_a_number_takes_new_addresses(rest: Rest, twilio: Client) -> None:
    sid = next(iter(rest.account.numbers))
    changed = twilio.incoming_phone_numbers(sid).update(
        voice_url=URL, voice_fallback_url=URL, voice_fallback_method="GET", status_callback=URL, sms_url=URL
    )
    assert (changed.voice_url, changed.voice_fallback_method, changed.sms_url) == (URL, "GET", URL)
    fetched = twilio.incoming_phone_numbers(sid).fetch()
    assert (fetched.voice_fallback_url, fetched.status_callback, fetched.sms_method) == (URL, URL, "POST")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"voice_url": "", "voice_fallback_url": URL}, 21405),
        ({"sms_fallback_url": URL}, 21406),
        ({"voice_url": "line.example.com"}, 21402),
        ({"status_callback": "ftp://line.example.com"}, 21402),
        ({"voice_method": "PUT"}, 21403),
    ],
)
def test_addresses_that_are_refused(rest: Rest, twilio: Client, change: dict[str, str], code: int) -> None:
    sid = next(iter(rest.account.numbers))
    assert code_of(lambda: twilio.incoming_phone_numbers(sid).update(**change)) == code
    assert rest.account.numbers[sid].settings == {"voice_url": "https://line.example.com/voice"}


# Misbehaviour


@pytest.mark.parametrize(
    ("fault", "code"), [(Fault.TOO_MANY, 20429), (Fault.BROKEN, 20500), (Fault.UNAVAILABLE, 20503)]
)
def test_a_request_that_fails_leaves_nothing(rest: Rest, twilio: Client, fault: Fault, code: int) -> None:
    rest.faults.next(fault)
    assert code_of(lambda: text(twilio)) == code
    assert rest.account.messages == {}
    assert text(twilio)
    assert [(one.fault, one.status) for one in rest.account.requests] == [
        (fault.name, WORDS[code][0]),
        (None, 201),
    ]


@pytest.mark.parametrize(("fault", "kept"), [(Fault.DROPPED, 0), (Fault.DROPPED_AFTER, 1)])
def test_a_dropped_connection_leaves_the_caller_in_doubt(rest: Rest, twilio: Client, fault: Fault, kept: int) -> None:
    rest.faults.next(fault)
    with pytest.raises(requests.ConnectionError):
        call(twilio)
    assert len(twilio.calls.list(to=THANDI)) == kept
    assert [one.status for one in rest.account.requests] == [None, 200]


@pytest.mark.parametrize(("fault", "code"), [(Fault.UNAVAILABLE_AFTER, 20503), (Fault.BROKEN_AFTER, 20500)])
def test_an_error_may_hide_an_accepted_request(rest: Rest, twilio: Client, fault: Fault, code: int) -> None:
    rest.faults.next(None, fault)
    text(twilio)
    assert code_of(lambda: text(twilio, FATIMA)) == code
    assert [one.to for one in rest.account.messages.values()] == [THANDI, FATIMA]


def test_the_client_gives_up_on_a_slow_carrier_that_accepts(rest: Rest, twilio: Client) -> None:
    go_on = Event()
    rest.faults.stall = lambda method, path, accepted: accepted and go_on.wait(5)
    with pytest.raises(requests.ReadTimeout):
        twilio.http_client.request(
            "POST",
            f"{twilio.api.base_url}/2010-04-01/Accounts/{SID}/Messages.json",
            data={"To": THANDI, "From": OURS, "Body": "Hello"},
            auth=(SID, TOKEN),
            timeout=0.05,
        )
    go_on.set()
    rest.faults.stall = None
    assert [one.to for one in twilio.messages.list()] == [THANDI]


def test_fractions_hit_as_often_as_said_and_the_same_for_the_same_seed(rest: Rest) -> None:
    def outcomes(seed: str) -> list[Fault | None]:
        faults = create_rest(SID, TOKEN, rest.account.clock).faults
        faults.seed = seed
        faults.fractions = {Fault.UNAVAILABLE: 0.1, Fault.DROPPED_AFTER: 0.05}
        faults.concerns = lambda method, path: method == "POST"
        assert faults.strike("GET", "/") is None
        return [faults.strike("POST", "/") for _ in range(2000)]

    first = outcomes("1")
    assert first == outcomes("1") != outcomes("2")
    assert 150 < first.count(Fault.UNAVAILABLE) < 250
    assert 60 < first.count(Fault.DROPPED_AFTER) < 140


# The rest


def test_ids_are_the_same_for_the_same_seed(clock: Clock) -> None:
    def sids(seed: str) -> list[str]:
        account = create_rest(SID, TOKEN, clock, seed=seed).account
        return [account.add_call(FATIMA, OURS).sid for _ in range(3)]

    assert sids("1") == sids("1")
    assert not set(sids("1")) & set(sids("2"))


def test_every_request_is_noted_with_its_time(rest: Rest, clock: Clock, twilio: Client) -> None:
    twilio.calls.list(to=THANDI, page_size=7)
    with pytest.raises(TwilioException):
        call(twilio, to="nobody")
    listed, refused = rest.account.requests
    assert (listed.method, listed.path) == ("GET", f"/2010-04-01/Accounts/{SID}/Calls.json")
    assert (listed.query, listed.status, listed.at) == ({"To": [THANDI], "PageSize": ["7"]}, 200, NOON)
    assert (refused.form["To"], refused.status) == (["nobody"], 400)


def test_many_at_once_lose_nothing_and_double_nothing(rest: Rest, sign: Sign) -> None:
    def work() -> None:
        client = sign(SID, TOKEN)
        for _ in range(5):
            text(client)

    threads = [Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(rest.account.messages) == len({one.serial for one in rest.account.messages.values()}) == 20


def test_it_also_answers_without_a_socket(rest: Rest) -> None:
    answer = rest.test_client().get(f"/2010-04-01/Accounts/{SID}.json", auth=(SID, TOKEN))
    assert (answer.status_code, answer.get_json()["sid"]) == (200, SID)
    rest.faults.next(Fault.DROPPED)
    with pytest.raises(ConnectionResetError):
        rest.test_client().get(f"/2010-04-01/Accounts/{SID}.json")
