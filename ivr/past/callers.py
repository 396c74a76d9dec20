"""People on telephones: what callers press, how engineers take the ring, and what is said in between."""

from __future__ import annotations

from dataclasses import dataclass, field
from queue import Empty
from typing import TYPE_CHECKING

from ivr.call import Call

if TYPE_CHECKING:
    from random import Random

    import simulator.call
    from ivr.past.stage import Stage
    from simulator.handset import BehaviourName

KEYS = {"support": ["1"], "emergency": ["2", "1"], "my ticket": ["3", "1", "2"], "gives up": []}
REFUSES = ["2", "2"]  # the emergency, and then the notice
# How telephones take a ring by day, in the evening, and for somebody whom nobody helps that night.
BY_DAY: tuple[list[BehaviourName], list[int]] = (["accept", "no-answer", "busy", "decline"], [70, 14, 10, 6])
BY_NIGHT: tuple[list[BehaviourName], list[int]] = (["accept", "voicemail", "no-answer", "decline"], [66, 12, 14, 8])
ASLEEP: tuple[list[BehaviourName], list[int]] = (["no-answer", "voicemail", "silent"], [6, 3, 1])
NOBODY_HELPS = 0.3
LONGEST_CALL = 300  # acts; nobody has the patience for more


@dataclass
class Caller:
    """One call: what is pressed, where the caller gives up, and how long they talk."""

    keys: list[str]
    gives_up: str | None
    talk: float
    message: float
    moods: list[BehaviourName] = field(default_factory=list)


def caller(kind: str, dice: Random, *, is_open: bool) -> Caller:
    """Somebody who rings about something of that kind."""
    keys = list(KEYS[kind])
    if kind == "emergency" and not is_open and dice.random() < 0.1:
        keys = list(REFUSES)
    if kind == "support" and is_open:
        keys.append("1" if dice.random() < 0.5 else "2")  # a message or a call-back, where nobody is free
    gives_up = dice.choice(("menu", "ringing", "record")) if kind == "gives up" else None
    if kind == "gives up" and gives_up != "menu":
        keys = ["1"]
    moods, weights = BY_DAY if is_open else BY_NIGHT
    if not is_open and dice.random() < NOBODY_HELPS:
        moods, weights = ASLEEP
    talk = round(dice.lognormvariate(5.7, 0.7))
    return Caller(keys, gives_up, min(max(talk, 40), 1500), dice.randint(6, 45), dice.choices(moods, weights, k=9))


def rings(on: Stage, number: str, one: Caller) -> int:
    """The call, from its first second to the carrier's books; the number of the ticket that it is about."""
    on.network.in_order(None if one.gives_up == "ringing" else one.moods)
    call = on.network.ring(number, on.line)
    _converse(call, one)
    on.network.in_order("no-answer")
    on.book(call)
    with on.database.reading() as session:
        return session.get_one(Call, call.sid).ticket_id


def takes_rings(on: Stage, moods: list[BehaviourName], talk: float) -> int:
    """Whoever the worker has the carrier ring takes it, or not; how many telephones rang."""
    rang = 0
    on.network.in_order(moods)
    while True:
        try:
            call = on.joined.ring(talk=talk)
        except Empty:
            on.network.in_order("no-answer")
            return rang
        rang += 1
        _rung(call, moods)
        on.book(call)


def _converse(call: simulator.call.Call, one: Caller) -> None:
    for _ in range(LONGEST_CALL):
        if call.waiting is None:
            return
        if call.waiting.leg == "engineer":
            call.hang_up()
        elif call.waiting.kind == "bridged":
            _talk(call, one.talk)
        elif call.waiting.kind == "record":
            _message(call, one)
        elif one.keys:
            call.press(one.keys.pop(0))
        elif one.gives_up == "menu":
            call.hang_up()
        else:
            call.silence()
    call.hang_up()


def _talk(call: simulator.call.Call, seconds: float) -> None:
    call.talk(seconds)
    if call.waiting and call.waiting.kind == "bridged":
        (call.engineer if int(seconds) % 3 == 0 else call).hang_up()


def _message(call: simulator.call.Call, one: Caller) -> None:
    if one.gives_up == "record":
        call.hang_up()
    else:
        call.speak(one.message, then="#")


def _rung(call: simulator.call.Call, moods: list[BehaviourName]) -> None:
    """An engineer's telephone rings, and then perhaps the customer's; most of it goes by itself."""
    for _ in range(LONGEST_CALL):
        if call.waiting is None:
            return
        if call.waiting.kind == "ringing":
            (call.answer if call.waiting.leg == "caller" else call.engineer.answer)()
        elif call.waiting.kind == "bridged":
            call.hang_up()
        elif call.waiting.leg == "caller":
            call.press("1")
        else:
            call.engineer.silence()
    call.hang_up()
