"""Whatever becomes of numbers and mailboxes, everybody is handed what was theirs, and erased without anybody else.

Histories by the dice: three contacts of two companies take numbers and mailboxes, share mailboxes, give them up and
take them again; whoever has one rings, writes, or opens a ticket on the web, or a stranger does whom nobody knows.
Whose each was is told by who had it at that instant alone; what came before anybody had it is of the first who did,
where they have it still.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from conftest import LINE
from desk.audit import Who
from exports import exported
from ivr.call import Call
from somebody import World, found
from stored_rows import rows
from tickets.people import Contact
from visitor import Visitor

if TYPE_CHECKING:
    from datetime import datetime

    from flask import Flask

    from simulator.clock import Clock

NALEDI = Who("Naledi Dlamini", "127.0.0.1")
NUMBERS = ("+27825550301", "+27825550302")
MAILBOXES = ("till@exchange.example", "shop@exchange.example")
PEOPLE = {"Ann Kekana": 1, "Ben Mahlangu": 1, "Cleo Ndlovu": 2}  # and whose they are
STEPS = 40


@dataclass(frozen=True)
class Said:
    """Something that came by a number or a mailbox, with a mark that stands nowhere else."""

    mark: str
    what: str
    at: datetime

    @property
    def is_said(self) -> bool:
        """Or else a call, of which the mark is when it began."""
        return self.mark.startswith("mark")


@dataclass
class History:
    """What happened, and who had what: written down as it happens."""

    world: World
    dice: Random
    has: dict[str, dict[str, str]] = field(default_factory=lambda: {name: {} for name in PEOPLE})
    spells: list[tuple[str, str, datetime, datetime | None]] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)

    def lived(self) -> History:
        for number in range(STEPS):
            self.world.clock.advance(60)
            self.dice.choice((self._changes, self._says, self._says))(number)
        self.world.clock.advance(60)
        self.world.resolved()
        return self

    def whose(self, one: Said) -> set[str]:
        """Who had it then; of what nobody had yet the first, if they have it still, and of nobody in between."""
        had = [spell for spell in self.spells if spell[1] == one.what]
        first = min((since for _, _, since, _ in had), default=None)
        if first and one.at < first:
            return {who for who, _, since, until in had if since == first and until is None}
        return {who for who, _, since, until in had if since <= one.at and (until is None or one.at < until)}

    def of(self, name: str) -> set[str]:
        """The marks of what was theirs alone."""
        return {one.mark for one in self.said if self.whose(one) == {name}}

    def key(self, name: str) -> str | None:
        with self.world.database.reading() as session:
            found = session.scalars(select(Contact.id).where(Contact.name == name)).one_or_none()
        return f"contact-{found}" if found else None

    def known(self) -> list[str]:
        return [name for name in PEOPLE if self.key(name)]

    def _changes(self, _: int) -> None:
        """Somebody takes something that they do not have, or gives something up."""
        name, kind = self.dice.choice(list(PEOPLE)), self.dice.choice(("phone", "email"))
        taken = {has.get("phone") for has in self.has.values()}
        free = [one for one in NUMBERS if one not in taken] if kind == "phone" else list(MAILBOXES)
        new = self.dice.choice([None, *free])
        now, before = self.world.clock(), self.has[name].get(kind)
        if new == before:
            return
        if before:
            (at,) = [n for n, one in enumerate(self.spells) if one[:2] == (name, before) and one[3] is None]
            self.spells[at] = (*self.spells[at][:3], now)
        if new:
            self.spells.append((name, new, now, None))
        self.has[name][kind] = new
        self._store(name, kind, new, now)

    def _store(self, name: str, kind: str, new: str | None, now: datetime) -> None:
        with self.world.database.writing() as session:
            contact = session.scalars(select(Contact).where(Contact.name == name)).one_or_none()
            if contact:
                contact.changes(now)
                setattr(contact, kind, new)
            else:
                contact = Contact(customer_id=PEOPLE[name], name=name, **{kind: new})
                contact.begins(now)
                session.add(contact)

    def _says(self, number: int) -> None:
        mark, at = f"mark-{number}-of-it", self.world.clock()
        what = self.dice.choice([*NUMBERS, *MAILBOXES])
        if what in NUMBERS:
            self.world.network.ring(what, LINE).hang_up()
            mark = at.isoformat()
        elif self.dice.random() < 0.5:
            said = {"Subject": f"{mark} subject", "Message_ID": f"<{number}@exchange.example>"}
            self.world.post.comes(f"{mark} words\n", sender=f"Signed By{number} <{what}>", **said)
        else:
            visitor = Visitor(self.world.app, f"198.51.100.{number}")
            visitor.opens(email=what, what=f"{mark} form", key=f"form {number}", name=f"Signed By{number}")
        self.said.append(Said(mark, what, at))


def handed(history: History, *keys: str) -> dict[str, bytes]:
    """An export without the instant at which it was made, and without what is shared by nobody any more."""
    files = exported(history.world, *keys)
    del files["everything.html"]
    told = json.loads(files["everything.json"])
    del told["made_at"], told["known_as"]["addresses"]
    return files | {"everything.json": json.dumps(told).encode()}


def marks_in(history: History, files: dict[str, bytes]) -> set[str]:
    """Of which calls, mails and forms there is something in it: words, a subject, a signature."""
    told, whole = json.loads(files["everything.json"]), b"\n".join(files.values()).decode()
    calls = {one["began_at"] for one in told["calls"]}
    signed = {one.mark: re.compile(rf"{one.mark}|By{one.mark.split('-')[1]}\b") for one in history.said if one.is_said}
    return calls | {mark for mark, pattern in signed.items() if pattern.search(whole)}


@pytest.mark.parametrize("seed", range(4))
def test_everybody_is_handed_what_was_theirs_and_erased_with_nobody_else(app: Flask, clock: Clock, seed: int):
    history = History(World(app, clock), Random(seed)).lived()
    before = {name: handed(history, history.key(name)) for name in history.known()}
    assert {name: marks_in(history, files) for name, files in before.items()} == {
        name: history.of(name) for name in before
    }
    gone = history.dice.choice(list(before))
    others = {one.mark for one in history.said if history.whose(one) == set() and one.is_said}
    history.world.erased(NALEDI, history.key(gone))
    stored = rows(history.world.database)
    assert found(stored, gone, *(one for one in history.of(gone) if one.startswith("mark"))) == []
    assert others <= {mark for _, mark in found(stored, *others)}
    with history.world.database.reading() as session:
        calls = session.execute(select(Call.started_at, Call.caller)).all()
    assert {at.isoformat() for at, caller in calls if caller is None} == {
        mark for mark in history.of(gone) if not mark.startswith("mark")
    }
    assert {name: handed(history, history.key(name)) for name in history.known()} == {
        name: files for name, files in before.items() if name != gone
    }
