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

from sla.billing import accounting, statement, statements
from sla.billing.closing import Differs, note_file
from sla.exports import formats
from sla.exports.header import Header
from sla.exports.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable
    from datetime import datetime

    from desk.db import Database
    from sla.billing.statement import Statement
    from sla.billing.statements import Wanted
    from sla.money.row import Row
    from sla.month import Month

    Passing = Callable[[Iterable[Row]], Iterable[Row]]

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Wish:
    """A file that somebody wants: its format, which lines, these in words, and whose name stands on a draft."""

    form: str
    wanted: Wanted
    words: str
    company: str
    maker: str
    at: datetime

    def name(self, closed: bool) -> str:
        """What it is called."""
        asked = [str(one) for one in (self.wanted.account, self.wanted.state, self.wanted.staff_id) if one is not None]
        what = "-".join(part.replace("_", "-") for part in asked) or "all"
        return formats.file_name(self.form, self._header(None, ZoneInfo("UTC"), closed=closed), what)

    def header(self, row: Statement | None, zone: ZoneInfo) -> Header:
        """What it says of itself: of a closed month who closed it and when, so that it stays the same."""
        return self._header(row, zone, closed=bool(row and row.closed_at))

    def _header(self, row: Statement | None, zone: ZoneInfo, *, closed: bool) -> Header:
        maker, at = self.maker, self.at
        if row and row.closed_at:
            maker, at = row.closed_by or "", row.closed_at
        return Header(self.company, self.wanted.month, self.words, maker, at.astimezone(zone), closed)


def made(database: Database, month: Month, wish: Wish, passing: Passing | None = None) -> Generator[bytes, None, None]:
    """The file in pieces; `passing` sees the rows go by. Raises Refused before the first piece."""
    tally = Tally()
    with database.reading() as session:
        row = statement.of(session, month.name)
        closed = row.closed_at if row else None
        wish = _as_before(row, wish)
        mapping = accounting.of(session, formats.FORMATS[wish.form].system)
        header = wish.header(row, ZoneInfo(month.zone))
        # A file that is refused, or that nobody waits for, leaves no cursor open on the server.
        with closing(statements.rows(session, statements.lines(wish.wanted), month.zone)) as rows:
            yield from formats.written(wish.form, passing(rows) if passing else rows, header, tally, mapping)
    if closed:
        _note(database, wish, tally)


def _as_before(row: Statement | None, wish: Wish) -> Wish:
    """Of a closed month: whoever was called what when the file was first made, nobody has another name in it since."""
    if row is None or row.closed_at is None:
        return wish
    first: dict[str, str] = next((one for one in row.files if one["name"] == wish.name(closed=True)), {})
    return replace(wish, company=first.get("company", wish.company), words=first.get("words", wish.words))


def _note(database: Database, wish: Wish, tally: Tally) -> None:
    """Keep what it was: what was made since the month was closed is to be the same ever after."""
    came_to, totals = tally.manifest, tally.manifest.totals
    facts = {"rows": totals.rows, "amount": f"{totals.amount:.2f}", "company": wish.company, "words": wish.words}
    name, month = wish.name(closed=True), wish.wanted.month
    try:
        database.write(lambda session: note_file(session, month, name, came_to.sha256, **facts))
    except Differs as fault:
        log.log(logging.INFO if formats.FORMATS[wish.form].system else logging.ERROR, "of a closed month: %s", fault)
