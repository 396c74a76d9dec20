"""Whom to ring next while a caller waits: one responder after another, never several at once.

The policy is walked from the top for every ring, so after a hand-off while a phone rings the new person is
next. Nobody waits on a step that cannot ring: a gap in the rota and an engineer with an obstacle are passed
at once and reported, the engineer once per round. A round that rings nobody at all is the last. Who is not ready
(has not proved their number) is rung after the others of the round, rather than nobody.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
    from datetime import datetime

    from oncall.shifts import Duty


class Roll(Protocol):
    """What says who is on call: a rota, or a plan of its versions."""

    def who(self, t: datetime) -> Sequence[Duty]:
        """Return everybody on call at t, [0] rings first."""


@dataclass(frozen=True, slots=True)
class OnCall:
    """Whoever holds a place of a rota at the moment of ringing: 0 rings first, 1 second."""

    rota: str
    place: int = 0


@dataclass(frozen=True, slots=True)
class Person:
    """One engineer by name, on duty or not."""

    engineer: str


Target = OnCall | Person


@dataclass(frozen=True, slots=True)
class Policy:
    """Ordered steps, walked `rounds` times; every phone rings for ring_seconds."""

    name: str
    steps: tuple[tuple[Target, ...], ...]
    rounds: int = 2
    ring_seconds: int = 20


def hunt(name: str, engineers: Sequence[str], ring_seconds: int = 20) -> Policy:
    """Return a hunt group: these engineers in this order, each once."""
    return Policy(name, tuple((Person(engineer),) for engineer in engineers), 1, ring_seconds)


class Tried(NamedTuple):
    """Whom a round has already passed, rung or skipped; plain values, for the signed state of a call."""

    round: int
    engineer: str
    skipped: bool = False


class Skip(NamedTuple):
    """An engineer who was not rung, and the reason in a word."""

    engineer: str
    reason: str


@dataclass(frozen=True, slots=True)
class Choice:
    """Whom to ring (None: nobody is left), what was passed on the way, what to carry to the next choice."""

    ring: str | None
    round: int
    step: int | None = None  # counted from 0; None for somebody rung before the policy
    skipped: tuple[Skip, ...] = ()
    gaps: tuple[Target, ...] = ()
    tried: tuple[Tried, ...] = ()


def choose(
    policy: Policy,
    resolve: Callable[[Target], str | None],
    obstacle: Callable[[str], str | None],
    tried: Sequence[Tried],
    first: Sequence[str] = (),
    unready: Collection[str] = (),
) -> Choice:
    """Return whom to ring next; `first` (the owner of an open emergency) rings before round one, `unready` last."""
    skipped: list[Skip] = []
    gaps: list[Target] = []
    passed = [Tried(*mark) for mark in tried]  # also from JSON, which knows only lists
    lap = begun = max((mark.round for mark in passed), default=1)
    for lap in range(begun, policy.rounds + 1):
        rung = {mark.engineer for mark in passed if mark.round == lap and not mark.skipped}
        for step, target, engineer in _responders(policy, resolve, first if lap == 1 else (), unready):
            if engineer is None:
                gaps.append(target)
            elif engineer in rung:
                continue
            elif not (reason := obstacle(engineer)):
                return Choice(engineer, lap, step, tuple(skipped), tuple(gaps), (*passed, Tried(lap, engineer)))
            elif (mark := Tried(lap, engineer, skipped=True)) not in passed:
                skipped.append(Skip(engineer, reason))
                passed.append(mark)
        if not rung:  # another round would find nobody either, and the caller would wait for it
            break
    return Choice(None, lap, None, tuple(skipped), tuple(gaps), tuple(passed))


def _responders(
    policy: Policy, resolve: Callable[[Target], str | None], first: Sequence[str], unready: Collection[str]
) -> Iterator[tuple[int | None, Target, str | None]]:
    yield from ((None, Person(engineer), engineer) for engineer in first)
    found = [(step, target, resolve(target)) for step, targets in enumerate(policy.steps) for target in targets]
    yield from sorted(found, key=lambda one: one[2] in unready)  # who is not there is in its place


def on_duty(rotas: Mapping[str, Roll], t: datetime) -> Callable[[Target], str | None]:
    """Return the resolver of targets at t; a rota that is empty or unknown is a gap, never an error."""

    def resolve(target: Target) -> str | None:
        if isinstance(target, Person):
            return target.engineer
        duties = rotas[target.rota].who(t) if target.rota in rotas else ()
        return duties[target.place].engineer if target.place < len(duties) else None

    return resolve
