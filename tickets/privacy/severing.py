"""Severing: words of one person's record without what is about others (PAIA s 28: what can be severed is).

Colleagues keep the given name by which letters are signed. Of everybody else go numbers, addresses and names; of the
people of the same companies also a given name or surname alone, for that is how a note speaks of them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from desk import written_numbers
from desk.staff import Staff
from ivr.line import Line
from tickets.people import Contact, Former
from tickets.privacy.spelt_names import TITLES
from tickets.ticket import Ticket

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from tickets.privacy.belongings import Belongings
    from tickets.privacy.traces import Traces
    from tickets.privacy.whom import Person

SOMEBODY = "[somebody else]"
SOMEBODY_SAID = "[what somebody else said]"
MAIL = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+(?:@|%40)[\w-]+(?:\.[\w-]+)+", re.IGNORECASE)


@dataclass(frozen=True)
class Severing:
    """Takes others out of words; `ours` are numbers and addresses of the house, which everybody may know."""

    person: Person
    mine: Traces
    ours: frozenset[str]
    colleagues: Mapping[str, str]
    whole_names: tuple[str, ...]
    parts: re.Pattern[str]

    def then(self, at: datetime) -> Severing:
        """For what was said at that instant: a number that is somebody else's by now may have been theirs."""
        mine = self.person.traces_at(at)
        return self if mine is self.mine else replace(self, mine=mine)

    def of(self, words: str) -> str:
        """The words without others."""
        words = written_numbers.replaced(words, lambda one: self._own(one.raw, one.e164 or one.raw))
        words = MAIL.sub(lambda found: self._own(found[0], found[0].replace("%40", "@").lower()), words)
        folded = words.casefold()
        for name, given in self.colleagues.items():
            if name.casefold() in folded:
                words = re.sub(re.escape(name), given, words, flags=re.IGNORECASE)
        for name in self.whole_names:
            if name.casefold() in folded:
                words = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", SOMEBODY, words, flags=re.IGNORECASE)
        return self.parts.sub(SOMEBODY, words)

    def of_all(self, value: Any) -> Any:
        """The same for whatever JSON holds."""
        if isinstance(value, str):
            return self.of(value)
        if isinstance(value, dict):
            return {self.of(str(key)): self.of_all(one) for key, one in value.items()}
        return [self.of_all(one) for one in value] if isinstance(value, list) else value

    def _own(self, found: str, plain: str) -> str:
        return found if plain in self.ours or self.mine.are_in(found) else SOMEBODY


def of(session: Session, person: Person, mine: Belongings, house: Iterable[str]) -> Severing:
    """For the record of that person."""
    now = select(Contact.name, Contact.customer_id).where(Contact.id.not_in(person.contacts))
    before = select(Former.value, Contact.customer_id).join(Contact, Contact.id == Former.contact_id)
    before = before.where(Former.kind == "name", Contact.id.not_in(person.contacts))
    others = session.execute(now.union_all(before)).all()
    companies = select(Ticket.customer_id).where(Ticket.id.in_(mine.tickets), Ticket.customer_id.is_not(None))
    theirs = set(session.scalars(companies))
    near = [name for name, customer in others if customer in theirs]
    own = {word.casefold() for name in person.names for word in name.split()}
    parts = {word for name in near for word in name.split() if len(word) > 2 and word.casefold() not in own | TITLES}
    named = {name.casefold() for name in person.names}
    whole = {name for full, _ in others for name in (full, _untitled(full)) if name.casefold() not in named}
    colleagues = {name: name.split()[0] for name in session.scalars(select(Staff.name)) if name.strip()}
    return Severing(
        person,
        person.traces,
        frozenset(one.lower() for one in (*house, *session.scalars(select(Line.number)))),
        {name: given for name, given in colleagues.items() if name.casefold() not in named},
        tuple(sorted((name for name in whole if name), key=len, reverse=True)),
        re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, sorted(parts)))})(?!\w)" if parts else r"(?!)"),
    )


def _untitled(name: str) -> str:
    words = [word for word in name.split() if word.rstrip(".").lower() not in TITLES]
    return " ".join(words) if len(words) > 1 else name
