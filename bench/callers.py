"""People on telephones while processes are shot: callers, and engineers who ring the line to call back."""

from __future__ import annotations

from itertools import count
from threading import Event as Flag
from threading import Thread
from typing import TYPE_CHECKING

from bench.storm import Paced
from cast import PIETER, THANDI
from conftest import ACCOUNT, LINE, ORIGIN, TOKEN
from served import RETRIED
from simulator.network import Network
from simulator.script import play

if TYPE_CHECKING:
    import simulator.call
    from served import Served
    from simulator.handset import BehaviourName
    from simulator.joined import Joined

PACE = 1 / 10  # of a ring's or a prompt's seconds, so that others act while a telephone rings
FORSAKEN = 6  # one in so many callers is not helped: all telephones are busy
SERIAL = count(1)  # every network names its calls by a seed of its own


def network_of(server: Served, plan: BehaviourName = "accept") -> Network:
    """A network that rings the served line; telephones of which nothing else is said follow the plan."""
    made = Network(server.web, Paced(PACE), account_sid=ACCOUNT, auth_token=TOKEN, seed=next(SERIAL), talk=1 / PACE)
    urls = [f"{ORIGIN}/voice/{name}{RETRIED}" for name in ("incoming", "fallback", "status")]
    made.connect_number(LINE, *urls)
    made.in_order(plan)
    return made


class People(Thread):
    """People on telephones, one act after another until it is over; each in a network of its own."""

    pause = 0.3  # seconds between two acts

    def __init__(self, server: Served, joined: Joined) -> None:
        super().__init__(daemon=True)
        self.server, self.joined, self.over = server, joined, Flag()
        self.calls: list[simulator.call.Call] = []
        self.acts = 0
        self.failed = False

    def run(self) -> None:
        self.failed = True
        while not self.over.is_set():
            self.acts += 1
            if call := self.act():
                self.calls.append(call)
                self.book(call)
            self.over.wait(self.pause)
        self.failed = False

    def act(self) -> simulator.call.Call | None:
        raise NotImplementedError

    def book(self, call: simulator.call.Call) -> None:
        """The carrier knows of it: the worker asks where a last callback met a dead web process."""
        self.joined.book(call)
        account = self.joined.account
        for sid, sound in call.network.recordings.items():
            kept = account.add_recording(call.sid, sound.seconds)
            account.recordings[sid] = account.recordings.pop(kept.sid)
            kept.sid = sid


class Callers(People):
    """Each is an emergency of somebody else: an engineer takes it, or nobody can."""

    def act(self) -> simulator.call.Call:
        forsaken = self.acts % FORSAKEN == 0
        call = network_of(self.server, "busy" if forsaken else "accept").ring(f"+2783{self.acts:07d}", LINE)
        if not call.ended:
            _converse(call, speaks=self.acts % (2 * FORSAKEN) == 0)
        return call


def _converse(call: simulator.call.Call, *, speaks: bool) -> None:
    """Ask for emergency help; whom nobody helps leaves a message, or hangs up at once."""
    keys = ["2", "1"]
    while waiting := call.waiting:
        if waiting.kind == "record" and not speaks:
            call.hang_up()
        elif waiting.kind == "gather" and keys:
            call.press(keys.pop(0))
        else:
            play(call)


class Colleagues(People):
    """Engineers who ring the line to call back about the ticket that they took last."""

    pause = 1.5

    def act(self) -> simulator.call.Call:
        call = network_of(self.server).ring([THANDI, PIETER][self.acts % 2], LINE)
        if not call.ended:
            play(call, ["1", "1"])
        return call
