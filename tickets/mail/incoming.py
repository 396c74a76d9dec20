"""Incoming: a mail that was read, on its way to what becomes of it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from desk import mailing
from tickets.mail import cutting
from tickets.mail.automatic import Kind as Machine

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from tickets.event import Event
    from tickets.mail.arrival import Arrival, State
    from tickets.mail.automatic import Automatic
    from tickets.mail.house import House
    from tickets.mail.received import Received
    from tickets.reference import Dice
    from tickets.ticket import Ticket

WORDS = 10_000  # characters of a mail that its event tells; the whole of it is a click away
FEW_WORDS = 500  # of each mail of a flood
SUBJECT = 200
RECEIPT = "a report ("  # that it was read, or is late


@dataclass(frozen=True)
class Desk:
    """Where a mail is settled: the house, the dice for references, and the instant."""

    house: House
    dice: Dice
    now: datetime


@dataclass(frozen=True)
class Incoming:
    """A mail on its way to its ticket: the row, what was read, the bytes, and at whose desk."""

    session: Session
    desk: Desk
    row: Arrival
    mail: Received
    raw: bytes

    @property
    def sender(self) -> str | None:
        """Where an answer would go; None for an address of ours, or what no mail can be sent to."""
        address = self.mail.sender.address
        return address if address and not self.desk.house.owns(address) and mailing.is_address(address) else None

    @property
    def detail(self) -> dict[str, Any]:
        """What an event says of it; `automatic` forbids to answer it by machine."""
        told: dict[str, Any] = {"mail": self.row.id}
        if self.row.message_id:
            told["message_id"] = self.row.message_id
        if self.mail.automatic:
            told["automatic"] = f"{self.mail.automatic.kind}: {self.mail.automatic.why}"
        return told

    @property
    def answer(self) -> Automatic | None:
        """What machines send as an answer, and so nobody's question; None for everything else."""
        machine = self.mail.automatic
        if machine is None:
            return None
        answers = machine.kind in (Machine.AUTO_REPLY, Machine.BOUNCE) or machine.why.startswith(RECEIPT)
        return machine if answers else None

    def words(self, most: int = WORDS) -> str:
        """What of it is told."""
        words = self.mail.shown.strip() or self.mail.text.strip() or "(nothing)"
        return words if len(words) <= most else f"{cutting.begun(words, most)}{cutting.MORE}"

    def settled(self, state: State, why: str = "", ticket: Ticket | None = None, event: Event | None = None) -> None:
        """Write down what came of it."""
        self.session.flush()
        self.row.state, self.row.why = state, why
        self.row.ticket_id, self.row.event_id = ticket.id if ticket else None, event.id if event else None


def write_down(incoming: Incoming) -> None:
    """What lists show of it from now on."""
    row, mail = incoming.row, incoming.mail
    row.sender, row.subject = mail.sender.address, mail.subject
    cc = [address for address in mail.recipients if not incoming.desk.house.owns(address)]
    row.facts = row.facts | {
        "name": mail.sender.name,
        "began": incoming.words(SUBJECT).partition("\n")[0],
        "cc": cc,
        "files": [asdict(file) for file in mail.files],
        "faults": list(mail.faults),
    }
    if mail.automatic:
        row.facts = row.facts | {"automatic": mail.automatic.why, "kind": mail.automatic.kind.value}
