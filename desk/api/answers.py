"""What the operations of the API answer, read from the record and masked as the token's scopes ask."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import select, tuple_
from sqlalchemy.orm import joinedload

from desk import numbers, written_numbers
from desk.api import shapes
from desk.api.cursor import BadParameter, opened, sealed
from desk.door.tokens import Scope
from desk.staff import names
from ivr.call import Call, Visit
from ivr.line import Line
from ivr.outlook import outlook
from oncall import duty_month, paging, period
from oncall.duty_sheet import facts
from oncall.places import placed
from sla.calendar import OutsideTable
from tickets import inbox, task
from tickets.people import Customer
from tickets.ticket import Ticket

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Select
    from sqlalchemy.orm import InstrumentedAttribute, Session

    from ivr.outlook import Ringer
    from ivr.switchboard import Switchboard
    from oncall.places import Placed
    from oncall.plan import Plan
    from tickets.task import Task

Row = TypeVar("Row", Call, Ticket)


LONGEST, USUAL = timedelta(days=400), timedelta(days=60)


@dataclass(frozen=True)
class Reader:
    """Reads for one request: in its session, at its instant, with its scopes."""

    session: Session
    board: Switchboard
    now: datetime
    scopes: frozenset[str]

    def calls(self, asked: shapes.Paging) -> shapes.Calls:
        """The latest calls."""
        rows, following = self._page(select(Call).options(joinedload(Call.ticket)), Call.started_at, Call.sid, asked)
        return shapes.Calls(items=self.rung(rows), next=following)

    def call(self, _: shapes.Nothing, sid: str) -> shapes.WholeCall | None:
        """One call."""
        call = self.session.get(Call, sid)
        if call is None:
            return None
        visits = select(Visit.step).where(Visit.call_sid == sid).order_by(Visit.at, Visit.sid, Visit.number)
        return shapes.WholeCall(
            **self._call(call),
            steps=list(self.session.scalars(visits)),
            rings=[self._ring(page) for page in paging.of_call(self.session, sid)],
        )

    def tickets(self, asked: shapes.TicketFilter) -> shapes.Tickets:
        """The latest tickets."""
        query = select(Ticket).options(joinedload(Ticket.customer), joinedload(Ticket.owner))
        if asked.state:
            query = query.where(Ticket.state == asked.state)
        rows, following = self._page(query, Ticket.opened_at, Ticket.id, asked)
        return shapes.Tickets(items=self.listed(rows), next=following)

    def listed(self, rows: Sequence[Ticket]) -> list[shapes.Ticket]:
        """Tickets as a list has them."""
        tasks = task.of_all(self.session, [row.id for row in rows])
        return [shapes.Ticket(**self._ticket(row, tasks)) for row in rows]

    def rung(self, rows: Sequence[Call]) -> list[shapes.Call]:
        """Calls as a list has them."""
        return [shapes.Call(**self._call(row)) for row in rows]

    def ticket(self, _: shapes.Nothing, reference: str) -> shapes.WholeTicket | None:
        """One ticket, its reference with dashes or without."""
        ticket = self.session.scalars(inbox.by_reference(reference.replace("-", ""))).one_or_none()
        if ticket is None:
            return None
        timeline = [shapes.Event(at=one.at, kind=one.kind, text=self._text(one.text)) for one in ticket.events]
        tasks = task.of_all(self.session, [ticket.id])
        return shapes.WholeTicket(**self._ticket(ticket, tasks), timeline=timeline)

    def on_call(self, asked: shapes.Moment) -> shapes.OnCallNow:
        """Who rings now, or at another instant."""
        at = asked.at or self.now
        try:
            lines = [self._line(number, at) for number in self.board.lines]
        except OutsideTable as error:
            raise BadParameter(f"at: {error}") from None
        return shapes.OnCallNow(at=at, lines=lines, rotas=[self._rota(name, at) for name in self.board.rotas])

    def shifts(self, asked: shapes.Span) -> shapes.Shifts | None:
        """Who rings between two instants."""
        since, until = self._span(asked)
        if asked.rota and asked.rota not in self.board.rotas:
            return None
        listed = [one for rota in self._rotas(asked) for one in placed(rota, since, until)]
        listed.sort(key=lambda one: (one.start, one.rota, one.place))
        return shapes.Shifts(since=since, until=until, items=list(map(self._shift, listed)))

    def gaps(self, asked: shapes.Span) -> shapes.Gaps | None:
        """When nobody rings."""
        since, until = self._span(asked)
        if asked.rota and asked.rota not in self.board.rotas:
            return None
        items = [
            shapes.Gap(rota=rota.name, starts=gap.start, ends=gap.end, why=list(gap.why))
            for rota in self._rotas(asked)
            for gap in rota.gaps(since, until)
        ]
        return shapes.Gaps(since=since, until=until, items=sorted(items, key=lambda gap: (gap.starts, gap.rota)))

    def duty(self, asked: shapes.DutyMonth) -> shapes.Duty:
        """A month for payroll."""
        zone = duty_month.calendar(self.session).zone
        try:
            shown = period.month(asked.month, zone, self.now)
        except ValueError as error:
            raise BadParameter(f"month: {error}") from None
        found = duty_month.read(self.session, shown, self.now)
        rows = [one for one in facts(found) if asked.record in ("", one.record)]
        items = [shapes.DutyFact.model_validate({"record": one.record, **one.cells}) for one in rows]
        return shapes.Duty(month=found.name, zone=zone, until=found.until, items=items)

    def _page(
        self,
        query: Select[Row],
        at: InstrumentedAttribute[datetime],
        key: InstrumentedAttribute[Any],
        asked: shapes.Paging,
    ) -> tuple[Sequence[Row], str | None]:
        if asked.cursor:
            since, last_key = opened(asked.cursor, key.type.python_type)
            query = query.where(tuple_(at, key) < tuple_(since, last_key))
        rows = self.session.scalars(query.order_by(at.desc(), key.desc()).limit(asked.limit + 1)).all()
        if len(rows) <= asked.limit:
            return rows, None
        last = rows[asked.limit - 1]
        return rows[: asked.limit], sealed(getattr(last, at.key), getattr(last, key.key))

    def _call(self, call: Call) -> dict[str, Any]:
        return {
            "sid": call.sid,
            "direction": self._direction(call),
            "line": self.session.get_one(Line, call.line_id).number,
            "caller": self.number(call.caller),
            "customer": self._customer(call.customer_id),
            "ticket": call.ticket.reference,
            "language": call.language,
            "started_at": call.started_at,
            "ended_at": call.ended_at,
            "consent": call.consent,
        }

    def _direction(self, call: Call) -> str:
        if call.page_id is None:
            return "incoming"
        return "page" if self.session.get_one(paging.Page, call.page_id).pursuit_id else "call-back"

    def _ring(self, page: paging.Page) -> shapes.Ring:
        return shapes.Ring(
            engineer=page.staff.name,
            rang_at=page.rang_at,
            accepted_at=page.accepted_at,
            ended_at=page.ended_at,
            outcome=page.outcome,
            reason=self._text(page.reason) if page.reason else None,
        )

    def _ticket(self, ticket: Ticket, tasks: Mapping[int, Sequence[Task]]) -> dict[str, Any]:
        into = self.session.get(Ticket, ticket.merged_into_id) if ticket.merged_into_id else None
        return {
            "reference": ticket.reference,
            "state": ticket.state,
            "priority": ticket.priority,
            "subject": self._text(ticket.subject),
            "caller": self.number(ticket.caller),
            "customer": self._customer(ticket.customer_id),
            "contact": ticket.contact.name if ticket.contact else None,
            "owner": ticket.owner.name if ticket.owner else None,
            "opened_at": ticket.opened_at,
            "tasks": [one.what for one in tasks.get(ticket.id, ())],
            "merged_into": into.reference if into else None,
        }

    def _span(self, asked: shapes.Span) -> tuple[datetime, datetime]:
        since = asked.since or self.now
        try:
            until = asked.until or since + USUAL
        except OverflowError:
            raise BadParameter("from: lies outside the calendar") from None
        if not timedelta() < until - since <= LONGEST:
            raise BadParameter(f"to: from one instant to a later one, {LONGEST.days} days at most")
        return since, until

    def _rotas(self, asked: shapes.Span) -> list[Plan]:
        return [rota for name, rota in self.board.rotas.items() if asked.rota in (None, name)]

    def _rota(self, name: str, at: datetime) -> shapes.RotaNow:
        rota = self.board.rotas[name]
        on_duty = [
            shapes.OnDuty(
                place=place, key=duty.engineer, name=self._name(duty.engineer), rotation=duty.rotation, why=duty.why
            )
            for place, duty in enumerate(rota.who(at))
        ]
        return shapes.RotaNow(rota=name, on_duty=on_duty, trace=list(rota.explain(at)))

    def _shift(self, one: Placed) -> shapes.Shift:
        return shapes.Shift(
            rota=one.rota,
            place=one.place,
            key=one.engineer,
            name=self._name(one.engineer),
            starts=one.start,
            ends=one.end,
            rotation=one.rotation,
            layer=one.layer,
            why=one.why,
        )

    def _name(self, key: str) -> str:
        return self._names.get(key, key)

    @cached_property
    def _names(self) -> dict[str, str]:
        return names(self.session)

    def _line(self, number: str, at: datetime) -> shapes.LineNow:
        line = self.board.lines[number]
        seen = outlook(self.board, line, at)
        return shapes.LineNow(
            line=number,
            company=line.company,
            zone=line.zone,
            is_open=seen.is_open,
            changes_at=seen.changes,
            emergency=[self._ringer(one) for one in seen.emergency],
            support=[self._ringer(one) for one in seen.support],
        )

    def _ringer(self, one: Ringer) -> shapes.Ringer:
        dial = self.board.engineers[one.key].phone if Scope.ONCALL_DIAL in self.scopes else None
        return shapes.Ringer(key=one.key, name=one.name, until=one.until, dial=dial, why=one.why)

    def _customer(self, number: int | None) -> str | None:
        return self.session.get_one(Customer, number).name if number else None

    def number(self, e164: str | None) -> str | None:
        """A caller's number, as far as the token may see it."""
        return e164 if e164 is None or Scope.NUMBERS_READ in self.scopes else numbers.masked(e164)

    def _text(self, text: str) -> str:
        return text if Scope.NUMBERS_READ in self.scopes else written_numbers.masked(text)
