"""A broom: how one table is swept, so many rows and bytes at a time, with what hangs on each row.

How much goes at once is worked out without a lock; under it only these keys are looked at again, and go.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, literal, select

from desk.audit import KEPT_LONG_ENOUGH
from tickets.privacy.pieces import BYTES, ROWS, among, next_keys

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, ScalarSelect, Select
    from sqlalchemy.orm import InstrumentedAttribute, Session

    from desk.db import Base
    from desk.retention import Kind
    from tickets.privacy.holds import Terms

    Keys = Sequence[Any]
    Hangs = Iterable[tuple[type[Base], ColumnElement[bool]]]

FEW = 25  # with much that hangs on each
QUIETLY = {"synchronize_session": False}


def _nothing(_: Keys) -> Hangs:
    return ()


@dataclass(frozen=True)
class Broom:
    """Sweeps one table: `key` tells its rows apart and orders them, `due` says which may go.

    `hangs` is what goes with a row; `first` is done before any row of a chunk goes; `weighs` is how many bytes go
    with one.
    """

    name: str
    kind: Kind
    key: InstrumentedAttribute[Any]
    due: Callable[[Terms], ColumnElement[bool]]
    hangs: Callable[[Keys], Hangs] = _nothing
    first: Callable[[Session, Keys, datetime], None] | None = None
    weighs: ColumnElement[int] | None = None

    def found(self, terms: Terms) -> Select[Any]:
        """The keys of what may go, in order."""
        where = self.due(terms)
        if terms.only is not None:
            where &= self.key.in_(terms.only)
        return select(self.key).where(where).order_by(self.key)

    def next(self, session: Session, terms: Terms, after: str | None, most: int = ROWS) -> list[Any]:
        """The keys of a chunk that may go, after one that was written down: a single one, however large it is."""
        weighs = literal(0) if self.weighs is None else self.weighs
        query = self.found(terms).add_columns(weighs).limit(min(most, FEW if self.hangs([]) else ROWS))
        if after is not None:
            query = query.where(self.key > _key(self.key, after))
        chosen: list[Any] = []
        rows = size = 0
        for key, weight in session.execute(query).all():
            rows, size = rows + 1 + self._hanging(session, [key]), size + (weight or 0)
            if chosen and (rows > ROWS or size > BYTES):
                break
            chosen.append(key)
        return chosen

    def count(self, terms: Terms) -> ScalarSelect[int]:
        """How many may go, as a column."""
        found = self.found(terms).order_by(None).subquery()
        return select(func.count()).select_from(found).scalar_subquery()

    def is_some(self, terms: Terms) -> ColumnElement[bool]:
        """Whether any may go."""
        return self.found(terms).order_by(None).exists()

    def sweep(self, session: Session, terms: Terms, keys: Keys, at: datetime) -> tuple[int, str | None]:
        """Remove those of these that still may go, with all that hangs on them.

        How many keys went, and the last that was looked at; None if there is more to do about it.
        """
        still = list(session.scalars(self.found(replace(terms, only=tuple(keys))).with_for_update()))
        if len(still) == 1 and self._lighten(session, still):
            return 0, None
        if still:
            if self.first:
                self.first(session, still, at)
            for table, where in self.hangs(still):
                session.execute(delete(table).where(where), execution_options=QUIETLY)
            gone = delete(self.key.class_).where(self.key.in_(still))
            session.execute(gone, execution_options=QUIETLY | {KEPT_LONG_ENOUGH: True})
        return len(still), str(keys[-1])

    def _lighten(self, session: Session, keys: Keys) -> bool:
        """Of what hangs on it, if that is more than a chunk takes, remove as much as one does; whether it did.

        Not of its own table: tickets that were merged refer to each other, and go together.
        """
        if self._hanging(session, keys) < ROWS:
            return False
        left = ROWS
        for model, where in self.hangs(keys):
            if left and model is not self.key.class_:
                table: Any = model.__table__
                found = next_keys(session, table, (), where)[:left]
                session.execute(delete(table).where(among(table, found)), execution_options=QUIETLY)
                left -= len(found)
        return left < ROWS

    def _hanging(self, session: Session, keys: Keys) -> int:
        counts = (select(func.count()).select_from(table).where(where) for table, where in self.hangs(keys))
        return sum(session.scalar(count) or 0 for count in counts)


def _key(column: InstrumentedAttribute[Any], text: str) -> Any:
    kind = column.type.python_type
    return date.fromisoformat(text) if kind is date else kind(text)
