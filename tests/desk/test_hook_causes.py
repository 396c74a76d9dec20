"""What programs elsewhere are told of: whatever happens to calls, tickets, rings and the rota, once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from cast import HARBOUR
from desk import audit
from desk.audit import What
from desk.hooks import rota_watch
from desk.hooks.happening import Happening
from desk.hooks.types import CHOSEN
from hooked import House
from office import TERMINAL, Office, at
from oncall import changes
from oncall.changes import Change
from story import CALLS, play
from tickets.ticket import Ticket

if TYPE_CHECKING:
    from flask import Flask

    from simulator.clock import Clock

NOWHERE = "https://hooks.example/in"


@pytest.fixture
def house(app: Flask, clock: Clock) -> House:
    made = House(app, clock)
    made.endpoint(NOWHERE)
    return made


def told(house: House, area: str = "") -> list[Happening]:
    return [one for one in house._all(select(Happening).order_by(Happening.id)) if one.type.startswith(area)]


def types(house: House, area: str = "") -> list[str]:
    return [one.type for one in told(house, area)]


def call(name: str) -> str:
    return next(path for path in CALLS if path.stem == name).read_text()


def test_a_call_is_told_from_its_first_second_to_its_end(house: House, app: Flask, clock: Clock):
    play(call("voicemail_is_not_taken_for_a_person"), app, clock)
    assert types(house, "call") == ["call.began", "call.ended"]
    assert types(house, "page") == ["page.rang", "page.ended", "page.rang", "page.accepted", "page.ended"]
    assert list(dict.fromkeys(types(house, "ticket")))[:3] == [
        "ticket.opened",
        "ticket.priority_changed",
        "ticket.acknowledged",
    ]
    began, ended = (one.facts["call"] for one in told(house, "call"))
    assert (began["direction"], began["ended_at"]) == ("incoming", None)
    assert ended["ended_at"]
    assert ended["consent"] is True
    outcomes = [(one.facts["page"]["key"], one.facts["page"]["outcome"]) for one in told(house, "page.ended")]
    assert outcomes == [("thandi", "unaccepted"), ("pieter", "accepted")]
    assert [one.facts["ticket"]["owner"] for one in told(house, "ticket.acknowledged")] == ["Pieter Botha"]


def test_a_call_back_says_that_it_is_one(house: House, app: Flask, clock: Clock):
    play(call("call_back_from_the_ticket"), app, clock)
    assert "call-back" in {one.facts["call"]["direction"] for one in told(house, "call.began")}


@pytest.mark.parametrize("path", CALLS[::6], ids=lambda path: path.stem)
def test_of_any_call_each_thing_is_told_once_and_no_number_is_kept(house: House, app: Flask, clock: Clock, path: Any):
    play(path.read_text(), app, clock)
    for kind in ("call.began", "call.ended"):
        sids = [one.facts["call"]["sid"] for one in told(house, kind)]
        assert len(sids) == len(set(sids))
    assert "+2782555" not in str([one.facts for one in told(house) if one.facts]).replace("'line'", "")
    assert {one.type for one in told(house)} <= set(CHOSEN)


def test_a_ticket_that_is_merged_away_names_the_one_that_goes_on(house: House):
    one, other = house.ticket(caller=HARBOUR), house.ticket()
    now = house.clock()
    house.do(one, lambda session, ticket, _: ticket.merge_into(session.get_one(Ticket, other), now, "same"))
    (merged,) = told(house, "ticket.merged")
    assert merged.facts["ticket"]["merged_into"]
    assert "ticket.withdrawn" in types(house)


# The rota


def test_a_change_of_the_rota_is_told_with_who_made_it(house: House, office: Office):
    wanted = Change("add", "lerato", at("2026-11-24 20:00"), at("2026-11-24 22:00"))
    why = "a secret of hers"
    office.do(lambda session: changes.make(session, office.rota(session), wanted, TERMINAL, office.now, reason=why))
    (changed,) = told(house, "rota")
    assert changed.type == "rota.changed"
    assert changed.facts["by"] == "root"
    assert "secret" not in str(changed.facts)


def test_what_else_the_audit_says_is_nobodys_business(house: House, office: Office):
    office.do(lambda session: audit.tell(session, TERMINAL, What.SIGNED_IN, "root", office.now))
    assert types(house) == []


def look(house: House, office: Office) -> list[str]:
    known = len(told(house, "rota"))
    plans = {"Standby": office.plan()}
    house.database.write(lambda session: rota_watch.look(session, plans, office.now))
    return [f"{one.type} {one.facts.get('name', '')}".strip() for one in told(house, "rota")[known:]]


def test_whose_shift_begins_is_told_once(house: House, office: Office):
    assert look(house, office) == []
    office.clock.until(at("2026-11-23 08:29"))
    assert look(house, office) == []
    office.clock.until(at("2026-11-23 08:30"))
    assert look(house, office) == ["rota.shift_began Pieter Botha", "rota.shift_began Lerato Mokoena"]
    assert look(house, office) == []


def test_a_gap_is_told_a_week_before_and_not_again_when_it_comes(house: House, office: Office):
    look(house, office)
    wanted = [
        Change("remove", key, at("2026-11-25 20:00"), at("2026-11-25 22:00"), rotation=rotation)
        for key, rotation in (("pieter", "First"), ("lerato", "Second"))
    ]
    for one in wanted:
        office.do(lambda session, one=one: changes.make(session, office.rota(session), one, TERMINAL, office.now))
    assert look(house, office).count("rota.gap") == 1
    (gap,) = told(house, "rota.gap")
    assert gap.facts["starts"] == "2026-11-25T18:00:00+00:00"
    for moment in ("2026-11-25 19:59", "2026-11-25 20:00", "2026-11-25 20:01", "2026-11-25 21:59"):
        office.clock.until(at(moment))
        look(house, office)
    assert types(house, "rota.gap") == ["rota.gap"]


def test_a_gap_that_comes_about_at_once_is_told_once(house: House, office: Office):
    look(house, office)
    for key, rotation in (("thandi", "First"), ("pieter", "Second")):
        one = Change("remove", key, office.now, at("2026-11-22 22:00"), rotation=rotation)
        office.do(lambda session, one=one: changes.make(session, office.rota(session), one, TERMINAL, office.now))
    for _ in range(3):
        look(house, office)
        office.clock.advance(60)
    assert types(house, "rota.gap") == ["rota.gap"]
