"""Asked: what the pages of customers share: whom an address names, the day that it is, and what was typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import abort, g, request

from desk.customers import register
from desk.typed import line
from sla import hours

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

    from tickets.people import Customer

LONGEST = 1000  # characters of a field


def customer(session: Session, code: str) -> Customer:
    """The customer of that code, or 404."""
    return register.find(session, code) or abort(404)


def held(session: Session, code: str) -> Customer:
    """The same for a change of anything that is theirs: until it is done nobody else changes them."""
    return register.find(session, code, held=True) or abort(404)


def today(session: Session) -> date:
    """The day on the office's clocks."""
    return hours.own_day(session, g.now)


def typed(name: str) -> str:
    """What stands in a field of the form, in one line."""
    return line(request.form.get(name, ""), LONGEST)
