"""Every document of tests/calls, and of the calls that prove a number, against Twilio's grammar and what goes with it.

The grammar (`../shared/twilio/twiml_grammar.json`, taken from Twilio's libraries) is not part of the repository;
where it is absent only the rules of sense are checked. Nothing here is shared with the simulator's own checks.
"""

from __future__ import annotations

import json
import re
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from lxml import etree
from sqlalchemy import select

import story
from app import World, create_app
from cast import THANDI
from conftest import LINE, NIGHT, ORIGIN, network_of, settings_for
from databases import let_go
from desk.delivery import deliver
from desk.staff import Staff
from ivr import prompts, twiml, verifying
from ivr.call import Visit
from ivr.callflow import STEPS
from ivr.steps import Choose
from oncall import calling
from simulator.clock import Clock

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask

    from databases import SqliteFiles
    from simulator.call import Call
    from simulator.webhooks import Exchange

GRAMMAR = Path(__file__).parents[2] / "shared" / "twilio" / "twiml_grammar.json"
WHISPER = {"Say", "Play", "Gather", "Hangup"}
BYTES = 64 * 1024
RACE = {"too_late"}  # said only to an engineer whose ring was given up in the moment of answering


class Answer(NamedTuple):
    """One document, and whether an engineer heard it before the two were joined."""

    where: str
    body: str
    whisper: bool

    @property
    def root(self) -> Any:
        return etree.fromstring(self.body.encode())


class Heard(NamedTuple):
    """What all the stories together made the application say."""

    answers: list[Answer]
    steps: set[str]


@pytest.fixture(scope="module")
def heard(sqlite_files: SqliteFiles, tmp_path_factory: pytest.TempPathFactory) -> Heard:
    heard = Heard([], set())
    for path in story.CALLS:
        text = path.read_text()
        with sqlite_files.copy(tmp_path_factory.mktemp("story")) as url:
            clock = Clock(story.begins(text))
            app = create_app(settings_for(url), World(clock, Random(1)))
            for call in story.play(text, app, clock).calls:
                heard.answers.extend(_answers(path.stem, call))
            with app.extensions["database"].reading() as session:
                heard.steps.update(step for steps in session.scalars(select(Visit.path)) for step in steps)
            let_go(app)
    return heard


@pytest.fixture(scope="module")
def proofs(sqlite_files: SqliteFiles, tmp_path_factory: pytest.TempPathFactory) -> list[Answer]:
    """What is played to whoever answers a number that is to be proved: confirmed, not confirmed, and too late."""
    clock = Clock(NIGHT)
    with sqlite_files.copy(tmp_path_factory.mktemp("proofs")) as url:
        app = create_app(settings_for(url), World(clock, Random(1)))
        answers = [one for call in _proving(app, clock) for one in _answers("a proof", call)]
        let_go(app)
    return answers


def _proving(app: Flask, clock: Clock) -> Iterator[Call]:
    network, database = network_of(app, clock), app.extensions["database"]
    orders, exchange = story.Orders(network), app.extensions["exchange"]
    with database.writing() as session:
        thandi = session.scalars(select(Staff).where(Staff.phone == THANDI)).one()
        verifying.ask(session, exchange.boards.current(session), thandi, exchange.dice, clock())
    deliver(database, {calling.KIND: calling.Rings(orders, ORIGIN)}, "a test", clock)
    assert orders.ring_now
    network.handset(THANDI, ["silent", "wrong-key", "accept"])
    for _ in network.handsets[THANDI].plan:
        yield orders.ring_now()
    yield network.call_out(LINE, THANDI, f"{ORIGIN}/voice/verify?staff={thandi.id}&code=0")


def _answers(where: str, call: Call) -> list[Answer]:
    asked = [one for one in call.requests if one.hook.kind == "document"]
    return [Answer(f"{where}: {one.url}", one.body, _whispers(one)) for one in asked]


def _whispers(exchange: Exchange) -> bool:
    return "ParentCallSid" in exchange.params


@pytest.fixture(scope="module")
def grammar() -> dict[str, Any]:
    if not GRAMMAR.exists():
        pytest.skip("Twilio's TwiML grammar is not here: ../shared/twilio/twiml_grammar.json")
    return json.loads(GRAMMAR.read_text())["voice"]


def faults(element: Any, kind: str, grammar: dict[str, Any]) -> Iterator[str]:
    """What Twilio's grammar has against an element of that kind, and against all inside it."""
    rule = grammar[kind]
    if element.tag != rule["element"]:
        yield f"{element.tag} is not {rule['element']}"
    if not rule["text"] and (element.text or "").strip():
        yield f"{element.tag} holds text"
    for name, value in element.attrib.items():
        allowed = rule["attrs"].get(name)
        if allowed is None:
            yield f"{element.tag} has no attribute {name}"
        elif not fits(value, allowed):
            yield f"{element.tag} cannot have {name}={value!r}"
    for child in element:
        if child.tag in rule["children"]:
            yield from faults(child, rule["children"][child.tag], grammar)
        else:
            yield f"{child.tag} has no place in {element.tag}"
        if (child.tail or "").strip() and not rule["text"]:
            yield f"{element.tag} holds text"


def fits(value: str, allowed: dict[str, Any]) -> bool:
    """Whether a value is of the type, or among the words, that an attribute allows."""
    if allowed.get("list"):
        return all(fits(part, {**allowed, "list": False}) for part in value.split(" "))
    if "enum" in allowed:
        return value in allowed["enum"]
    patterns = {"number": r"\d+", "boolean": "true|false", "string": ".*"}
    return re.fullmatch(patterns[allowed["type"]], value) is not None


def ends_the_document(verb: Any) -> bool:
    """Whether nothing after this verb is ever played."""
    return verb.tag in ("Hangup", "Redirect", "Reject") or (verb.tag == "Dial" and "action" in verb.attrib)


def senseless(answer: Answer) -> Iterator[str]:
    """What no schema states: TWILIO.md §3."""
    verbs = list(answer.root)
    if len(answer.body.encode()) > BYTES:
        yield "more than 64 kB"
    for verb, following in pairwise(verbs):
        if ends_the_document(verb):
            yield f"{following.tag} is never reached after {verb.tag}"
    if answer.whisper and (wrong := {verb.tag for verb in verbs} - WHISPER):
        yield f"{', '.join(sorted(wrong))} in a whisper"
    if not verbs:
        yield "an empty answer"
    for gather in answer.root.iter("Gather", "Record"):
        if "action" not in gather.attrib:
            yield f"{gather.tag} without an action asks for itself, for ever"


def test_every_document_keeps_to_twilio_s_grammar(heard: Heard, proofs: list[Answer], grammar: dict[str, Any]) -> None:
    answers = heard.answers + proofs
    wrong = {answer.where: list(faults(answer.root, "VoiceResponse", grammar)) for answer in answers}
    assert {where: found for where, found in wrong.items() if found} == {}


def test_every_document_makes_sense(heard: Heard, proofs: list[Answer]) -> None:
    wrong = {answer.where: list(senseless(answer)) for answer in heard.answers + proofs}
    assert {where: found for where, found in wrong.items() if found} == {}


def test_the_stories_play_every_step_of_the_call(heard: Heard) -> None:
    """A step that no story leads to is a part of the call that nobody has read."""
    speaking = {name for name, step in STEPS.items() if not isinstance(step, Choose)}
    assert speaking - heard.steps == RACE


def test_every_document_of_a_proof_is_among_them(proofs: list[Answer]) -> None:
    words, facts = prompts.shipped("en"), {"company": "Protea IT Support", "name": "Thandi Nkosi"}
    for template in twiml.TEMPLATES.glob("verify*.xml"):
        said = prompts.spoken(words, template.stem, facts)
        assert any(said in answer.body for answer in proofs), template.stem


WRONG = [
    ("<Say voice='Polly.Nobody'>Hello</Say>", "Say cannot have voice='Polly.Nobody'"),
    ("<Gather numDigit='1'/>", "Gather has no attribute numDigit"),
    ("<Gather timeout='soon'/>", "Gather cannot have timeout='soon'"),
    ("<Gather><Dial/></Gather>", "Dial has no place in Gather"),
    ("<Hangup>now</Hangup>", "Hangup holds text"),
    ("<Message>Hello</Message>", "Message has no place in Response"),
    ("<Dial><Number statusCallbackEvent='ringing over'>+27</Number></Dial>", "Number cannot have statusCallbackEvent="),
    ("Hello", "Response holds text"),
    ("<Pause/>Hello", "Response holds text"),
]


@pytest.mark.parametrize(("inside", "fault"), WRONG)
def test_the_check_bites(grammar: dict[str, Any], inside: str, fault: str) -> None:
    root = etree.fromstring(f"<Response>{inside}</Response>")
    assert [found for found in faults(root, "VoiceResponse", grammar) if found.startswith(fault)]


SENSELESS = [
    ("<Hangup/><Say>Hello</Say>", False, "Say is never reached after Hangup"),
    ("<Redirect>/x</Redirect><Hangup/>", False, "Hangup is never reached after Redirect"),
    ("<Dial action='/x'>+27</Dial><Say>Hello</Say>", False, "Say is never reached after Dial"),
    ("<Dial>+27</Dial>", True, "Dial in a whisper"),
    (f"<Say>{'word ' * 20000}</Say>", False, "more than 64 kB"),
    ("<Gather/>", False, "Gather without an action asks for itself, for ever"),
    ("", False, "an empty answer"),
]


@pytest.mark.parametrize(("inside", "whisper", "fault"), SENSELESS, ids=[row[2] for row in SENSELESS])
def test_the_check_of_sense_bites(inside: str, whisper: bool, fault: str) -> None:
    assert fault in list(senseless(Answer("here", f"<Response>{inside}</Response>", whisper)))
