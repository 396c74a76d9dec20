"""What was lost and what doubled: our rows held against the carrier's books and against what people lived through."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from sqlalchemy import select

from conftest import ORIGIN
from desk.outbox import Outgoing, State
from ivr.call import Call
from oncall import calling, texting
from oncall.paging import Page
from sla.worklog import Work
from tickets.event import Event
from tickets.ticket import Ticket

if TYPE_CHECKING:
    import simulator.call
    from bench.duty_phones import Texted
    from desk.db import Database
    from simulator.rest_account import Account

STRANGERS = "+2783"  # emergencies by telephone (bench/callers.py)


class Books:
    """The database as it was left, and the telephones' own memory of it."""

    def __init__(
        self, database: Database, rang: list[simulator.call.Call], rung: list[simulator.call.Call], account: Account
    ) -> None:
        self.rang, self.rung, self.account = rang, rung, account
        with database.reading() as session:
            self.calls = {call.sid: call for call in session.scalars(select(Call))}
            self.rows = {row.key: row for row in session.scalars(select(Outgoing))}
            self.pages = {page.id: page for page in session.scalars(select(Page))}
            self.worked = set(session.scalars(select(Work.source)))
            self.tickets = set(session.scalars(select(Ticket.id)))
            # Keys pressed while every process lay dead are not repeated: such a caller may have to give up.
            told = select(Event.ticket_id).where(Event.kind == "withdrawn", Event.text.startswith("abandoned"))
            self.abandoned = set(session.scalars(told))
        self.incoming = [call for call in self.calls.values() if call.page_id is None]
        self.texts = [row for row in self.rows.values() if row.kind == texting.KIND]
        self.rings = [row for row in self.rows.values() if row.kind == calling.KIND]
        self.talked = {self.calls[one.sid].page_id for one in rung if one.sid in self.calls and _talked(one)}

    def figures(self, texted: Texted) -> dict[str, int]:
        """How much there was to lose."""
        paged = [page for page in self.pages.values() if page.pursuit_id]
        return {
            "calls that came in": len(self.rang),
            "of which met nobody, with every attempt": sum(not _was_answered(call) for call in self.rang),
            "of which gave up": len(self.abandoned),
            "telephones rung by order": len(self.rung),
            "rings ordered for paging": sum(row.payload.get("kind") == "page" for row in self.rings),
            "rings ordered for a call-back": sum(row.payload.get("kind") != "page" for row in self.rings),
            "rings that were too late, and said so": sum(row.state == State.DEAD for row in self.rings),
            "pages accepted by key": sum(page.accepted_at is not None for page in paged),
            "replies by text": len(texted.replies),
            "links followed": texted.followed,
            "call-backs that led to a talk": len(self.talked),
            "texts": len(self.texts),
        }

    def faults(self, opened: int, texted: Texted) -> dict[str, int]:
        """What must be nothing."""
        return self._lost(opened, texted) | self._texts() | self._rings()

    def _lost(self, opened: int, texted: Texted) -> dict[str, int]:
        answered = {call.sid for call in (*self.rang, *self.rung) if _was_answered(call)}
        strangers = [call for call in self.incoming if (call.caller or "").startswith(STRANGERS)]
        untold = [c for c in strangers if f"reference {c.sid}" not in self.rows and c.ticket_id not in self.abandoned]
        taken = [page for page in self.pages.values() if page.accepted_at and page.asked_in is None]
        details = [f"{'yours' if page.pursuit_id else 'details'} page {page.id}" for page in taken]
        return {
            "calls lost": len(answered - set(self.calls)),
            "tickets lost or doubled": abs(len(self.tickets) - len(self.incoming) - opened),
            "calls without an end": sum(call.ended_at is None for call in self.calls.values()),
            "pages left open": sum(page.ended_at is None for page in self.pages.values()),
            "references never asked for": len(untold),
            "details never asked for": sum(key not in self.rows for key in details),
            "replies by text without an answer": sum(
                bool(times) and f"reply {sid}" not in self.rows for sid, times in texted.replies.items()
            ),
            "talks without work": sum(f"page {page}" not in self.worked for page in self.talked),
        }

    def _texts(self) -> dict[str, int]:
        wanted = Counter((row.payload["to"], row.payload["body"]) for row in self.texts)
        sent = Counter((one.to, one.body) for one in self.account.messages.values())
        return {
            "texts dead": sum(row.state == State.DEAD for row in self.texts),
            "texts lost": (wanted - sent).total(),
            "texts doubled": (sent - wanted).total(),
        }

    def _rings(self) -> dict[str, int]:
        """The address of a ring names its Page: two calls with one address are one Page rung twice."""
        outgoing = [call for call in self.account.calls.values() if call.direction == "outbound-api"]
        placed = Counter(call.form["Url"][0] for call in outgoing)
        ordered = Counter(ORIGIN + row.payload["url"] for row in self.rings if row.state == State.SENT)
        doubled = sum(count - 1 for count in placed.values())
        return {
            "calls placed and not by us": (placed - ordered).total() - doubled,
            "calls not placed": (ordered - placed).total(),
            "calls doubled": doubled,
        }


def _was_answered(call: simulator.call.Call) -> bool:
    return any(not request.faults for request in call.requests)


def _talked(call: simulator.call.Call) -> bool:
    return any(leg.outcome == "bridged" and leg.seconds for leg in call.children)
