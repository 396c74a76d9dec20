"""The first webhook and the whole emergency call, beside the physical limit and a menu without storage.

Rounds of the three servers are interleaved, and the medians of their rounds compared, so that whatever else the machine
does meets all of them. Who asks and who answers are accounted apart: besides webhooks a second, for which they share
the cores, stands what the server alone computes for one (its processes' own time, the database server's left out).

    python -m bench.webhooks --rounds 5 --database sqlite
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from bench.storm import DATABASES, Paced, Timed, prepared
from cast import KAROO
from conftest import ACCOUNT, LINE, ORIGIN, TOKEN
from served import OURS, command, served
from simulator.network import Network
from simulator.script import play
from simulator.signature import signature
from simulator.web import HttpWeb, Request

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from served import Served

SERVERS = {"ours": OURS, "limit": "bench.peers:limit()", "plain": "bench.peers:plain()"}
ENOUGH = 0.5  # of the limit
THREADS = 4  # callers at once: twice the cores of the smallest machine
SERIAL = count(1)
Line = tuple[float, float, float]  # webhooks a second, the server's own milliseconds for one, the median answer's


@dataclass
class Standing:
    """One server, and what its rounds came to."""

    name: str
    server: Served
    rounds: list[Line] = field(default_factory=list)

    @property
    def medians(self) -> Line:
        """Of each figure over the rounds."""
        a_second, own, answer = zip(*self.rounds, strict=True)
        return median(a_second), median(own), median(answer)

    def computed(self) -> float:
        """Seconds of processor its processes have used so far."""
        times = [process.cpu_times() for process in self.server.workers()]
        return sum(one.user + one.system for one in times)

    def run(self, drive: Callable[[HttpWeb], list[float]]) -> None:
        """One round."""
        before, began = self.computed(), time.perf_counter()
        seconds = drive(self.server.web)
        took = time.perf_counter() - began
        own = 1000 * (self.computed() - before) / len(seconds)
        self.rounds.append((len(seconds) / took, own, 1000 * median(seconds)))


def arrivals(web: HttpWeb, number: int) -> list[float]:
    """So many calls that have just arrived; the seconds of each answer."""
    timed = Timed(web)
    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(timed.send, [_arrival() for _ in range(number)]))
    _refuse(timed)
    return timed.seconds


def _arrival() -> Request:
    form = {
        "AccountSid": ACCOUNT,
        "ApiVersion": "2010-04-01",
        "CallSid": f"CA{next(SERIAL):032x}",
        "CallStatus": "ringing",
        "Called": LINE,
        "Caller": KAROO,
        "Direction": "inbound",
        "From": KAROO,
        "To": LINE,
    }
    return _signed(f"{ORIGIN}/voice/incoming", form)


def _signed(url: str, form: dict[str, str]) -> Request:
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Twilio-Signature": signature(TOKEN, url, form.items()),
    }
    return Request("POST", url, headers, urlencode(form).encode())


class Whole:
    """Emergency calls from the arrival to the last callback; of the others, the very same requests again."""

    def __init__(self, calls: int) -> None:
        self.calls = calls
        self.asked: list[Request] = []

    def lived(self, web: HttpWeb) -> list[float]:
        """Callers press 2 and an engineer takes it, or the next; whoever finds all of them busy hangs up."""
        timed, kept = Timed(web), Kept()
        kept.web = timed
        with ThreadPoolExecutor(THREADS) as threads:
            list(threads.map(lambda _: _call(kept), range(self.calls)))
        _refuse(timed)
        self.asked = kept.asked
        return timed.seconds

    def again(self, web: HttpWeb) -> list[float]:
        """What the last round asked of us, asked of another."""
        timed = Timed(web)
        with ThreadPoolExecutor(THREADS) as threads:
            list(threads.map(timed.send, self.asked))
        _refuse(timed)
        return timed.seconds


class Kept:
    """Sends requests, and keeps them."""

    web: Timed

    def __init__(self) -> None:
        self.asked: list[Request] = []

    def send(self, request: Request):  # type: ignore[no-untyped-def]
        self.asked.append(request)
        return self.web.send(request)


def _call(web: Kept) -> None:
    network = Network(web, Paced(0), account_sid=ACCOUNT, auth_token=TOKEN, seed=next(SERIAL))
    network.connect_number(LINE, *(f"{ORIGIN}/voice/{name}" for name in ("incoming", "fallback", "status")))
    network.in_order("accept")
    call = network.ring(KAROO, LINE)
    if not call.ended:
        play(call, ["2"])
    network.deliver_callbacks()


def _refuse(timed: Timed) -> None:
    if timed.faults:
        raise AssertionError(f"{len(timed.faults)} webhooks failed, the first: {timed.faults[0]}")


def measured(kind: str, folder: Path, rounds: int, number: int, calls: int) -> dict[str, list[Standing]]:
    """Both measurements, interleaved."""
    with ExitStack() as stack:
        first, whole = [], []
        for name, serves in SERVERS.items():
            own = folder / name
            own.mkdir(mode=0o755)
            url = stack.enter_context(prepared(kind, own))
            command(url, "desk", "force", "open")
            server = stack.enter_context(served(url, own / "gunicorn.log", serves=serves))
            first.append(Standing(name, server))
            whole.append(Standing(name, server))
        life = Whole(calls)
        for turn in range(rounds + 1):  # the first warms up
            for one in first:
                one.run(lambda web: arrivals(web, number))
            for one in whole:
                one.run(life.lived if one.name == "ours" else life.again)
            if not turn:
                for one in (*first, *whole):
                    one.rounds.clear()
    return {"first webhook": first, "whole emergency call": whole}


def report(what: str, standings: Sequence[Standing]) -> bool:
    """Print a table; whether ours is fast enough beside the limit."""
    limit = next(one for one in standings if one.name == "limit").medians
    print(f"{what:22}  webhooks/s  of the limit  server ms each  of the limit  median answer ms")
    for one in standings:
        a_second, own, answer = one.medians
        share, room = a_second / limit[0], limit[1] / own
        print(f"  {one.name:20}  {a_second:10.0f}  {share:12.2f}  {own:14.2f}  {room:12.2f}  {answer:16.1f}")
    return standings[0].medians[0] >= ENOUGH * limit[0]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure; 1 if ours answers less than half of what the limit does."""
    parser = argparse.ArgumentParser(prog="python -m bench.webhooks", description=__doc__.partition("\n")[0])
    parser.add_argument("--database", choices=DATABASES, default="sqlite")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--arrivals", type=int, default=400)
    parser.add_argument("--calls", type=int, default=30)
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="webhooks-") as folder:
        Path(folder).chmod(0o755)  # PostgreSQL's own user has to get through
        found = measured(given.database, Path(folder), given.rounds, given.arrivals, given.calls)
    enough = [report(f"{what}, {given.database}", standings) for what, standings in found.items()]
    return 0 if all(enough) else 1


if __name__ == "__main__":
    sys.exit(main())
