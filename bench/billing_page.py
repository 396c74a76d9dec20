"""The page of a month with 100,000 charge lines: its first page, one in the middle, one customer's, what is to check.

    python -m bench.billing_page --lines 100000 --database sqlite|postgresql

A real application, of which the slowest of several looks at each counts. Ends with status 1 where one takes a second.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select

from app import World, create_app
from bench.exports import line
from bench.storm import DATABASES, prepared
from conftest import NIGHT, settings_for
from databases import let_go
from simulator.clock import Clock
from sla.billing.charge_line import ChargeLine

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from flask import Flask
    from sqlalchemy.orm import Session

MOST = 1.0  # seconds
LOOKS, AT_ONCE = 5, 5000
DECODED = {"engineers": ["Thandi Nkosi", "Pieter Botha"], "versions": {"hours": 2, "holidays": 5}}


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print; whether a limit was broken is the status."""
    parser = argparse.ArgumentParser(prog="python -m bench.billing_page", description=__doc__.partition("\n")[0])
    parser.add_argument("--lines", type=int, default=100_000)
    parser.add_argument("--database", choices=DATABASES, default=DATABASES[0])
    wanted = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="billing-") as folder:
        Path(folder).chmod(0o755)  # PostgreSQL's own user has to get through
        with prepared(wanted.database, Path(folder)) as url:
            app = create_app(settings_for(url), World(Clock(NIGHT)))
            fill(app, wanted.lines)
            slowest = max(look(app, name, path) for name, path in pages(app, wanted.lines))
            let_go(app)
    return int(slowest >= MOST)


def fill(app: Flask, number: int) -> None:
    """So many lines of one month, of which a thousandth is to check."""

    def some(session: Session, first: int) -> None:
        session.execute(insert(ChargeLine), [as_row(one) for one in range(first, min(first + AT_ONCE, number + 1))])

    for first in range(1, number + 1, AT_ONCE):
        app.extensions["patient_database"].write(lambda session, first=first: some(session, first))


def as_row(number: int) -> dict[str, Any]:
    """A line as the table's model takes it."""
    found = line(number) | DECODED | {"state": "to_check" if number % 1000 == 0 else "billable"}
    at = {name: NIGHT.fromisoformat(f"{found[name]}+00:00") for name in ("starts", "ends", "charged_at")}
    return found | at


def pages(app: Flask, number: int) -> Iterable[tuple[str, str]]:
    """What billing staff look at, by its name."""
    with app.extensions["database"].reading() as session:
        middle = session.scalar(select(ChargeLine.id).order_by(ChargeLine.starts).offset(number // 2).limit(1))
    month = "/billing?month=2026-11"
    return {
        "the first page": month,
        "one in the middle": f"{month}&after={middle}",
        "what is to check": f"{month}&state=to_check",
        "one engineer's": f"{month}&engineer=thandi",
    }.items()


def look(app: Flask, name: str, path: str) -> float:
    """The slowest of several looks, in seconds."""
    client, taken = app.test_client(), []
    for _ in range(LOOKS):
        began = perf_counter()
        answer = client.get(path)
        taken.append(perf_counter() - began)
        assert answer.status_code == 200, answer.text
    print(f"billing page: {name}: {max(taken):.3f} s at most, {min(taken):.3f} s at best", flush=True)
    return max(taken)


if __name__ == "__main__":
    sys.exit(main())
