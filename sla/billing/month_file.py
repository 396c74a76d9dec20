"""Files of a month: the rows of the page, all of them, in the format that was asked for, as they are read.

Of a closed month it is kept what each file was (sha256, rows, amount). Whoever makes it again gets the same bytes; if
they were others, the log says so, unless it is a file for an accounting system, in which names may have changed.
"""

from __future__ import annotations

import logging
from contextlib import closing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sla.billing import accounting, names, statement, statements
from sla.billing.asked import TO_BILL
from sla.billing.closing import Differs, note_file
from sla.exports import formats
from sla.exports.header import Header
from sla.exports.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from desk.db import Database
    from sla.billing.statement import Statement
    from sla.billing.statements import Wanted
    from sla.money.row import Row
    from sla.month import Month

    Passing = Callable[[Iterable[Row]], Iterable[Row]]

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Wish:
    """A file that somebody wants: its format, which lines, and whose name stands on a draft."""

    form: str
    wanted: Wanted
    company: str
    maker: str
    at: datetime


@dataclass
class Making:
    """A file that is made as it is read. `name` is what it is called, known with its first piece.

    Everything that it says is of one instant: a month that is closed meanwhile leaves it a draft, in its name too.
    `passing` sees the rows go by.
    """

    database: Database
    month: Month
    wish: Wish
    passing: Passing | None = None
    name: str = ""

    def pieces(self) -> Generator[bytes, None, None]:
        """The file; raises Refused before the first piece."""
        tally, wish = Tally(), self.wish
        with self.database.reading() as session:
            row = statement.of(session, self.month.name)
            header = self._header(session, row)
            mapping = accounting.of(session, formats.FORMATS[wish.form].system)
            # A file that is refused, or that nobody waits for, leaves no cursor open on the server.
            with closing(statements.rows(session, statements.lines(wish.wanted), self.month.zone)) as rows:
                passed = self.passing(rows) if self.passing else rows
                yield from formats.written(wish.form, passed, header, tally, mapping)
        if header.closed:
            self._note(header, tally)

    def _header(self, session: Session, row: Statement | None) -> Header:
        """What it says of itself: of a closed month who closed it and when, so that it stays the same."""
        wish, closed = self.wish, bool(row and row.closed_at)
        maker, at = (row.closed_by or "", row.closed_at) if row and row.closed_at else (wish.maker, wish.at)
        company, words = names.company(row, wish.company), names.in_words(session, wish.wanted, row)
        made_at = at.astimezone(ZoneInfo(self.month.zone))
        header = Header(company, self.month.name, words, maker, made_at, closed)
        self.name = formats.file_name(wish.form, header, self._what())
        return _as_first(header, row, self.name) if closed else header

    def _what(self) -> str:
        """Which lines, in its name."""
        wanted = self.wish.wanted
        state = TO_BILL if wanted.to_bill else wanted.state
        named = ("customer", wanted.account), ("", state), ("engineer", wanted.staff_id)
        asked = [f"{kind}-{one}".lstrip("-") for kind, one in named if one is not None]
        return "-".join(asked).replace("_", "-") or "all"

    def _note(self, header: Header, tally: Tally) -> None:
        """Keep what it was: what was made since the month was closed is to be the same ever after."""
        came_to, totals = tally.manifest, tally.manifest.totals
        facts = {"rows": totals.rows, "amount": f"{totals.amount:.2f}"}
        facts |= {"company": header.company, "words": header.filter}
        name, month = self.name, self.month.name
        try:
            self.database.write(lambda session: note_file(session, month, name, came_to.sha256, **facts))
        except Differs as fault:
            expected = formats.FORMATS[self.wish.form].system
            log.log(logging.INFO if expected else logging.ERROR, "of a closed month: %s", fault)


def _as_first(header: Header, row: Statement | None, name: str) -> Header:
    """As the file said when it was first made, of whoever was not on the lines of the month when it was closed."""
    known: dict[str, str] = next((one for one in (row.files if row else ()) if one["name"] == name), {})
    return replace(header, company=known.get("company", header.company), filter=known.get("words", header.filter))
