"""The body of a webhook: type, timestamp, version and data; numbers are looked up now, and masked unless allowed."""

from __future__ import annotations

import json
from datetime import UTC
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from desk import numbers
from desk.hooks.types import VERSION
from ivr.call import Call
from tickets.ticket import Ticket

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from desk.hooks.happening import Happening


def written(session: Session, told: Happening, origin: str, *, full: bool) -> str:
    """The bytes that are signed and sent, as text."""
    data = {name: dict(one) if isinstance(one, dict) else one for name, one in told.facts.items()}
    if "ticket" in data:
        reference = data["ticket"]["reference"]
        data["ticket"]["caller"] = _number(session, select(Ticket.caller).where(Ticket.reference == reference), full)
        data["ticket"]["page"] = f"{origin}/tickets/{reference}"
    if "call" in data:
        data["call"]["caller"] = _number(session, select(Call.caller).where(Call.sid == data["call"]["sid"]), full)
    whole = {"type": told.type, "timestamp": said(told.at), "version": VERSION, "data": data}
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":"))


def said(at: datetime) -> str:
    """An instant as it stands in a body: ISO 8601, in UTC."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _number(session: Session, query: Any, full: bool) -> str | None:
    found = session.scalar(query)
    return found if full or found is None else numbers.masked(found)
