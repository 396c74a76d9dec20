"""The wire to an IMAP server: one folder of one account, by UIDs (RFC 3501, with MOVE of RFC 6851).

Of the library's error messages none that could hold the password goes any further.
"""

from __future__ import annotations

import imaplib
import re
import ssl
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import date

    from desk.settings import Settings

PATIENCE = 60.0  # seconds for an answer
AT_ONCE = 50_000  # mails that are searched; the library takes a line of a million bytes, and a UID has up to 10 digits
FAILURES = (imaplib.IMAP4.error, OSError, ValueError)  # of the connection, or of what is said over it
DATED = re.compile(rb'INTERNALDATE "([^"]+)"')
SIZE = re.compile(rb"RFC822\.SIZE (\d+)")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Away(Exception):
    """The server cannot be used at the moment."""


class NotLetIn(Away):
    """It does not take our account or password; a person has to see to it."""


class Refused(Exception):
    """It refuses one thing and goes on."""


class Folder:
    """The folder, over a connection of its own."""

    def __init__(self, settings: Settings) -> None:
        self.settings, self.mails = settings, 0
        self.wire = self._connected()

    def close(self) -> None:
        """Leave the server; a line that is cut already is left all the same."""
        with suppress(*FAILURES):
            self.wire.logout()
        with suppress(*FAILURES):
            self.wire.shutdown()

    def opened(self) -> tuple[int, int]:
        """Open it, also anew: its UIDVALIDITY, and the UID that the next mail will have."""
        with _told():
            said, answer = self.wire.select(_quoted(self.settings.mail_in_folder))
            if said != "OK":
                raise Away(f"the folder {self.settings.mail_in_folder} cannot be opened: {_words(answer)}")
            self.mails = int(answer[0] or 0)
            return self._number("UIDVALIDITY"), self._number("UIDNEXT")

    def after(self, last: int) -> set[int]:
        """The UIDs that are higher."""
        return {uid for uid in self._search(f"UID {last + 1}:*") if uid > last}  # `*` is the highest, even if below

    def unseen(self) -> set[int]:
        """The UIDs of what nobody has read."""
        return self._search("UNSEEN")

    def since(self, day: date) -> set[int]:
        """The UIDs of what came on that day by the server's clock, or later."""
        return self._search(f"SINCE {day.day}-{MONTHS[day.month - 1]}-{day.year}")

    def size(self, uid: int) -> tuple[int, datetime | None] | None:
        """How large a mail is, and when it came by the server's clock; None if it is gone."""
        answer = b" ".join(_plain(self._uid("FETCH", uid, "(RFC822.SIZE INTERNALDATE)")))
        found, dated = SIZE.search(answer), DATED.search(answer)
        return (int(found[1]), _instant(dated[1].decode("ascii", "replace")) if dated else None) if found else None

    def raw(self, uid: int, most: int) -> bytes | None:
        """Its bytes, of a larger one the first; it stays unread. None if it is gone."""
        answer = self._uid("FETCH", uid, f"(BODY.PEEK[]<0.{most}>)")
        found = next((bytes(part[1]) for part in answer if isinstance(part, tuple)), None)
        if found is None and any(answer):  # it has the mail, and answers nothing or a few words in quotation marks
            raise Refused(f"FETCH {uid}: the server knows this mail and hands over none of it")
        return found

    def done(self, uid: int) -> None:
        """Mark it as read, and move it where the settings say so."""
        self._uid("STORE", uid, r"+FLAGS.SILENT (\Seen)")
        target = self.settings.mail_in_done
        if not target:
            return
        if "MOVE" in self.wire.capabilities:
            self._uid("MOVE", uid, _quoted(target))
        else:
            self._uid("COPY", uid, _quoted(target))
            self._uid("STORE", uid, r"+FLAGS.SILENT (\Deleted)")
            if "UIDPLUS" in self.wire.capabilities:  # else it would take others with it
                self._uid("EXPUNGE", uid)

    def _connected(self) -> imaplib.IMAP4:
        settings = self.settings
        host, port, tls = settings.mail_in_host, settings.mail_in_port, settings.mail_in_tls
        with _told():
            wire: imaplib.IMAP4
            if tls == "tls":
                wire = imaplib.IMAP4_SSL(host, port, ssl_context=ssl.create_default_context(), timeout=PATIENCE)
            else:
                wire = imaplib.IMAP4(host, port, timeout=PATIENCE)
        try:
            with _told():
                if tls == "starttls":
                    wire.starttls(ssl.create_default_context())
            self._let_in(wire)
        except BaseException:
            with suppress(*FAILURES):
                wire.shutdown()
            raise
        return wire

    def _let_in(self, wire: imaplib.IMAP4) -> None:
        user, password = self.settings.mail_in_user, self.settings.mail_in_password.get_secret_value()
        try:
            if (user + password).isascii():
                wire.login(user, password)
            else:
                wire.authenticate("PLAIN", lambda _: f"\0{user}\0{password}".encode())
        except imaplib.IMAP4.abort:
            raise Away("the mail server broke off at the login") from None
        except imaplib.IMAP4.error as error:
            said = _words(list(error.args)).replace(password, "[hidden]")
            raise NotLetIn(f"the mail server does not let {user} in: {said}") from None
        except OSError as error:
            raise Away(f"the mail server broke off at the login ({error})") from None

    def _search(self, what: str) -> set[int]:
        """Of a large folder part by part, from its newest mails down: what others remove meanwhile moves none out."""
        found: set[int] = set()
        for end in range(self.mails, 0, -AT_ONCE):
            some = f"{max(1, end - AT_ONCE + 1)}:{end} " if self.mails > AT_ONCE else ""
            found |= self._searched(some + what)
        return found

    def _searched(self, what: str) -> set[int]:
        with _told():
            said, answer = self.wire.uid("SEARCH", what)
            if said != "OK":
                raise Away(f"the folder cannot be searched: {_words(answer)}")
            return {int(uid) for part in answer if part for uid in part.split()}

    def _uid(self, command: str, uid: int, *words: str) -> list[Any]:
        with _told():
            said, answer = self.wire.uid(command, str(uid), *words)
        if said != "OK":
            raise Refused(f"{command} {uid}: {_words(answer)}")
        return answer

    def _number(self, name: str) -> int:
        answer = self.wire.response(name)[1]
        if not answer or not answer[0]:
            if name == "UIDNEXT":  # RFC 3501 lets old servers leave it out
                return max(self._search("ALL"), default=0) + 1
            raise Away(f"the mail server does not tell its {name}")
        return int(answer[-1])


class _told:  # noqa: N801 - it is read as a word
    """What the library raises, as Away and in one line."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if isinstance(error, FAILURES):
            raise Away(f"the mail server cannot be used: {_words([error])}") from None


def _plain(answer: list[Any]) -> list[bytes]:
    return [part[0] if isinstance(part, tuple) else part for part in answer if part]


def _quoted(name: str) -> str:
    return '"' + name.replace("\\", r"\\").replace('"', r"\"") + '"'


def _words(answer: list[Any]) -> str:
    parts = [part.decode("utf-8", "replace") if isinstance(part, bytes) else str(part) for part in answer if part]
    return re.sub(r"[\x00-\x1f\x7f]+", " ", " ".join(parts))[:200].strip()


def _instant(text: str) -> datetime | None:
    """7-Nov-2026 10:00:00 +0200."""
    found = re.fullmatch(r" ?(\d{1,2})-(\w{3})-(\d{4}) (\d\d:\d\d:\d\d) ([+-]\d{4})", text)
    if not found or found[2] not in MONTHS:
        return None
    day, month, year, time, zone = found.groups()
    with suppress(ValueError, OverflowError):
        iso = f"{year}-{MONTHS.index(month) + 1:02}-{int(day):02}T{time}{zone[:3]}:{zone[3:]}"
        return datetime.fromisoformat(iso).astimezone(UTC)
    return None
