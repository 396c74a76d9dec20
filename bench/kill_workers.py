"""Web processes and workers are shot at random while calls arrive, people are paged and time runs out.

    python -m bench.kill_workers [--kills 100] [--seed 1] [--database sqlite|postgresql]

Real processes on a loopback port: the Procfile's web (two processes) and three workers. Emergencies come in and are
taken, or nobody takes them; then engineers are rung one after another until one of them has it, by a key, a text, a
link or a page. Engineers ring the line to call back and are rung. Tickets with due times of minutes are answered, or
their owners are warned and they are breached. The carrier (simulator/rest) fails 15 % of all requests, some of them
after it has carried them out, and is slow. One worker at a time is stopped for longer than its lease (SIGSTOP) and
wakes again. What is lost, what doubled, what overlooked? Status 1 if anything was.
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
from datetime import UTC, datetime, timedelta
from pathlib import Path
from queue import SimpleQueue
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import psutil
from sqlalchemy import func, select, update
from sqlalchemy.exc import OperationalError

from bench.callers import Callers, Colleagues, network_of
from bench.carrier_books import Books
from bench.duty_phones import Mood, Rung, Texted
from bench.intake import Intake
from bench.kept import Kept
from conftest import ACCOUNT, LINE, TOKEN, settings_for
from databases import postgres_server
from desk.chores import Pulse
from desk.db import Database
from desk.delivery import LEASE
from desk.outbox import Outgoing, State
from ivr.call import Call
from oncall.pursuit import Pursuit, wanted
from served import ROOT, command, procfile, secrets, served
from simulator.joined import Joined
from simulator.rest import create_rest, serve
from simulator.rest_faults import Fault, Faults
from sla.due import Due
from sla.hours import BusinessHours
from sla.mark import Mark
from tickets.ticket import Ticket

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bench.callers import People
    from served import Served

WORKERS = 3
FAULTS = dict.fromkeys(Fault, 0.15 / len(Fault))
STOPPED = LEASE.total_seconds() + 5
STOPS = 25  # shots between two stops
WEB = 0.4  # of the shots
BETWEEN = 1.0, 4.0  # seconds between two shots
TELEPHONES = 3  # that may ring at once by our order
PATIENCE = 900  # seconds until everything is done after the last shot
COMING = timedelta(minutes=6)  # due times that are waited for
SET_UP = Path(__file__).parent / "two_minutes.yaml"


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

    def at_work(self, database: Database, but: int | None = None) -> list[int]:
        """The places of those that tick for the second time or more: on a busy machine nobody else ever would."""
        with database.reading() as session:
            twice = session.scalars(select(Pulse.worker).where(Pulse.ticked_at > Pulse.started_at))
            ticked = {int(worker.split()[-1]) for worker in twice}
        return [place for place, one in enumerate(self.running) if one.pid in ticked and place != but]

    def shoot(self, place: int) -> None:
        self.running[place].kill()
        self.running[place].wait()
        self.running[place] = self.start()

    def finish(self) -> None:
        """Let them finish what they have in hand."""
        for process in self.running:
            process.terminate()
        for process in self.running:
            process.wait(60)

    def stop(self) -> None:
        for process in self.running:
            process.kill()
            process.wait()
        self.log.close()


def where_it_is_noon(at: datetime) -> str:
    """A zone in which it is day, whenever the run is made: what is no emergency is told to nobody by night."""
    return f"Etc/GMT{at.astimezone(UTC).hour - 12:+d}"


@contextmanager
def database_of(kind: str, folder: Path) -> Iterator[str]:
    if kind == "sqlite":
        yield f"sqlite:///{folder}/bench.db"
    else:
        with postgres_server() as url:
            yield url


def shooting(kills: int, dice: random.Random, workers: Workers, server: Served, quick: Database) -> Counter[str]:
    """Shoot; one worker at a time is stopped meanwhile, and goes on when its lease is long over."""
    done: Counter[str] = Counter()
    sleeper = Sleeper(workers, quick)
    targets = dice.choices(["web", "workers"], [WEB, 1 - WEB], k=kills)
    for number, target in enumerate(targets, start=1):
        time.sleep(dice.uniform(*BETWEEN))
        if number % STOPS == 1:
            sleeper.wanted = True
        sleeper.look(dice)
        while not (found := server.workers() if target == "web" else workers.at_work(quick, but=sleeper.place)):
            sleeper.look(dice)
            time.sleep(0.2)
        if target == "web":
            dice.choice(found).kill()
        else:
            workers.shoot(dice.choice(found))
        done[target] += 1
        if number % 10 == 0:
            print(f"  {dict(done)}, load {psutil.getloadavg()[0]:.1f}", flush=True)
    while sleeper.place is not None:
        sleeper.look(dice)
        time.sleep(0.2)
    done["stopped"] = sleeper.stops
    return done


class Sleeper:
    """The worker that is stopped, and wakes when its lease is long over.

    On SQLite whoever is stopped while it writes stops everybody: that is an outage of the database, and says nothing
    of leases, so such a one goes on at once and another moment is chosen.
    """

    def __init__(self, workers: Workers, database: Database) -> None:
        self.workers, self.database = workers, database
        self.place: int | None = None
        self.wanted, self.stops, self.wakes = False, 0, 0.0

    def look(self, dice: random.Random) -> None:
        """Wake it, or stop somebody, if it is time to."""
        if self.place is not None and time.monotonic() > self.wakes:
            self._send(signal.SIGCONT)
            self.place = None
        elif self.place is None and self.wanted and (at_work := self.workers.at_work(self.database)):
            self.place, self.wakes = dice.choice(at_work), time.monotonic() + STOPPED
            self._send(signal.SIGSTOP)
            if self._others_can_write():
                self.wanted, self.stops = False, self.stops + 1
            else:
                self._send(signal.SIGCONT)
                self.place = None

    def _send(self, what: signal.Signals) -> None:
        if self.place is not None:
            self.workers.running[self.place].send_signal(what)

    def _others_can_write(self) -> bool:
        try:
            self.database.write(lambda session: session.execute(select(1)))
        except OperationalError:
            return False
        return True


def left(database: Database) -> dict[str, int]:
    """What is still to be done."""
    open_calls, open_pursuits = Call.ended_at.is_(None), Pursuit.ended_at.is_(None)
    waiting = Outgoing.state.in_((State.WAITING, State.SENDING))
    parts: dict[str, tuple[type, Any]] = {
        "rows of the outbox": (Outgoing, waiting),
        "calls": (Call, open_calls),
        "emergencies that nobody has": (Ticket, wanted()),
        "pursuits": (Pursuit, open_pursuits),
        "due times that come soon": (Due, Due.look_at < now() + COMING),
        "tickets to be judged": (Ticket, Ticket.moves != Ticket.judged),
        "marks to be told": (Mark, Mark.told_at.is_(None)),
    }
    with database.reading() as session:
        found = {
            name: session.scalar(select(func.count()).select_from(kind).where(which)) or 0
            for name, (kind, which) in parts.items()
        }
    return {name: number for name, number in found.items() if number}


def settled(database: Database, queue: SimpleQueue[Any]) -> tuple[float, dict[str, int]]:
    """Wait until all is done; the seconds that it took, and what was never done."""
    began = time.monotonic()
    while (rest := left(database)) or not queue.empty():
        if time.monotonic() > began + PATIENCE:
            return PATIENCE, rest
        if int(time.monotonic() - began) % 30 == 0:
            print(f"  after {time.monotonic() - began:.0f} s still to do: {rest}", flush=True)
        time.sleep(1)
    return time.monotonic() - began, {}


def show(heading: str, figures: Mapping[str, object], said: Mapping[str, Sequence[str]]) -> None:
    print(heading)
    for name, figure in figures.items():
        print(f"  {figure!s:>6}  {name}")
        for one in said.get(name, ())[:10]:
            print(f"          ! {one}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Shoot, wait, and judge; 1 if anything is wrong."""
    options = argparse.ArgumentParser(prog="python -m bench.kill_workers", description=__doc__.partition("\n")[0])
    options.add_argument("--kills", type=int, default=100)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    options.add_argument("--keep", type=Path, help="A folder where logs and SQLite's file are kept.")
    asked = options.parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(2))  # and let nobody stay behind
    os.environ["NO_PROXY"] = "127.0.0.1"
    with ExitStack() as stack:
        folder = asked.keep or Path(stack.enter_context(TemporaryDirectory(prefix="bench-")))
        folder.mkdir(parents=True, exist_ok=True)
        return 1 if run(asked, folder, stack) else 0


def run(asked: argparse.Namespace, folder: Path, stack: ExitStack) -> bool:
    """Whether anything was wrong."""
    dice = random.Random(asked.seed)  # noqa: S311 - a bad day that can be repeated
    faults = Faults(FAULTS, seed=str(asked.seed), stall=lambda *_: time.sleep(dice.choice([0, 0, 0.1, 0.5])))
    rest = create_rest(ACCOUNT, TOKEN, now, seed=str(asked.seed), faults=faults)
    rest.account.add_number(LINE)
    os.environ["TWILIO_API"] = stack.enter_context(serve(rest))
    os.environ["RECORDINGS_DIR"] = str(folder / "recordings")
    os.environ["PAGING_PAUSE"] = "PT1M"  # the shortest that may be set
    url = stack.enter_context(database_of(asked.database, folder))
    command(url, "desk", "demo")
    command(url, "desk", "load", str(SET_UP))
    command(url, "desk", "force", "closed")
    database, quick = Database(url, 30), Database(url, 2)
    for each in (database, quick):
        stack.callback(each.engine.dispose)
    database.write(lambda session: session.execute(update(BusinessHours).values(zone=where_it_is_noon(now()))))
    server = stack.enter_context(served(url, folder / "web.log"))
    workers = Workers(settings_for(url), folder / "workers.log")
    stack.callback(workers.stop)

    mood, queue = Mood(dice), SimpleQueue[Any]()
    rung = [Rung(server, rest.account, queue, mood) for _ in range(TELEPHONES)]
    joined = Joined(rest.account, network_of(server))
    rest.account.on_call = queue.put
    rest.account.on_hang_up = lambda _: None  # whoever holds the telephone looks whether it still rings
    people: list[People] = [Callers(server, joined), Colleagues(server, joined)]
    texted, intake = Texted(server, joined, mood), Intake(server, joined, database, dice)
    staying = [*rung, texted, intake]
    for one in (*people, *staying):
        one.start()
    done = shooting(asked.kills, dice, workers, server, quick)
    print(f"{asked.database}, seed {asked.seed}: {dict(done)}, load {psutil.getloadavg()[0]:.1f}", flush=True)
    for one in people:
        one.over.set()
        one.join()
    mood.calm = intake.closed = True
    while intake.coming:
        time.sleep(1)
    seconds, rest_of_it = settled(database, queue)
    workers.finish()
    for one in staying:
        one.over.set()
        one.join()

    books = Books(
        database, [call for one in people for call in one.calls], [c for one in rung for c in one.calls], rest.account
    )
    with database.reading() as session:
        kept = Kept(session, now(), intake.opened)
        wrong = books.faults(len(intake.opened), texted) | kept.faults()
        figures = {"faults of the carrier": sum(faults.happened.values())} | books.figures(texted) | kept.figures()
    print(f"all was done {seconds:.0f} s after the last shot; never done: {rest_of_it or 'nothing'}")
    show("what happened", figures, {})
    show("what must be nothing", wrong, kept.said)
    broken = [one.name for one in (*people, *staying) if one.failed]
    print(f"  people who fell over: {broken or 'nobody'}; load {psutil.getloadavg()[0]:.1f}")
    return any(wrong.values()) or bool(rest_of_it) or bool(broken)


if __name__ == "__main__":
    sys.exit(main())
