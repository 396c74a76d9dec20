"""Readiness: a rota by which callers might reach nobody is not published by accident, and never forgotten about."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from threading import Event, Thread
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from office import TERMINAL, at, shift
from oncall import offboarding, readiness, roster, swaps, versions
from oncall.changes import Change
from oncall.changes import make as change
from oncall.cover import CoverRequest
from oncall.escalation import OnCall, Policy, choose
from oncall.readiness import ReadinessReport
from oncall.refusals import NotAllowed, TooLate, Unsafe
from oncall.roster import PolicyRecord
from oncall.swap import Swap, overrides

if TYPE_CHECKING:
    from collections.abc import Callable

    from desk.audit import Who
    from office import Office
    from oncall.draft import Draft
    from oncall.effect import Effect


def members(draft: Draft, *people: str) -> Draft:
    """Both rotations with these people, the second one place on."""
    turned = (people, people[1:] + people[:1])
    layers = (
        replace(layer, rotations=(replace(layer.rotations[0], members=theirs),))
        for layer, theirs in zip(draft.layers, turned, strict=True)
    )
    return replace(draft, layers=tuple(layers))


def publish(office: Office, edit: Callable[[Draft], Draft], who: Who = TERMINAL, reason: str = "") -> None:
    def work(session) -> None:
        record = office.rota(session)
        draft = edit(record.head.draft)
        versions.publish(session, record, draft, base=record.head.number, who=who, now=office.now, reason=reason)

    office.do(work)


def departs(office: Office, key: str) -> None:
    def work(session) -> None:
        office.staff(session, key).active = False

    office.do(work)


# Publishing


def test_a_rota_of_people_who_will_be_reached_is_published_without_a_word(proved: Office):
    publish(proved, lambda draft: members(draft, "lerato", "thandi", "pieter"), proved.who("lerato"))
    assert proved.first("2026-11-22 03:00", "2026-11-24 12:00") == ["lerato", "thandi"]


def only_nights(draft: Draft) -> Draft:
    rotations = (replace(draft.layers[0].rotations[0], hours=("Mon 17:00 to Mon 08:30",)),)
    return replace(draft, layers=(replace(draft.layers[0], rotations=rotations),))


UNSAFE = {
    "gap": (
        only_nights,
        "gap",
        "nobody rings for 'Standby' from Mon 23 Nov 08:30 to Mon 23 Nov 17:00",
    ),
    "somebody who takes no calls": (
        lambda draft: members(draft, "thandi", "pieter", "bongani"),
        "departed",
        "Bongani Zulu takes no calls, and is on duty from Mon 23 Nov 08:30",
    ),
    "nobody behind": (
        lambda draft: replace(draft, layers=(draft.layers[0], replace(draft.layers[1], rotations=same(draft)))),
        "twice",
        "Thandi Nkosi is first and second at once from Sun 22 Nov 02:00 to Mon 23 Nov 08:30",
    ),
}


def same(draft: Draft):
    """The first rotation under the second's name."""
    return (replace(draft.layers[0].rotations[0], name="Second"),)


@pytest.mark.parametrize("name", UNSAFE)
def test_an_unsafe_rota_is_refused_with_the_reason(proved: Office, name: str):
    edit, kind, text = UNSAFE[name]
    with pytest.raises(Unsafe) as refused:
        publish(proved, edit)
    first = refused.value.hazards[0]
    assert (first.kind, first.text) == (kind, text)
    assert proved.first("2026-11-22 03:00", "2026-11-23 12:00") == ["thandi", "pieter"], "nothing has changed"


def test_somebody_who_has_not_proved_their_number_or_has_left_is_told_by_name(office: Office):
    office.prove("thandi", "pieter")
    with pytest.raises(Unsafe) as refused:
        publish(office, lambda draft: members(draft, "lerato", "thandi", "pieter"))
    assert [hazard.text for hazard in refused.value.hazards] == [
        "Lerato Mokoena has not proved their number, and is on duty from Sun 22 Nov 02:00"
    ]
    departs(office, "pieter")
    with pytest.raises(Unsafe, match="Pieter Botha has left"):
        publish(office, lambda draft: members(draft, "thandi", "pieter", "thandi"))


def test_somebody_whose_turn_comes_much_later_is_looked_at_too(proved: Office):
    many = [("thandi", "pieter")[n % 2] for n in range(12)]
    with pytest.raises(Unsafe, match="Bongani Zulu takes no calls, and takes turns"):
        publish(proved, lambda draft: members(draft, *many[:11], "bongani"))


def test_a_manager_may_name_the_reason_and_the_audit_keeps_it(office: Office):
    office.prove("pieter", "lerato")

    def edit(draft: Draft) -> Draft:
        return members(draft, "lerato", "thandi", "pieter")

    with pytest.raises(NotAllowed):
        publish(office, edit, office.who("pieter"), "she gets her telephone on Monday")
    with pytest.raises(Unsafe):
        publish(office, edit, office.who("naledi"), "  ")
    publish(office, edit, office.who("naledi"), "she gets her telephone on Monday")
    told = office.audited("rota published")[-1]
    assert (told.who, told.about) == ("Naledi Dlamini", "Standby, version 2")
    assert told.detail["reason"] == "she gets her telephone on Monday"
    assert told.detail["hazards"] == ["Thandi Nkosi has not proved their number, and is on duty from Sun 22 Nov 02:00"]
    with office.database.reading() as session:
        head = office.rota(session).head
        assert (head.reason, len(head.hazards)) == ("she gets her telephone on Monday", 1)


def test_the_same_person_first_and_second_of_a_policy_over_two_rotas(proved: Office):
    def two(session) -> None:
        draft = proved.rota(session).head.draft
        versions.create(session, "Again", replace(draft, layers=draft.layers[:1]), TERMINAL, proved.now)
        steps = [[{"rota": "Standby", "place": 0}], [{"rota": "Again", "place": 0}]]
        session.add(PolicyRecord(name="Both", steps=steps, rounds=1, ring_seconds=20))

    proved.do(two)
    with proved.database.reading() as session:
        found = readiness.hazards(session, roster.plans(session)["Standby"], proved.now, proved.now + timedelta(days=7))
    told = "'Both' rings Thandi Nkosi first and second from Sun 22 Nov 02:00 to Mon 23 Nov 08:30"
    assert next(hazard.text for hazard in found) == told


# At call time


def test_who_has_not_proved_their_number_rings_after_those_who_have(office: Office):
    assert office.rings() == ["thandi", "pieter", "naledi"], "nobody has: the order is the policy's"
    office.prove("pieter", "naledi")
    assert office.rings() == ["pieter", "naledi", "thandi"], "last, rather than nobody"
    office.prove("thandi")
    assert office.rings() == ["thandi", "pieter", "naledi"]


def test_if_nobody_is_ready_whoever_is_on_duty_rings(office: Office):
    office.prove("lerato")
    assert office.rings() == ["thandi", "pieter", "naledi"]


def test_why_somebody_rings_last_is_told(office: Office):
    office.prove("pieter")
    board = office.app.extensions["exchange"].boards
    with office.database.reading() as session:
        now = board.current(session)
    line = next(iter(now.lines.values()))
    why = [now.why(line.policy, choice, office.now) for choice in now.in_order(line.policy, office.now)]
    assert [sentence.endswith("; rings last, for the number is not proved") for sentence in why] == [False, True, True]


def test_a_gap_keeps_its_place_when_others_ring_last():
    policy = Policy("p", ((OnCall("a"),), (OnCall("b"),), (OnCall("c"),)), 1)
    on_duty = {OnCall("a"): "thandi", OnCall("c"): "pieter"}
    choice = choose(policy, on_duty.get, {}.get, (), unready={"thandi"})
    assert (choice.ring, choice.step, choice.gaps) == ("pieter", 2, (OnCall("b"),))


def test_whoever_has_the_ticket_rings_first_ready_or_not():
    policy = Policy("p", ((OnCall("a"),),), 1)
    choice = choose(policy, lambda _: "pieter", {}.get, (), ("thandi",), {"thandi"})
    assert choice.ring == "thandi"


# Every night


def reports(office: Office) -> list[ReadinessReport]:
    with office.database.reading() as session:
        return list(session.scalars(select(ReadinessReport).order_by(ReadinessReport.id)))


def test_when_all_is_well_the_night_finds_nothing(proved: Office):
    proved.tick()
    assert [report.findings for report in reports(proved)] == [[]]


def test_gaps_and_unready_people_of_the_next_60_days_are_found_nightly(proved: Office):
    publish(proved, only_nights, reason="nobody for the Mondays yet")
    departs(proved, "lerato")
    proved.clock.until(at("2026-11-23 01:59"))
    proved.tick()
    proved.clock.until(at("2026-11-23 12:00"))
    proved.tick()
    first, second = reports(proved)
    assert first.until - first.at == timedelta(days=60)
    kinds = [finding["kind"] for finding in second.findings]
    assert (kinds.count("gap"), kinds.count("departed")) == (9, 1)
    assert second.findings[0] == {
        "kind": "gap",
        "text": "nobody rings for 'Standby' from Mon 23 Nov 12:00 to Mon 23 Nov 17:00",
        "engineer": None,
        "start": "2026-11-23T10:00:00+00:00",
        "end": "2026-11-23T15:00:00+00:00",
        "rota": "Standby",
    }


def test_one_look_a_night_however_often_the_worker_ticks(proved: Office):
    for moment in ("2026-11-22 02:00", "2026-11-22 12:00", "2026-11-23 01:50", "2026-11-23 02:01", "2026-11-23 23:00"):
        proved.clock.until(at(moment))
        proved.tick()
    assert [report.at for report in reports(proved)] == [at("2026-11-22 02:00"), at("2026-11-23 02:01")]


# Somebody leaves


def test_what_somebody_who_leaves_still_has_is_listed(office: Office):
    with office.database.reading() as session:
        mine = offboarding.held(session, office.staff(session, "lerato"), office.now, at("2026-12-31 00:00"))
    assert mine.rotations == ("Standby: First", "Standby: Second")
    assert mine.named == ("hunt group Office",)
    assert [shift.duty.lane for _, shift in mine.shifts] == ["Second", "First", "Second", "First"]


def test_a_colleague_takes_over_every_place_of_somebody_who_leaves(proved: Office):
    before = proved.first("2026-11-24 12:00", "2026-12-01 12:00", "2026-12-08 12:00", "2026-12-22 12:00")
    assert before == ["pieter", "lerato", "thandi", "lerato"]
    covers = Change("replace", "lerato", at("2026-11-25 18:00"), at("2026-11-26 06:00"), "pieter")
    proved.do(lambda session: change(session, proved.rota(session), covers, TERMINAL, proved.now))

    def hand_on(session, who: Who) -> None:
        people = (proved.staff(session, key) for key in ("lerato", "naledi"))
        offboarding.hand_on(session, *people, who, proved.now, "she moves to Durban")

    with pytest.raises(NotAllowed):
        proved.do(lambda session: hand_on(session, proved.who("thandi")))
    proved.do(lambda session: hand_on(session, proved.who("naledi")))
    departs(proved, "lerato")
    moments = "2026-11-24 12:00", "2026-11-25 20:00", "2026-12-01 12:00", "2026-12-08 12:00", "2026-12-22 12:00"
    assert proved.first(*moments) == ["pieter", "naledi", "naledi", "thandi", "naledi"], "everybody else as before"
    with proved.database.reading() as session:
        assert offboarding.held(session, proved.staff(session, "lerato"), proved.now).shifts == ()
    assert proved.audited("shifts handed on")[0].detail["to"] == "Naledi Dlamini"


def swapped(office: Office, owner: str, taker: str, monday: str, back: str | None = None) -> int:
    """A swap that both have agreed on."""

    def work(session) -> int:
        people = (office.staff(session, key) for key in (owner, taker))
        by = {"who": office.who("naledi"), "now": office.now, "reason": "agreed"}
        in_return = shift(back) if back else None
        return swaps.arrange(session, office.rota(session), shift(monday), *people, in_return=in_return, **by).id

    return office.do(work)


def leaves(office: Office, key: str, taker: str) -> dict[str, Effect]:
    """She leaves, and a colleague takes everything; what the preview said."""

    def hand_on(session) -> dict[str, Effect]:
        people = office.staff(session, key), office.staff(session, taker)
        told = offboarding.preview(session, *people, office.now)
        offboarding.hand_on(session, *people, office.who("naledi"), office.now, "she moves to Durban")
        return told

    return office.do(hand_on)


@pytest.mark.parametrize(("owner", "taker"), [("lerato", "thandi"), ("thandi", "lerato")], ids=["owner", "taker"])
def test_a_swap_of_somebody_who_leaves_is_settled_and_its_shifts_stay_as_agreed(proved: Office, owner: str, taker: str):
    mondays = ("2026-11-30", "2026-12-07") if owner == "lerato" else ("2026-12-07", "2026-11-30")
    number = swapped(proved, owner, taker, *mondays)
    moments = "2026-12-01 12:00", "2026-12-08 12:00", "2026-12-22 12:00"
    assert proved.first(*moments) == ["thandi", "lerato", "lerato"]
    told = leaves(proved, "lerato", "naledi")
    assert proved.first(*moments) == ["thandi", "naledi", "naledi"], "as they had agreed"
    firsts = [one for one in told["Standby"].after if one.duty.lane == "First"]
    assert [next(one.engineer for one in firsts if one.start <= at(t) < one.end) for t in moments] == [
        "thandi",
        "naledi",
        "naledi",
    ], "and as the preview told"
    with proved.database.reading() as session:
        swap = session.get_one(Swap, number)
        assert (swap.state, swap.why) == ("invalid", "Lerato Mokoena leaves, and Naledi Dlamini has all their shifts")
        assert all(row.withdrawn_at for row in overrides(session, swap))
    assert proved.audited("swap invalid")[0].detail["why"] == swap.why
    with pytest.raises(TooLate, match="this swap is invalid"):
        proved.do(lambda session: swaps.undo(session, session.get_one(Swap, number), TERMINAL, proved.now))


def test_a_swap_that_is_only_asked_for_does_not_outlive_whoever_asked(proved: Office):
    def ask(session) -> int:
        people = (proved.staff(session, key) for key in ("lerato", "thandi"))
        owner, to = people
        by = {"who": proved.who("lerato"), "now": proved.now, "to": to}
        return swaps.ask(session, proved.rota(session), shift("2026-11-30"), owner, **by).id

    number = proved.do(ask)
    leaves(proved, "lerato", "naledi")
    with proved.database.reading() as session:
        assert session.get_one(Swap, number).state == "invalid"


def test_what_is_handed_on_is_what_is_there_when_nobody_else_can_change_it(proved: Office):
    """A colleague's change is being made while a manager hands on: it is waited for, and handed on as well."""
    began = Event()
    covers = Change("replace", "naledi", at("2026-11-25 18:00"), at("2026-11-26 06:00"), "pieter")

    def hand_on(session) -> None:
        proved.rota(session)  # as a page has read it before
        began.set()
        people = proved.staff(session, "naledi"), proved.staff(session, "lerato")
        offboarding.hand_on(session, *people, TERMINAL, proved.now, "she has another post")

    handing = Thread(target=lambda: proved.do(hand_on))
    with proved.database.writing() as session:
        change(session, proved.rota(session), covers, TERMINAL, proved.now)
        handing.start()
        handing.join(0.3)
    handing.join(30)
    assert began.is_set()
    assert proved.first("2026-11-25 20:00") == ["lerato"]
    with proved.database.reading() as session:
        assert offboarding.held(session, proved.staff(session, "naledi"), proved.now).shifts == ()


def test_the_shifts_of_somebody_who_leaves_are_offered_to_all_once(office: Office):
    def ask(session) -> int:
        return len(offboarding.ask_for_all(session, office.staff(session, "lerato"), TERMINAL, office.now))

    assert office.do(ask) == office.do(ask) > 0
    with office.database.reading() as session:
        requests = session.scalars(select(CoverRequest)).all()
        assert len(requests) == office.do(ask)
        assert {request.why for request in requests} == {"Lerato Mokoena leaves"}
        assert session.scalar(select(func.count(CoverRequest.id))) == len(requests)
