"""The vault: callers' messages are fetched when they are ready, kept in a folder, and deleted at the carrier."""

from __future__ import annotations

import os
import re
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING

from desk.answer import Done, Later, Refused
from ivr.recordings import Recording
from tickets.ticket import Ticket

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from desk.answer import Answer, Failed
    from desk.outbox import Outgoing
    from oncall.paging import Telephone

NOT_FOUND = 20404
SID = re.compile(r"RE[0-9a-f]{32}")


class Vault:
    """Fetches recordings. To do that again harms nothing, so nobody is asked first."""

    def __init__(self, telephone: Telephone, folder: Path) -> None:
        self.telephone, self.folder = telephone, folder

    def find(self, item: Outgoing) -> tuple[str, ...] | Failed:
        """Nothing that would make fetching it needless."""
        return ()

    def send(self, item: Outgoing, before: datetime) -> Answer:
        """Fetch it, keep it, and only then have it deleted."""
        sid = item.payload["sid"]
        if not SID.fullmatch(sid):
            return Refused("that is no recording's name")
        if not self.file(sid).exists():
            sound = self.telephone.sound(sid)
            if not isinstance(sound, bytes):
                # The file may take a while after the call (TWILIO.md §1.9); the row expires if it never comes.
                missing = isinstance(sound, Refused) and sound.code == NOT_FOUND
                return Later("the carrier does not have the file yet") if missing else sound
            self._keep(sid, sound)
        return self.telephone.discard(sid)

    def settled(self, session: Session, item: Outgoing, answer: Answer, now: datetime) -> None:
        """Note where it is, or that it could not be had."""
        recording = session.get(Recording, item.payload["sid"])
        if recording is None:
            return
        if isinstance(answer, Done):
            recording.file, recording.kept_at = self.file(recording.sid).name, now
        elif isinstance(answer, Refused) and (ticket := session.get(Ticket, recording.ticket_id)):
            ticket.tell("message", f"the message could not be fetched from the carrier: {answer.why}", now)

    def file(self, sid: str) -> Path:
        """Where a recording is, or will be."""
        return self.folder / f"{sid}.mp3"

    def _keep(self, sid: str, sound: bytes) -> None:
        """Whole or not at all, readable by us alone, and on the disk before the carrier's copy goes."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=self.folder, delete=False) as half:
            half.write(sound)
            half.flush()
            os.fsync(half.fileno())
        Path(half.name).replace(self.file(sid))
        folder = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
