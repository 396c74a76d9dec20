"""Poller: fetches the mails of a folder, each stored and committed before the server is told that we have it.

How far it came is stored with every mail (`Mailbox`), so whatever a person or another program reads there first is
fetched too. Of a folder that is fetched for the first time only unread mails are taken: the others had their answers
before our time. When its UIDs count anew (UIDVALIDITY), everything since we began is looked at once more, and what we
have is known again by its name. A mail that was stored and not marked is fetched again, and marked.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from desk import chores
from tickets.mail import arrival, silence
from tickets.mail.arrival import Way
from tickets.mail.imap import Away, Folder, Refused
from tickets.mail.mailbox import Mailbox

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from desk.db import Database
    from desk.settings import Settings

log = logging.getLogger(__name__)
A_DAY = timedelta(days=1)  # the server's day may be another one
REFUSALS = 3  # to hand over one mail, before a mail of ours says so
FIRST_WAIT, LONGEST_WAIT = 5.0, 300.0  # seconds after something went wrong


@dataclass(frozen=True)
class Found:
    """A mail at the server: its bytes, since when it has it by its own clock, and its size if these are not all."""

    raw: bytes
    since: datetime | None = None
    whole: int | None = None


@dataclass
class Poller:
    """Looks into one folder, over one connection as long as it lasts."""

    database: Database
    settings: Settings
    clock: Callable[[], datetime]
    stopped: Callable[[], bool] = lambda: False
    folder: Folder | None = None
    marked: set[tuple[int, int]] = field(default_factory=set)  # (UIDVALIDITY, UID): some folders cannot be marked
    refusals: dict[tuple[int, int], int] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What its row is called."""
        settings = self.settings
        return f"{settings.mail_in_user} {settings.mail_in_folder} {settings.mail_in_host}"

    def look(self) -> int:
        """Fetch what is new; how many. Raises Away, and whatever the database raises; then nothing is marked."""
        try:
            self.folder = self.folder or Folder(self.settings)
            fetched = self._look(self.folder)
        except Away:
            self.close()
            raise
        self.database.write(lambda session: chores.beat(session, silence.pulse(self.settings), self.clock()))
        return fetched

    def close(self) -> None:
        """Leave the server."""
        if self.folder:
            self.folder.close()
        self.folder = None

    def _look(self, folder: Folder) -> int:
        validity, following = folder.opened()
        with self.database.reading() as session:
            known = session.get(Mailbox, self.name)
        goes_on = known is not None and known.validity == validity
        wanted = folder.unseen()
        if known:
            wanted |= folder.after(known.last) if goes_on else folder.since((known.begun_at - A_DAY).date())
        fetched = 0
        for uid in sorted(wanted):
            if self.stopped():
                return fetched
            if (validity, uid) not in self.marked:
                fetched += self._fetch(folder, validity, uid, goes_on=goes_on and not self._refused(validity, wanted))
        if not goes_on:
            begun = known.begun_at if known else self.clock()
            last = min([following, *self._refused(validity, wanted)]) - 1
            box = Mailbox(name=self.name, validity=validity, last=last, begun_at=begun)
            self.database.write(lambda session: session.merge(box))
        return fetched

    def _fetch(self, folder: Folder, validity: int, uid: int, *, goes_on: bool) -> int:
        try:
            found = self._found(folder, uid)
            self.refusals.pop((validity, uid), None)
        except Refused as error:
            found = self._told_of(validity, uid, str(error))
        if found:
            self.database.write(lambda session: self._store(session, found, uid if goes_on else 0))
            self._mark(folder, validity, uid)
        return found is not None

    def _refused(self, validity: int, wanted: set[int]) -> list[int]:
        """The UIDs of what will be asked for again: how far we came stays before them, whoever reads them meanwhile."""
        some = [uid for (of, uid), times in self.refusals.items() if of == validity and times < REFUSALS]
        return [uid for uid in some if uid in wanted]

    def _found(self, folder: Folder, uid: int) -> Found | None:
        """The mail, of one that is too large its beginning; None where somebody has taken it away."""
        size = folder.size(uid)
        raw = folder.raw(uid, self.settings.mail_in_largest) if size else None
        if raw is None or size is None:
            return None
        whole = size[0] if len(raw) == self.settings.mail_in_largest < size[0] else None
        return Found(raw, size[1], whole)

    def _store(self, session: Session, found: Found, uid: int) -> None:
        now = self.clock()
        since = min(found.since, now) if found.since else None
        arrival.store(session, found.raw, Way.IMAP, now, waited_since=since, whole=found.whole)
        box = session.get(Mailbox, self.name) if uid else None
        if box:
            box.last = max(box.last, uid)

    def _mark(self, folder: Folder, validity: int, uid: int) -> None:
        try:
            folder.done(uid)
        except Refused as error:
            log.warning("a mail is stored, but the server does not mark or move it: %s", error)
        self.marked.add((validity, uid))

    def _told_of(self, validity: int, uid: int, why: str) -> Found | None:
        """Nothing at first; in the end a mail of ours in the place of one that the server does not hand over."""
        key = (validity, uid)
        self.refusals[key] = self.refusals.get(key, 0) + 1
        log.warning("the mail server does not hand over a mail: %s", why)
        if self.refusals[key] < REFUSALS:
            return None
        where = f"{self.settings.mail_in_folder} of {self.settings.mail_in_user}"
        subject = f"A mail that the mail server does not hand over, number {uid} in {where}"
        return Found(f"Subject: {subject}\r\nX-UID: {validity} {uid}\r\n\r\n{why}\r\n".encode())
