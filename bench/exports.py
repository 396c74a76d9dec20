"""A CSV of a million charge lines, in memory that does not grow, beside a bare loop from the driver to a CSV.

    python -m bench.exports --rows 1000000

The lines lie in a SQLite file, in the table in which the product keeps them, and are read by its own query. The bare
loop is the least that anything could do: the driver's tuples straight into the standard library's CSV writer. Each runs
in a process of its own, and its peak of memory is the most that the process ever held (`ru_maxrss`). Prints both and
their ratio; ends with status 1 where a limit is broken.
"""

from __future__ import annotations

import argparse
import csv
import json
import resource
import sqlite3
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter, process_time
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from desk.db import Base, Database
from sla.billing import statements
from sla.billing.charge_line import ChargeLine
from sla.billing.statements import Wanted
from sla.exports.formats import written
from sla.exports.header import Header
from sla.exports.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Sequence

OFFICE = ZoneInfo("Africa/Johannesburg")
HEADER = Header("Bench", "2026-11", "all", "bench", datetime(2026, 12, 1, tzinfo=OFFICE), closed=True)
MOST_MEMORY = 200  # megabytes
MOST_TIMES = 3  # the bare loop
FIRST = datetime(2026, 10, 31, 22, tzinfo=UTC)  # 1 November in Johannesburg


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print; whether a limit was broken is the status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--format", default="csv")
    parser.add_argument("--only", choices=("bare", "ours"), help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    wanted = parser.parse_args(argv)
    if wanted.only:
        print(json.dumps(measured(wanted.only, wanted.file, wanted.format)))
        return 0
    with tempfile.TemporaryDirectory() as place:
        file = Path(place) / "lines.sqlite3"
        fill(file, wanted.rows)
        bare, ours = (apart(which, file, wanted.format) for which in ("bare", "ours"))
    ratio = ours["cpu"] / bare["cpu"]
    print(f"exports: {wanted.rows:,} rows; bare loop {_told(bare)}; {wanted.format} {_told(ours)}; {ratio:.1f} times")
    return int(ours["megabytes"] > MOST_MEMORY or ratio > MOST_TIMES)


def apart(which: str, file: Path, name: str) -> dict[str, float]:
    """What one way came to, in a process of its own."""
    command = [sys.executable, "-m", "bench.exports", "--only", which, "--file", str(file), "--format", name]
    found: dict[str, float] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return found


def measured(which: str, file: Path, name: str) -> dict[str, float]:
    """Seconds on the clock and of the processor, megabytes at most, and bytes written."""
    began, spent = perf_counter(), process_time()
    with tempfile.TemporaryFile() as out:
        length = bare(file, out) if which == "bare" else ours(file, out, name)
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": perf_counter() - began, "cpu": process_time() - spent, "megabytes": most, "bytes": length}


def bare(file: Path, out: Any) -> int:
    """The driver's tuples into the CSV writer, and nothing else."""
    with open(out.fileno(), "w", newline="", closefd=False) as text, sqlite3.connect(file) as connection:
        sheet = csv.writer(text)
        lines = connection.execute("SELECT * FROM charge_line WHERE month = '2026-11' ORDER BY starts, id")
        sheet.writerow(name for name, *_ in lines.description)
        sheet.writerows(lines)
    return int(out.tell())


def ours(file: Path, out: Any, name: str) -> int:
    """The file as an office gets it."""
    tally, database = Tally(), Database(f"sqlite:///{file}")
    with database.reading() as session:
        lines = statements.rows(session, statements.lines(Wanted("2026-11")), OFFICE.key)
        for piece in written(name, lines, HEADER, tally):
            out.write(piece)
    return tally.length


def fill(file: Path, number: int) -> None:
    """The product's table with so many lines, of 200 customers."""
    database = Database(f"sqlite:///{file}")
    Base.metadata.create_all(database.engine, [ChargeLine.metadata.tables["charge_line"]])
    database.engine.dispose()
    with sqlite3.connect(file) as connection:
        marks = ", ".join(f":{name}" for name in line(0))
        names = ", ".join(line(0))
        insert = f"INSERT INTO charge_line ({names}) VALUES ({marks})"  # noqa: S608 - names of our own columns
        connection.executemany(insert, map(line, range(1, number + 1)))


def line(number: int) -> dict[str, Any]:
    """One charge line, as it lies in the table; one every two seconds, so that a million fit into the month."""
    customer, long = number % 200, 60 + number % 3000
    start = FIRST + timedelta(seconds=2 * number)
    cents = long * 1140 * 100 // 3600
    return {
        "id": number, "account": customer + 1, "month": "2026-11", "of_month": "2026-11", "source": f"page {number}",
        "corrects": "", "customer_code": f"c{customer}", "customer": f"Customer {customer}", "contract": "Office hours",
        "contract_version": 3, "ticket_id": number, "caller": f"+2782{number:07d}",
        "contact": f"Contact {number % 1000}", "reference": f"{number % 1000:03d}913077",
        "engineers": '["Thandi Nkosi", "Pieter Botha"]', "staff": ",1,2,",
        "starts": f"{start:%F %T.%f}", "ends": f"{start + timedelta(seconds=long):%F %T.%f}", "calls": 1,
        "office_seconds": 0, "weekday_after_hours_seconds": 0, "saturday_seconds": 0, "sunday_seconds": long,
        "public_holiday_seconds": 0, "holiday": "", "state": "billable", "billed_seconds": long, "rate": "1140.00",
        "price_cents": cents, "amount_cents": cents, "consent": "pressed 1 at 02:00:41",
        "explanation": f"Billable, R{cents / 100:.2f}: {long} s on a Sunday, line {number}.",
        "versions": '{"hours": 2, "holidays": 5}', "changed": "", "charged_at": f"{start:%F %T.%f}",
    }  # fmt: skip


def _told(found: dict[str, float]) -> str:
    spent = f"{found['cpu']:.1f} s of processor, {found['seconds']:.1f} s"
    return f"{spent}, {found['megabytes']:.0f} MB at most, {found['bytes'] / 2**20:.0f} MB"


if __name__ == "__main__":
    sys.exit(main())
