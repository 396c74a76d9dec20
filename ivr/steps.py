"""The six kinds of step: what each waits for and where it goes.

Menu, Ask, Record and Connect wait for the carrier; Choose and Tell do not, so a document is any number of Tells
followed by one step that waits, or by the end of the call. A step's name is its row in the table, its template,
its URL, its entry in the call's log and its label in the transcript.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar, Protocol


@dataclass
class Carried:
    """What the carrier carries for us from webhook to webhook, signed: enough to go on without the database."""

    misses: int = 0  # silent or wrong answers to this step
    wrong_keys: int = 0  # of those, the ones that a forgiving menu did not count
    pressed: bool = False  # whether the caller ever pressed a key
    consent: bool | None = None  # to overtime rates; None: not asked, or no answer
    tried: list[tuple[int, str, bool]] = field(default_factory=list)  # (round, engineer, skipped) of this connection
    first: str | None = None  # who has the caller's open emergency already, and is rung before anybody
    page: int | None = None  # the Page of the leg that is ringing
    offered: int | None = None  # the ticket that was offered


@dataclass(frozen=True)
class Heard:
    """What the carrier reports of the step it played: keys, or how a dialled leg or a recording ended."""

    keys: str = ""
    form: Mapping[str, str] = field(default_factory=dict)


class Talk(Protocol):
    """One exchange as a step sees it."""

    carried: Carried
    heard: Heard


Action = Callable[[Any], str]  # asks or tells the others something and names the route


class End(StrEnum):
    """What follows the last words of a document."""

    HANG_UP = "hang up"
    BRIDGE = "bridge"  # a whisper that ends without Hangup joins the two legs
    REJECT = "reject"  # never answered at all


@dataclass(frozen=True)
class Step:
    """A row of the table."""

    name: str
    waits: ClassVar[bool] = False

    def leads_to(self) -> Iterator[str]:
        """Every step that may follow."""
        yield from ()


@dataclass(frozen=True)
class Choose(Step):
    """Decides without a word; `by` names the route."""

    by: Action
    routes: Mapping[str, str]

    def leads_to(self) -> Iterator[str]:
        yield from self.routes.values()


@dataclass(frozen=True)
class Tell(Step):
    """Says something and goes on, or ends the document."""

    then: str | None = None
    end: End = End.HANG_UP

    def leads_to(self) -> Iterator[str]:
        if self.then:
            yield self.then


@dataclass(frozen=True)
class Waiting(Step):
    """A step that ends a document and hears the carrier's answer."""

    waits: ClassVar[bool] = True

    def hear(self, talk: Talk) -> str:
        """The name of the next step; a step that repeats itself names itself."""
        raise NotImplementedError


@dataclass(frozen=True)
class Menu(Waiting):
    """One key chooses; after `tries` silent or wrong answers, `otherwise`.

    Where `forgiving`, a wrong key repeats the words without using up a try (voicemail greetings contain tones, and
    a sleepy thumb should not pass an emergency on), but not for ever.
    """

    keys: Mapping[str, str]
    otherwise: str
    tries: int = 3
    forgiving: bool = False
    into: Action | None = None
    digits: ClassVar[int] = 1
    most_wrong_keys: ClassVar[int] = 5

    def hear(self, talk: Talk) -> str:
        carried, key = talk.carried, talk.heard.keys
        carried.pressed = carried.pressed or bool(key)
        chosen = self.keys.get(key)
        if chosen is None:
            self._count_miss(carried, key)
            if carried.misses < self.tries:
                return self.name
            chosen = self.otherwise
        carried.misses = carried.wrong_keys = 0
        if self.into:
            self.into(talk)
        return chosen

    def _count_miss(self, carried: Carried, key: str) -> None:
        if key and self.forgiving and carried.wrong_keys < self.most_wrong_keys:
            carried.wrong_keys += 1
        else:
            carried.misses += 1

    def leads_to(self) -> Iterator[str]:
        yield from self.keys.values()
        yield self.otherwise
        yield self.name


@dataclass(frozen=True)
class Ask(Waiting):
    """Several keys make a number; `into` looks it up and names the route, silence counts as a miss."""

    digits: int
    into: Action
    routes: Mapping[str, str]
    otherwise: str
    tries: int = 3

    def hear(self, talk: Talk) -> str:
        carried = talk.carried
        if not talk.heard.keys:
            carried.misses += 1
            again = carried.misses < self.tries
            return self.name if again else self._leave(carried, self.otherwise)
        carried.pressed = True
        return self._leave(carried, self.routes[self.into(talk)])

    def _leave(self, carried: Carried, step: str) -> str:
        carried.misses = 0
        return step

    def leads_to(self) -> Iterator[str]:
        yield from self.routes.values()
        yield self.otherwise
        yield self.name


@dataclass(frozen=True)
class Record(Waiting):
    """Takes a message; `into` stores it and names the route."""

    into: Action
    routes: Mapping[str, str]

    def hear(self, talk: Talk) -> str:
        return self.routes[self.into(talk)]

    def leads_to(self) -> Iterator[str]:
        yield from self.routes.values()


@dataclass(frozen=True)
class Connect(Waiting):
    """Rings one engineer after another; `whom` picks the next, `outcome` judges how the last leg ended.

    `whom` answers RING (somebody is being rung), or a route: nobody is left, or there was nobody at all.
    """

    whom: Action
    outcome: Action
    routes: Mapping[str, str]

    def hear(self, talk: Talk) -> str:
        return self.routes.get(self.outcome(talk), self.name)

    def leads_to(self) -> Iterator[str]:
        yield from self.routes.values()


def tells(*names: str, then: str | None = None) -> Iterator[Tell]:
    """Several steps that say something and go on the same way."""
    return (Tell(name, then) for name in names)


RING = "ring"
