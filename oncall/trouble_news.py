"""News of troubles: what does not get done by itself is told to every manager, by day, once a day while it stands."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from desk import troubles
from desk.staff import Role
from desk.troubles import Trouble
from oncall import notices
from oncall.notices import Notice

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from oncall.notices import Look
    from oncall.plan import Plan

WORTH = timedelta(hours=12)


def tell(session: Session, look: Look) -> None:
    """Tell every manager of each."""
    day = f"{look.now.astimezone(ZoneInfo(look.house.zone)):%Y-%m-%d}"
    for one in troubles.standing(session):
        notice = Notice("something does not get done by itself", f"{one.words}.", one.page)
        about = {"kind": "trouble", "trouble": one.key}
        for reader in look.readers.values():
            if reader.staff.role == Role.MANAGER:
                key = f"trouble {one.key} {day} to {reader.staff.id}"
                notices.give(session, look, reader, key, notice, about, look.now + WORTH)


def is_true(session: Session, _: Mapping[str, Plan], about: Mapping[str, Any], __: datetime) -> bool:
    """Whether it still stands."""
    return session.get(Trouble, about["trouble"]) is not None
