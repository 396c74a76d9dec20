"""Machines: mails that nobody wrote, of which those that answer us become no ticket, but are told where they belong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from desk.outbox import Outgoing
from tickets.event import BOUNCED, MACHINE
from tickets.mail import threads
from tickets.mail.arrival import State
from tickets.mail.automatic import Kind as Machine
from tickets.mail.incoming import FEW_WORDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tickets.mail.automatic import Automatic
    from tickets.mail.incoming import Incoming
    from tickets.ticket import Ticket


def is_our_own(incoming: Incoming) -> bool:
    """It bears a name of ours and says it is from us: two machines pass our letter to and fro."""
    house, name = incoming.desk.house, incoming.mail.message_id
    if not name or not house.owns(incoming.mail.sender.address):
        return False
    return house.names.ticket_of(name) is not None or _was_sent(incoming, [name])


def answers_us(incoming: Incoming, machine: Automatic) -> str:
    """Why an answer of a machine, to no ticket, is one to us; nothing where it may be anything."""
    if machine.kind == Machine.BOUNCE:
        if _was_sent(incoming, threads.of_outbox(incoming.raw)):
            return f"a mail of ours to {', '.join(machine.failed) or 'somebody'} was not delivered"
        known = threads.is_known(incoming.session, machine.failed)
        return f"a mail to {', '.join(machine.failed)} was not delivered" if known else ""
    sender = incoming.mail.sender.address
    known = threads.is_known(incoming.session, [sender] if sender else [])
    return f"an answer by machine ({machine.why})" if known else ""


def note(incoming: Incoming, ticket: Ticket, machine: Automatic) -> None:
    """What a machine answers is told on the ticket, where it moves nothing."""
    at = incoming.desk.now
    if machine.kind == Machine.BOUNCE:
        address = _undelivered(ticket, machine.failed)
        words = f"our letter to {address or ', '.join(machine.failed) or 'the customer'} was not delivered"
        known = {"address": address} if address else {}
        event = ticket.tell(BOUNCED, words, at, **(incoming.detail | known))
        incoming.settled(State.SUPPRESSED, words, ticket, event)
    else:
        event = ticket.tell(MACHINE, incoming.words(FEW_WORDS), at, **incoming.detail)
        incoming.settled(State.SUPPRESSED, f"an answer by machine ({machine.why})", ticket, event)


def _was_sent(incoming: Incoming, message_ids: Sequence[str]) -> bool:
    """Whether a mail of any of these names left from here."""
    ours = select(Outgoing.id).where(Outgoing.reference.in_(message_ids))
    return incoming.session.scalar(ours.limit(1)) is not None


def _undelivered(ticket: Ticket, failed: tuple[str, ...]) -> str | None:
    """The address of the ticket, if it is the one that failed, or none is named; nobody else's is put in doubt."""
    address = ticket.address
    named = {one.lower() for one in failed}
    return address if address and (not named or address.lower() in named) else None
