"""Swaps: until somebody says yes the owner is on duty, and a swap never acts on another shift than its own."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from threading import Barrier, Event, Thread
from typing import TYPE_CHECKING

import pytest

from office import TERMINAL, at, shift
from oncall import agreement, changes, leave, swaps, versions
from oncall.changes import Change
from oncall.refusals import NotAllowed, TooLate
from oncall.swap import State, Swap

if TYPE_CHECKING:
    from datetime import datetime

    from office import Office
    from oncall.effect import Effect

BEFORE, IN_IT, AFTER = "2026-11-30 08:29", "2026-12-02 03:00", "2026-12-07 08:30"  # Lerato's week


def ask(office: Office, owner: str = "lerato", to: str | None = "thandi", monday: str = "2026-11-30", **more) -> int:
    def work(session) -> int:
        colleague = office.staff(session, to) if to else None
        record, whose = office.rota(session), office.staff(session, owner)
        by = {"who": office.who(owner), "now": office.now} | more
        return swaps.ask(session, record, shift(monday), whose, to=colleague, **by).id

    return office.do(work)


def answer(office: Office, swap: int, verb: str, key: str) -> State:
    def work(session) -> State:
        found = session.get_one(Swap, swap)
        colleague = (office.staff(session, key),) if verb in ("accept", "decline") else ()
        return State(getattr(swaps, verb)(session, found, *colleague, office.who(key), office.now).state)

    return office.do(work)


def state(office: Office, swap: int) -> tuple[State, str]:
    with office.database.reading() as session:
        found = session.get_one(Swap, swap)
        return State(found.state), found.why


def edit(office: Office, since: datetime | None = None, **changed) -> None:
    """Publish the rota with its first rotation changed."""

    def work(session) -> None:
        record = office.rota(session)
        draft = record.head.draft
        (rotation,) = draft.layers[0].rotations
        layer = replace(draft.layers[0], rotations=(replace(rotation, **changed),))
        edited = replace(draft, layers=(layer, *draft.layers[1:]))
        base, reason = record.head.number, "a test"
        versions.publish(session, record, edited, base=base, who=TERMINAL, now=office.now, since=since, reason=reason)

    office.do(work)


# The right person rings at each moment


def test_a_swap_asked_accepted_and_undone(office: Office):
    swap = ask(office)
    assert office.first(BEFORE, IN_IT, AFTER) == ["pieter", "lerato", "thandi"], "asked is not agreed"
    assert answer(office, swap, "accept", "thandi") == State.ACCEPTED
    assert office.first(BEFORE, IN_IT, AFTER) == ["pieter", "thandi", "thandi"]
    assert office.rings("2026-11-30 08:20") == ["pieter", "lerato", "naledi"]
    assert office.rings("2026-12-01 03:00")[0] == "thandi"
    assert answer(office, swap, "undo", "lerato") == State.UNDONE
    assert office.rings(IN_IT) == ["lerato", "thandi", "naledi"]
    assert office.first("2026-12-01 03:00") == ["thandi"], "what was served stays as it was"
    assert office.rings(AFTER)[0] == "thandi"


def test_a_swap_that_nobody_answers_expires_when_the_shift_begins(office: Office):
    swap = ask(office)
    assert office.first("2026-11-30 08:20") == ["pieter"]
    office.clock.until(at("2026-11-30 08:30"))
    office.tick()
    assert state(office, swap) == (State.EXPIRED, "")
    assert office.rings()[0] == "lerato", "the first person stays on"
    with pytest.raises(TooLate):
        answer(office, swap, "accept", "thandi")
    assert office.rings(IN_IT)[0] == "lerato"


def test_a_yes_that_comes_too_late_changes_nothing_even_before_the_worker_noticed(office: Office):
    swap = ask(office, expires=at("2026-11-28 12:00"))
    office.clock.until(at("2026-11-28 12:00"))
    assert answer(office, swap, "accept", "thandi") == State.EXPIRED
    assert office.first(IN_IT) == ["lerato"]


def test_a_swap_whose_shift_was_edited_meanwhile_is_invalid_and_says_so(office: Office):
    swap = ask(office)
    edit(office, handoffs=("Tue 10:00",), starts=at("2025-12-16 12:00").replace(tzinfo=None))
    found, why = state(office, swap)
    assert found == State.INVALID
    assert why == "the shift of 'First' from Mon 30 Nov 08:30 is not in the rota any more"
    (told,) = office.audited("swap invalid")
    assert told.detail["why"] == why
    with pytest.raises(TooLate, match="this swap is invalid"):
        answer(office, swap, "accept", "thandi")
    assert office.rings("2026-12-02 03:00")[0] == "lerato"


def test_an_accepted_swap_never_acts_on_the_shift_that_came_instead(office: Office):
    swap = ask(office)
    answer(office, swap, "accept", "thandi")
    edit(office, members=("thandi", "lerato", "pieter"))  # Lerato's shift becomes Pieter's
    assert state(office, swap)[0] == State.INVALID
    assert office.first(BEFORE, IN_IT, AFTER) == ["lerato", "pieter", "thandi"]
    assert office.rings(IN_IT)[0] == "pieter"


def test_a_swap_is_accepted_only_for_what_was_agreed_on(office: Office):
    """Somebody has covered a part of the shift since: what the owner has is not what was offered."""
    swap = ask(office)
    part = Change("replace", "pieter", at("2026-12-05 08:00"), at("2026-12-06 08:00"), "lerato")
    office.do(lambda session: changes.make(session, office.rota(session), part, TERMINAL, office.now, "a wedding"))
    assert state(office, swap) == (State.INVALID, "Lerato Mokoena's shift is now Mon 30 Nov 08:30 to Sat 5 Dec 08:00")


def test_an_edit_elsewhere_leaves_a_swap_alone(office: Office):
    asked, agreed = ask(office), ask(office, "pieter", "lerato", "2026-11-23")
    answer(office, agreed, "accept", "lerato")
    edit(office, since=at("2026-12-14 08:30"), members=("lerato", "pieter", "thandi"))
    assert [state(office, swap)[0] for swap in (asked, agreed)] == [State.ASKED, State.ACCEPTED]


def test_a_running_swap_goes_on_until_a_new_version_changes_its_shift(office: Office):
    swap = ask(office)
    answer(office, swap, "accept", "thandi")
    office.clock.until(at("2026-12-01 12:00"))
    edit(office, since=at("2026-12-03 08:30"), members=("lerato", "pieter", "thandi"))
    assert state(office, swap)[0] == State.INVALID
    assert office.first("2026-12-01 12:01", "2026-12-03 08:29", "2026-12-03 08:30") == ["thandi", "thandi", "thandi"]
    assert "instead" in office.plan().explain(at("2026-12-03 08:29"))[0]
    assert "instead" not in office.plan().explain(at("2026-12-03 08:30"))[0]


def test_a_shift_in_return_changes_hands_too(office: Office):
    swap = ask(office, "lerato", "thandi", in_return=shift("2026-12-07"))
    answer(office, swap, "accept", "thandi")
    assert office.first(BEFORE, IN_IT, AFTER, "2026-12-14 08:30") == ["pieter", "thandi", "lerato", "pieter"]
    answer(office, swap, "undo", "thandi")
    assert office.first(IN_IT, AFTER) == ["lerato", "thandi"]


def test_a_swap_leaves_the_other_duties_of_both_as_they_are(office: Office):
    second = [duty.engineer for duty in office.plan().who(at("2026-11-23 12:00"))][1]
    swap = ask(office, "pieter", "thandi", "2026-11-23")
    answer(office, swap, "accept", "thandi")
    assert [duty.engineer for duty in office.plan().who(at("2026-11-23 12:00"))] == ["thandi", second]
    assert office.first("2026-12-15 12:00") == ["pieter"]


def test_a_swap_can_be_passed_on_and_falls_with_the_one_it_rests_on(office: Office):
    one = ask(office, "lerato", "thandi")
    answer(office, one, "accept", "thandi")
    other = ask(office, "thandi", "pieter")
    answer(office, other, "accept", "pieter")
    assert office.first(IN_IT) == ["pieter"]
    answer(office, one, "undo", "lerato")
    assert (office.first(IN_IT), state(office, other)[0]) == (["lerato"], State.INVALID)


# Who may say what


def test_only_whoever_is_asked_can_accept(office: Office):
    swap = ask(office)
    with pytest.raises(NotAllowed, match="Thandi Nkosi is asked"):
        answer(office, swap, "accept", "pieter")
    with pytest.raises(NotAllowed, match="only Thandi Nkosi or a manager"):
        office.do(
            lambda session: swaps.accept(
                session, session.get_one(Swap, swap), office.staff(session, "thandi"), office.who("lerato"), office.now
            )
        )
    assert office.first(IN_IT) == ["lerato"]


def test_nobody_gives_away_what_is_not_theirs(office: Office):
    with pytest.raises(LookupError, match="Pieter Botha has no such shift"):
        ask(office, "pieter")
    with pytest.raises(NotAllowed, match="only Lerato Mokoena or a manager"):
        ask(office, who=office.who("pieter"))
    with pytest.raises(TooLate, match="this shift has begun"):
        ask(office, "thandi", "pieter", "2026-11-16")


def test_asked_of_all_it_is_open_to_those_who_can_until_everybody_declined(office: Office):
    swap = ask(office, "lerato", None)
    with office.database.reading() as session:
        found = session.get_one(Swap, swap)
        assert [one.key for one in agreement.who_can(session, found)] == ["pieter"], "Thandi is second that week"
        assert agreement.concerning(session, office.staff(session, "thandi"), office.now) == []
        assert agreement.concerning(session, office.staff(session, "pieter"), office.now) == [found]
    assert answer(office, swap, "decline", "pieter") == State.DECLINED
    assert office.first(IN_IT) == ["lerato"]


def test_who_is_away_is_not_asked(office: Office):
    span = at("2026-12-01 00:00"), at("2026-12-03 00:00")
    office.do(
        lambda session: leave.take(
            session, office.staff(session, "pieter"), *span, "annual", "", office.who("pieter"), office.now
        )
    )
    swap = ask(office, "lerato", None)
    with office.database.reading() as session:
        assert agreement.who_can(session, session.get_one(Swap, swap)) == []


def test_declined_and_withdrawn_change_nothing(office: Office):
    assert answer(office, ask(office), "decline", "thandi") == State.DECLINED
    swap = ask(office)
    with pytest.raises(NotAllowed):
        answer(office, swap, "withdraw", "thandi")
    assert answer(office, swap, "withdraw", "lerato") == State.WITHDRAWN
    assert office.first(IN_IT) == ["lerato"]


def test_a_shift_is_asked_about_once_at_a_time(office: Office):
    ask(office)
    with pytest.raises(ValueError, match="asked for already"):
        ask(office, to="pieter")


def test_a_manager_arranges_a_swap_for_a_colleague_in_hospital(office: Office):
    def arrange(by: str, reason: str) -> int:
        return office.do(
            lambda session: (
                swaps.arrange(
                    session,
                    office.rota(session),
                    shift("2026-11-30"),
                    office.staff(session, "lerato"),
                    office.staff(session, "pieter"),
                    who=office.who(by),
                    now=office.now,
                    reason=reason,
                ).id
            )
        )

    with pytest.raises(NotAllowed):
        arrange("pieter", "she is ill")
    with pytest.raises(ValueError, match="needs its reason"):
        arrange("naledi", " ")
    swap = arrange("naledi", "she is in hospital")
    assert (state(office, swap)[0], office.first(IN_IT)) == (State.ACCEPTED, ["pieter"])
    (told,) = office.audited("swap accepted")
    assert (told.who, told.detail["taker"], told.detail["reason"]) == (
        "Naledi Dlamini",
        "Pieter Botha",
        "she is in hospital",
    )


def test_every_step_is_in_the_audit(office: Office):
    swap = ask(office)
    answer(office, swap, "accept", "thandi")
    answer(office, swap, "undo", "thandi")
    told = office.audited("swap asked", "swap accepted", "swap undone")
    assert [(entry.what, entry.who) for entry in told] == [
        ("swap asked", "Lerato Mokoena"),
        ("swap accepted", "Thandi Nkosi"),
        ("swap undone", "Thandi Nkosi"),
    ]
    assert told[0].about == f"swap {swap}: Lerato Mokoena, Standby Mon 30 Nov 08:30 to Mon 7 Dec 08:30"


# Before saying yes


def told(office: Office, swap: int, taker: str) -> Effect:
    with office.database.reading() as session:
        return agreement.preview(session, session.get_one(Swap, swap), office.staff(session, taker), office.now)


def test_the_effect_is_told_in_hours_with_its_warnings(proved: Office):
    swap = ask(proved, to=None)
    week = timedelta(days=7)
    effect = told(proved, swap, "pieter")
    assert effect.moves == {"lerato": -week, "pieter": week}
    assert [shift.engineer for shift in effect.after if shift.duty.lane == "First"] == ["pieter"]
    first = "Pieter Botha has no rest between 'First' Mon 23 Nov 08:30 to Mon 30 Nov 08:30"
    then = "and 'First' Mon 30 Nov 08:30 to Mon 7 Dec 08:30"
    assert f"{first} {then}" in [hazard.text for hazard in effect.hazards]
    assert {hazard.kind for hazard in effect.hazards} == {"rest"}
    second = told(proved, swap, "thandi")
    assert any(hazard.kind == "twice" for hazard in second.hazards), "Thandi would be first and second"
    assert state(proved, swap)[0] == State.ASKED


# Two at once


def test_of_two_who_say_yes_at_the_same_time_one_has_the_shift(office: Office):
    swap = ask(office, "lerato", None)
    both, outcomes = Barrier(2), []

    def say_yes(key: str) -> None:
        both.wait(10)
        try:
            outcomes.append((key, answer(office, swap, "accept", key)))
        except TooLate:
            outcomes.append((key, None))

    threads = [Thread(target=say_yes, args=(key,)) for key in ("pieter", "naledi")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    (winner,) = [key for key, came_of_it in outcomes if came_of_it == State.ACCEPTED]
    assert len(outcomes) == 2
    assert office.first(IN_IT) == [winner]
    with office.database.reading() as session:
        assert len(office.rota(session).overrides) == 1


def test_a_yes_and_the_end_of_the_request_at_the_same_time_are_one_after_the_other(office: Office):
    number = ask(office)
    thandi, began = office.who("thandi"), Event()
    late = at(BEFORE) + timedelta(minutes=2)

    def let_expire(session) -> None:
        began.set()
        swaps.expire(session, late)

    expiring = Thread(target=lambda: office.do(let_expire))
    with office.database.writing() as session:
        swaps.accept(session, session.get_one(Swap, number), office.staff(session, "thandi"), thandi, office.now)
        expiring.start()
        expiring.join(0.3)  # it waits for this transaction; without a lock it has read what is not so any more
    expiring.join(30)
    assert began.is_set()
    with office.database.reading() as session:
        assert session.get_one(Swap, number).state == State.ACCEPTED
    assert office.first(IN_IT) == ["thandi"]
