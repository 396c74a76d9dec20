"""A flood of mail is told to the managers once, by day, unless somebody has seen to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from mails.mail import letter
from office import Office, at
from post import STRANGER, Post
from tickets.ticket import Ticket
from told import Told

if TYPE_CHECKING:
    from simulator.rest import Rest


@pytest.fixture
def told(proved: Office, rest: Rest) -> Told:
    proved.clock.until(at("2026-11-24 09:00"))
    made = Told(proved, rest)
    made.news()
    return made


def flood(office: Office) -> Ticket:
    post = Post(office.app, office.clock)
    for number in range(12):
        post.store(letter(f"{number}\n", From=STRANGER, Message_ID=f"<{number}@x.example>"))
    post.settle()
    with office.database.reading() as session:
        return session.scalars(select(Ticket).where(Ticket.subject.startswith("A flood"))).one()


def floods(news: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [one for one in news if "flood of mail" in one[1]]


def test_every_manager_is_told_once(told: Told, office: Office):
    ticket = flood(office)
    printed = f"{ticket.reference[:3]}-{ticket.reference[3:6]}-{ticket.reference[6:]}"
    words = f"A flood of mail from {STRANGER}: what is too much goes on ticket {printed}."
    assert floods(told.until("2026-11-24 12:00")) == [("naledi", words)]


def test_nobody_is_told_at_night_or_of_what_somebody_has(told: Told, office: Office):
    told.until("2026-11-24 23:00")
    ticket = flood(office)
    assert floods(told.until("2026-11-25 06:59")) == []
    with office.database.writing() as session:
        session.get_one(Ticket, ticket.id).acknowledge(office.staff(session, "thandi"), office.now)
    assert floods(told.until("2026-11-25 08:00")) == []
