"""Loading set-up files: all of them or nothing, and every fault of all files told at once.

The same file may be loaded again: the name of a thing (staff key, customer code, number) finds its row, and only
what differs is written. Contracts are the exception: they are never edited, only succeeded by a later one.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from sqlalchemy import select

from desk.audit import Who
from desk.setup import sheets
from desk.setup.books import Books
from desk.setup.filled import Filled, fill
from desk.setup.forms import ContactForm
from desk.setup.sheets import Entry, Fault, SetUpFaults
from desk.setup.store import STORE
from tickets.people import Contact, Customer

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy.orm import Session

AT_ONCE = 500  # customers whose contacts are read together
SOMEBODY = Who("set-up file", "terminal")
MANY = 50  # forms, from which on it is worth to read what there is at once


def load(session: Session, files: Iterable[Path], at: datetime, who: Who = SOMEBODY, anyway: str = "") -> list[str]:
    """Store what the files say and return what was added or changed; raises SetUpFaults, and then stores nothing.

    A rota by which callers might reach nobody does not take the place of another, unless `anyway` is the reason.
    """
    entries, faults = _read(files)
    return load_entries(session, entries, at, who, anyway, faults)


def load_entries(
    session: Session, entries: Sequence[Entry], at: datetime, who: Who, anyway: str = "", faults: Sequence[Fault] = ()
) -> list[str]:
    """The same for what was read already, with the `faults` of reading it: of a file, or of a form on a page."""
    filled, wrong = fill(entries)
    with session.begin_nested():
        books = put_in(session, entries, filled, at, who, anyway)
        if found := [*faults, *wrong, *books.faults]:
            raise SetUpFaults(sorted(found))
    session.expire_all()  # collections that were read before do not know the new rows
    return books.changes


def try_entries(session: Session, entries: Sequence[Entry], at: datetime, who: Who) -> None:
    """Raise SetUpFaults where these could not be stored, and write nothing; of what `put` alone writes."""
    filled, wrong = fill(entries)
    books = Books(session, at, who, entries, trying=True)
    for one in filled:
        STORE[one.entry.section](books, one, one.form)
    if found := [*wrong, *books.faults]:
        raise SetUpFaults(sorted(found))


def put_in(
    session: Session, entries: Sequence[Entry], filled: Sequence[Filled], at: datetime, who: Who, anyway: str = ""
) -> Books:
    """Write what the forms say, with what is wrong noted in the books: then nothing of it is to be kept."""
    books = Books(session, at, who, entries, anyway.strip())
    _free_numbers(books, filled)
    if len(filled) > MANY:
        books.know()
    for one in filled:
        STORE[one.entry.section](books, one, one.form)
    session.flush()
    return books


def _read(files: Iterable[Path]) -> tuple[list[Entry], list[Fault]]:
    entries: list[Entry] = []
    faults: list[Fault] = []
    for file in files:
        try:
            entries += sheets.read(str(file), file.read_bytes())
        except OSError as error:
            faults.append(Fault(str(file), 1, f"not readable: {error.strerror}"))
        except SetUpFaults as error:
            faults += error.faults
    return entries, faults


def _free_numbers(books: Books, filled: Sequence[Filled]) -> None:
    """Let go of the numbers that change, so that two contacts may exchange theirs."""
    wanted = {(form.customer, form.name): form.phone for _, form in filled if isinstance(form, ContactForm)}
    codes = iter({code for code, _ in wanted})
    while some := [*islice(codes, AT_ONCE)]:
        query = select(Contact, Customer.code).join(Customer, Customer.id == Contact.customer_id)
        for row, code in books.session.execute(query.where(Contact.phone.is_not(None), Customer.code.in_(some))):
            if (phone := wanted.get((code, row.name))) and phone != row.phone:
                row.changes(books.at)
                books.let_go[row, "phone"] = row.phone
                row.phone = None
    books.session.flush()
