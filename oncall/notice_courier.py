"""The courier of notices: looks once more whether a notice is true, and then has it texted or mailed."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from desk.answer import Later, Pointless
from oncall import canary_news, choices, findings, floods, handoffs, moves, night, overlooked, questions, reminders

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy.orm import Session

    from desk.answer import Answer, Failed
    from desk.db import Database
    from desk.delivery import Courier
    from desk.outbox import Outgoing
    from oncall.choices import Way
    from oncall.plan import Plan

    Plans = Callable[[Session], Mapping[str, Plan]]
    Check = Callable[[Session, Mapping[str, Plan], Mapping[str, Any], datetime], bool]

CHECKS: Mapping[str, Check] = {
    "reminder": reminders.is_true,
    "hand-off": handoffs.is_true,
    "move": moves.is_true,
    "question": questions.is_true,
    "findings": findings.is_true,
    "overlooked": overlooked.is_true,
    "canary": canary_news.is_true,
    "flood": floods.is_true,
}


class Notices:
    """Takes notices to another courier, of texts or of mails, while they are true; `also` tell it of other kinds."""

    def __init__(
        self,
        way: Way,
        courier: Courier,
        database: Database,
        plans: Plans,
        clock: Callable[[], datetime],
        mails: bool,
        also: Mapping[str, Check],
    ) -> None:
        self.checks = {**CHECKS, **also}
        self.way, self.courier, self.mails = way, courier, mails
        self.database, self.plans, self.clock = database, plans, clock

    def find(self, item: Outgoing) -> tuple[str, ...] | Failed:
        """What the other courier finds."""
        return self.courier.find(item)

    def send(self, item: Outgoing, before: datetime) -> Answer:
        """Hand it over, unless nobody needs it any more."""
        now, about = self.clock(), item.payload["about"]
        if not night.may_tell(now, about["zone"], datetime.fromisoformat(about["begins"])):
            return Later("it is night", pause=night.day(now, about["zone"]) - now)
        with self.database.reading() as session:
            why = self._pointless(session, item.payload, now)
        return Pointless(why) if why else self.courier.send(item, before)

    def settled(self, session: Session, item: Outgoing, answer: Answer, now: datetime) -> None:
        """As the other courier does."""
        self.courier.settled(session, item, answer, now)

    def _pointless(self, session: Session, payload: Mapping[str, Any], now: datetime) -> str:
        about = payload["about"]
        if now >= datetime.fromisoformat(about["until"]):
            return "it could not go while it had a point"
        readers = choices.readers(session, self.mails).values()
        reader = next((one for one in readers if one.staff.id == about["staff"]), None)
        if reader is None or (self.way, payload["to"]) not in reader.addresses:
            return "they are not told there any more"
        return "" if self.checks[about["kind"]](session, self.plans(session), about, now) else "it is not so any more"
