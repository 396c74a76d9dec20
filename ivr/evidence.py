"""Evidence: where a talk is over and its leg's end was never reported, the carrier is asked how long they spoke.

Reports are best effort and not repeated (TWILIO.md §1.2), so a database that was held up for a few seconds is enough
to lose all of a leg's. The question waits in the outbox until the last reports of an ended call should have come, and
is asked again until the carrier answers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from desk.answer import Done, Failed, Later, Refused
from ivr import reports
from ivr.call import TERMINAL, Call

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from desk.answer import Answer
    from desk.outbox import Outgoing
    from ivr.switchboard import Switchboards
    from oncall.paging import Seen, Telephone

GOES_ON = "a leg of a call that is over goes on, says the carrier"


@dataclass(frozen=True)
class Told(Done):
    """The carrier's list of a call's legs."""

    legs: Sequence[Seen]


class Evidence:
    """Asks for the legs of a call. To ask twice harms nothing, so nobody is asked first whether it was asked."""

    def __init__(self, telephone: Telephone, boards: Switchboards) -> None:
        self.telephone, self.boards = telephone, boards

    def find(self, item: Outgoing) -> tuple[str, ...] | Failed:
        """Nothing that would make asking needless."""
        return ()

    def send(self, item: Outgoing, before: datetime) -> Answer:
        """Ask; a carrier that no longer knows the call has been asked as well."""
        legs = self.telephone.legs(item.payload["call"])
        if isinstance(legs, Refused):
            legs = ()
        if isinstance(legs, Failed):
            return legs
        if any(leg.status not in TERMINAL for leg in legs):
            return Later(GOES_ON)
        return Told(item.key, legs)

    def settled(self, session: Session, item: Outgoing, answer: Answer, now: datetime) -> None:
        """Apply what the carrier says like the reports that never came."""
        call = session.get(Call, item.payload["call"], with_for_update=True)
        if call and isinstance(answer, Told):
            for leg in answer.legs:
                reports.leg_over(session, self.boards.current(session), call, leg, now)
