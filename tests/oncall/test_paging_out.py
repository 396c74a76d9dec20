"""An emergency that nobody has: paged until somebody has it. How it sounds stands in tests/calls/paged_*.txt."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cast import HARBOUR, KAROO, LERATO, NALEDI, PIETER, THANDI
from night_shift import NightShift

if TYPE_CHECKING:
    from flask import Flask

    from simulator.clock import Clock
    from simulator.rest import Rest


@pytest.fixture
def night(app: Flask, clock: Clock, rest: Rest) -> NightShift:
    return NightShift(app, clock, rest)


def test_an_emergency_at_two_at_night_that_nobody_takes_is_paged_until_a_text_takes_it(night: NightShift):
    night.call()
    night.tick()
    assert night.ordered == ["thandi"], "within one tick"
    rung = [night.unanswered()]
    for _ in range(5):
        night.tick(2)
        rung.append(night.unanswered())
    assert rung == ["thandi", "pieter", "naledi"] * 2, "both rounds of the policy, and the manager in each"
    night.tick(2)
    assert night.told("unanswered")[-1].startswith("nobody has acknowledged; paging begins again at 02:")
    night.tick(240)
    assert len(night.ordered) == 6, "a pause"
    night.tick(60)
    assert night.ordered[6:] == ["thandi"], "and from the top"
    ringing = night.ring()
    night.texts()
    night.write("pieter", f"1 {night.code()}")
    assert night.ticket() == ("acknowledged", "pieter")
    night.tick(1)
    assert (ringing.ended is not None, ringing.leg.outcome) == (True, "canceled"), "all ringing stops"
    reference = night.texts()
    assert [who for who, _ in reference] == ["thandi", "naledi", "pieter"]
    assert [body.split(":")[0] for _, body in reference] == ["Pieter Botha has it", "Pieter Botha has it", "You have it"]
    assert night.told("acknowledged") == ["Pieter Botha has it, by text"]
    night.tick(3600)
    assert len(night.ordered) == 7, "it is over"
    assert night.pages()[-1] == ("thandi", "no-answer")
    assert [one.outcome for one in night.pursuits()] == ["Pieter Botha has it"]


def test_every_page_says_what_it_is_in_a_text_too(night: NightShift):
    night.call()
    night.tick()
    ((who, body),) = [text for text in night.texts() if text[0] == "thandi"]
    reference = f"{night.told('opened') and ''}"
    assert body.startswith("Protea IT Support: emergency for Karoo Clinic, 082 555 0201. Ticket ")
    assert f"Reply 1 {night.code()}, or: https://afterhours.example/have/1.{1}" in body
