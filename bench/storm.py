"""A storm of calls over HTTP against the server of the Procfile, on a bad network; then everything is checked.

Each webhook is delivered twice, every other pair in parallel; callbacks come late and shuffled, a tenth of them
never; the office closes in the middle. Callers' seconds pass 200 times as fast as real ones.

    python -m bench.storm --calls 200 --database sqlite
"""

from __future__ import annotations

import argparse
import itertools
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from random import Random
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from app import system_clock
from bench import evidence
from bench.crowd import converse, plan
from conftest import LINE, ORIGIN
from databases import PostgresDatabases, SqliteFiles, connected, postgres_server
from desk.db import Database
from served import RETRIED, command, served
from simulator.clock import Clock
from simulator.network import Network
from simulator.quirks import Quirks
from simulator.webhooks import Webhooks
from tickets.ticket import Ticket

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from bench.crowd import Plan
    from served import Served
    from simulator.leg import Leg
    from simulator.web import Reply, Request, Web
    from simulator.webhooks import Exchange, Hook

DATABASES = ("sqlite", "postgresql")
THREADS = 8
PACE = 1 / 200
BAD_DAY = Quirks(callbacks="shuffled", lose_callbacks=0.1)
POSTMEN = 4  # who deliver callbacks; fewer, and engineers would look busy long after their calls
BETWEEN_DELIVERIES = 0.05  # seconds in which callbacks gather and are shuffled


class Paced(Clock):
    """The real time, so that the carrier's stamps and the server's agree; waiting is shorter than it looks."""

    def __init__(self, pace: float = PACE) -> None:
        super().__init__(system_clock())
        self.pace = pace

    def __call__(self) -> datetime:
        return system_clock()

    def advance(self, seconds: float) -> None:
        time.sleep(seconds * self.pace)

    def until(self, instant: datetime) -> None:
        self.advance(max(0.0, (instant - self()).total_seconds()))


class Timed:
    """A way to the server that takes the time of every request."""

    def __init__(self, web: Web) -> None:
        self.web = web
        self.seconds: list[float] = []
        self.faults: list[str] = []

    def send(self, request: Request) -> Reply:
        began = time.perf_counter()
        try:
            reply = self.web.send(request)
        except OSError as error:
            self.faults.append(f"{request.url}: {error!r}")
            raise
        finally:
            self.seconds.append(time.perf_counter() - began)
        if reply.status not in (200, 204):
            self.faults.append(f"{request.url} answered {reply.status}")
        return reply


class Pairs:
    """Every webhook twice: one after the other and both at once, by turns."""

    def __init__(self, network: Network, web: Web, token: str) -> None:
        kinds = (Quirks(twice="after"), Quirks(twice="parallel"))
        self.turns = itertools.cycle([Webhooks(web, token, kind, network.sid) for kind in kinds])

    def send(self, hook: Hook, clock: Clock) -> list[Exchange]:
        return next(self.turns).send(hook, clock)


class Storm(Network):
    """A network in which each caller brings the behaviour of the telephones that ring for them."""

    def __init__(self, web: Web, server: Served) -> None:
        token = server.settings.twilio_auth_token.get_secret_value()
        account = server.settings.twilio_account_sid
        super().__init__(web, Paced(), account_sid=account, auth_token=token, quirks=BAD_DAY)
        self.webhooks = Pairs(self, web, token)  # type: ignore[assignment]
        self.plans: dict[str, Plan] = {}
        voice = f"{ORIGIN}/voice"
        self.connect_number(
            LINE, f"{voice}/incoming{RETRIED}", f"{voice}/fallback{RETRIED}", f"{voice}/status{RETRIED}"
        )

    def engage(self, leg: Leg) -> None:
        super().engage(leg)
        assert leg.parent
        leg.behaviour = self.plans[leg.parent.extra["CallToken"]].handset()


@dataclass
class Outcome:
    """What a storm came to."""

    database: str
    calls: int
    seconds: float
    webhooks: list[float]
    counts: dict[str, int]
    violations: list[str]

    def percentile(self, share: float) -> float:
        """Milliseconds within which that share of the webhooks was answered."""
        ordered = sorted(self.webhooks)
        return 1000 * ordered[min(int(share * len(ordered)), len(ordered) - 1)]

    def row(self) -> dict[str, Any]:
        """The line of the table."""
        return {
            "database": self.database,
            "calls": self.calls,
            **self.counts,
            "seconds": f"{self.seconds:.1f}",
            "webhooks": len(self.webhooks),
            "webhooks/s": f"{len(self.webhooks) / self.seconds:.0f}",
            "p50 ms": f"{self.percentile(0.50):.0f}",
            "p99 ms": f"{self.percentile(0.99):.0f}",
            "max ms": f"{1000 * max(self.webhooks):.0f}",
            "violations": len(self.violations),
        }


def rage(url: str, calls: int, log: Path, seed: int = 1) -> Outcome:
    """Let a storm rage over a prepared database, and look at what it left behind."""
    command(url, "desk", "force", "open")
    database = Database(url)
    try:
        with served(url, log) as server:
            web = Timed(server.web)
            storm = Storm(web, server)
            began = time.perf_counter()
            faults = _ring_all(storm, database, calls, seed, url)
            seconds = time.perf_counter() - began
        slowest = timedelta(seconds=max(web.seconds))
        violations = [*web.faults, *faults, *evidence.violations(storm, database, calls, slowest)]
        counts = evidence.counts(database)
    finally:
        database.engine.dispose()
    return Outcome(database.engine.dialect.name, calls, seconds, web.seconds, counts, violations)


def _ring_all(storm: Storm, database: Database, calls: int, seed: int, url: str) -> list[str]:
    dice = Random(seed)  # noqa: S311 - a storm that can be repeated
    plans = [plan(dice) for _ in range(calls)]
    faults: list[str] = []

    def one(number: int) -> None:
        if number == calls // 2:
            command(url, "desk", "force", "closed")
        storm.plans[str(number)] = plans[number]
        try:
            call = storm.ring(plans[number].caller, LINE, {"CallToken": str(number)}, clock=Paced())
            converse(call, plans[number], lambda: _newest(database))
        except Exception as error:
            faults.append(f"call {number} ({plans[number].asks}): {error!r}")

    with _callbacks_delivered(storm, faults), ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(one, range(calls)))
    return faults


@contextmanager
def _callbacks_delivered(storm: Storm, faults: list[str]) -> Iterator[None]:
    """Deliver callbacks all the time from threads of their own, and the last of them at the end."""
    over = Event()

    def deliver() -> None:
        while not over.wait(BETWEEN_DELIVERIES):
            _deliver(storm, faults)

    threads = [Thread(target=deliver) for _ in range(POSTMEN)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()
        _deliver(storm, faults)


def _deliver(storm: Storm, faults: list[str]) -> None:
    try:
        storm.deliver_callbacks()
    except Exception as error:
        faults.append(f"a callback: {error!r}")


def _newest(database: Database) -> str:
    with database.reading() as session:
        return session.scalars(select(Ticket.reference).order_by(Ticket.id.desc())).first() or "1" * 9


@contextmanager
def prepared(kind: str, folder: Path) -> Iterator[str]:
    """A fresh database of that kind, with the cast in it."""

    def prepare(url: str) -> None:
        command(url, "desk", "demo")

    if kind == "sqlite":
        with SqliteFiles(folder, prepare).copy(folder) as url:
            yield url
        return
    with postgres_server() as at, connected(at) as server, PostgresDatabases(at, server, prepare).copy(folder) as url:
        yield url


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one storm and print its table; 1 if anything is wrong."""
    parser = argparse.ArgumentParser(prog="python -m bench.storm", description=__doc__.partition("\n")[0])
    parser.add_argument("--calls", type=int, default=200)
    parser.add_argument("--database", choices=DATABASES, default="sqlite")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="storm-") as folder:
        Path(folder).chmod(0o755)  # PostgreSQL's own user has to get through
        log = Path(folder, "gunicorn.log")
        with prepared(given.database, Path(folder)) as url:
            outcome = rage(url, given.calls, log, given.seed)
        if outcome.violations:
            print(log.read_text()[-4000:])
    _print(outcome)
    return 1 if outcome.violations else 0


def _print(outcome: Outcome) -> None:
    row = {name: str(value) for name, value in outcome.row().items()}
    widths = {name: max(len(name), len(value)) for name, value in row.items()}
    print("  ".join(name.rjust(width) for name, width in widths.items()))
    print("  ".join(row[name].rjust(width) for name, width in widths.items()))
    for violation in outcome.violations[:50]:
        print(f"  ! {violation}")


if __name__ == "__main__":
    sys.exit(main())
