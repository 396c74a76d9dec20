"""Whom a waiting caller is rung through to: every row is a whole call in which nobody accepts."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oncall.escalation import Choice, OnCall, Person, Policy, Skip, Target, Tried, choose, hunt, on_duty
from oncall.rota import Layer, Rota, Rotation, Turns

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

FIRST, SECOND = OnCall("Support", 0), OnCall("Support", 1)
POLICY = Policy("Emergency", ((FIRST,), (SECOND,), (Person("Naledi"),)))
ON_DUTY: dict[Target, str] = {FIRST: "Thandi", SECOND: "Pieter"}


def resolver(on_duty: Mapping[Target, str]) -> Callable[[Target], str | None]:
    return lambda target: target.engineer if isinstance(target, Person) else on_duty.get(target)


def call(
    policy: Policy = POLICY,
    on_duty: Mapping[Target, str] = ON_DUTY,
    obstacles: Mapping[str, str] | None = None,
    first: Sequence[str] = (),
) -> list[Choice]:
    """Ring on until nobody is left, carrying the state as the carrier does: as JSON."""
    choices, carried = [], "[]"
    while not choices or choices[-1].ring is not None:
        tried = json.loads(carried)
        choices.append(choose(policy, resolver(on_duty), (obstacles or {}).get, tried, first))
        carried = json.dumps(choices[-1].tried)
    return choices


def rung(choices: list[Choice]) -> str:
    """Initials in the order of ringing, a bar between rounds."""
    text, before = "", 1
    for choice in choices:
        text += "|" * (choice.round - before) * (choice.ring is not None)
        text += (choice.ring or "")[:1]
        before = choice.round
    return text


TWICE = Policy("Twice named", ((FIRST, Person("Pieter")), (SECOND, FIRST)))
CALLS = [
    ("two rounds in the policy's order", call(), "TPN|TPN"),
    ("one round", call(Policy("Once", POLICY.steps, rounds=1)), "TPN"),
    ("named in several steps: once a round", call(TWICE), "TP|TP"),
    ("an obstacle is passed without waiting", call(obstacles={"Pieter": "busy"}), "TN|TN"),
    ("the primary has none to dial", call(obstacles={"Thandi": "no number"}), "PN|PN"),
    (
        "everyone busy: nobody waits",
        call(obstacles=dict.fromkeys(("Thandi", "Pieter", "Naledi"), "busy")),
        "",
    ),
    ("nobody on call: the next step", call(on_duty={}), "N|N"),
    ("nobody on call, nobody else named", call(Policy("Rota only", ((FIRST,), (SECOND,))), {}), ""),
    ("a policy without steps", call(Policy("Empty", ())), ""),
    ("steps without anybody", call(Policy("Empty", ((), ()))), ""),
    ("the owner first, and once", call(first=("Pieter",)), "PTN|TPN"),
    ("an owner the policy does not name", call(first=("Lerato",)), "LTPN|TPN"),
    ("a busy owner", call(first=("Lerato",), obstacles={"Lerato": "busy"}), "TPN|TPN"),
    ("only the owner", call(Policy("Empty", ()), first=("Lerato",)), "L"),
    ("a hunt group", call(hunt("Office", ("Lerato", "Thandi"))), "LT"),
    ("an empty hunt group", call(hunt("Office", ())), ""),
]


@pytest.mark.parametrize(("choices", "order"), [row[1:] for row in CALLS], ids=[row[0] for row in CALLS])
def test_calls(choices: list[Choice], order: str) -> None:
    assert rung(choices) == order
    assert (choices[-1].ring, choices[-1].step) == (None, None)


def test_a_hunt_group_is_a_policy() -> None:
    assert hunt("Office", ["Lerato", "Thandi"], 15) == Policy(
        "Office", ((Person("Lerato"),), (Person("Thandi"),)), rounds=1, ring_seconds=15
    )


def test_steps_and_rounds_are_told() -> None:
    told = [(choice.round, choice.step) for choice in call(first=("Lerato",))]
    assert told == [(1, None), (1, 0), (1, 1), (1, 2), (2, 0), (2, 1), (2, 2), (2, None)]


def test_a_skip_is_reported_once_a_round_with_its_reason() -> None:
    choices = call(TWICE, obstacles={"Pieter": "no number"})
    assert rung(choices) == "T|T"
    skip = Skip("Pieter", "no number")
    assert [choice.skipped for choice in choices] == [(), (skip,), (skip,)]


def test_everyone_busy_is_told_at_once() -> None:
    [choice] = call(obstacles={"Thandi": "busy", "Pieter": "no number", "Naledi": "busy"})
    assert choice.skipped == (Skip("Thandi", "busy"), Skip("Pieter", "no number"), Skip("Naledi", "busy"))
    assert choice.round == 1


def test_gaps_are_passed_and_told() -> None:
    choice = call(on_duty={FIRST: "Thandi"})[1]
    assert (choice.ring, choice.step, choice.gaps) == ("Naledi", 2, (SECOND,))


def test_who_becomes_free_rings_in_the_same_round_and_who_becomes_busy_does_not() -> None:
    first = choose(POLICY, resolver(ON_DUTY), {"Thandi": "busy"}.get, ())
    assert (first.ring, first.skipped) == ("Pieter", (Skip("Thandi", "busy"),))
    second = choose(POLICY, resolver(ON_DUTY), {"Naledi": "busy"}.get, first.tried)
    assert (second.ring, second.round, second.skipped) == ("Thandi", 1, ())


def test_the_second_round_ends_if_by_then_nobody_can_be_rung() -> None:
    all_rung = [Tried(1, name) for name in ("Thandi", "Pieter", "Naledi")]
    busy = dict.fromkeys(("Thandi", "Pieter", "Naledi"), "busy")
    policy = Policy("Patient", POLICY.steps, rounds=5)
    last = choose(policy, resolver(ON_DUTY), busy.get, all_rung)
    assert (last.ring, last.round, len(last.skipped)) == (None, 2, 3)


def test_the_state_may_be_carried_as_rings_alone() -> None:
    choice = choose(POLICY, resolver(ON_DUTY), {}.get, [Tried(1, "Thandi")])
    assert (choice.ring, choice.tried) == ("Pieter", (Tried(1, "Thandi"), Tried(1, "Pieter")))


def test_a_policy_shortened_during_the_call_ends_it() -> None:
    short = Policy("Once", POLICY.steps, rounds=1)
    assert choose(short, resolver(ON_DUTY), {}.get, [Tried(2, "Thandi")]).ring is None


# With the real rota


HAND_OFF = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)  # Monday 08:30 in Johannesburg
START = datetime.fromisoformat("2026-11-16T08:30")
ROTA = Rota(
    "Support",
    tuple(
        Layer(name, (Rotation(name, members, START, Turns.every(7), "Africa/Johannesburg"),))
        for name, members in (
            ("first", ("Thandi", "Pieter", "Lerato")),
            ("second", ("Pieter", "Lerato", "Thandi")),
        )
    ),
)


def test_after_a_hand_off_while_ringing_the_new_primary_is_next() -> None:
    before, after = (
        on_duty({"Support": ROTA}, t) for t in (HAND_OFF - timedelta(seconds=10), HAND_OFF + timedelta(seconds=10))
    )
    first = choose(POLICY, before, {}.get, ())
    second = choose(POLICY, before, {}.get, first.tried)
    assert [first.ring, second.ring] == ["Thandi", "Pieter"]
    third = choose(POLICY, after, {}.get, first.tried)  # Thandi was rung; Pieter is primary now, Lerato second
    fourth = choose(POLICY, after, {}.get, third.tried)
    assert [(c.ring, c.round, c.step) for c in (third, fourth)] == [("Pieter", 1, 0), ("Lerato", 1, 1)]


def test_a_hand_off_in_round_two_does_not_go_back_to_round_one() -> None:
    tried = [
        Tried(1, "Thandi"),
        Tried(1, "Pieter"),
        Tried(1, "Naledi"),
        Tried(2, "Thandi"),
        Tried(2, "Pieter"),
    ]
    choice = choose(POLICY, on_duty({"Support": ROTA}, HAND_OFF), {}.get, tried)
    assert (choice.ring, choice.round) == ("Lerato", 2)


@pytest.mark.parametrize("rotas", [{}, {"Support": Rota("Support")}], ids=["unknown", "empty"])
def test_an_empty_or_unknown_rota_is_a_gap(rotas: dict[str, Rota]) -> None:
    choice = choose(POLICY, on_duty(rotas, HAND_OFF), {}.get, ())
    assert (choice.ring, choice.gaps) == ("Naledi", (FIRST, SECOND))


# Whatever the policy


NAMES = st.sampled_from("TPLN")
TARGETS = st.builds(Person, NAMES) | st.builds(OnCall, st.just("Support"), st.integers(0, 2))
STEPS = st.lists(st.lists(TARGETS, max_size=3).map(tuple), max_size=4).map(tuple)
PLACES = st.dictionaries(st.integers(0, 2).map(lambda place: OnCall("Support", place)), NAMES)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(STEPS, st.integers(1, 3), PLACES, st.sets(NAMES), st.lists(NAMES, max_size=1))
def test_every_call_ends_having_rung_everybody_free_once_a_round(
    steps: tuple[tuple[Target, ...], ...],
    rounds: int,
    places: dict[Target, str],
    busy: set[str],
    first: list[str],
) -> None:
    choices = call(Policy("Any", steps, rounds), places, dict.fromkeys(busy, "busy"), first)
    named = [resolver(places)(target) for step in steps for target in step]
    expected = [(1, name) for name in dict.fromkeys([*first, *named]) if name and name not in busy]
    again = [name for name in dict.fromkeys(named) if name and name not in busy]
    if expected:
        expected += [(lap, name) for lap in range(2, rounds + 1) for name in again]
    assert [(choice.round, choice.ring) for choice in choices[:-1]] == expected
    skips = [skip.engineer for choice in choices for skip in choice.skipped]
    reached = busy & {*first, *(name for name in named if name)}
    assert set(skips) == reached
    assert all(skips.count(name) <= rounds for name in skips)
