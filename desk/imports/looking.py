"""Looking: what an import would do, row by row, found out by doing it to a copy in memory.

The copy holds customers, contacts and contracts, and the loader itself works in it; so what is told is what it would
do. A row with anything wrong is left out as a whole, and the rest is looked at again without it.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import insert, select

import desk.models  # noqa: F401 - the whole metadata, to make the tables from
from desk.customers import succession
from desk.customers.entries import Refused
from desk.db import Base, Database, SetUpVersion
from desk.imports import rows
from desk.setup.filled import fill
from desk.setup.load import put_in
from ivr.recorded import RecordedLanguage
from sla.contract import Contract, WithdrawnContract
from sla.hours import BusinessHours
from tickets.people import Contact, Customer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from desk.audit import Who
    from desk.imports.table import Table
    from desk.setup.books import Books, Mark
    from desk.setup.filled import Filled
    from desk.setup.sheets import Entry

# What the loader goes by; the languages that were added here are among what a contact is told in.
COPIED = (SetUpVersion, Customer, Contact, BusinessHours, Contract, WithdrawnContract, RecordedLanguage)
KINDS = {Customer: "customer", Contact: "contact", Contract: "contract"}
SHOWN = {"customer": ("name",), "contact": ("phone", "email", "language"), "contract": ("valid_from",)}


class Step(NamedTuple):
    """One thing that a row does: a customer, contact or contract of that name is added or changed.

    `values` are {column: (what it was, what it becomes)}, "" where there is nothing.
    """

    verb: str
    kind: str
    name: str
    values: Mapping[str, tuple[str, str]]


@dataclass(frozen=True)
class Outcome:
    """What becomes of a row: `added`, `changed`, `same` or `refused`, by its steps, or why not."""

    line: int
    who: str
    verb: str
    steps: Sequence[Step] = ()
    faults: Sequence[str] = ()


@dataclass(frozen=True)
class Look:
    """What an import would do, with all that it takes to do it."""

    outcomes: Sequence[Outcome]
    entries: Sequence[Entry] = field(repr=False, default=())
    filled: Sequence[Filled] = field(repr=False, default=())

    def of(self, verb: str) -> list[Outcome]:
        """The rows of which that becomes."""
        return [one for one in self.outcomes if one.verb == verb]

    @property
    def stamp(self) -> str:
        """The same as long as it would do the same."""
        return sha256(json.dumps(self.outcomes, default=lambda one: one.__dict__).encode()).hexdigest()[:16]

    @property
    def begins(self) -> list[date]:
        """The days on which contracts begin that it adds."""
        contracts = {one.entry.lines[()]: one.form for one in self.filled if one.entry.section == "contracts"}
        adds = [one.line for one in self.outcomes if any(step.kind == "contract" for step in one.steps)]
        return sorted({contracts[line].valid_from for line in adds})  # type: ignore[attr-defined]


def look(database: Database, table: Table, fields: Sequence[str], at: datetime, who: Who) -> Look:
    """What the rows would do now."""
    with database.reading() as session, _copy(session) as copy:
        names = {code: name for code, name in session.execute(select(Customer.code, Customer.name))}  # noqa: C416 - a row, not a pair
        directory = rows.Directory(names)
        entries, faults = rows.entries(table, fields, directory)
        filled, wrong = fill(entries)
        refused = _by_line((one.line, one.text) for one in (*faults, *wrong))
        while True:
            kept_entries = [one for one in entries if one.lines[()] not in refused]
            kept = [one for one in filled if one.entry.lines[()] not in refused]
            found, steps = _tried(session, copy, kept_entries, kept, at, who)
            if not found:
                break
            refused |= found
    called = {one.line: _called(one.cells, fields) for one in table.rows}
    outcomes = [_outcome(line, name, steps.get(line, []), refused.get(line, [])) for line, name in called.items()]
    return Look(outcomes, kept_entries, kept)


def steps_of(books: Books) -> dict[int, list[Step]]:
    """What the loader did, by row."""
    found: dict[int, list[Step]] = {}
    for mark in books.marks:
        found.setdefault(mark.entry.lines[()], []).append(step_of(mark))
    return found


def step_of(mark: Mark) -> Step:
    """One of them."""
    kind, row = KINDS[type(mark.row)], mark.row
    columns = mark.was or dict.fromkeys(SHOWN[kind])
    values = {name: (str(was or ""), str(getattr(row, name) or "")) for name, was in columns.items()}
    return Step(mark.verb, kind, row.name, {name: both for name, both in values.items() if any(both)})  # type: ignore[attr-defined]


def _tried(
    session: Session, copy: Database, entries: Sequence[Entry], filled: Sequence[Filled], at: datetime, who: Who
) -> tuple[dict[int, list[str]], dict[int, list[Step]]]:
    """What is wrong with which rows, and what each does; nothing of it stays."""
    with copy.reading() as trial:
        books = put_in(trial, entries, filled, at, who)
        steps = steps_of(books)
        found = [(one.line, one.text) for one in books.faults]
        added = [mark for mark in books.marks if isinstance(mark.row, Contract)]
        for since in {mark.row.valid_from for mark in added}:  # type: ignore[attr-defined]
            if told := _closed(session, since):
                found += [(one.entry.lines[()], told) for one in added if one.row.valid_from == since]  # type: ignore[attr-defined]
        trial.rollback()
    return _by_line(found), steps


def _closed(session: Session, since: date) -> str:
    try:
        succession.refuse_closed(session, since)
    except Refused as refusal:
        return f"valid_from: {refusal}"
    return ""


@contextmanager
def _copy(session: Session) -> Iterator[Database]:
    copy = Database("sqlite://")
    try:
        Base.metadata.create_all(copy.engine)  # all of them: whatever the loader looks into is there, if empty
        with copy.writing() as into:
            for model in COPIED:
                found = [dict(row._mapping) for row in session.execute(select(model.__table__))]  # noqa: SLF001 - its name
                if found:
                    into.execute(insert(model), found)
        yield copy
    finally:
        copy.engine.dispose()


def _outcome(line: int, who: str, steps: list[Step], faults: list[str]) -> Outcome:
    if faults:
        return Outcome(line, who, "refused", (), tuple(faults))
    verbs = {step.verb for step in steps}
    return Outcome(line, who, next((one for one in ("added", "changed") if one in verbs), "same"), tuple(steps))


def _called(cells: Sequence[str], fields: Sequence[str]) -> str:
    said = dict(zip(fields, cells, strict=False))
    return ", ".join(filter(None, [said.get("name") or said.get("code"), said.get("contact")])) or "–"


def _by_line(faults: Iterable[tuple[int, str]]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for line, text in faults:
        texts = found.setdefault(line, [])
        if text not in texts:
            texts.append(text)
    return found
