"""The vault: callers' messages are fetched when they are ready and kept; then the carrier's copy is deleted.

Two rows of the outbox, one after the other: the second is written where the first is noted as done. So the
carrier's copy is there until ours is known to be, whoever is killed in between.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from desk import outbox
from desk.answer import Done, Later, Refused
from ivr.recordings import DISCARD, WITHIN, Recording
from ivr.shelf import NotKept, NotRemoved
from tickets.ticket import Ticket

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from desk.answer import Answer, Failed
    from desk.outbox import Outgoing
    from ivr.shelf import Shelf
    from oncall.paging import Telephone

NOT_FOUND = 20404
SID = re.compile(r"RE[0-9a-f]{32}")
NO_NAME = Refused("that is no recording's name")


class Vault:
    """Fetches recordings. To do that again harms nothing, so nobody is asked first."""

    def __init__(self, telephone: Telephone, shelf: Shelf) -> None:
        self.telephone, self.shelf = telephone, shelf

    def find(self, item: Outgoing) -> tuple[str, ...] | Failed:
        """Nothing that would make fetching it needless."""
        return ()

    def send(self, item: Outgoing, before: datetime) -> Answer:
        """Fetch it and keep it."""
        sid = item.payload["sid"]
        if not SID.fullmatch(sid):
            return NO_NAME
        sound = self.telephone.sound(sid)
        if not isinstance(sound, bytes):
            # The file may take a while after the call (TWILIO.md §1.9); the row expires if it never comes.
            missing = isinstance(sound, Refused) and sound.code == NOT_FOUND
            return Later("the carrier does not have the file yet") if missing else sound
        try:
            self.shelf.keep(_file(sid), sound)
        except NotKept as error:
            return Later(f"it could not be kept: {error}")
        return Done(sid)

    def settled(self, session: Session, item: Outgoing, answer: Answer, now: datetime) -> None:
        """Note where it is, and have the carrier's copy deleted; or note that it could not be had."""
        sid = item.payload["sid"]
        recording = session.get(Recording, sid)
        if isinstance(answer, Done):
            outbox.post(session, f"discard {sid}", DISCARD, {"sid": sid}, now, lasts=WITHIN)
            if recording:
                recording.file, recording.kept_at = _file(sid), now
        elif isinstance(answer, Refused):
            _tell(session, recording, f"the message could not be fetched from the carrier: {answer.why}", now)


class Discards:
    """Deletes recordings at the carrier, once they are ours."""

    def __init__(self, telephone: Telephone) -> None:
        self.telephone = telephone

    def find(self, item: Outgoing) -> tuple[str, ...] | Failed:
        """Nothing: what is gone already is as good as deleted."""
        return ()

    def send(self, item: Outgoing, before: datetime) -> Answer:
        """Have it deleted."""
        answer = self.telephone.discard(item.payload["sid"])
        return Done(f"{item.payload['sid']} deleted") if isinstance(answer, Done) else answer

    def settled(self, session: Session, item: Outgoing, answer: Answer, now: datetime) -> None:
        """Tell only what did not work: somebody else still has what the caller said."""
        if isinstance(answer, Refused):
            recording = session.get(Recording, item.payload["sid"])
            _tell(session, recording, f"the carrier still has its copy of the message: {answer.why}", now)


class Removals:
    """Takes off our shelf what was there for as long as its rule says."""

    def __init__(self, shelf: Shelf) -> None:
        self.shelf = shelf

    def find(self, item: Outgoing) -> tuple[str, ...] | Failed:
        """Nothing: what is gone already is as good as removed."""
        return ()

    def send(self, item: Outgoing, before: datetime) -> Answer:
        """Have it removed."""
        try:
            self.shelf.remove(item.payload["file"])
        except NotRemoved as error:
            return Later(str(error))
        return Done(f"{item.payload['file']} removed")

    def settled(self, session: Session, item: Outgoing, answer: Answer, now: datetime) -> None:
        """Nothing refers to it any more; what could not be removed stands among what was not sent."""


def _file(sid: str) -> str:
    return f"{sid}.mp3"


def _tell(session: Session, recording: Recording | None, text: str, now: datetime) -> None:
    if recording and (ticket := session.get(Ticket, recording.ticket_id)):
        ticket.tell("message", text, now)
