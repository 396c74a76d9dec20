"""Leave out of an iCalendar text: a file that somebody exported, or a calendar that is read again and again.

A calendar holds more than leave. Leave is an event of whole days, or of a day's length at least, or one marked as out
of office; not one that is cancelled, or shown as free (birthdays are). What a source told before and tells no more is
withdrawn, as far as it lies ahead. A text from outside is never trusted: it has limits in size, reach and repetition.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any, cast

from icalendar import Calendar
from sqlalchemy import select

from desk import audit
from desk.audit import What
from oncall import recurring
from oncall.leave import Leave
from oncall.rota import instant

if TYPE_CHECKING:
    from collections.abc import Iterable

    from icalendar import Event
    from sqlalchemy.orm import Session

    from desk.audit import Who
    from desk.staff import Staff

LARGEST = 2_000_000  # bytes
MOST = 500  # stretches of leave of one person
EVENTS = 5_000  # of any kind
AHEAD = timedelta(days=550)
A_DAY = timedelta(days=1)
WORDS = (("sick", "sick"), ("study", "study"), ("exam", "study"), ("family", "family"))


@dataclass(frozen=True)
class Imported:
    """How many stretches of leave were added, changed, or withdrawn because the source has them no more."""

    added: int = 0
    changed: int = 0
    gone: int = 0


@dataclass(frozen=True)
class Away:
    """One stretch of leave, as the text has it."""

    uid: str
    starts: datetime
    ends: datetime
    kind: str
    reason: str


def take_over(session: Session, staff: Staff, found: Iterable[Away], source: str, who: Who, now: datetime) -> Imported:
    """Take over what a source says of somebody's leave, as `leave_in` read it before this transaction began."""
    told = {away.uid: away for away in found}
    query = select(Leave).where(Leave.staff_id == staff.id, Leave.source == source).with_for_update()
    known = {row.uid: row for row in session.scalars(query)}
    gone = [row for uid, row in known.items() if uid not in told and row.withdrawn_at is None and row.ends > now]
    for row in gone:
        row.withdrawn_at = now
    added = [away for uid, away in told.items() if uid not in known]
    session.add_all(_row(staff, away, source, who, now) for away in added)
    changed = [away for uid, away in told.items() if uid in known and _update(known[uid], away)]
    imported = Imported(len(added), len(changed), len(gone))
    if imported != Imported():
        detail = {"added": len(added), "changed": len(changed), "withdrawn": len(gone)}
        audit.tell(session, who, What.LEAVE_IMPORTED, staff.name, now, **detail)
    session.flush()
    return imported


def leave_in(text: bytes, zone: str, now: datetime) -> list[Away]:
    """Return the leave in a calendar that is not over, in order; raises ValueError with a sentence.

    `zone` is where days begin. A large calendar takes seconds: it is read while no transaction holds anybody up.
    """
    if len(text) > LARGEST:
        raise ValueError(f"the calendar is larger than {LARGEST // 1_000_000} MB")
    try:
        events = [event for event in _events(text) if _may_be_leave(event, zone)]
        laid_out = recurring.between(events, now, now + AHEAD)
        found = (_away(event, zone) for event in laid_out if _is_leave(event, zone))
        away = sorted(islice(found, MOST + 1), key=_start)
    except ValueError:
        raise
    except Exception as error:  # a parser of other people's text fails in many ways
        raise ValueError(f"this is not readable as a calendar ({type(error).__name__})") from error
    if len(away) > MOST:
        raise ValueError(f"the calendar has more than {MOST} stretches of leave")
    return [one for one in away if one.ends > now]


def _events(text: bytes) -> list[Event]:
    found = [cast("Event", event) for event in Calendar.from_ical(text).walk("VEVENT")]
    if len(found) > EVENTS:
        raise ValueError(f"the calendar has more than {EVENTS} events")
    return found


def _may_be_leave(event: Event, zone: str) -> bool:
    """Whether it is worth laying out: a weekly meeting is not, unless it stands for one day of something else."""
    return "RECURRENCE-ID" in event or _is_leave(event, zone)


def _is_leave(event: Event, zone: str) -> bool:
    if str(event.get("STATUS", "")).upper() == "CANCELLED":
        return False
    if str(event.get("X-MICROSOFT-CDO-BUSYSTATUS", "")).upper() == "OOF":
        return True
    if str(event.get("TRANSP", "")).upper() == "TRANSPARENT":
        return False
    starts, ends = _span(event, zone)
    return ends - starts >= A_DAY or not isinstance(event.start, datetime)


def _away(event: Event, zone: str) -> Away:
    starts, ends = _span(event, zone)
    reason = " ".join(str(event.get("SUMMARY", "")).split())[:200]
    kind = next((kind for word, kind in WORDS if word in reason.lower()), "annual")
    uid = f"{str(event.get('UID', reason))[:200]}@{starts:%Y%m%dT%H%M%SZ}"  # an event that is repeated has one UID
    return Away(uid, starts, ends, kind, reason)


def _span(event: Event, zone: str) -> tuple[datetime, datetime]:
    return _instant(event.start, zone), _instant(event.end, zone)


def _instant(edge: Any, zone: str) -> datetime:
    """Days begin, and times without a zone are, where the company is."""
    if not isinstance(edge, datetime):
        return instant(datetime.combine(edge, time()), zone)
    return instant(edge, zone) if edge.tzinfo is None else edge.astimezone(UTC)


def _row(staff: Staff, away: Away, source: str, who: Who, now: datetime) -> Leave:
    told = {name: getattr(away, name) for name in ("uid", "starts", "ends", "kind", "reason")}
    return Leave(staff_id=staff.id, source=source, told_at=now, told_by=who.name, **told)


def _update(row: Leave, away: Away) -> bool:
    differing = [name for name in ("starts", "ends", "kind", "reason") if getattr(row, name) != getattr(away, name)]
    for name in differing:
        setattr(row, name, getattr(away, name))
    is_back = row.withdrawn_at is not None
    row.withdrawn_at = None
    return bool(differing) or is_back


def _start(away: Away) -> datetime:
    return away.starts
