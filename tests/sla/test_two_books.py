"""What customers are billed and what engineers are credited are two books of the same work: they share no rule."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from billed import ZONE, Billing, wall
from oncall import duty_month, period
from sla.billing.charge_line import ChargeLine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from desk.db import Database
    from simulator.clock import Clock

ROOT = Path(__file__).parents[2]
# What both may know: time, the calendar, the bands of an hour, months, and how these are told.
SHARED = {
    "sla",
    "sla.calendar",
    "sla.hours",
    "sla.holidays",
    "sla.interval",
    "sla.month",
    "sla.overtime",
    "sla.phrases",
}
SHARED |= {"sla.worklog", "sla.reconciliation"}  # and which work stands there under nobody
WORK = [
    "harbour Sun 22 Nov 02:00 for 11 min accepted ticket 1",
    "harbour Sun 22 Nov 02:15 for 20 min accepted ticket 1",
    "karoo Sat 21 Nov 23:50 for 30 min",
    "mill-lane Tue 17 Nov 16:50 for 25 min accepted ticket 2",
    "mill-lane Tue 17 Nov 17:20 for 10 min accepted ticket 2",
    "nobody Wed 18 Nov 03:00 for 7 min",
]
BY_DAY = "harbour Thu 19 Nov 10:00 for 45 min"


@pytest.fixture
def billing(database: Database, clock: Clock) -> Billing:
    return Billing(database, clock, Random(7))


def test_both_books_tell_of_the_same_work_second_by_second(billing: Billing, database: Database, clock: Clock):
    billing.works(*WORK)
    billing.charge()
    clock.until(wall("Tue 1 Dec", "08:00"))
    with database.reading() as session:
        lines = session.scalars(select(ChargeLine).where(ChargeLine.month == "2026-11")).all()
        month = duty_month.read(session, period.month("2026-11", ZONE, clock()), clock())
    billed, served = Counter[str](), Counter[str]()
    for line in lines:
        bands = [name for name in vars(line) if name.endswith("_seconds") and name != "billed_seconds"]
        billed.update({line.reference: sum(getattr(line, name) for name in bands)})
    for call_out, parts in month.call_outs:
        served.update({call_out.ticket: sum(part.seconds for part in parts)})
    assert billed == served
    assert sum(billed.values()) == (11 + 20 + 30 + 25 + 10 + 7) * 60


def test_the_hours_of_both_books_are_of_the_same_kinds(billing: Billing, database: Database, clock: Clock):
    billing.works(*WORK)
    billing.charge()
    clock.until(wall("Tue 1 Dec", "08:00"))
    with database.reading() as session:
        lines = session.scalars(select(ChargeLine).where(ChargeLine.month == "2026-11")).all()
        month = duty_month.read(session, period.month("2026-11", ZONE, clock()), clock())
    (thandi,) = (one for one in month.totals if one.engineer == "thandi")
    told = {band: sum(getattr(line, f"{band}_seconds") for line in lines) for band in thandi.worked.bands}
    assert thandi.worked.bands == told


def test_work_in_office_hours_is_on_the_statement_and_no_call_out(billing: Billing, database: Database, clock: Clock):
    billing.works(BY_DAY)
    assert billing.lines() == ["Thu 19 Nov 10:00 harbour none 0 min R0.00"]
    clock.until(wall("Tue 1 Dec", "08:00"))
    with database.reading() as session:
        assert duty_month.read(session, period.month("2026-11", ZONE, clock()), clock()).call_outs == []


def test_neither_book_reads_the_rules_of_the_other():
    for path in ROOT.glob("oncall/**/*.py"):
        if path.stem != "office_jobs":  # it only sets the charging going
            assert not [name for name in imports(path) if name.startswith(("sla.money", "sla.billing"))], path
    for path in ROOT.glob("sla/**/*.py"):
        assert not [name for name in imports(path) if name.startswith("oncall")], path
    duty = {name for path in ROOT.glob("oncall/duty*.py") for name in imports(path) if name.startswith("sla")}
    assert {".".join(name.split(".")[:2]) for name in duty} <= SHARED


def imports(path: Path) -> Iterator[str]:
    """The modules that a file imports, and what it takes out of a package."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from (node.module, *(f"{node.module}.{one.name}" for one in node.names))
