"""What can be proved of the whole call without making one."""

from __future__ import annotations

import re

import pytest

from ivr import prompts, twiml
from ivr.callflow import ANSWERED, ARRIVAL, CALL_BACK, INCOMING, PAGE, PAGED, PICKED_UP, STEPS, WHISPER
from ivr.steps import Ask, Choose, Connect, End, Menu, Record, Tell, Waiting

WORDS = prompts.shipped("en")
SPEAKING = [step for step in STEPS.values() if not isinstance(step, Choose)]
MENUS = [step for step in STEPS.values() if isinstance(step, Menu)]
KEY_IN_WORDS = re.compile(r"(?:[Pp]ress |, |or )(\d|the hash key)(?= |,|\.|$)")


def reachable(start: str) -> set[str]:
    found, left = set(), [start]
    while left:
        if (name := left.pop()) not in found:
            found.add(name)
            left.extend(STEPS[name].leads_to())
    return found


def test_every_step_leads_to_steps_that_exist():
    for step in STEPS.values():
        assert set(step.leads_to()) <= STEPS.keys(), step.name


def test_names_are_unique():
    assert len(STEPS) == len(INCOMING) + len(CALL_BACK) + len(PAGE) + len(WHISPER)


def test_every_step_is_reached_and_the_four_ways_share_none():
    assert reachable(ARRIVAL) == {step.name for step in INCOMING}
    assert reachable(PICKED_UP) == {step.name for step in CALL_BACK}
    assert reachable(PAGED) == {step.name for step in PAGE}
    assert reachable(ANSWERED) == {step.name for step in WHISPER}


@pytest.mark.parametrize("name", STEPS)
def test_no_dead_end(name: str):
    """From everywhere the call can come to an end, or to a person."""
    ends = {step.name for step in STEPS.values() if isinstance(step, Tell) and step.then is None}
    assert reachable(name) & (ends | {step.name for step in STEPS.values() if isinstance(step, Connect)})


def test_no_circle_without_a_person():
    """Steps that do not wait never lead back to themselves, or a document would have no end."""
    for start in STEPS.values():
        seen, left = set(), [start.name]
        while left:
            name = left.pop()
            step = STEPS[name]
            if isinstance(step, Waiting) and not isinstance(step, Connect):
                continue
            follow = step.routes.values() if isinstance(step, Connect) else step.leads_to()
            for after in follow:
                assert after != start.name, f"{start.name} comes round through {name}"
                if after not in seen:
                    seen.add(after)
                    left.append(after)


@pytest.mark.parametrize("menu", MENUS, ids=lambda menu: menu.name)
def test_every_spoken_key_works_and_every_key_is_spoken(menu: Menu):
    for key in (menu.name, menu.name + prompts.AGAIN):
        if key in WORDS:
            spoken = set(KEY_IN_WORDS.findall(WORDS[key]))
            assert spoken == set(menu.keys) - {"*"}, f"{key}: {WORDS[key]}"


def test_every_digit_asked_for_is_waited_for():
    asks = [step for step in STEPS.values() if isinstance(step, Ask)]
    for ask in asks:
        text = (twiml.TEMPLATES / f"{ask.name}.xml").read_text()
        assert f"{{% block digits %}}{ask.digits}{{% endblock %}}" in text


@pytest.mark.parametrize("step", SPEAKING, ids=lambda step: step.name)
def test_every_step_that_speaks_has_its_template_and_its_words(step):
    assert (twiml.TEMPLATES / f"{step.name}.xml").exists()
    if not (isinstance(step, Tell) and step.end is End.REJECT):
        assert step.name in WORDS


def test_every_template_is_a_step_s_or_a_skeleton():
    names = {path.stem for path in twiml.TEMPLATES.glob("*.xml")}
    skeletons = {name for name in names if name.startswith("_")}
    besides = {
        name for name in names if name.startswith(("help", "verify", "sheet"))
    }  # ways out, and no call of the flow
    assert names - skeletons - besides == {step.name for step in SPEAKING}


def test_the_whisper_holds_only_what_a_whisper_may():
    """Twilio plays Say, Play, Gather and Hangup to the leg it rang, and nothing else (TWILIO.md §3 Number)."""
    assert not any(isinstance(step, Connect | Record | Ask) for step in WHISPER)
