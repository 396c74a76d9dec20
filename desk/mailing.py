"""Mailing: a mail on its way out of the outbox, to the mail server of the settings.

- A mail server cannot be asked what it has. Where it broke off after it had the whole mail, nobody knows whether it
  will deliver it; then the mail goes again, under the same Message-ID: twice is better than never, and whoever keeps
  mails shows such a pair as one, or can.
- What the server says of this mail (MAIL, RCPT, DATA) decides: 5yz is for good, 4yz is for now (RFC 5321 §4.2.1).
  What it says before that, also of our password, is about us and not about the mail, which waits until it is mended.
- A server that does not answer is let alone for a minute: mails must not keep rings and texts from going out.
- The standard library writes a header of one long word, such as the References of a long Message-ID, as encoded words,
  and a mailer that reads them then finds no thread. Headers that a row brings are folded here, and are ASCII alone.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import smtplib
import ssl
from contextlib import contextmanager, suppress
from datetime import timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from email_validator import EmailNotValidError, validate_email

from desk import outbox
from desk.answer import Answer, Done, Failed, Later, Refused, Unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from desk.outbox import Outgoing
    from desk.settings import Settings

KIND = "mail"
PATIENCE = (10.0, 25.0)  # seconds: for each answer, and for the one to the whole mail; a lease is longer
REST = timedelta(minutes=1)
LINES = SMTP.clone(cte_type="7bit")  # whatever the server can do, it gets plain ASCII
ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@(?:[a-z\d-]{1,63}\.)+[a-z\d-]{2,63}", re.ASCII | re.IGNORECASE)
CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")
HEADER = re.compile(r"[A-Za-z]+(?:-[A-Za-z]+)*: [!-~]+(?: [!-~]+)*", re.ASCII)
OURS = {"from", "to", "subject", "date", "message-id", "mime-version", "bcc", "cc", "sender"}  # not a row's to say
LONGEST = 254  # characters of an address (RFC 5321 §4.5.3.1.3)
LINE, LONGEST_WORD = 78, 900  # characters; a line is allowed to have 998 (RFC 5322 §2.1.1)
AUTOMATIC = {"Auto-Submitted": "auto-generated"}


class Away(Exception):
    """The mail server cannot be used at the moment, whatever the mail."""


class Mails:
    """Takes mails to the mail server."""

    def __init__(
        self, settings: Settings, clock: Callable[[], datetime], patience: tuple[float, float] = PATIENCE
    ) -> None:
        self.settings, self.clock = settings, clock
        self.patience, self.last_patience = patience
        self.sender = parseaddr(settings.mail_from)[1]
        self.domain = domain(settings)
        self.rests_until: datetime | None = None

    def find(self, item: Outgoing) -> tuple[str, ...] | Failed:
        """Nothing: a mail server cannot be asked."""
        return ()

    def send(self, item: Outgoing, before: datetime) -> Answer:
        """Hand it to the mail server."""
        if self.rests_until and self.clock() < self.rests_until:
            return Later("the mail server did not answer a moment ago", pause=self.rests_until - self.clock())
        try:
            with self._server() as server:
                return self._handed_over(server, item, before)
        except Away as error:
            self.rests_until = self.clock() + REST
            return Later(str(error), pause=REST)

    def settled(self, session: Session, item: Outgoing, answer: Answer, now: datetime) -> None:
        """Nothing stands anywhere else of it than in its row."""

    def written(self, item: Outgoing) -> bytes:
        """The mail, the same whenever it is written, as RFC 5322 has it.

        It is marked as automatic (RFC 3834 §5) unless the row brings headers of its own; with `html` it is the same
        twice (RFC 2046 §5.1.4), the plain text first.
        """
        said, name = item.payload, self.message_id(item)
        mail = EmailMessage(LINES)
        mail["From"], mail["To"] = self.settings.mail_from, said["to"]
        mail["Subject"] = said["subject"]
        mail["Date"], mail["Message-ID"] = format_datetime(item.made_at), name
        mail.set_content(said["body"])
        if html := said.get("html"):
            mail.add_alternative(html, subtype="html")
            mail.set_boundary(f"=_{hashlib.sha256(name.encode()).hexdigest()[:40]}")  # else another at every try
        return _folded(said.get("headers", AUTOMATIC)) + mail.as_bytes()

    def message_id(self, item: Outgoing) -> str:
        """The name of a mail, from what names its effect: the same at every try, and nobody else can make it."""
        if given := item.payload.get("message_id"):
            return str(given)
        secret = self.settings.secret_key.get_secret_value().encode()
        return f"<{hmac.new(secret, f'mail {item.key}'.encode(), 'sha256').hexdigest()[:40]}@{self.domain}>"

    def _handed_over(self, server: smtplib.SMTP, item: Outgoing, before: datetime) -> Answer:
        envelope = (("MAIL", f"FROM:<{self.sender}>", 2), ("RCPT", f"TO:<{item.payload['to']}>", 2), ("DATA", "", 3))
        try:
            for verb, words, right in envelope:
                code, told = server.docmd(verb, words)
                if code // 100 != right:
                    return _judged(code, told)
        except (smtplib.SMTPException, OSError) as error:
            return Later(f"the mail server broke off ({error})")
        if self.clock() >= before:
            return Later(f"not handed over by {before:%H:%M:%S}")
        try:
            self._wait_for(server, self.last_patience)
            server.send(re.sub(rb"(?m)^\.", b"..", self.written(item)) + b".\r\n")
            code, told = server.getreply()
        except (smtplib.SMTPException, OSError) as error:
            return Unknown(f"the mail server had the mail and did not answer ({error})")
        return Done(self.message_id(item)) if code // 100 == 2 else _judged(code, told)

    @contextmanager
    def _server(self) -> Iterator[smtplib.SMTP]:
        try:
            server = self._connected()
        except smtplib.SMTPResponseException as error:
            raise Away(_told(error.smtp_code, error.smtp_error)) from error
        except (smtplib.SMTPException, OSError) as error:
            raise Away(f"the mail server cannot be used ({error})") from error
        try:
            yield server
        finally:
            with suppress(smtplib.SMTPException, OSError):
                self._wait_for(server, 1)
                server.quit()
            server.close()

    def _connected(self) -> smtplib.SMTP:
        settings = self.settings
        kind = smtplib.SMTP
        if settings.mail_tls == "tls":
            kind = partial(smtplib.SMTP_SSL, context=ssl.create_default_context())  # type: ignore[assignment]
        server = kind(settings.mail_host, settings.mail_port, self.domain, timeout=self.patience)
        try:
            if settings.mail_tls == "starttls":
                server.starttls(context=ssl.create_default_context())
            server.ehlo_or_helo_if_needed()
            if settings.mail_user:
                server.login(settings.mail_user, settings.mail_password.get_secret_value())
        except BaseException:
            server.close()
            raise
        return server

    @staticmethod
    def _wait_for(server: smtplib.SMTP, seconds: float) -> None:
        if server.sock:
            server.sock.settimeout(seconds)


def domain(settings: Settings) -> str:
    """What stands behind the @ of a Message-ID of ours."""
    return urlsplit(settings.public_url).hostname or "localhost"


def post(
    session: Session,
    key: str,
    to: str,
    subject: str,
    body: str,
    now: datetime,
    *,
    lasts: timedelta = outbox.A_DAY,
    **more: Any,
) -> Outgoing:
    """Put a mail in the outbox, once per key, with what more `payload` takes; raises ValueError as that does."""
    return outbox.post(session, key, KIND, payload(to, subject, body, **more), now, lasts=lasts)


def payload(
    to: str,
    subject: str,
    body: str,
    *,
    html: str | None = None,
    headers: Mapping[str, str] | None = None,
    message_id: str | None = None,
) -> dict[str, Any]:
    """What a row says of a mail; whatever stood in the subject, it is one line.

    `headers` stand beside those that every mail has, instead of the mark of an automatic one. Raises ValueError for
    what is no address, and for a header that is not plain ASCII in one line, or not a row's to say.
    """
    if not is_address(to):
        raise ValueError(f"{to!r} is no mail address")
    for name, value in (headers or {}).items():
        ours = name.lower() in OURS or name.lower().startswith("content-")
        if ours or not HEADER.fullmatch(f"{name}: {value}") or max(map(len, value.split(" "))) > LONGEST_WORD:
            raise ValueError(f"a mail takes no header {name!r} with {value!r}")
    said: dict[str, Any] = {"to": to, "subject": CONTROL.sub(" ", subject).strip(), "body": body}
    more = {"html": html, "headers": dict(headers) if headers is not None else None, "message_id": message_id}
    return said | {name: value for name, value in more.items() if value is not None}


def _folded(headers: Mapping[str, str]) -> bytes:
    """Headers in lines that no mail server breaks: cut at spaces, and a word that is too long stands by itself."""
    lines: list[str] = []
    for name, value in headers.items():
        lines.append(f"{name}:")
        for word in value.split(" "):
            if len(lines[-1]) + 1 + len(word) > LINE and lines[-1] != f"{name}:":
                lines.append("")
            lines[-1] += f" {word}"
    return "".join(f"{line}\r\n" for line in lines).encode("ascii")


class NotAnAddress(ValueError):
    """Mails cannot go there; the text says why, for whoever typed it."""


def typed(text: str) -> str:
    """An address that somebody typed, in the one way in which it is stored; raises NotAnAddress.

    Whether its server exists is not asked: a request must never wait for somebody else's name server.
    """
    try:
        found = validate_email(text.strip()[: LONGEST + 1], check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError as error:
        raise NotAnAddress(str(error)) from None
    address = found.ascii_email or found.normalized
    if not is_address(address):
        raise NotAnAddress("We cannot write to it.")
    return address


def is_address(text: str | None) -> bool:
    """Whether mail can be sent there: one plain address, nothing beside it, and nothing that could end a line."""
    return bool(text and ADDRESS.fullmatch(text))


def _judged(code: int, told: bytes) -> Failed:
    return Refused(_told(code, told), code) if code // 100 == 5 else Later(_told(code, told), code)


def _told(code: int, told: bytes | str) -> str:
    words = told.decode("utf-8", "replace") if isinstance(told, bytes) else told
    return f"the mail server says: {code} {CONTROL.sub(' ', words)[:200].strip()}"
