"""Web processes and workers are shot at random while calls arrive and the carrier has a bad day.

    python bench/kill_workers.py [--kills 100] [--seed 1] [--database sqlite|postgresql]

Real processes on a loopback port: the Procfile's web (two processes) and three workers. The carrier (simulator/rest)
fails 15 % of all requests, some of them after it has carried them out, and is slow. One worker at a time is stopped
for longer than its lease (SIGSTOP) and wakes again. What is lost, what doubled? Status 1 if anything was.
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
from tempfile import TemporaryDirectory
from threading import Event as Flag
from threading import Thread
from typing import TYPE_CHECKING

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import psutil  # noqa: E402 - what follows is found through the lines above
from sqlalchemy import func, select  # noqa: E402

from conftest import ACCOUNT, LINE, ORIGIN, TOKEN, settings_for  # noqa: E402
from databases import postgres_server  # noqa: E402
from desk.db import Database  # noqa: E402
from desk.delivery import LEASE  # noqa: E402
from desk.outbox import Outgoing, State  # noqa: E402
from ivr.call import Call  # noqa: E402
from oncall.paging import Page  # noqa: E402
from served import RETRIED, command, procfile, secrets, served  # noqa: E402
from simulator.clock import Clock  # noqa: E402
from simulator.network import Network  # noqa: E402
from simulator.rest import create_rest, serve  # noqa: E402
from simulator.rest_faults import Fault, Faults  # noqa: E402
from simulator.script import play  # noqa: E402
from tickets.ticket import Event, Ticket  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator

    import simulator.call
    from served import Served
    from simulator.rest import Rest

WORKERS = 3
FAULTS = dict.fromkeys(Fault, 0.15 / len(Fault))
STOPPED = LEASE.total_seconds() + 5
PATIENCE = 600  # seconds for the outbox to become empty after the last shot


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


class Callers(Thread):
    """One call after another; each is an emergency of somebody else, and an engineer takes it."""

    def __init__(self, server: Served, rest: Rest) -> None:
        super().__init__(daemon=True)
        self.rest = rest
        self.server, self.over, self.rang, self.failed = server, Flag(), [], Counter()

    def run(self) -> None:
        number = 0
        while not self.over.is_set():
            number += 1
            network = Network(self.server.web, Clock(now()), account_sid=ACCOUNT, auth_token=TOKEN, seed=number, talk=1)
            voice = f"{ORIGIN}/voice"
            urls = [f"{voice}/{name}{RETRIED}" for name in ("incoming", "fallback", "status")]
            network.connect_number(LINE, *urls)
            network.in_order("accept")
            call = network.ring(f"+2783{number:07d}", LINE)
            if not call.ended:
                play(call, ["2", "1"])
            self.rang.append(call.sid)
            self.book(call)
            self.failed[any(request.faults for request in call.requests)] += 1
            self.over.wait(0.3)

    def book(self, call: simulator.call.Call) -> None:
        """Enter a call in the carrier's books, for the worker asks where a last callback met a dead web process."""
        for leg in (call.leg, *call.children):
            kept = self.rest.account.add_call(leg.from_, leg.to, leg.direction)
            kept.parent_call_sid = leg.parent.sid if leg.parent else None
            kept.status, kept.end_time, kept.date_created = leg.status, leg.ended, leg.started
            self.rest.account.calls[leg.sid] = self.rest.account.calls.pop(kept.sid)
            kept.sid = leg.sid


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


def judged(database: Database, callers: Callers, messages: Counter[tuple[str, str]]) -> dict[str, int]:
    """What was lost and what doubled, by the rows, the calls and the carrier's own books."""
    with database.reading() as session:
        calls = {call.sid: call for call in session.scalars(select(Call))}
        rows = {row.key: row for row in session.scalars(select(Outgoing))}
        accepted = session.scalars(select(Page.id).where(Page.accepted_at.is_not(None))).all()
        tickets = session.scalar(select(func.count()).select_from(Ticket)) or 0
        # Keys that were pressed while every process lay dead are not repeated: such a caller may have to give up.
        told = select(Event.ticket_id).where(Event.kind == "resolved", Event.text.startswith("abandoned"))
        abandoned = set(session.scalars(told))
        print(f"  {len(abandoned)} callers gave up")
    wanted = Counter((row.payload["to"], row.payload["body"]) for row in rows.values())
    return {
        "calls lost": len(set(callers.rang) - set(calls)),
        "tickets lost or doubled": abs(tickets - len(calls)),
        "calls without an end": sum(call.ended_at is None for call in calls.values()),
        "references never asked for": sum(
            f"reference {call.sid}" not in rows for call in calls.values() if call.ticket_id not in abandoned
        ),
        "details never asked for": sum(f"details page {page}" not in rows for page in accepted),
        "rows dead": sum(row.state == State.DEAD for row in rows.values()),
        "texts lost": (wanted - messages).total(),
        "texts doubled": (messages - wanted).total(),
    }


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
        callers = Callers(server, rest)
        callers.start()
        done = shooting(asked.kills, dice, workers, server)
        callers.over.set()
        callers.join()
        ended = time.monotonic()
        while left(database) and time.monotonic() < ended + PATIENCE:
            time.sleep(1)
        messages = Counter((one.to, one.body) for one in rest.account.messages.values())
        result = judged(database, callers, messages)
        print(f"{asked.database}, seed {asked.seed}: {dict(done)}, {len(callers.rang)} calls")
        print(
            f"  {callers.failed[True]} of them met a dead web process; carrier: {sum(faults.happened.values())} faults"
        )
        print(f"  {messages.total()} texts, the last {time.monotonic() - ended:.0f} s after the last shot")
        print(f"  {left(database)} left to do; {result}")
        print(f"  load {psutil.getloadavg()[0]:.1f}")
        return 1 if any(result.values()) or left(database) else 0


if __name__ == "__main__":
    sys.exit(main())
