"""Overlooked: what the watchdog finds is told to the managers, each ticket once a day while it lasts.

By night only an emergency is told, as nothing else may wake anybody.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from desk.staff import Role
from oncall import night, notices
from oncall.notices import Notice
from oncall.wall import FOREVER
from sla import watch
from tickets.reference import printed
from tickets.ticket import Priority

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from oncall.notices import Look
    from oncall.plan import Plan
    from sla.watch import Finding

WORTH = timedelta(hours=12)
AT_ONCE = 10  # tickets told one by one; of more, it is the worker or the set-up that is wrong, and not a ticket


def tell(session: Session, look: Look) -> None:
    """Tell every manager of what nobody seems to see."""
    found = watch.findings(session, look.now)
    asleep = night.is_night(look.now, look.house.zone)
    urgent = [one for one in found if not asleep or one.ticket.priority == Priority.EMERGENCY]
    day = f"{look.now.astimezone(ZoneInfo(look.house.zone)):%Y-%m-%d}"
    for one in urgent[:AT_ONCE]:
        _tell(session, look, f"overlooked {one.ticket.id} {day}", _notice(one), {"ticket": one.ticket.id}, one)
    if len(urgent) > AT_ONCE:
        words = f"{len(urgent)} tickets may be overlooked, the first {printed(urgent[0].ticket.reference)}."
        notice = Notice("many tickets may be overlooked", words, "/")
        _tell(session, look, f"overlooked many {day}", notice, {"ticket": urgent[0].ticket.id}, urgent[0])


def is_true(session: Session, _: Mapping[str, Plan], about: Mapping[str, Any], now: datetime) -> bool:
    """Whether that ticket is still among the findings."""
    return any(one.ticket.id == about["ticket"] for one in watch.findings(session, now, about["ticket"]))


def _tell(session: Session, look: Look, key: str, notice: Notice, about: dict[str, Any], one: Finding) -> None:
    begins = look.now if one.ticket.priority == Priority.EMERGENCY else FOREVER
    for reader in look.readers.values():
        if reader.staff.role == Role.MANAGER:
            told = about | {"kind": "overlooked"}
            notices.give(session, look, reader, f"{key} to {reader.staff.id}", notice, told, look.now + WORTH, begins)


def _notice(one: Finding) -> Notice:
    ticket = one.ticket
    words = f"ticket {printed(ticket.reference)} may be overlooked: {one.why}."
    return Notice("a ticket may be overlooked", words, f"/tickets/{ticket.reference}")
