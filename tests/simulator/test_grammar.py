"""What the network refuses to play, and that it knows nothing that Twilio does not."""

import json
from pathlib import Path
from typing import Any

import pytest
from booth import LINE, THANDI, Site, ring

from simulator import UnknownTwiml
from simulator.grammar import RULES, Words, check
from simulator.sense import check_sense
from simulator.twiml import parse

GRAMMAR = Path(__file__).parents[2].parent / "shared" / "twilio" / "twiml_grammar.json"
DIAL = f'<Dial callerId="{LINE}" action="/d"><Number>{THANDI}</Number></Dial>'


@pytest.mark.parametrize(
    ("document", "why"),
    [
        ("<say>Hello.</say>", "say is not a verb"),
        ("<Sms>Hello.</Sms>", "Sms is not a verb"),
        ("<Message>Hello.</Message>", "Message is not a verb"),
        ('<Gather numdigits="1" action="/a"/>', "no attribute numdigits"),
        ('<Gather actionOnEmpty="true" action="/a"/>', "no attribute actionOnEmpty"),
        ('<Gather actionOnEmptyResult="True" action="/a"/>', "actionOnEmptyResult='True'"),
        ('<Gather numDigits="one" action="/a"/>', "numDigits='one'"),
        ('<Gather timeout="-1" action="/a"/>', "timeout='-1'"),
        ('<Gather finishOnKey="12" action="/a"/>', "finishOnKey='12'"),
        ('<Gather input="speech" action="/a"/>', "input='speech'"),
        ('<Gather action="/a"><Hangup/></Gather>', "Hangup has no place in Gather"),
        ('<Gather action="/a">Press 1</Gather>', "Gather holds no text"),
        ("<Say><Gather action='/a'/></Say>", "Gather has no place in Say"),
        ("Hello.", "Response holds no text"),
        ('<Say language="zu-ZA">Sawubona.</Say>', "language='zu-ZA'"),
        ('<Say voice="Polly.Thandi">Hello.</Say>', "voice='Polly.Thandi'"),
        ('<Say voice="Polly.Ayanda-Neural" language="af-ZA">Hallo.</Say>', "does not speak af-ZA"),
        ("<Say> </Say>", "says nothing"),
        (f"<Say>{'word ' * 1000}</Say>", "13521"),
        ("<Say>One<break/>two</Say>", "needs a Polly or Google voice"),
        ("<Play/>", "names no address"),
        ("<Redirect> </Redirect>", "names no address"),
        ('<Pause length="0"/>', "length='0'"),
        ('<Dial timeout="4">+27825550101</Dial>', "timeout='4'"),
        ('<Dial timeLimit="14401">+27825550101</Dial>', "timeLimit='14401'"),
        ('<Dial record="true">+27825550101</Dial>', "no attribute record"),
        ("<Dial/>", "needs one number"),
        (f"<Dial><Number>{THANDI}</Number><Number>{THANDI}</Number></Dial>", "rings several at once"),
        ("<Dial><Conference>room</Conference></Dial>", "Conference is not a verb"),
        ("<Dial><Number/></Dial>", "Number names no address"),
        ('<Dial><Number statusCallbackEvent="answered">+27825550101</Number></Dial>', "no statusCallback"),
        (
            '<Dial><Number statusCallback="/s" statusCallbackEvent="answered,completed">+1</Number></Dial>',
            "statusCallbackEvent='answered,completed'",
        ),
        ('<Reject reason="no"/>', "reason='no'"),
        ("<Say>Hello.</Say><Reject/>", "must come first"),
        ("<Gather/>", "has no action"),
        ("<Record/>", "has no action"),
        ('<Record action="/a" maxLength="0"/>', "maxLength='0'"),
        ("<Hangup/><Say>Hello.</Say>", "never reached after Hangup"),
        ("<Redirect>/a</Redirect><Hangup/>", "never reached after Redirect"),
        (DIAL + "<Hangup/>", "never reached after Dial"),
        ('<Gather action="/a" actionOnEmptyResult="true"/><Hangup/>', "never reached after Gather"),
        ("<Reject/><Hangup/>", "never reached after Reject"),
    ],
)
def test_documents_that_twilio_would_misunderstand(document: str, why: str) -> None:
    with pytest.raises(UnknownTwiml, match=why.replace("(", r"\(")):
        ring(Site(incoming=document, a="", d=""))


def test_the_error_names_the_line() -> None:
    with pytest.raises(UnknownTwiml, match="line 3: Speak"):
        ring(Site(incoming="\n<Say>Hello.</Say>\n<Speak/>"))


@pytest.mark.parametrize(
    "document",
    [
        '<Say voice="Polly.Ayanda-Neural" language="en-ZA">One<break time="300ms"/>two</Say>',
        '<Say voice="Google.af-ZA-Standard-A" language="af-ZA">Hallo.</Say>',
        '<Gather action="/a"><Say>One.</Say><Pause length="2"/><Play>/b.mp3</Play></Gather><Redirect>/a</Redirect>',
        '<Record action="/a" recordingStatusCallbackEvent="completed absent"/><Say>Nothing.</Say>',
        DIAL,
        "<!-- a comment --><Reject/>",
    ],
)
def test_documents_that_are_right(document: str) -> None:
    root = parse(f"<Response>{document}</Response>".encode())
    check(root)
    check_sense(root, whisper=False)


def test_words_inside_speech_marks_are_heard_in_order() -> None:
    say = '<Say voice="Polly.Ayanda-Neural">Ticket <say-as interpret-as="digits">482</say-as> is open.</Say>'
    assert ring(Site(incoming=say)).transcript[0] == "> Ticket 482 is open."


@pytest.fixture
def theirs() -> dict[str, Any]:
    if not GRAMMAR.exists():
        pytest.skip("../shared/twilio/twiml_grammar.json is not here: our table is not compared with Twilio's")
    voice: dict[str, Any] = json.loads(GRAMMAR.read_text())["voice"]
    return voice


def test_our_table_is_a_part_of_twilios(theirs: dict[str, Any]) -> None:
    known = {entry["element"]: entry for name, entry in theirs.items() if name != "ReferSip"}
    for name, rule in RULES.items():
        assert name in known, f"Twilio has no {name}"
        their = known[name]
        assert not rule.text or their["text"], f"{name} holds no text"
        assert set(rule.children) <= set(their["children"]), f"children of {name}"
        assert set(rule.attributes) <= set(their["attrs"]), f"attributes of {name}"


def test_our_words_are_some_of_twilios(theirs: dict[str, Any]) -> None:
    known = {entry["element"]: entry for name, entry in theirs.items() if name != "ReferSip"}
    compared = 0
    for name, rule in RULES.items():
        for attribute, value in rule.attributes.items():
            enum = known[name]["attrs"][attribute].get("enum")
            if isinstance(value, Words) and enum:
                assert set(value.words) <= set(enum), f"{name} {attribute}"
                assert value.several <= known[name]["attrs"][attribute]["list"], f"{name} {attribute}"
                compared += 1
    assert compared >= 10
