"""A mail server on a loopback port that does what the test wants: takes mails, refuses, hangs, breaks off."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import default
from typing import TYPE_CHECKING, Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import EmailMessage
    from ssl import SSLContext

HANGS, BREAKS_OFF, BREAKS_OFF_WITH_IT = "hangs", "breaks off", "breaks off, and has it all the same"
FOR_NOW, FOR_GOOD = "451 4.3.0 Try again later", "550 5.1.1 No such user here"


@dataclass
class Taker:
    """Takes mails; `says` is what it does instead at a command, once per item if it is a list."""

    says: dict[str, Any] = field(default_factory=dict)
    raw: list[bytes] = field(default_factory=list)
    envelopes: list[tuple[str, list[str]]] = field(default_factory=list)

    @property
    def mails(self) -> list[EmailMessage]:
        """What it took, read."""
        return [message_from_bytes(each, policy=default) for each in self.raw]

    @property
    def told(self) -> list[tuple[str, str, str]]:
        """What it took, as (to, subject, body). The server reads all properties for each connection: none may fail."""
        return [(mail["To"], mail["Subject"], _text(mail)) for mail in self.mails]

    async def handle_MAIL(self, server, _session, envelope, address, options) -> str:  # noqa: N802 - its name
        if answer := await self._instead("MAIL", server):
            return answer
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(self, server, _session, envelope, address, options) -> str:  # noqa: N802
        if answer := await self._instead("RCPT", server):
            return answer
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, server, _session, envelope) -> str:  # noqa: N802
        now = self._next("DATA")
        if now in (None, BREAKS_OFF_WITH_IT):
            self.raw.append(envelope.content)
            self.envelopes.append((envelope.mail_from, envelope.rcpt_tos))
        return await self._done(now, server) or "250 OK"

    def _next(self, command: str) -> str | None:
        wanted = self.says.get(command)
        if isinstance(wanted, list):
            return wanted.pop(0) if wanted else None
        return wanted

    async def _instead(self, command: str, server: Any) -> str | None:
        return await self._done(self._next(command), server)

    async def _done(self, what: str | None, server: Any) -> str | None:
        if what == HANGS:
            await asyncio.Event().wait()
        if what in (BREAKS_OFF, BREAKS_OFF_WITH_IT):
            server.transport.abort()
            return "421 gone"
        return what


def _text(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    return body.get_content().replace("\r\n", "\n") if body else ""


class AnyPort(Controller):
    """A server on whatever port is free."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def mail_server(taker: Taker, context: SSLContext | None = None, **more: Any) -> Iterator[int]:
    """Let it listen; gives the port. With a context it offers STARTTLS."""
    server = AnyPort(taker, "127.0.0.1", 0, tls_context=context, **more)
    server.start()
    try:
        yield server.port
    finally:
        server.stop()


def only(user: str, password: str) -> Any:
    """Lets in whoever has that password."""

    def check(_server, _session, _envelope, _mechanism, data) -> AuthResult:
        return AuthResult(success=(data.login, data.password) == (user.encode(), password.encode()), handled=False)

    return check
