"""The right person is rung where clocks change within a swapped shift, and where the rota changes during a ring."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from cast import KAROO
from conftest import LINE
from office import KEYS, TERMINAL, at
from oncall import changes, swaps, versions
from oncall.changes import Change
from oncall.shifts import ShiftId

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from office import Office
    from oncall.roster import Version

SECOND = timedelta(seconds=1)


def utc(text: str) -> datetime:
    """ "2027-03-22 08:30" of UTC."""
    return datetime.fromisoformat(f"{text}:00+00:00")


# Zone; when the shift of the week begins and ends by UTC, and when the clocks change in it; whose it is, who was
# before and who comes after. Hand-off is Monday 08:30 on the clocks of the zone.
CHANGES = {
    "London springs forward an hour": (
        ("Europe/London", "2027-03-22 08:30", "2027-03-28 01:00", "2027-03-29 07:30"),
        ("lerato", "thandi", "pieter"),
    ),
    "London falls back an hour": (
        ("Europe/London", "2027-10-25 07:30", "2027-10-31 01:00", "2027-11-01 08:30"),
        ("thandi", "pieter", "lerato"),
    ),
    "Lord Howe falls back half an hour": (
        ("Australia/Lord_Howe", "2027-03-28 21:30", "2027-04-03 15:00", "2027-04-04 22:00"),
        ("thandi", "pieter", "lerato"),
    ),
    "Lord Howe springs forward half an hour": (
        ("Australia/Lord_Howe", "2027-09-26 22:00", "2027-10-02 15:30", "2027-10-03 21:30"),
        ("lerato", "thandi", "pieter"),
    ),
}


def move_to(office: Office, zone: str) -> None:
    """The rota goes by the clocks of that zone."""

    def publish(session: Session) -> Version:
        record = office.rota(session)
        draft = replace(record.head.draft, zone=zone)
        return versions.publish(session, record, draft, base=1, who=TERMINAL, now=office.now, reason="they move")

    office.do(publish)


def rung(office: Office, moment: datetime) -> str:
    """Whom a call at that instant rings first."""
    office.clock.until(moment)
    return office.rings()[0]


@pytest.mark.parametrize("name", CHANGES)
def test_a_swapped_shift_in_which_the_clocks_change_rings_the_right_person_to_the_second(proved: Office, name: str):
    (zone, *instants), (before, owner, after) = CHANGES[name]
    start, change, end = map(utc, instants)
    move_to(proved, zone)

    def agree(session: Session) -> None:
        people = proved.staff(session, owner), proved.staff(session, "naledi")
        by = {"who": TERMINAL, "now": proved.now, "reason": "a wedding"}
        swaps.arrange(session, proved.rota(session), ShiftId("First", start), *people, **by)

    proved.do(agree)
    assert rung(proved, start - 90 * SECOND) == before
    assert rung(proved, start) == "naledi"
    assert rung(proved, change - 90 * SECOND) == "naledi"
    assert rung(proved, change) == "naledi"
    assert rung(proved, end - 90 * SECOND) == "naledi"
    assert rung(proved, end) == after
    firsts = [proved.plan().who(t)[0].engineer for t in (start - SECOND, start, end - SECOND, end)]
    assert firsts == [before, "naledi", "naledi", after]


def night_call(office: Office, night: str) -> list[tuple[str, timedelta]]:
    """An emergency of that night that nobody takes: who is rung, and how long after its begin."""
    office.clock.until(at(night))
    office.network.in_order("no-answer")
    call = office.network.ring(KAROO, LINE)
    call.press("2")
    call.hang_up()
    return [(KEYS[leg.to], leg.started - at(night)) for leg in call.children]


def test_a_ring_goes_on_when_an_override_begins_and_the_next_attempt_asks_the_rota_anew(proved: Office):
    usual = night_call(proved, "2026-11-25 03:00")
    assert [key for key, _ in usual[:3]] == ["pieter", "lerato", "naledi"]
    began = at("2026-11-26 03:00") + usual[0][1] + timedelta(seconds=5)
    for old in ("pieter", "lerato"):
        wanted = Change(
            "replace", {"pieter": "naledi", "lerato": "thandi"}[old], began, began + timedelta(hours=4), old
        )
        proved.do(
            lambda session, wanted=wanted: changes.make(session, proved.rota(session), wanted, TERMINAL, proved.now)
        )
    same = night_call(proved, "2026-11-26 03:00")
    assert same[:1] == usual[:1], "Pieter's telephone rings on"
    assert same[1][1] == usual[1][1], "for as long as it always does"
    assert [key for key, _ in same[1:3]] == ["naledi", "thandi"], "and then those are rung who are on duty by then"


def test_who_answers_after_an_override_has_taken_over_still_has_the_call(proved: Office):
    rung_at = night_call(proved, "2026-11-25 03:00")[0][1]
    began = at("2026-11-26 03:00") + rung_at + SECOND
    wanted = Change("replace", "naledi", began, began + timedelta(hours=4), "pieter")
    proved.do(lambda session: changes.make(session, proved.rota(session), wanted, TERMINAL, proved.now))
    proved.clock.until(at("2026-11-26 03:00"))
    proved.network.in_order("accept")
    call = proved.network.ring(KAROO, LINE)
    call.press("2")
    call.hang_up()
    assert [KEYS[leg.to] for leg in call.children] == ["pieter"]
    assert call.children[0].answered >= began, "it was answered when another was on duty"
