"""Export: everything that is kept of a person in one ZIP, for them: a page to read, the same as JSON, and their files.

Mails and messages that they sent themselves are in it as they came. Nothing about others is; see severing.py.
"""

from __future__ import annotations

import json
import re
import zipfile
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import TYPE_CHECKING

from flask import render_template
from sqlalchemy import func, select

from ivr.shelf import NotThere
from tickets.mail import arrival
from tickets.mail.arrival import Raw
from tickets.privacy import belongings, person, severing
from tickets.privacy.record import Record, Values

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime
    from typing import IO

    from sqlalchemy.orm import Session

    from ivr.shelf import Shelf
    from tickets.privacy.whom import Person

UNSAFE = re.compile(r"[^\w. -]+")
MISSING = "could not be fetched from the shelf; ask again"


@dataclass(frozen=True)
class Maker:
    """What an export is made with; `house` are our own numbers and addresses, which may stand in it."""

    shelf: Shelf
    house: tuple[str, ...]
    company: str

    def zip(self, reading: AbstractContextManager[Session], keys: Sequence[str], now: datetime) -> IO[bytes]:
        """The ZIP, at its beginning; in a file without a name, which is gone when it is closed. Raises LookupError.

        What the database holds is read first; messages are fetched from the shelf, which may be far away, when its
        transaction is over.
        """
        whole = TemporaryFile()  # noqa: SIM115 - whoever sends it closes it
        try:
            with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as into:
                with reading as session:
                    values, sounds = self._stored(session, person.of(session, keys), now, into)
                for sid, file in sounds:
                    into.writestr(*self._sound(f"messages/{sid}", file))
                values["files"] = into.namelist()
                into.writestr("everything.json", json.dumps(values, indent=2, ensure_ascii=False))
                page = render_template("privacy/export.html", values=values, company=self.company)
                into.writestr("everything.html", page)
        except BaseException:
            whole.close()
            raise
        whole.seek(0)
        return whole

    def _stored(
        self, session: Session, whom: Person, now: datetime, into: zipfile.ZipFile
    ) -> tuple[Values, list[tuple[str, str | None]]]:
        """What is told of them, with mails and files in the ZIP; and the messages that are still to be fetched."""
        mine = belongings.of(session, whom)
        record = Record(session, whom, mine, severing.of(session, whom, mine, self.house))
        for name, content in self._files(session, record):
            into.writestr(name, content)
        values: Values = {"made_at": now.isoformat(), "by": self.company} | record.everything()
        return values, [(sound.sid, sound.file) for sound in session.scalars(record.sounds())]

    def _files(self, session: Session, record: Record) -> Iterator[tuple[str, bytes]]:
        for number in session.scalars(record.mine.arrivals):
            raw = session.scalar(select(Raw.content).where(Raw.arrival_id == number))
            if raw is not None:
                yield f"mails/mail-{number}.eml", arrival.as_delivered(raw, {})
        for file in session.scalars(record.files()):
            yield f"files/{file.id}-{UNSAFE.sub('_', file.name)[-100:]}", file.content
            session.expunge(file)  # its bytes are not held any longer

    def _sound(self, name: str, file: str | None) -> tuple[str, bytes]:
        if not file:
            return f"{name}.txt", b"not collected from the carrier yet"
        try:
            return f"{name}.mp3", self.shelf.fetch(file)
        except NotThere:
            return f"{name}.txt", MISSING.encode()


def counts(values: Values) -> dict[str, int]:
    """How much of each kind there is."""
    return {name: len(value) for name, value in values.items() if isinstance(value, list)}


def preview(session: Session, whom: Person, house: Iterable[str]) -> dict[str, int]:
    """How much of each kind an export would hold."""
    mine = belongings.of(session, whom)
    record = Record(session, whom, mine, severing.of(session, whom, mine, house))
    kinds = record.everything()
    files, sounds = (
        session.scalar(select(func.count()).select_from(query.subquery())) or 0
        for query in (record.files(), record.sounds())
    )
    return counts(kinds) | {"files": files, "messages": sounds}
