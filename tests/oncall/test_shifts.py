"""What a shift is known by, whole shifts and lanes, and the trace of an instant, a shift and a gap."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from oncall.rota import Layer, NamedHours, Override, Rota, Rotation, ShiftId, Turns, Window, instant, joined

SA = "Africa/Johannesburg"
DAY = timedelta(days=1)
MONDAY = datetime.fromisoformat("2026-11-16T08:30")
PEOPLE = ("Thandi", "Pieter", "Lerato")
NIGHTS = (Window.of("Mon 17:00", "Tue 08:30"), Window.of("Tue 17:00", "Wed 08:30"))


def at(text: str) -> datetime:
    return instant(datetime.fromisoformat(f"2026-{text}"), SA)


def plan(*overrides: Override, **changed) -> Rota:
    nights = Rotation("Nights", PEOPLE, MONDAY, Turns.every(7), SA, NIGHTS)
    always = Rotation("Always", ("Naledi",), MONDAY, Turns.every(7), SA)
    layers = Layer("first", (replace(nights, **changed),)), Layer("last", (always,))
    return Rota("Support", layers, overrides)


COVER = Override("replace", "Lerato", at("11-16T20:00"), at("11-17T03:00"), "Thandi", rotation="Nights")
FIRST = ShiftId("Nights", at("11-16T17:00"))


def test_a_shift_is_known_by_its_rotation_and_when_the_plan_has_it_begin() -> None:
    nights = plan().lanes(at("11-16"), at("11-24"))["Nights"]
    assert [str(shift.id) for shift in nights] == [
        "Nights@20261116T150000Z",
        "Nights@20261117T150000Z",
        "Nights@20261123T150000Z",
    ]


def test_it_stays_known_when_people_cover_and_members_change_and_is_not_when_it_is_moved() -> None:
    assert plan().shift(FIRST).engineer == "Thandi"
    assert plan(COVER).shift(FIRST) == plan().shift(FIRST)
    assert plan(members=("Pieter", "Thandi")).shift(FIRST).engineer == "Pieter"
    assert plan(hours=(Window.of("Mon 18:00", "Tue 08:30"),)).shift(FIRST) is None
    assert plan(start=MONDAY + 7 * DAY).shift(FIRST) is None
    assert plan().shift(ShiftId("Days", FIRST.start)) is None


def test_turns_numbered_anew_leave_the_shift_what_it_was() -> None:
    later = plan(start=MONDAY + 7 * DAY, members=("Pieter", "Lerato", "Thandi"))
    second = ShiftId("Nights", at("11-23T17:00"))
    assert (plan().shift(second).turn, later.shift(second).turn) == (1, 0)
    assert plan().shift(second).engineer == later.shift(second).engineer == "Pieter"


def test_cover_cuts_a_shift_in_pieces_that_stay_one_shift() -> None:
    pieces = plan(COVER).lanes(at("11-16"), at("11-17T12:00"))["Nights"]
    assert [piece.engineer for piece in pieces] == ["Thandi", "Lerato", "Thandi"]
    assert {piece.id for piece in pieces} == {FIRST}
    assert [piece.uid for piece in pieces] == [
        "Nights@20261116T150000Z",
        "Nights@20261116T150000Z/20261116T180000Z",
        "Nights@20261116T150000Z/20261117T010000Z",
    ]


def test_a_swapped_shift_keeps_its_uid() -> None:
    planned = plan().shift(FIRST)
    swap = Override("replace", "Lerato", planned.start, planned.end, planned.engineer, rotation=FIRST.rotation)
    [shift] = plan(swap).lanes(at("11-16"), at("11-17T12:00"))["Nights"]
    assert (shift.engineer, shift.uid) == ("Lerato", plan().lanes(at("11-16"), at("11-17"))["Nights"][0].uid)


def test_an_addition_is_a_shift_of_its_own_known_by_its_key() -> None:
    added = Override("add", "Bongani", at("11-16T20:00"), at("11-17T03:00"), key="7")
    rota = plan(added)
    [shift] = rota.lanes(at("11-16"), at("11-18"))["+7"]
    assert str(shift.id) == "+7@20261116T180000Z"
    assert rota.shift(shift.id).engineer == "Bongani"
    handed_on = Override("replace", "Pieter", added.start, added.end, "Bongani", rotation=shift.id.rotation)
    assert plan(added, handed_on).who(added.start)[0].engineer == "Pieter"


def test_shifts_are_cut_to_the_question_or_told_whole() -> None:
    a, b = at("11-16T20:00"), at("11-16T23:00")
    [cut], [whole] = plan().shifts(a, b), plan().shifts(a, b, whole=True)
    assert cut[:3] == ("Thandi", a, b)
    assert whole[:3] == ("Thandi", at("11-16T17:00"), at("11-17T08:30"))


def test_windows_that_touch_make_one_shift_and_a_hand_off_within_makes_two() -> None:
    touching = (Window.of("Fri 17:00", "Sat 00:00"), Window.of("Sat 00:00", "Mon 17:00"))
    weekend = plan(hours=touching).lanes(at("11-16T08:30"), at("11-24"))["Nights"]
    assert [(shift.engineer, shift.start, shift.end) for shift in weekend] == [
        ("Thandi", at("11-16T08:30"), at("11-16T17:00")),
        ("Thandi", at("11-20T17:00"), at("11-23T08:30")),
        ("Pieter", at("11-23T08:30"), at("11-23T17:00")),
    ]


def test_the_same_person_from_shift_to_shift_can_be_read_as_one() -> None:
    naledi = plan().lanes(at("11-16T08:30"), at("12-07T08:30"))["Always"]
    assert len(naledi) == 3
    assert [shift[:3] for shift in joined(naledi)] == [("Naledi", at("11-16T08:30"), at("12-07T08:30"))]


def test_two_rotations_of_one_name_are_refused() -> None:
    twins = Layer("all", (plan().layers[0].rotations[0],) * 2)
    with pytest.raises(ValueError, match="two rotations are called 'Nights'"):
        Rota("Support", (twins,))


# The trace


TURN = "since Mon 16 Nov 2026 08:30 Africa/Johannesburg, hands off Mon 23 Nov 08:30"


def test_an_instant_is_explained_place_by_place_and_then_who_is_silent() -> None:
    assert plan().explain(at("11-16T20:00")) == (
        f"Thandi: turn of 'Nights' {TURN}, in the hours Mon 17:00 to Tue 08:30",
        f"Naledi: turn of 'Always' {TURN}",
    )
    assert plan().explain(at("11-16T12:00")) == (
        f"Naledi: turn of 'Always' {TURN}",
        "'Nights' is out of its hours until Mon 16 Nov 17:00",
    )


HOLIDAYS = NamedHours("public holidays", (), at("11-20"))
SILENT = [
    (plan(members=()), "11-16T20:00", "'Nights' has nobody in it"),
    (plan(), "11-16T08:29", "'Nights' begins Mon 16 Nov 2026 08:30 Africa/Johannesburg"),
    (plan(end=MONDAY + DAY), "11-18", "'Nights' ended Tue 17 Nov 2026 08:30 Africa/Johannesburg"),
    (plan(hours=(HOLIDAYS,)), "11-19", "'Nights' is out of its hours"),
    (plan(hours=(HOLIDAYS,)), "11-20",
     "'Nights' keeps to public holidays, which is known only until Fri 20 Nov 2026 00:00 Africa/Johannesburg"),
    (plan(Override("remove", "Thandi", at("11-16"), at("11-18"))), "11-16T20:00",
     "'Nights': Thandi is taken out until Wed 18 Nov 00:00"),
    (plan(COVER, Override("remove", "Pieter", at("11-16"), at("11-18")),
          Override("remove", "Lerato", at("11-16"), at("11-18"))), "11-16T21:00",
     "'Nights': Lerato is taken out until Wed 18 Nov 00:00"),
]  # fmt: skip


@pytest.mark.parametrize(("rota", "when", "sentence"), SILENT)
def test_a_silent_rotation_says_why(rota: Rota, when: str, sentence: str) -> None:
    alone = replace(rota, layers=rota.layers[:1])
    assert alone.explain(at(when)) == (sentence,)
    assert alone.gaps(at(when), at(when) + timedelta(minutes=1))[0].why == (sentence,)


def test_a_shift_says_why() -> None:
    [shift] = plan(COVER).shifts(at("11-16T20:00"), at("11-16T21:00"))
    assert shift.why == (
        f"Lerato: instead of Thandi until Tue 17 Nov 03:00, Thandi's turn of 'Nights' {TURN}, "
        "in the hours Mon 17:00 to Tue 08:30"
    )


@pytest.mark.parametrize(
    ("fault", "changed"),
    [
        ("belongs to no rotation", {"kind": "add", "rotation": "Nights"}),
        ("only an addition", {"kind": "remove", "below": True}),
    ],
)
def test_an_override_that_could_not_act_as_meant_is_refused(fault: str, changed: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=fault):
        replace(Override("add", "Thandi", at("11-16"), at("11-17")), **changed)


def test_an_override_in_any_zone_is_the_same_instant() -> None:
    local = Override("add", "Thandi", at("11-16").astimezone(), at("11-17").astimezone())
    assert local == Override("add", "Thandi", at("11-16"), at("11-17"))
    assert local.start.tzinfo is UTC
