"""What colleagues are told by themselves: reminders, changes, swaps, cover, hand-offs, and what is amiss."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from threading import Thread
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from cast import KAROO
from conftest import LINE, ORIGIN
from desk.outbox import Outgoing, State
from office import TERMINAL, Office, at, shift
from oncall import changes, choices, leave, roster, swaps, telling, versions
from oncall.changes import Change
from oncall.choices import Choice, Lead, Way
from oncall.notices import House
from oncall.refusals import NotAllowed
from oncall.swap import Swap
from simulator.script import play
from told import NAMES, Told

if TYPE_CHECKING:
    from simulator.rest import Rest

AN_HOUR = timedelta(hours=1)


@pytest.fixture
def told(proved: Office, rest: Rest) -> Told:
    """Everybody can be texted; the first look is over, and it is Sunday noon."""
    proved.clock.until(at("2026-11-22 12:00"))
    made = Told(proved, rest)
    made.news()
    return made


def choose(office: Office, key: str, by: str | None = None, **wishes) -> None:
    def work(session) -> None:
        who = office.who(by or key)
        choices.choose(session, office.staff(session, key), Choice(**wishes), who, office.now)

    office.do(work)


def change(office: Office, new: str, old: str, start: str, end: str, by: str = "naledi") -> int:
    wanted = Change("replace", new, at(start), at(end), old)
    return office.do(
        lambda session: changes.make(session, office.rota(session), wanted, office.who(by), office.now, "why").id
    )


# Reminders


def test_a_shift_is_announced_a_day_and_an_hour_before_it_begins(told: Told):
    choose(told.office, "lerato", way=Way.NONE)
    assert told.news() == []  # a day before Monday 08:30 was Sunday 08:30; that was told before one looked
    assert told.until("2026-11-23 07:29") == []
    assert told.until("2026-11-23 07:30") == [
        ("pieter", "you ring first from Mon 23 Nov 08:30 to Mon 30 Nov 08:30."),
    ]


def test_each_chooses_how_long_before(told: Told):
    office = told.office
    choose(office, "lerato", reminders=(Lead.WEEK,), summaries=False)
    choose(office, "thandi", reminders=(), summaries=False)
    choose(office, "pieter", reminders=(Lead.DAY,), summaries=False)
    office.clock.until(at("2026-11-23 08:29"))
    told.news(0)
    assert told.until("2026-11-23 08:30") == [
        ("lerato", "you ring first from Mon 30 Nov 08:30 to Mon 7 Dec 08:30."),
    ]
    office.clock.until(at("2026-11-29 08:25"))
    told.news()
    assert told.until("2026-12-06 08:29", every=AN_HOUR) == []
    assert told.until("2026-12-06 08:30") == [
        ("pieter", "you ring second from Mon 7 Dec 08:30 to Mon 14 Dec 08:30."),
    ]


def test_nobody_is_woken_by_a_reminder_that_can_wait(told: Told):
    """A shift that begins at two: a week and a day before are told in the morning, an hour before at one."""
    choose(told.office, "lerato", reminders=tuple(Lead), summaries=False)
    for key in ("pieter", "thandi", "naledi"):
        choose(told.office, key, way=Way.NONE)
    change(told.office, "lerato", "pieter", "2026-11-27 02:00", "2026-11-27 06:00", by="lerato")
    words = ("lerato", "you ring first from Fri 27 Nov 02:00 to Fri 27 Nov 06:00.")
    told.office.clock.until(at("2026-11-25 23:00"))
    told.news()
    assert told.until("2026-11-26 06:59") == []
    assert told.until("2026-11-26 07:00") == [words]
    assert told.until("2026-11-27 00:59") == []
    assert told.until("2026-11-27 01:00") == [words]
    assert told.until("2026-11-27 02:00") == []


def test_a_reminder_comes_once_however_often_and_by_whomever_one_looks(told: Told):
    told.office.clock.until(at("2026-11-23 07:30"))
    first, again = told.news(), []
    for _ in range(5):
        told.office.clock.advance(61)
        again += told.news()
    assert len(first) == 2
    assert again == []


def test_after_an_outage_nobody_is_flooded(told: Told):
    """Of what was missed only that is told which still has a point."""
    for key in ("thandi", "pieter", "lerato"):
        choose(told.office, key, reminders=tuple(Lead))
    told.office.clock.until(at("2026-12-07 07:45"))
    assert told.news() == [
        ("pieter", "you ring second from Mon 7 Dec 08:30 to Mon 14 Dec 08:30."),
        ("thandi", "you ring first from Mon 7 Dec 08:30 to Mon 14 Dec 08:30."),
    ]


class Cut:
    """The line to the carrier is cut for a while: what is in the outbox waits."""

    def __init__(self, office: Office) -> None:
        self.held, self.couriers = office.app.extensions, office.app.extensions["couriers"]

    def __enter__(self) -> None:
        self.held["couriers"] = {}

    def __exit__(self, *_: object) -> None:
        self.held["couriers"] = self.couriers


def unsent(office: Office) -> list[tuple[str, str | None]]:
    """What is in the outbox and has not left."""
    with office.database.reading() as session:
        found = session.scalars(select(Outgoing).where(Outgoing.state != State.SENT).order_by(Outgoing.key))
        return [(row.state, row.error) for row in found]


def test_a_reminder_of_a_shift_that_is_another_s_by_now_is_not_sent(told: Told):
    office = told.office
    choose(office, "lerato", way=Way.NONE)
    choose(office, "thandi", way=Way.NONE)
    office.clock.until(at("2026-11-23 07:30"))
    with Cut(office):
        office.tick()
        assert [state for state, _ in unsent(office)] == [State.WAITING]
    change(office, "lerato", "pieter", "2026-11-23 08:30", "2026-11-30 08:30", by="pieter")
    office.clock.advance(10)
    assert told.news() == []
    assert unsent(office) == [(State.DROPPED, "it is not so any more")]


def test_a_reminder_that_was_held_up_until_the_shift_began_is_not_sent(told: Told):
    office = told.office
    choose(office, "pieter", summaries=False)
    choose(office, "lerato", way=Way.NONE)
    choose(office, "thandi", way=Way.NONE)
    office.clock.until(at("2026-11-23 07:30"))
    with Cut(office):
        office.tick()
    office.clock.until(at("2026-11-23 08:30"))
    assert told.news() == []
    assert unsent(office) == [(State.DROPPED, "it could not go while it had a point")]


def test_a_reminder_of_a_shift_that_moved_comes_for_the_shift_as_it_is(told: Told):
    office = told.office
    choose(office, "lerato", way=Way.NONE)
    choose(office, "thandi", way=Way.NONE)
    choose(office, "pieter", summaries=False)
    change(office, "thandi", "pieter", "2026-11-23 08:30", "2026-11-23 12:00", by="pieter")
    words = ("pieter", "you ring first from Mon 23 Nov 12:00 to Mon 30 Nov 08:30.")
    assert told.news() == [words], "a day before it, as it is now"
    assert told.until("2026-11-23 10:59") == []
    assert told.until("2026-11-23 11:00") == [words]


def test_only_a_number_that_is_proved_is_texted(office: Office, rest: Rest):
    office.prove("lerato")
    told = Told(office, rest)
    told.news()
    office.clock.until(at("2026-11-23 07:30"))
    assert told.news() == [("lerato", "you ring second from Mon 23 Nov 08:30 to Mon 30 Nov 08:30.")]


# Your shift changed


def test_everybody_whose_shifts_changed_is_told_what_was_and_what_is(told: Told):
    change(told.office, "lerato", "pieter", "2026-11-25 08:00", "2026-11-26 08:00")
    who = "Naledi Dlamini has changed your shifts."
    before, hers = "Mon 23 Nov 08:30 to Mon 30 Nov 08:30, first", "Wed 25 Nov 08:00 to Thu 26 Nov 08:00, first"
    after = "Mon 23 Nov 08:30 to Wed 25 Nov 08:00, first; Thu 26 Nov 08:00 to Mon 30 Nov 08:30, first"
    assert told.news() == [
        ("lerato", f"{who} Before: not you. Now: {hers}."),
        ("pieter", f"{who} Before: {before}. Now: {after}."),
    ]
    assert told.news() == []


def test_who_changed_it_is_not_told_unless_they_want_to_be(told: Told):
    change(told.office, "lerato", "pieter", "2026-11-25 08:00", "2026-11-26 08:00", by="pieter")
    assert [who for who, _ in told.news()] == ["lerato"]
    told.office.clock.advance(61)
    choose(told.office, "pieter", own_changes=True)
    change(told.office, "lerato", "pieter", "2026-11-27 08:00", "2026-11-28 08:00", by="pieter")
    assert [who for who, _ in told.news()] == ["lerato", "pieter"]


def test_a_version_that_moves_every_shift_is_one_message_to_each(told: Told):
    office, since = told.office, at("2026-12-14 08:30")

    def work(session) -> None:
        record = office.rota(session)
        first, second = record.head.draft.layers
        turned = ("lerato", "thandi", "pieter"), ("thandi", "pieter", "lerato")
        layers = tuple(
            replace(layer, rotations=(replace(layer.rotations[0], members=people),))
            for layer, people in zip((first, second), turned, strict=True)
        )
        edited, who = replace(record.head.draft, layers=layers), office.who("naledi")
        versions.publish(session, record, edited, base=1, who=who, now=office.now, since=since, reason="fair")

    office.do(work)
    news = told.news()
    assert [who for who, _ in news] == ["lerato", "pieter", "thandi"]
    for _, words in news:
        assert words.startswith("Naledi Dlamini has changed your shifts. Before: ")
        assert "; and " in words, "the rest is on the page"
        assert "Mon 30 Nov" not in words, "what is before stays"


def test_what_is_changed_at_night_and_begins_later_is_told_in_the_morning_as_it_is_then(told: Told):
    office = told.office
    choose(office, "naledi", way=Way.NONE)
    office.clock.until(at("2026-11-24 23:00"))
    told.news()
    number = change(office, "lerato", "pieter", "2026-11-26 08:00", "2026-11-27 08:00")
    office.clock.advance(120)
    change(office, "thandi", "lerato", "2026-12-02 08:00", "2026-12-03 08:00")
    assert told.until("2026-11-25 03:00") == []
    office.do(
        lambda session: changes.take_back(
            session, session.get_one(changes.OverrideRecord, number), office.who("naledi"), office.now
        )
    )
    assert told.until("2026-11-25 06:59") == []
    news = told.until("2026-11-25 07:00")
    assert [who for who, _ in news] == ["lerato", "thandi"], "Pieter has what he had"
    assert "Wed 2 Dec 08:00" in news[1][1]
    assert "26 Nov" not in str(news)


def test_what_begins_soon_is_told_at_night_too(told: Told):
    told.office.clock.until(at("2026-11-24 23:00"))
    told.news()
    change(told.office, "lerato", "pieter", "2026-11-25 02:00", "2026-11-25 08:00")
    assert [who for who, _ in told.news()] == ["lerato", "pieter"]


def test_a_message_of_a_change_that_was_changed_back_before_it_left_is_not_sent(told: Told):
    office = told.office
    with Cut(office):
        number = change(office, "lerato", "pieter", "2026-11-25 08:00", "2026-11-26 08:00")
        office.clock.advance(61)
        office.tick()
    assert [state for state, _ in unsent(office)] == [State.WAITING] * 2
    office.do(
        lambda session: changes.take_back(
            session, session.get_one(changes.OverrideRecord, number), office.who("naledi"), office.now
        )
    )
    assert told.news() == [], "to whom nothing was said, nothing has changed"
    assert {state for state, _ in unsent(office)} == {State.DROPPED}


def test_of_two_changes_before_the_first_could_leave_one_is_told_from_what_they_knew(told: Told):
    office = told.office
    with Cut(office):
        change(office, "lerato", "pieter", "2026-11-25 08:00", "2026-11-26 08:00")
        office.clock.advance(61)
        office.tick()
    change(office, "lerato", "pieter", "2026-11-26 08:00", "2026-11-27 08:00")
    (_, hers), (_, his) = told.news()
    assert hers.endswith("Before: not you. Now: Wed 25 Nov 08:00 to Fri 27 Nov 08:00, first.") or "; Thu" in hers
    assert "Before: Mon 23 Nov 08:30 to Mon 30 Nov 08:30, first." in his


def test_what_was_held_up_until_the_night_waits_for_the_morning(told: Told):
    office = told.office
    office.clock.until(at("2026-11-24 20:50"))
    told.news()
    with Cut(office):
        change(office, "lerato", "pieter", "2026-11-26 08:00", "2026-11-27 08:00")
        office.clock.advance(61)
        office.tick()
    assert [state for state, _ in unsent(office)] == [State.WAITING] * 2
    office.clock.until(at("2026-11-24 22:00"))
    assert told.news() == []
    assert {error for _, error in unsent(office)} == {"it is night"}
    office.clock.until(at("2026-11-25 07:00"))
    assert [who for who, _ in told.news() if who != "naledi"] == ["lerato", "pieter"]


def test_who_comes_new_to_the_house_learns_of_their_first_shifts(told: Told):
    office = told.office

    def hire(session) -> None:
        staff = office.staff(session, "bongani")
        staff.role, staff.phone = "engineer", "+27825550105"

    office.do(hire)
    office.prove("bongani")
    NAMES["+27825550105"] = "bongani"
    change(office, "bongani", "pieter", "2026-11-25 08:00", "2026-11-26 08:00")
    assert [who for who, _ in told.news()] == ["bongani", "pieter"]


# Swaps and cover


def ask(office: Office, owner: str = "lerato", to: str | None = "thandi", monday: str = "2026-11-30", **more) -> int:
    def work(session) -> int:
        colleague = office.staff(session, to) if to else None
        whose = office.staff(session, owner)
        by = {"who": office.who(owner), "now": office.now} | more
        return swaps.ask(session, office.rota(session), shift(monday), whose, to=colleague, **by).id

    return office.do(work)


def answer(office: Office, swap: int, verb: str, key: str) -> None:
    def work(session) -> None:
        found = session.get_one(Swap, swap)
        colleague = (office.staff(session, key),) if verb in ("accept", "decline") else ()
        getattr(swaps, verb)(session, found, *colleague, office.who(key), office.now)

    office.do(work)


WEEK = "Mon 30 Nov 08:30 to Mon 7 Dec 08:30"


def test_who_is_asked_to_swap_is_told_and_the_owner_what_came_of_it(told: Told):
    swap = ask(told.office)
    assert told.news() == [("thandi", f"Lerato Mokoena asks you to take the shift from {WEEK}.")]
    answer(told.office, swap, "accept", "thandi")
    ((who, words),) = told.news()
    assert who == "lerato"
    assert words == (
        f"Thandi Nkosi takes your shift from {WEEK}. Your shifts have changed. Before: {WEEK}, first. Now: not you."
    )
    answer(told.office, swap, "undo", "lerato")
    ((who, words),) = told.news()
    assert who == "thandi"
    assert words.startswith(f"Lerato Mokoena has undone the swap of Lerato Mokoena's shift from {WEEK}. ")


def test_a_no_a_withdrawal_and_an_expiry_are_told_to_whom_they_concern(told: Told):
    first, second, third = (
        ask(told.office),
        ask(told.office, monday="2026-12-21"),
        ask(told.office, expires=at("2026-11-28 12:00"), monday="2027-01-11"),
    )
    assert [who for who, _ in told.news()] == ["thandi"] * 3
    answer(told.office, first, "decline", "thandi")
    assert told.news() == [("lerato", f"Thandi Nkosi has said no: you keep your shift from {WEEK}.")]
    answer(told.office, second, "withdraw", "lerato")
    assert [(who, words[:40]) for who, words in told.news()] == [("thandi", "Lerato Mokoena does not ask any more for")]
    told.office.clock.until(at("2026-11-28 12:01"))
    told.office.tick()
    assert [(who, words[:20]) for who, words in told.news()] == [
        ("lerato", "nobody has said yes:"),
        ("thandi", "Lerato Mokoena's req"),
    ]
    assert third


def test_a_request_to_all_goes_to_those_who_can(told: Told):
    """Not to whoever is on duty then, nor away."""
    ask(told.office, to=None)
    assert [who for who, _ in told.news()] == ["pieter"], "Thandi is second in that week"


AGAIN = f"Nobody has said yes yet: Lerato Mokoena asks you to take the shift from {WEEK}."


def questions(told: Told, moment: str) -> list[tuple[str, str]]:
    """What came of swaps at that moment."""
    told.office.clock.until(at(moment) - timedelta(minutes=2))
    before = told.news(0)
    assert [words for _, words in before if "asks you" in words] == []
    told.office.clock.until(at(moment))
    return [(who, words) for who, words in told.news(0) if "asks you" in words]


def test_who_has_not_answered_is_reminded_a_week_three_days_a_day_and_twelve_hours_before(told: Told):
    office = told.office
    ask(office)
    assert [who for who, _ in told.news()] == ["thandi"]
    for moment in ("2026-11-23 08:30", "2026-11-27 08:30", "2026-11-29 08:30", "2026-11-29 20:30"):
        assert questions(told, moment) == [("thandi", AGAIN)], moment
        assert [words for _, words in told.news() if "asks you" in words] == [], "once each"
    assert questions(told, "2026-11-30 08:28") == []


def test_only_who_may_still_answer_is_reminded_and_nobody_once_it_is_settled(told: Told):
    office = told.office
    swap = ask(office, to=None, monday="2026-12-21")
    assert [who for who, _ in told.news()] == ["pieter"]
    answer(office, swap, "decline", "pieter")
    other = ask(office, monday="2026-11-30")
    told.news()
    answer(office, other, "withdraw", "lerato")
    assert questions(told, "2026-11-23 08:30") == [], "withdrawn"
    assert questions(told, "2026-12-14 08:30") == [], "who said no is not asked again"


def test_a_reminder_of_a_swap_that_is_settled_before_it_leaves_is_dropped(told: Told):
    swap = ask(told.office)
    told.news()
    told.office.clock.until(at("2026-11-23 08:28"))
    told.news(0)
    with Cut(told.office):
        told.office.clock.until(at("2026-11-23 08:30"))
        told.office.tick()
        assert State.WAITING in [state for state, _ in unsent(told.office)]
    answer(told.office, swap, "withdraw", "lerato")
    assert [words for _, words in told.news() if "asks you" in words] == []


def test_after_an_outage_the_latest_reminder_of_a_swap_alone_comes(told: Told):
    ask(told.office)
    told.news()
    told.office.clock.until(at("2026-11-27 12:00"))
    asked = [(who, words) for who, words in told.news() + told.news() if "asks you" in words]
    assert asked == [("thandi", AGAIN)], "not that of a week before as well"


def test_a_reminder_of_a_swap_that_can_wait_wakes_nobody(told: Told):
    office = told.office
    change(office, "lerato", "pieter", "2026-11-27 02:00", "2026-11-27 06:00")
    told.news()
    piece = office.do(
        lambda session: next(
            one
            for one in roster.plan(session, office.rota(session)).lanes(at("2026-11-27 02:00"), at("2026-11-27 06:00"))[
                "First"
            ]
            if one.engineer == "lerato"
        )
    )
    office.do(
        lambda session: swaps.ask(
            session,
            office.rota(session),
            piece.id,
            office.staff(session, "lerato"),
            who=office.who("lerato"),
            now=office.now,
            to=office.staff(session, "naledi"),
        )
    )
    told.news()
    assert questions(told, "2026-11-24 02:00") == [], "three days before, in the middle of the night"
    assert [who for who, _ in questions(told, "2026-11-24 07:00")] == ["naledi"]


def test_a_swap_that_an_edit_has_made_void_is_told_with_the_reason(told: Told):
    ask(told.office)
    told.news()
    change(told.office, "pieter", "lerato", "2026-12-05 08:00", "2026-12-06 08:00")
    void = f"the swap of Lerato Mokoena's shift from {WEEK} does not hold any more: Lerato Mokoena's shift is now"
    news = dict(told.news())
    assert set(news) == {"lerato", "pieter", "thandi"}
    assert news["lerato"].startswith(void)
    assert news["thandi"] == f"{void} Mon 30 Nov 08:30 to Sat 5 Dec 08:00."


def test_a_question_that_was_answered_before_it_left_is_not_put(told: Told):
    with Cut(told.office):
        swap = ask(told.office)
        told.office.clock.advance(61)
        told.office.tick()
        assert [state for state, _ in unsent(told.office)] == [State.WAITING]
    answer(told.office, swap, "withdraw", "lerato")
    assert [words for _, words in told.news() if "asks you" in words] == []


def test_a_shift_that_needs_somebody_is_told_to_those_who_can_and_why_it_does_to_nobody(told: Told):
    office = told.office
    office.do(
        lambda session: leave.take(
            session,
            office.staff(session, "lerato"),
            at("2026-12-01 00:00"),
            at("2026-12-02 00:00"),
            "sick",
            "an operation",
            office.who("lerato"),
            office.now,
        )
    )
    news = told.news(301) + told.news()
    assert news == [
        ("pieter", "can you cover for Lerato Mokoena from Tue 1 Dec 00:00 to Wed 2 Dec 00:00?"),
    ]
    assert "operation" not in str(news)
    assert "sick" not in str(news)


# The hand-off


def test_at_the_hand_off_both_are_told_who_has_it_and_what_is_open(told: Told):
    office = told.office
    office.network.in_order("busy")
    play(office.network.ring(KAROO, LINE), ["2"])
    told.news()
    told.until("2026-11-23 08:29")
    news = dict(told.until("2026-11-23 08:30"))
    assert set(news) == {"pieter", "thandi"}
    assert news["pieter"].startswith(
        "you ring first now until Mon 30 Nov 08:30. Second is Lerato Mokoena. Open tickets: 1, 1 emergency: "
    )
    assert news["thandi"].startswith("Pieter Botha rings first now, you have handed off. Open tickets: 1, 1 emergency:")
    assert "Karoo" not in str(news)
    assert "555" not in str(news)


def test_a_hand_off_of_long_ago_is_not_told(told: Told):
    told.office.clock.until(at("2026-11-23 09:31"))
    assert told.news() == []


def test_who_does_not_want_the_summary_does_not_get_it(told: Told):
    choose(told.office, "pieter", reminders=(), summaries=False)
    told.until("2026-11-23 08:29")
    assert [who for who, _ in told.until("2026-11-23 08:30")] == ["thandi"]


# What is amiss


def test_a_gap_is_told_to_the_managers_by_day_and_not_again_until_it_is_near(told: Told):
    office = told.office
    for key in ("thandi", "pieter", "lerato"):
        choose(office, key, way=Way.NONE)
    for key in ("thandi", "pieter"):
        office.do(
            lambda session, key=key: changes.make(
                session,
                office.rota(session),
                Change("remove", key, at("2026-12-10 09:00"), at("2026-12-10 15:00")),
                TERMINAL,
                office.now,
                "training",
            )
        )
    assert told.until("2026-11-23 06:59") == []
    news = told.until("2026-11-23 07:00")
    assert [who for who, _ in news] == ["naledi"]
    assert news[0][1].startswith("in the rota: nobody rings for 'Standby' from Thu 10 Dec 09:00 to Thu 10 Dec 15:00")
    office.clock.until(at("2026-11-24 07:00"))
    assert told.news() == [], "the same as yesterday"
    office.clock.until(at("2026-11-30 12:00"))
    assert [who for who, _ in told.news()] == ["naledi"], "after a week"


def test_where_all_is_well_nobody_hears_anything(told: Told):
    choose(told.office, "pieter", way=Way.NONE)
    choose(told.office, "thandi", way=Way.NONE)
    choose(told.office, "lerato", way=Way.NONE)
    assert told.until("2026-11-25 12:00", every=AN_HOUR) == []


# Who may choose


def test_one_chooses_for_oneself_and_a_manager_for_others_which_the_audit_tells(told: Told):
    choose(told.office, "pieter", way=Way.NONE)
    assert told.office.audited("notices chosen") == []
    with pytest.raises(NotAllowed):
        choose(told.office, "pieter", by="thandi", way=Way.TEXT)
    choose(told.office, "pieter", by="naledi", way=Way.BOTH, reminders=(Lead.WEEK,))
    (entry,) = told.office.audited("notices chosen")
    assert (entry.who, entry.about) == ("Naledi Dlamini", "Pieter Botha")
    assert entry.detail == {
        "before": "nothing; a day and an hour before; hand-offs",
        "now": "by text and mail; a week before; hand-offs",
    }


class Killed(BaseException):
    """A process ends in the middle."""


def test_a_look_that_is_killed_and_two_at_once_tell_everybody_once(told: Told):
    office = told.office
    choose(office, "lerato", way=Way.NONE)
    choose(office, "thandi", way=Way.NONE)
    office.clock.until(at("2026-11-23 07:30"))
    house = House("Protea IT Support", LINE, "Africa/Johannesburg", ORIGIN, mails=False)

    def look(session, *, killed: bool = False) -> None:
        telling.look(session, house, roster.plans(session), office.now)
        if killed:
            raise Killed

    with pytest.raises(Killed):
        office.do(lambda session: look(session, killed=True))
    assert unsent(office) == []
    both = [Thread(target=office.do, args=(look,)) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert [state for state, _ in unsent(office)] == [State.WAITING]
    assert [who for who, _ in told.news()] == ["pieter"]
