"""Findings: what the night's look found wrong with the rota, told to the managers by day; nothing when all is well.

The same is told again after a week, or every day once it begins within two days.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from desk.staff import Role
from oncall import night, notices, readiness
from oncall.notices import Notice, NoticeMark
from oncall.readiness import ReadinessReport

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from oncall.notices import Look
    from oncall.plan import Plan

AGAIN, SOON = timedelta(days=7), timedelta(days=2)
WORTH = timedelta(hours=12)
KEY = "readiness "


def tell(session: Session, look: Look) -> None:
    """Tell every manager what the newest report found, if it is news."""
    report = readiness.newest(session)
    if report is None or not report.findings or night.is_night(look.now, look.house.zone):
        return
    key, last = f"{KEY}{report.id}", _last_told(session)
    if f"{KEY}{last.id if last else 0}" == key or not _is_news(report, last, look.now):
        return
    managers = [one for one in look.readers.values() if one.staff.role == Role.MANAGER]
    about, until = {"kind": "findings", "report": report.id}, look.now + WORTH
    notice = _notice(report)
    told = [notices.give(session, look, one, f"{key} to {one.staff.id}", notice, about, until) for one in managers]
    if any(told):  # else whoever can be reached first is told
        notices.mark(session, key, look.now)


def is_true(session: Session, _: Mapping[str, Plan], about: Mapping[str, Any], __: datetime) -> bool:
    """Whether nobody has looked again since."""
    newest = readiness.newest(session)
    return newest is not None and newest.id == about["report"]


def _last_told(session: Session) -> ReadinessReport | None:
    marks = select(NoticeMark).where(NoticeMark.key.startswith(KEY)).order_by(NoticeMark.at.desc()).limit(1)
    mark = session.scalars(marks).first()
    return session.get(ReadinessReport, int(mark.key.removeprefix(KEY))) if mark else None


def _is_news(report: ReadinessReport, last: ReadinessReport | None, now: datetime) -> bool:
    if last is None or last.at <= now - AGAIN:
        return True
    known = {_identity(each) for each in last.findings}
    return any(_identity(each) not in known or _begins_soon(each, now) for each in report.findings)


def _identity(finding: dict[str, Any]) -> tuple[Any, ...]:
    """What makes it the same as another night's: the person, or else the time at which it begins."""
    return finding["kind"], finding["rota"], finding.get("engineer") or finding.get("start")


def _begins_soon(finding: dict[str, Any], now: datetime) -> bool:
    start = finding.get("start")
    return bool(start and datetime.fromisoformat(start) < now + SOON)


def _notice(report: ReadinessReport) -> Notice:
    first, *others = (str(each["text"]) for each in report.findings)
    more = f", and {len(others)} more" if others else ""
    whole = "\n".join(f"- {each['text']}" for each in report.findings)
    return Notice("something to see to in the rota", f"in the rota: {first}{more}.", "/rota", whole if others else "")
