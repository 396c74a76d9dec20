"""Announcing: what callers are told before the menu, begun and ended, whoever says so from where."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from desk import numbers
from desk.audit import What, tell
from ivr import announcement
from ivr.announcement import Announcement
from ivr.line import Line

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from desk.audit import Who


class Overtaken(Exception):
    """Something else is announced by now than whoever decides has seen."""


def publish(
    session: Session, wanted: Callable[[], Sequence[Announcement]], seen: str | None, who: Who, now: datetime
) -> list[Announcement]:
    """Have them said; `seen` names what was announced when it was decided (announcement.stamp), None for whatever is.

    Raises Overtaken if that is something else by now, and what `wanted` raises for what cannot be said.
    """
    session.scalars(select(Line).order_by(Line.id).with_for_update()).all()
    if seen is not None and seen != announcement.stamp(session):
        raise Overtaken
    made = list(wanted())
    for one in made:
        session.add(one)
        ends = one.ends.isoformat() if one.ends else ""
        about = _about(session, one.line_id)
        tell(session, who, What.ANNOUNCED, about, now, starts=one.starts.isoformat(), ends=ends, **one.texts)
    session.flush()
    return made


def end(session: Session, number: int, who: Who, now: datetime) -> Announcement:
    """Say it no more; raises LookupError where there is none, ValueError where it is over."""
    found = session.get(Announcement, number)
    if found is None:
        raise LookupError("there is no such announcement")
    found.end(now, who.name)
    tell(session, who, What.ANNOUNCEMENT_ENDED, _about(session, found.line_id), now, **found.texts)
    return found


def _about(session: Session, line_id: int) -> str:
    return numbers.shown(session.get_one(Line, line_id).number)
