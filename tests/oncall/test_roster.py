"""Rotas in versions: what has been stays as it was, whoever edits what, and nobody's edit is lost unseen."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from office import TERMINAL, at, shift, wall
from oncall import changes, record, roster, versions
from oncall.changes import Change
from oncall.differences import differences
from oncall.draft import Draft, LayerDraft, RotationDraft
from oncall.plan import Edition, Plan
from oncall.record import ServedShift
from oncall.refusals import Conflict, Overtaken, TooLate
from oncall.roster import Version
from oncall.rota import Layer, Rota, Rotation, Turns
from rota_dice import rotas
from sla import holidays

if TYPE_CHECKING:
    from office import Office

HOUR = timedelta(hours=1)


def wall_time(*numbers: int) -> datetime:
    """Wall time, as a draft has it."""
    return datetime(*numbers)  # noqa: DTZ001 - its zone stands beside it


def with_members(draft: Draft, *members: str) -> Draft:
    """The first rotation with other people."""
    (rotation,) = draft.layers[0].rotations
    return replace(draft, layers=(LayerDraft("layer 1", (replace(rotation, members=members),)), *draft.layers[1:]))


def publish(office: Office, *members: str, since: str | None = None, base: int | None = None, **more) -> Version:
    def work(session) -> Version:
        found = office.rota(session)
        draft = with_members(found.head.draft, *members)
        by = {"base": base or found.head.number, "who": TERMINAL, "now": office.now, "reason": "a test"} | more
        return versions.publish(session, found, draft, since=at(since) if since else None, **by)

    return office.do(work)


def change(office: Office, kind: str, engineer: str, starts: str, ends: str, instead: str | None = None, **more) -> int:
    wanted = Change(kind, engineer, at(starts), at(ends), instead, **more)
    return office.do(lambda session: changes.make(session, office.rota(session), wanted, TERMINAL, office.now).id)


def take_back(office: Office, number: int) -> None:
    office.do(
        lambda session: changes.take_back(session, session.get_one(roster.OverrideRecord, number), TERMINAL, office.now)
    )


# Versions


def test_the_demo_is_the_first_version(office: Office):
    with office.database.reading() as session:
        (version,) = office.rota(session).versions
    assert (version.number, version.note) == (1, "rota.yaml")
    assert version.draft.rotations()[0].members == ("thandi", "pieter", "lerato")
    assert (
        version.hazards[0]["text"] == "Thandi Nkosi has not proved their number, and is on duty from Sun 22 Nov 02:00"
    )


def test_a_version_takes_effect_at_its_instant_and_never_before(office: Office):
    publish(office, "naledi", since="2026-11-25 12:00")
    assert office.first("2026-11-25 11:59", "2026-11-25 12:00", "2026-12-09 12:00") == ["pieter", "naledi", "naledi"]
    assert office.rings("2026-11-25 11:50")[0] == "pieter"
    assert office.rings("2026-11-25 12:00")[0] == "naledi", "the hand-off of a plan, without anything being restarted"


def test_an_edit_never_rewrites_the_past(office: Office):
    before = office.first("2026-10-01 12:00", "2026-11-21 12:00", "2026-11-22 01:59")
    publish(office, "naledi")
    assert office.first("2026-10-01 12:00", "2026-11-21 12:00", "2026-11-22 01:59") == before
    assert office.first("2026-11-22 02:00") == ["naledi"]
    with pytest.raises(TooLate):
        publish(office, "lerato", since="2026-11-22 01:59")


def test_any_version_can_be_seen_and_put_back_in_force(office: Office):
    publish(office, "naledi")
    publish(office, "lerato", "naledi")
    office.clock.advance(3600)
    office.do(
        lambda session: versions.restore(
            session, office.rota(session), 1, base=3, who=TERMINAL, now=office.now, reason="a test"
        )
    )
    with office.database.reading() as session:
        found = office.rota(session).versions
        assert [one.draft.people() for one in found] == [
            ("thandi", "pieter", "lerato"),
            ("naledi", "pieter", "lerato", "thandi"),
            ("lerato", "naledi", "pieter", "thandi"),
            ("thandi", "pieter", "lerato"),
        ]
        assert (found[3].restores, found[3].document) == (1, found[0].document)
        assert versions.in_force(office.rota(session), office.now).number == 4
    assert office.first("2026-11-22 02:30", "2026-11-22 03:00") == ["lerato", "thandi"]
    assert [entry.about for entry in office.audited("rota restored")] == ["Standby, version 4"]


def test_a_newer_version_replaces_one_that_has_not_begun(office: Office):
    publish(office, "naledi", since="2026-12-07 08:30")
    newer = publish(office, "lerato", since="2026-12-01 08:30")
    assert "version 2, planned from Mon 7 Dec 08:30 on, will not come into force" in [
        hazard["text"] for hazard in newer.hazards
    ]
    assert office.first("2026-11-30 12:00", "2026-12-01 08:30", "2026-12-20 12:00") == ["lerato", "lerato", "lerato"]
    assert office.plan().superseded == (2,)


def test_of_two_edits_at_once_the_second_is_refused_and_shown_both_sides(office: Office):
    publish(office, "naledi", base=1, note="Naledi takes over")
    with pytest.raises(Conflict) as refused:
        publish(office, "lerato", base=1)
    assert (refused.value.base.number, refused.value.theirs.number) == (1, 2)
    assert (refused.value.theirs.note, refused.value.theirs.draft.layers[0].rotations[0].members) == (
        "Naledi takes over",
        ("naledi",),
    )
    assert differences(refused.value.base.draft, refused.value.theirs.draft) == [
        "'First', members: thandi, pieter, lerato → naledi"
    ]
    assert office.first("2026-11-24 12:00") == ["naledi"]


def test_of_two_transactions_that_publish_at_the_same_time_one_wins(office: Office):
    """The second has read the first version before the other commits; the lock or the unique number lets it see."""
    tries = []

    def second(session) -> Version:
        found = office.rota(session)
        if not tries:
            tries.append(found.head.number)
            if office.database.engine.dialect.name == "postgresql":  # SQLite lets only one begin to write
                publish(office, "naledi", base=1)
        return versions.publish(
            session, found, with_members(found.head.draft, "lerato"), base=1, who=TERMINAL, now=office.now, reason="x"
        )

    if office.database.engine.dialect.name == "postgresql":
        with pytest.raises(Conflict):
            office.do(second)
        assert office.first("2026-11-24 12:00") == ["naledi"]
    else:
        office.do(second)
    with office.database.reading() as session:
        assert session.scalar(select(func.count(Version.id))) == 2


def test_a_draft_without_a_reading_is_refused(office: Office):
    def work(session) -> None:
        found = office.rota(session)
        (rotation,) = found.head.draft.layers[0].rotations
        wrong = Draft("Africa/Johannesburg", (LayerDraft("one", (rotation, rotation)),))
        versions.publish(session, found, wrong, base=1, who=TERMINAL, now=office.now, reason="x")

    with pytest.raises(ValueError, match="two rotations are called 'First'"):
        office.do(work)
    assert office.first("2026-11-24 12:00") == ["pieter"]


# What a version may say


def test_a_rota_with_everything_is_stored_and_read_back(office: Office):
    rotation = RotationDraft(
        "Nights",
        ("thandi", "pieter"),
        wall_time(2026, 11, 2, 17),
        14,
        ("Mon 17:00", "Fri 17:00"),
        ("outside office hours", "weekends", "public holidays", "Wed 12:00 to Wed 13:00"),
        wall_time(2027, 11, 1, 8, 30),
        "served",
        (100, 50),
        "Africa/Harare",
    )
    draft = Draft("Africa/Johannesburg", (LayerDraft("one", (rotation,)),), "outside office hours", "Office")
    office.do(lambda session: versions.create(session, "Nights", draft, TERMINAL, office.now))
    with office.database.reading() as session:
        found = roster.named(session, "Nights")
        assert found.head.draft == draft
        assert differences(draft, found.head.draft) == []
        (value,) = roster.plans(session)["Nights"].at(office.now).layers[0].rotations
    assert (str(value.turns), value.advance, value.shares) == (
        "Mon 17:00 and Fri 17:00, every 2 weeks",
        "served",
        (100, 50),
    )
    assert list(map(str, value.hours)) == [
        "outside office hours",
        "Sat 00:00 to Mon 00:00",
        "public holidays",
        "Wed 12:00 to Wed 13:00",
    ]


def outside(office: Office, covers: str) -> None:
    rotation = RotationDraft("Nights", ("thandi",), wall_time(2026, 1, 5), hours=("outside office hours",))
    draft = Draft("Africa/Johannesburg", (LayerDraft("one", (rotation,)),), covers)
    office.do(lambda session: versions.create(session, "Nights", draft, TERMINAL, office.now))


def test_outside_office_hours_goes_by_the_business_calendar_and_its_holidays(office: Office):
    outside(office, "always")

    def on_duty(*moments: str) -> list[bool]:
        with office.database.reading() as session:
            plan = office.app.extensions["exchange"].boards.current(session).rotas["Nights"]
        return [bool(plan.who(at(moment))) for moment in moments]

    moments = ("2026-11-24 08:29", "2026-11-24 08:30", "2026-11-24 17:00", "2026-12-16 12:00", "2026-11-25 12:00")
    assert on_duty(*moments) == [True, False, True, True, False], "16 December is the Day of Reconciliation"
    office.do(lambda session: holidays.add(session, at("2026-11-25 12:00").date(), "Declared", "staff", office.now))
    assert on_duty(*moments) == [True, False, True, True, True], "a day declared at ten days' notice"


def test_a_gap_is_only_where_the_rota_promises_somebody(office: Office):
    span = at("2026-11-24 00:00"), at("2026-11-25 00:00")
    outside(office, "always")
    with office.database.reading() as session:
        (gap,) = roster.plans(session)["Nights"].gaps(*span)
    assert (wall(gap.start), wall(gap.end)) == ("2026-11-24 08:30", "2026-11-24 17:00")

    def promise(session) -> None:
        found = roster.named(session, "Nights")
        draft = replace(found.head.draft, covers="outside office hours")
        versions.publish(session, found, draft, base=1, who=TERMINAL, now=office.now, reason="x")

    office.do(promise)
    with office.database.reading() as session:
        assert roster.plans(session)["Nights"].gaps(*span) == ()


def test_the_example_in_the_shop_needs_a_calendar(office: Office):
    rotation = RotationDraft("Nights", ("thandi",), wall_time(2026, 1, 5), hours=("outside office hours",))
    draft = Draft("Africa/Johannesburg", (LayerDraft("one", (rotation,)),), calendar="Shop")
    with pytest.raises(LookupError, match="there is no business calendar 'Shop'"):
        office.do(lambda session: versions.create(session, "Nights", draft, TERMINAL, office.now))


# The plan through its versions: one truth

WEEKLY, JANUARY = Turns.every(7), wall_time(2026, 1, 5, 8, 30)


def edition(number: int, since: datetime, *members: str, start: datetime = JANUARY) -> Edition:
    rotation = Rotation("First", members, start, WEEKLY, "Africa/Johannesburg")
    return Edition(number, since, (Layer("one", (rotation,)),), "Africa/Johannesburg")


def test_a_shift_that_an_edit_leaves_as_it_was_is_not_cut():
    middle = at("2026-11-25 12:00")
    plan = Plan("Standby", (edition(1, at("2026-01-01 00:00"), "a", "b"), edition(2, middle, "a", "b")))
    (one, *_) = plan.shifts(middle - HOUR, middle + HOUR, whole=True)
    assert (wall(one.start), wall(one.end), one.uid) == (
        "2026-11-23 08:30",
        "2026-11-30 08:30",
        "First@20261123T063000Z",
    )
    assert len(plan.shifts(middle - HOUR, middle + HOUR)) == 1
    assert len(plan.lanes(middle - HOUR, middle + HOUR)["First"]) == 1


def test_a_shift_that_an_edit_gives_to_another_is_cut_there():
    middle = at("2026-11-25 12:00")
    plan = Plan("Standby", (edition(1, at("2026-01-01 00:00"), "a"), edition(2, middle, "b")))
    one, other = plan.shifts(middle - HOUR, middle + HOUR, whole=True)
    assert [(shift.engineer, wall(shift.start), wall(shift.end)) for shift in (one, other)] == [
        ("a", "2026-11-23 08:30", "2026-11-25 12:00"),
        ("b", "2026-11-25 12:00", "2026-11-30 08:30"),
    ]
    assert len({one.uid, other.uid}) == 2


def test_a_gap_over_an_edit_is_one_gap():
    middle = at("2026-11-25 12:00")
    plan = Plan("Standby", (edition(1, at("2026-01-01 00:00")), edition(2, middle)))
    assert [(gap.start, gap.end) for gap in plan.gaps(middle - HOUR, middle + HOUR)] == [(middle - HOUR, middle + HOUR)]


def test_before_the_first_version_it_holds_too_and_without_one_nobody_rings():
    plan = Plan("Standby", (edition(1, at("2026-11-25 12:00"), "a", start=wall_time(2020, 1, 6, 8, 30)),))
    assert [duty.engineer for duty in plan.who(at("2025-05-05 12:00"))] == ["a"]
    empty = Plan("Standby")
    assert (empty.who(at("2026-11-25 12:00")), empty.shifts(at("2026-11-25 12:00"), at("2026-11-26 12:00"))) == ((), ())


@given(rotas(), rotas(), st.integers(0, 100), st.integers(0, 100))
def test_a_plan_is_at_every_instant_the_rota_in_force(
    first: tuple[Rota, datetime, datetime], second: tuple[Rota, datetime, datetime], cut: int, ask: int
):
    (one, a, b), (other, *_) = first, second
    change = a + (b - a) * cut / 100
    plan = Plan(
        "both",
        (Edition(1, a, one.layers, "UTC"), Edition(2, change, other.layers, "UTC")),
        one.overrides,
    )
    t = a + (b - a) * ask / 100
    rota = Rota("both", one.layers if t < change else other.layers, one.overrides)
    if t < b:
        assert plan.who(t) == rota.who(t)
        for place in range(2):
            there = [shift.engineer for shift in plan.shifts(a, b, place) if shift.start <= t < shift.end]
            assert there == [duty.engineer for duty in rota.who(t)[place : place + 1]]
        assert any(gap.start <= t < gap.end for gap in plan.gaps(a, b)) == (not rota.who(t))


@given(rotas(), st.integers(1, 99))
def test_publishing_what_is_in_force_already_moves_no_shift(drawn: tuple[Rota, datetime, datetime], cut: int):
    rota, a, b = drawn
    same = (Edition(1, a, rota.layers, "UTC"), Edition(2, a + (b - a) * cut / 100, rota.layers, "UTC"))
    plan = Plan("twice", same, rota.overrides)
    before = [(shift.engineer, shift.uid, shift.start, shift.end) for shift in rota.shifts(a, b)]
    assert [(shift.engineer, shift.uid, shift.start, shift.end) for shift in plan.shifts(a, b)] == before


# Changing a shift


def test_somebody_covers_for_somebody_within_their_duty(office: Office):
    change(office, "replace", "naledi", "2026-11-24 18:00", "2026-11-25 06:00", "pieter")
    moments = "2026-11-24 17:59", "2026-11-24 18:00", "2026-11-25 05:59", "2026-11-25 06:00"
    assert office.first(*moments) == ["pieter", "naledi", "naledi", "pieter"]
    assert office.rings("2026-11-24 18:00") == ["naledi", "lerato"]
    (told,) = office.audited("shift changed")
    assert (told.about, told.detail["hours"]) == (
        "Standby Tue 24 Nov 18:00 to Wed 25 Nov 06:00",
        {"naledi": 12.0, "pieter": -12.0},
    )


def test_a_change_taken_back_keeps_what_it_did(office: Office):
    number = change(office, "replace", "naledi", "2026-11-24 18:00", "2026-11-25 06:00", "pieter")
    office.clock.until(at("2026-11-24 22:00"))
    take_back(office, number)
    assert office.first("2026-11-24 21:59", "2026-11-24 22:00") == ["naledi", "pieter"]
    assert office.rings()[0] == "pieter"
    with pytest.raises(TooLate, match="taken back before"):
        take_back(office, number)


def test_a_change_acts_from_now_on_at_the_earliest(office: Office):
    change(office, "replace", "naledi", "2026-11-20 18:00", "2026-11-22 06:00", "thandi")
    assert office.first("2026-11-21 12:00", "2026-11-22 01:59", "2026-11-22 02:00") == ["thandi", "thandi", "naledi"]
    with pytest.raises(TooLate):
        change(office, "replace", "naledi", "2026-11-20 18:00", "2026-11-22 02:00", "thandi")


def test_whoever_decides_by_what_is_not_so_any_more_is_told(office: Office):
    wanted = Change("replace", "naledi", at("2026-11-24 18:00"), at("2026-11-25 06:00"), "pieter")
    with office.database.reading() as session:
        seen = changes.preview(session, office.rota(session), wanted, office.now).seen
    change(office, "replace", "lerato", "2026-11-24 20:00", "2026-11-24 22:00", "pieter")
    with pytest.raises(Overtaken) as refused:
        office.do(
            lambda session: changes.make(session, office.rota(session), wanted, TERMINAL, office.now, "mine", seen)
        )
    assert [shift.engineer for shift in refused.value.effect.before if shift.duty.lane == "First"] == [
        "pieter",
        "lerato",
        "pieter",
    ]
    assert office.first("2026-11-24 21:00") == ["lerato"]


WARNED = [
    (("replace", "naledi", "2026-11-24 18:00", "2026-11-25 06:00", "pieter"), ["unverified"]),
    (("replace", "thandi", "2026-11-24 18:00", "2026-11-25 06:00", "pieter"), []),
    (("replace", "thandi", "2026-11-23 08:30", "2026-11-25 06:00", "pieter"), ["rest"]),
    (("replace", "lerato", "2026-11-24 18:00", "2026-11-25 06:00", "pieter"), ["twice"]),
    (("replace", "bongani", "2026-11-24 18:00", "2026-11-25 06:00", "pieter"), ["departed"]),
    (("replace", "pieter", "2026-11-24 18:00", "2026-11-25 06:00", "thandi"), ["no effect"]),
    (("remove", "lerato", "2026-11-24 18:00", "2026-11-25 06:00", None), []),
]


@pytest.mark.parametrize(("wanted", "kinds"), WARNED, ids=[" ".join(map(str, one[0][:2])) for one in WARNED])
def test_before_saving_the_effect_is_told(
    office: Office, wanted: tuple[str, str, str, str, str | None], kinds: list[str]
):
    office.prove("thandi", "pieter", "lerato")
    kind, engineer, starts, ends, instead = wanted
    asked = Change(kind, engineer, at(starts), at(ends), instead)
    with office.database.reading() as session:
        told = changes.preview(session, office.rota(session), asked, office.now)
    assert sorted({hazard.kind.value for hazard in told.hazards}) == kinds


def test_a_change_that_leaves_nobody_says_so(proved: Office):
    for engineer in ("pieter", "lerato"):
        wanted = Change("remove", engineer, at("2026-11-24 18:00"), at("2026-11-25 06:00"))
        with proved.database.reading() as session:
            told = changes.preview(session, proved.rota(session), wanted, proved.now)
        change(proved, "remove", engineer, "2026-11-24 18:00", "2026-11-25 06:00")
    assert [hazard.text for hazard in told.hazards] == [
        "nobody rings for 'Standby' from Tue 24 Nov 18:00 to Wed 25 Nov 06:00"
    ]
    assert proved.rings("2026-11-24 18:00") == ["naledi"], "the policy's last step is no part of the rota"


# The record


def facts(office: Office, lane: str = "First") -> list[tuple[str, str, str]]:
    with office.database.reading() as session:
        rows = session.scalars(select(ServedShift).where(ServedShift.lane == lane).order_by(ServedShift.starts))
        return [(row.engineer, wall(row.starts), wall(row.ends)) for row in rows]


def test_past_shifts_are_written_down_at_the_hand_off(office: Office):
    office.clock.until(at("2026-11-23 08:29"))
    office.tick()
    office.clock.until(at("2026-11-23 08:31"))
    office.tick()
    assert facts(office) == [
        ("thandi", "2026-11-22 02:00", "2026-11-23 08:30"),
        ("pieter", "2026-11-23 08:30", "2026-11-23 08:31"),
    ]


def test_after_an_outage_the_record_catches_up_and_twice_adds_nothing(office: Office):
    office.clock.until(at("2027-06-01 12:00"))  # half a year
    office.tick()
    office.tick()
    weeks = facts(office)
    assert weeks[0] == ("thandi", "2026-11-22 02:00", "2026-11-23 08:30")
    assert weeks[-1] == ("pieter", "2027-05-31 08:30", "2027-06-01 12:00")
    assert [ends for _, _, ends in weeks[:-1]] == [starts for _, starts, _ in weeks[1:]], "without a hole"
    assert len(weeks) == 29
    with office.database.reading() as session:
        assert session.scalar(select(func.count(ServedShift.id))) == 58


def test_the_record_stays_whatever_is_edited_or_declared_later(office: Office):
    office.clock.until(at("2026-11-24 12:00"))
    office.tick()
    before = facts(office)
    publish(office, "naledi")
    office.clock.until(at("2026-11-24 13:00"))
    change(office, "replace", "lerato", "2026-11-24 13:00", "2026-11-24 14:00", "naledi")
    office.clock.until(at("2026-11-24 15:00"))
    office.tick()
    assert facts(office)[: len(before) - 1] == before[:-1]
    assert facts(office)[1:] == [
        ("pieter", "2026-11-23 08:30", "2026-11-24 12:00"),
        ("naledi", "2026-11-24 12:00", "2026-11-24 13:00"),
        ("lerato", "2026-11-24 13:00", "2026-11-24 14:00"),
        ("naledi", "2026-11-24 14:00", "2026-11-24 15:00"),
    ]


def test_what_was_served_and_what_is_planned_are_one_answer(office: Office):
    office.clock.until(at("2026-11-24 12:00"))
    office.tick()
    span = at("2026-11-22 02:00"), at("2026-12-07 08:30")
    with office.database.reading() as session:
        found = record.served(session, office.rota(session), *span)
    first = [one for one in found if one.place == 0]
    assert [(one.engineer, wall(one.starts), one.recorded) for one in first] == [
        ("thandi", "2026-11-22 02:00", True),
        ("pieter", "2026-11-23 08:30", True),
        ("pieter", "2026-11-24 12:00", False),
        ("lerato", "2026-11-30 08:30", False),
    ]
    hours = sum((one.ends - one.starts for one in first), timedelta())
    assert hours == span[1] - span[0], "standby hours and gaps make up the whole"
    assert first[1].shift == first[2].shift == shift("2026-11-23")


def test_whoever_is_in_two_lanes_at_once_is_recorded_with_one_place(office: Office):
    change(office, "replace", "lerato", "2026-11-24 18:00", "2026-11-25 06:00", "pieter")
    with office.database.reading() as session:
        found = record.served(session, office.rota(session), at("2026-11-24 19:00"), at("2026-11-24 20:00"))
    assert [(one.lane, one.engineer, one.place) for one in found] == [
        ("First", "lerato", 0),
        ("Second", "lerato", None),
    ]


def test_before_there_was_a_rota_nobody_served(office: Office):
    office.clock.until(at("2026-11-24 12:00"))
    office.tick()
    with office.database.reading() as session:
        assert record.served(session, office.rota(session), at("2026-01-01 00:00"), at("2026-11-22 02:00")) == []


# One truth


def test_the_call_the_pages_and_the_terminal_say_the_same(office: Office):
    publish(office, "naledi", "pieter", since="2026-11-25 12:00")
    change(office, "replace", "lerato", "2026-11-26 18:00", "2026-11-27 06:00", "naledi")
    for moment in ("2026-11-24 12:00", "2026-11-25 12:00", "2026-11-26 20:00"):
        office.clock.until(at(moment))
        by_plan = office.first(moment)
        said = office.app.test_cli_runner().invoke(args=["oncall", "who", "--why"]).output
        names = {"naledi": "Naledi Dlamini", "pieter": "Pieter Botha", "lerato": "Lerato Mokoena"}
        assert said.splitlines()[1].startswith(f"  first   {names[by_plan[0]]} until")
        assert office.rings()[:1] == by_plan
