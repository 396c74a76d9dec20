"""A holiday is declared while 10,000 tickets are open and callers ring: all due times follow, and nobody waits.

    python -m bench.renewal --tickets 10000 --database sqlite|postgresql

The Procfile's web serves calls all the time; one worker does all its jobs, so it renews the due times in chunks.
Limits: every open ticket renewed within 30 s, every webhook answered within 2 s, tickets that are over left alone.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

import psutil
from sqlalchemy import Row, func, select

from bench.callers import network_of
from bench.open_tickets import fill
from bench.storm import DATABASES, Timed, prepared
from conftest import ACCOUNT, LINE, TOKEN, settings_for
from desk.db import Database
from served import ROOT, command, secrets, served
from simulator.rest import create_rest, serve
from simulator.script import play
from sla import book, watch
from sla.due import Due
from tickets.inbox import UNRESOLVED
from tickets.ticket import State, Ticket

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from served import Served

RENEWED_WITHIN, ANSWERED_WITHIN = 30.0, 2.0  # seconds
CALLERS = 4
WARM, QUIET = 5.0, 15.0  # seconds of calls: until every process has answered once, and before the holiday is declared
GIVEN_UP = 300.0
SAMPLE = 500  # tickets that are computed anew afterwards


def now() -> datetime:
    return datetime.now(UTC)


class Ringing(Thread):
    """Emergencies that are taken, one after another until it is over."""

    def __init__(self, server: Served, web: Timed, number: int) -> None:
        super().__init__(daemon=True)
        self.server, self.web, self.number, self.over = server, web, number, Event()
        self.calls = 0

    def run(self) -> None:
        while not self.over.is_set():
            self.calls += 1
            network = network_of(self.server)
            network.webhooks.web = self.web
            call = network.ring(f"+2783{self.number}{self.calls:06d}", LINE)
            if not call.ended:
                play(call, ["2", "1"])


@dataclass
class Outcome:
    """What came of it."""

    database: str
    tickets: int
    renewed: float
    moved: int
    computing: float
    transaction: float
    transaction_computing: float
    calls: int
    before: list[float]
    during: list[float]
    violations: list[str]

    def row(self) -> dict[str, str]:
        """The line of the table."""
        return {
            "database": self.database,
            "tickets": str(self.tickets),
            "due times moved": str(self.moved),
            f"renewed s (<{RENEWED_WITHIN:.0f})": f"{self.renewed:.1f}",
            "worker's computing meanwhile s": f"{self.computing:.1f}",
            "longest transaction s": f"{self.transaction:.2f}",
            "longest computing in a transaction s": f"{self.transaction_computing:.2f}",
            "calls": str(self.calls),
            "before: p50/p99/max ms": _spread(self.before),
            f"during: p50/p99/max ms (<{1000 * ANSWERED_WITHIN:.0f})": _spread(self.during),
            "webhooks during": str(len(self.during)),
            "violations": str(len(self.violations)),
        }


def _spread(seconds: list[float]) -> str:
    ordered = sorted(seconds) or [0.0]
    return "/".join(
        f"{1000 * ordered[min(int(share * len(ordered)), len(ordered) - 1)]:.0f}" for share in (0.5, 0.99, 1)
    )


def declare(url: str, tickets: int, folder: Path, stack: ExitStack) -> Outcome:
    """Fill a database, let callers ring, declare a holiday, and see what becomes of it."""
    database = Database(url, 30)
    stack.callback(database.engine.dispose)
    fill(database, tickets, now(), Random(1))  # noqa: S311 - the same tickets every time
    command(url, "desk", "force", "closed")
    rest = create_rest(ACCOUNT, TOKEN, now)
    rest.account.add_number(LINE)
    os.environ["TWILIO_API"] = stack.enter_context(serve(rest))
    server = stack.enter_context(served(url, folder / "web.log"))
    web = Timed(server.web)
    worker = stack.enter_context(Worker(url, folder / "worker.log"))
    callers = [Ringing(server, web, number) for number in range(CALLERS)]
    for one in callers:
        one.start()
    time.sleep(WARM)
    warm = len(web.seconds)
    time.sleep(QUIET)
    dues, over, began_at = _due_times(database), _over(database), len(web.seconds)
    computed = worker.computed()
    renewed = _declared(url, database)
    computing = worker.computed() - computed
    during = web.seconds[began_at:]
    for one in callers:
        one.over.set()
        one.join()
    after = _due_times(database)
    moved = sum(after.get(key) != at for key, at in dues.items())
    violations = [*web.faults, *_judged(database, over, renewed), *([] if moved else ["no due time has moved"])]
    violations += [f"a webhook took {seconds:.1f} s" for seconds in during if seconds > ANSWERED_WITHIN]
    transaction, transaction_computing = worker.stop()
    return Outcome(
        database=database.engine.dialect.name,
        tickets=tickets,
        renewed=renewed,
        moved=moved,
        computing=computing,
        transaction=transaction,
        transaction_computing=transaction_computing,
        calls=sum(one.calls for one in callers),
        before=web.seconds[warm:began_at],
        during=during,
        violations=violations,
    )


def _declared(url: str, database: Database) -> float:
    """Declare a holiday: today, or the next working day; seconds until no due time stands on the old terms."""
    with database.reading() as session:
        old = set(session.scalars(select(Due.terms).distinct()))
    began = time.monotonic()
    command(url, "sla", "holidays", "add", str(_working_day()), "Day of the bench", "--yes")
    still = select(Due.id).join(Ticket).where(Due.terms.in_(old), Ticket.state.in_(UNRESOLVED)).limit(1)
    while time.monotonic() < began + GIVEN_UP:
        with database.reading() as session:
            if session.scalar(still) is None:
                break
        time.sleep(0.2)
    return time.monotonic() - began


def _working_day() -> date:
    day = now().date()
    return day + timedelta(days=(0, 0, 0, 0, 0, 2, 1)[day.weekday()])


def _due_times(database: Database) -> dict[tuple[int, str], datetime | None]:
    with database.reading() as session:
        rows = session.execute(select(Due.ticket_id, Due.measure, Due.due).where(Due.runs))
        return {(row.ticket_id, row.measure): row.due for row in rows}


def _over(database: Database) -> list[Row[Any]]:
    """The rows of tickets that are over, as they were filled in."""
    columns = (Due.id, Due.state, Due.due, Due.terms, Due.judged_at)
    filled = select(*columns).join(Ticket).where(Ticket.state == State.RESOLVED, Ticket.caller.is_(None))
    with database.reading() as session:
        return list(session.execute(filled.order_by(Due.id)))


def _judged(database: Database, over: list[Row[Any]], renewed: float) -> Iterator[str]:
    if renewed > RENEWED_WITHIN:
        yield f"renewed after {renewed:.0f} s"
    if not over or _over(database) != over:
        yield "tickets that are over were judged anew"
    with database.reading() as session:
        numbers = session.scalars(select(Ticket.id).where(Ticket.state.in_(UNRESOLVED)).order_by(func.random()))
        sample = numbers.fetchmany(SAMPLE)
        differing = watch.differences(session, book.write(session), sample, now())
    yield from (f"ticket {one.ticket.id}: {one.why}" for one in differing)


class Worker:
    """The worker in a process of its own; it says in the end how long its longest transaction was."""

    def __init__(self, url: str, log: Path) -> None:
        self.url, self.log = url, log

    def __enter__(self) -> Worker:
        environment = {**os.environ, **secrets(settings_for(self.url))}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bench.timed_worker"],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=self.log.open("wb"),
            text=True,
        )
        return self

    def computed(self) -> float:
        """Its seconds of computing so far, which a busy machine does not change."""
        times = psutil.Process(self.process.pid).cpu_times()
        return float(times.user + times.system)

    def stop(self) -> list[float]:
        """The seconds of its longest transaction, and of the longest computing in one."""
        self.process.terminate()
        said, _ = self.process.communicate(timeout=60)
        return [float(one) for one in said.split()]

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()


def main(arguments: Sequence[str] | None = None) -> int:
    """Declare one holiday and print the table; 1 if anything is wrong."""
    parser = argparse.ArgumentParser(prog="python -m bench.renewal", description=__doc__.partition("\n")[0])
    parser.add_argument("--tickets", type=int, default=10_000)
    parser.add_argument("--database", choices=DATABASES, default="sqlite")
    given = parser.parse_args(arguments)
    os.environ["NO_PROXY"] = "127.0.0.1"
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="renewal-")))
        folder.chmod(0o755)  # PostgreSQL's own user has to get through
        os.environ["RECORDINGS_DIR"] = str(folder / "recordings")
        url = stack.enter_context(prepared(given.database, folder))
        outcome = declare(url, given.tickets, folder, stack)
    for name, value in outcome.row().items():
        print(f"  {value:>18}  {name}")
    print(f"  {psutil.getloadavg()[0]:>18.1f}  load")
    for violation in outcome.violations[:20]:
        print(f"  ! {violation}")
    return 1 if outcome.violations else 0


if __name__ == "__main__":
    sys.exit(main())
