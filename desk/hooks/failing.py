"""Failing: endpoints that nothing gets through to, for managers to be told of (desk.troubles)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from desk import troubles
from desk.hooks.endpoint import every
from desk.troubles import Found

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sqlalchemy.orm import Session

AREA = "hooks"
LONG = timedelta(days=1)


def look(session: Session, now: datetime) -> None:
    """Note those that were switched off by themselves, and those that have failed for a day."""
    troubles.note(session, AREA, list(_found(session, now)), now)


def _found(session: Session, now: datetime) -> Iterator[Found]:
    for one in every(session):
        key, page = f"{AREA} {one.id}", f"/hooks/{one.id}"
        if one.off_at and one.off_why:
            yield Found(key, f"“{one.name}” was switched off, for nothing got through to it: {one.off_why}", page)
        elif one.is_on and one.failing_since and one.failing_since <= now - LONG:
            yield Found(key, f"nothing has got through to “{one.name}” for a day or longer", page)
