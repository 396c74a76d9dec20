"""Writer: what an operation that changes something has: one transaction, its instant, and the token as who does it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from desk.api.answers import Reader

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from desk.audit import Who
    from ivr.switchboard import Switchboard


@dataclass(frozen=True)
class Writer:
    """For one request; who reads the answer sees what the token's scopes show."""

    session: Session
    board: Switchboard
    now: datetime
    scopes: frozenset[str]
    who: Who

    @property
    def reader(self) -> Reader:
        """The same, to answer with what is so now."""
        return Reader(self.session, self.board, self.now, self.scopes)
