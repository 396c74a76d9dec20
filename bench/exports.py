"""A CSV of a million charge lines, in memory that does not grow, beside a bare loop from the driver to a CSV.

    python -m bench.exports --rows 1000000

The rows lie in a SQLite file, a column for each field. The bare loop is the least that anything could do: the driver's
tuples straight into the standard library's CSV writer. Each runs in a process of its own, and its peak of memory is
the most that the process ever held (`ru_maxrss`). Most of ours goes into making rows of tuples and into looking at
every text for what a spreadsheet would run; texts of plain letters are looked at once. Prints both and their ratio;
ends with status 1 where a limit is broken.
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
from dataclasses import fields
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from time import perf_counter, process_time
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sla.exports.formats import written
from sla.exports.header import Header
from sla.exports.tally import Tally
from sla.row import Row

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

OFFICE = ZoneInfo("Africa/Johannesburg")
NAMES = [field.name for field in fields(Row)]
HEADER = Header("Bench", "2026-11", "all", "bench", datetime(2026, 12, 1, tzinfo=OFFICE), closed=True)
MOST_MEMORY = 200  # megabytes
MOST_TIMES = 10  # the bare loop
FIRST = 1_793_484_000  # 1 November 2026 in Johannesburg, in seconds since 1970
A_THOUSAND = 1000


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
        sheet.writerow(NAMES)
        sheet.writerows(connection.execute("SELECT * FROM line ORDER BY id"))
    return int(out.tell())


def ours(file: Path, out: Any, name: str) -> int:
    """The file as an office gets it."""
    tally = Tally()
    for piece in written(name, rows(file), HEADER, tally):
        out.write(piece)
    return tally.length


def rows(file: Path) -> Iterator[Row]:
    """The rows, one by one."""
    with sqlite3.connect(file) as connection:
        for cells in connection.execute("SELECT * FROM line ORDER BY id"):
            yield _row(*cells)


def _row(*cells: Any) -> Row:
    found = dict(zip(NAMES, cells, strict=True))
    found["engineers"] = tuple(found["engineers"].split("|"))
    found["versions"] = json.loads(found["versions"])
    for name in ("starts", "ends"):
        found[name] = datetime.fromtimestamp(found[name], OFFICE)
    for name in ("rate", "price", "amount"):
        found[name] = None if found[name] is None else Decimal(found[name]) / 100
    return Row(**found)


def fill(file: Path, number: int) -> None:
    """A table of so many lines, of 200 customers."""
    with sqlite3.connect(file) as connection:
        connection.execute(f"CREATE TABLE line ({', '.join(NAMES)})")
        marks = ", ".join("?" * len(NAMES))
        connection.executemany(f"INSERT INTO line VALUES ({marks})", map(_line, range(number)))  # noqa: S608 - marks


def _line(number: int) -> tuple[Any, ...]:
    customer, start, long = number % 200, FIRST + number * 2, 60 + number % 3000
    cents = long * 1140 * 100 // 3600
    return (
        number, "2026-11", f"c{customer}", f"Customer {customer}", "Office hours", 3, f"+2782{number:07d}",
        f"Contact {number % A_THOUSAND}", f"{number % A_THOUSAND:03d}-913-077", "Thandi Nkosi|Pieter Botha", start,
        start + long, f"page {number}", 1, long, 0, 0, 0, long, 0, "", "billable", long, 114000, cents, cents,
        "pressed 1 at 02:00:41", f"Billable, R{cents / 100:.2f}: {long} s on a Sunday, line {number}.", "",
        '{"hours": 2, "holidays": 5}', "",
    )  # fmt: skip


def _told(found: dict[str, float]) -> str:
    spent = f"{found['cpu']:.1f} s of processor, {found['seconds']:.1f} s"
    return f"{spent}, {found['megabytes']:.0f} MB at most, {found['bytes'] / 2**20:.0f} MB"


if __name__ == "__main__":
    sys.exit(main())
