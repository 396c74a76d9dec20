"""Web processes and workers are shot at random while calls arrive and the carrier has a bad day.

    python bench/kill_workers.py [--kills 100] [--seed 1] [--database sqlite|postgresql]

Real processes on a loopback port: the Procfile's web (two processes) and three workers. Emergencies come in and are
taken; engineers ring the line to call back and are rung. The carrier (simulator/rest) fails 15 % of all requests,
some of them after it has carried them out, and is slow. One worker at a time is stopped for longer than its lease
(SIGSTOP) and wakes again. What is lost, what doubled? Status 1 if anything was.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from queue import Empty
from tempfile import TemporaryDirectory
from threading import Event as Flag
from threading import Thread
from typing import TYPE_CHECKING

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import psutil  # noqa: E402 - what follows is found through the lines above
from sqlalchemy import func, select  # noqa: E402

from cast import PIETER, THANDI  # noqa: E402
from conftest import ACCOUNT, LINE, ORIGIN, TOKEN, settings_for  # noqa: E402
from databases import postgres_server  # noqa: E402
from desk.db import Database  # noqa: E402
from desk.delivery import LEASE  # noqa: E402
from desk.outbox import Outgoing, State  # noqa: E402
from ivr.call import Call  # noqa: E402
from oncall import calling, texting  # noqa: E402
from oncall.paging import Page  # noqa: E402
from served import RETRIED, command, procfile, secrets, served  # noqa: E402
from simulator.clock import Clock  # noqa: E402
from simulator.joined import Joined  # noqa: E402
from simulator.network import Network  # noqa: E402
from simulator.rest import create_rest, serve  # noqa: E402
from simulator.rest_faults import Fault, Faults  # noqa: E402
from simulator.script import play  # noqa: E402
from sla.worklog import Work  # noqa: E402
from tickets.event import Event  # noqa: E402
from tickets.ticket import Ticket  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator

    import simulator.call
    from served import Served
    from simulator.rest_account import Account

WORKERS = 3
FAULTS = dict.fromkeys(Fault, 0.15 / len(Fault))
STOPPED = LEASE.total_seconds() + 5
PATIENCE = 900  # seconds for the outbox to become empty after the last shot


def now() -> datetime:
    return datetime.now(UTC)


class Workers:
    """Worker processes; whoever is shot is replaced."""

    def __init__(self, settings: object, log: Path) -> None:
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        self.environment = {**os.environ, **secrets(settings), "PATH": path}
        self.log = log.open("ab")
        self.running = [self.start() for _ in range(WORKERS)]

    def start(self) -> subprocess.Popen[bytes]:
        line = ["sh", "-c", f"exec {procfile('worker')}"]
        return subprocess.Popen(line, cwd=ROOT, env=self.environment, stdout=self.log, stderr=self.log)

    def shoot(self, place: int) -> None:
        self.running[place].kill()
        self.running[place].wait()
        self.running[place] = self.start()

    def stop(self) -> None:
        for process in self.running:
            process.kill()
            process.wait()
        self.log.close()


def network_of(server: Served, seed: int) -> Network:
    """A network that rings the served line; its clock begins now."""
    made = Network(server.web, Clock(now()), account_sid=ACCOUNT, auth_token=TOKEN, seed=seed, talk=1)
    urls = [f"{ORIGIN}/voice/{name}{RETRIED}" for name in ("incoming", "fallback", "status")]
    made.connect_number(LINE, *urls)
    made.in_order("accept")
    return made


class People(Thread):
    """People on telephones, one act after another until it is over; each in a network with a clock of its own."""

    def __init__(self, server: Served, joined: Joined) -> None:
        super().__init__(daemon=True)
        self.server, self.joined, self.over = server, joined, Flag()
        self.calls: list[simulator.call.Call] = []
        self.acts = 0

    def run(self) -> None:
        while not self.over.is_set():
            self.acts += 1
            if call := self.act():
                self.calls.append(call)
                self.joined.book(call)  # for the worker asks where a last callback met a dead web process
            self.over.wait(0.3)

    def act(self) -> simulator.call.Call | None:
        raise NotImplementedError

    def ring(self, from_: str, keys: list[str]) -> simulator.call.Call:
        """Ring the line and press keys, until it is over."""
        call = network_of(self.server, self.acts * 1000 + int(from_[-3:])).ring(from_, LINE)
        if not call.ended:
            play(call, keys, talk=1)
        return call


class Callers(People):
    """Each is an emergency of somebody else, and an engineer takes it."""

    def act(self) -> simulator.call.Call:
        return self.ring(f"+2783{self.acts:07d}", ["2", "1"])


class Colleagues(People):
    """Engineers who ring the line to call back about the ticket that they took last."""

    def act(self) -> simulator.call.Call:
        self.over.wait(1)
        return self.ring([THANDI, PIETER][self.acts % 2], ["1", "1"])


class Rung(People):
    """Engineers who are rung by our order; they press 1, and whoever is called back answers."""

    def act(self) -> simulator.call.Call | None:
        self.joined.network = network_of(self.server, self.acts + 500_000)
        try:
            return self.joined.ring(within=0.5)
        except Empty:
            return None


@contextmanager
def database_of(kind: str, folder: Path) -> Iterator[str]:
    if kind == "sqlite":
        yield f"sqlite:///{folder}/bench.db"
    else:
        with postgres_server() as url:
            yield url


def shooting(kills: int, dice: random.Random, workers: Workers, server: Served) -> Counter[str]:
    """Shoot; one worker at a time is stopped meanwhile, and goes on when its lease is long over."""
    done: Counter[str] = Counter()
    asleep, wakes = None, 0.0
    while done["workers"] + done["web"] < kills:
        time.sleep(dice.uniform(0.5, 1.5))
        if asleep is None:
            asleep, wakes = dice.randrange(WORKERS), time.monotonic() + STOPPED
            workers.running[asleep].send_signal(signal.SIGSTOP)
            done["stopped"] += 1
        elif time.monotonic() > wakes:
            workers.running[asleep].send_signal(signal.SIGCONT)
            asleep = None
        if dice.random() < 0.3:
            for child in dice.sample(server.workers(), 1):
                child.kill()
            done["web"] += 1
        else:
            workers.shoot(dice.choice([place for place in range(WORKERS) if place != asleep]))
            done["workers"] += 1
    if asleep is not None:
        time.sleep(max(0.0, wakes - time.monotonic()))
        workers.running[asleep].send_signal(signal.SIGCONT)
    return done


def left(database: Database) -> int:
    with database.reading() as session:
        waiting = Outgoing.state.in_((State.WAITING, State.SENDING))
        rows = session.scalar(select(func.count()).select_from(Outgoing).where(waiting)) or 0
        return rows + (session.scalar(select(func.count()).select_from(Call).where(Call.ended_at.is_(None))) or 0)


def judged(database: Database, callers: list[People], rung: Rung, account: Account) -> dict[str, int]:
    """What was lost and what doubled, by the rows, the calls and the carrier's own books."""
    with database.reading() as session:
        calls = {call.sid: call for call in session.scalars(select(Call))}
        rows = {row.key: row for row in session.scalars(select(Outgoing))}
        pages = {page.id: page for page in session.scalars(select(Page))}
        worked = set(session.scalars(select(Work.source)))
        tickets = session.scalar(select(func.count()).select_from(Ticket)) or 0
        # Keys that were pressed while every process lay dead are not repeated: such a caller may have to give up.
        told = select(Event.ticket_id).where(Event.kind == "resolved", Event.text.startswith("abandoned"))
        abandoned = set(session.scalars(told))
    texts = [row for row in rows.values() if row.kind == texting.KIND]
    rings = [row for row in rows.values() if row.kind == calling.KIND]
    lapsed = [row for row in rings if row.state == State.DEAD]
    wanted = Counter((row.payload["to"], row.payload["body"]) for row in texts)
    sent = Counter((one.to, one.body) for one in account.messages.values())
    placed = Counter(call.form["Url"][0] for call in account.calls.values() if call.direction == "outbound-api")
    ordered = Counter(ORIGIN + row.payload["url"] for row in rings if row.state == State.SENT)
    # Whom no process answered at all, with every attempt and the fallback tried, nobody could have stored.
    rang = {call.sid for people in callers for call in people.calls if _was_answered(call)}
    nobody = sum(len(people.calls) for people in callers) - len(rang)
    incoming = [call for call in calls.values() if call.page_id is None]
    strangers = [call for call in incoming if (call.caller or "").startswith("+2783")]
    talked = {calls[call.sid].page_id for call in rung.calls if call.sid in calls and _talked(call)}
    no_reference = [c for c in strangers if f"reference {c.sid}" not in rows and c.ticket_id not in abandoned]
    for call in no_reference:
        print(f"  no reference: {timeline(database, call)}")
    taken = [page for page in pages.values() if page.accepted_at and page.asked_in is None]
    print(f"  {nobody} calls met nobody, with every attempt; {len(abandoned)} callers gave up")
    print(f"  {len(texts)} texts and {len(rings)} call-backs asked for, of which")
    print(f"  {len(lapsed)} were too late to be rung and said so, {len(talked)} led to a talk")
    return {
        "calls lost": len((rang | {call.sid for call in rung.calls if _was_answered(call)}) - set(calls)),
        "tickets lost or doubled": abs(tickets - len(incoming)),
        "calls without an end": sum(call.ended_at is None for call in calls.values()),
        "pages left open": sum(page.ended_at is None for page in pages.values()),
        "references never asked for": len(no_reference),
        "details never asked for": sum(f"details page {page.id}" not in rows for page in taken),
        "texts dead": sum(row.state == State.DEAD for row in texts),
        "texts lost": (wanted - sent).total(),
        "texts doubled": (sent - wanted).total(),
        "calls placed and not by us": (placed - ordered).total() - sum(placed[url] - 1 for url in placed),
        "calls not placed": (ordered - placed).total(),
        "calls doubled": sum(count - 1 for count in placed.values()),
        "talks without work": sum(f"page {page}" not in worked for page in talked),
    }


def _was_answered(call: simulator.call.Call) -> bool:
    return any(not request.faults for request in call.requests)


def _talked(call: simulator.call.Call) -> bool:
    return any(leg.outcome == "bridged" and leg.seconds for leg in call.children)


def timeline(database: Database, call: Call) -> list[str]:
    """What the ticket of a call has to say, for whoever looks into a fault."""
    with database.reading() as session:
        events = select(Event.at, Event.text).where(Event.ticket_id == call.ticket_id).order_by(Event.id)
        return [f"{call.sid} ended {call.ended_at}", *(f"{at:%H:%M:%S} {text}" for at, text in session.execute(events))]


def main() -> int:
    options = argparse.ArgumentParser()
    options.add_argument("--kills", type=int, default=100)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    asked = options.parse_args()
    dice = random.Random(asked.seed)  # noqa: S311 - a bad day that can be repeated
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(2))  # and let nobody stay behind
    os.environ["NO_PROXY"] = "127.0.0.1"
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="bench-")))
        faults = Faults(FAULTS, seed=str(asked.seed), stall=lambda *_: time.sleep(dice.choice([0, 0.05, 0.2, 1.0])))
        rest = create_rest(ACCOUNT, TOKEN, now, seed=str(asked.seed), faults=faults)
        rest.account.add_number(LINE)
        os.environ["TWILIO_API"] = stack.enter_context(serve(rest))
        url = stack.enter_context(database_of(asked.database, folder))
        command(url, "desk", "demo")
        command(url, "desk", "force", "closed")
        database = Database(url, 30)
        stack.callback(database.engine.dispose)
        server = stack.enter_context(served(url, folder / "web.log"))
        workers = Workers(settings_for(url), folder / "workers.log")
        stack.callback(workers.stop)
        joined = Joined(rest.account, network_of(server, 0))
        people: list[People] = [Callers(server, joined), Colleagues(server, joined)]
        rung = Rung(server, joined)
        for one in (*people, rung):
            one.start()
        done = shooting(asked.kills, dice, workers, server)
        for one in people:
            one.over.set()
            one.join()
        ended = time.monotonic()
        while (left(database) or not joined.queued.empty()) and time.monotonic() < ended + PATIENCE:
            time.sleep(1)
        rung.over.set()
        rung.join()
        print(f"{asked.database}, seed {asked.seed}: {dict(done)}, {sum(len(one.calls) for one in people)} calls")
        print(f"  {len(rung.calls)} telephones rung by order; carrier: {sum(faults.happened.values())} faults")
        print(f"  all was done {time.monotonic() - ended:.0f} s after the last shot")
        result = judged(database, people, rung, rest.account)
        print(f"  {left(database)} left to do; {result}")
        print(f"  load {psutil.getloadavg()[0]:.1f}")
        return 1 if any(result.values()) or left(database) else 0


if __name__ == "__main__":
    sys.exit(main())
