"""Mail that a mail server hands to us, over LMTP or SMTP: what we answer with 250 is stored, and nothing else is.

A server that gets no answer, or one for now (4yz), keeps the mail and comes again; the second time it is the same
arrival. Mails are taken for our own addresses alone: this is nobody's relay. There is no TLS and no password here, so
it listens on this machine unless told otherwise: what faces the internet is a mail server.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP
from sqlalchemy.exc import SQLAlchemyError

from tickets.mail import arrival
from tickets.mail.arrival import Envelope, Way

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from aiosmtpd.smtp import Envelope as Sent
    from aiosmtpd.smtp import Session

    from desk.db import Database
    from tickets.mail.house import House

log = logging.getLogger(__name__)
logging.getLogger("mail.log").setLevel(logging.WARNING)  # aiosmtpd's; below that it writes senders down
PATIENCE = 120.0  # seconds that a server may say nothing
LAST_PATIENCE = 10.0  # seconds for what is being stored when we are told to stop
RECIPIENTS = 100
TAKEN, NOBODY = "250 2.6.0 It is stored", "550 5.1.1 Nobody here has that address"
TOO_MANY, LATER = "452 4.5.3 Too many recipients at once", "451 4.3.0 It cannot be stored now, try again later"


class Door:
    """Takes mails; `busy` is how many are being stored."""

    def __init__(self, database: Database, house: House, way: Way, clock: Callable[[], datetime]) -> None:
        self.database, self.house, self.way, self.clock = database, house, way, clock
        self.busy = 0

    async def handle_RCPT(  # noqa: N802 - the name is aiosmtpd's
        self, _server: SMTP, _session: Session, sent: Sent, address: str, options: list[str]
    ) -> str:
        """Whether we are the one whom it is for."""
        if not self.house.takes(address):
            return NOBODY
        if len(sent.rcpt_tos) >= RECIPIENTS:
            return TOO_MANY
        sent.rcpt_tos.append(address)
        sent.rcpt_options.extend(options)
        return "250 2.1.5 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, sent: Sent) -> str:  # noqa: N802
        """Store it, and only then say so."""
        self.busy += 1
        try:
            await asyncio.get_running_loop().run_in_executor(None, partial(self._store, sent))
        except SQLAlchemyError as error:
            log.warning("a mail was not taken, and will come again: %s", type(error).__name__)
            return LATER
        finally:
            self.busy -= 1
        return TAKEN

    async def handle_exception(self, error: Exception) -> str:
        """Whatever it is: the mail is the server's, which tries again."""
        log.error("a mail was not taken, and will come again", exc_info=error)
        return LATER

    def _store(self, sent: Sent) -> None:
        envelope = Envelope(_plain(sent.mail_from or ""), tuple(map(_plain, sent.rcpt_tos)))
        raw, at = sent.original_content or b"", self.clock()
        self.database.write(lambda session: arrival.store(session, raw, self.way, at, envelope))


class Whole(SMTP):
    """SMTP without a limit of the length of lines: a mail on one line is a mail."""

    def __init__(self, door: Door, **more: Any) -> None:
        self.line_length_limit = door.house.largest + 1024
        super().__init__(door, data_size_limit=door.house.largest, enable_SMTPUTF8=True, timeout=PATIENCE, **more)


class PerRecipient(Whole, LMTP):
    """LMTP answers a mail once for each recipient (RFC 2033 §4.2)."""

    owed = 0  # answers, once the mail is here

    async def push(self, status: str | bytes) -> None:
        """Say something; after the mail itself as often as it has recipients."""
        words = status.encode() if isinstance(status, str) else status
        times = self.owed or 1
        self.owed = len(self.envelope.rcpt_tos) if words.startswith(b"354") and self.envelope else 0
        await super().push(b"\r\n".join([words] * times))


KINDS = {Way.LMTP: PerRecipient, Way.SMTP: Whole}


async def serve(door: Door, host: str, port: int, stop: asyncio.Event, listens: Callable[[int], None]) -> None:
    """Take mails until told to stop; what is being stored then is still answered. `listens` is told the port."""
    kind, loop = KINDS[door.way], asyncio.get_running_loop()
    server = await loop.create_server(lambda: kind(door, hostname=host, loop=loop), host, port)
    listens(server.sockets[0].getsockname()[1])
    await stop.wait()
    server.close()
    with suppress(TimeoutError):
        await asyncio.wait_for(_idle(door), LAST_PATIENCE)


async def _idle(door: Door) -> None:
    while door.busy:
        await asyncio.sleep(0.05)
    await asyncio.sleep(0.05)  # for the answer to leave


def _plain(address: str) -> str:
    """What stood there in no known encoding can still be stored."""
    return address.encode("utf-8", "replace").decode()
