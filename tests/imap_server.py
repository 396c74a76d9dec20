"""An IMAP server on a loopback port, strict about the little it speaks (RFC 3501, 4315, 6851): what is not said
exactly so is BAD. One folder and its mails; it can be told to break off, to refuse, and to count its UIDs anew.
"""

from __future__ import annotations

import re
import socketserver
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

USER, PASSWORD = "support@afterhours.example", 'a "quoted\\" password'
CAPABILITIES = "IMAP4rev1 UIDPLUS MOVE"
ATOM = r'(?:"((?:[^"\\]|\\["\\])*)"|([^\s"(){%*\\\]]+))'
BREAK_OFF, NO = "break off", "no"
SEEN, DELETED = r"\Seen", r"\Deleted"


class BreaksOff(Exception):
    """The line is cut."""


@dataclass
class Kept:
    """A mail in a folder."""

    uid: int
    raw: bytes
    flags: set[str] = field(default_factory=set)
    came: datetime = datetime(2026, 11, 21, 22, 0, tzinfo=UTC)


@dataclass
class Account:
    """INBOX and Done; `does` says what happens at a command: before it, or with " after" once it was carried out."""

    validity: int = 1
    following: int = 1
    folders: dict[str, list[Kept]] = field(default_factory=lambda: {"INBOX": [], "Done": []})
    capabilities: str = CAPABILITIES
    does: dict[str, str] = field(default_factory=dict)
    hollow: bool = False  # of every mail it hands over an empty string
    said: list[str] = field(default_factory=list)
    hook: Callable[[str], None] = lambda _: None

    def gets(self, raw: bytes, *flags: str, came: datetime | None = None) -> Kept:
        """A mail comes."""
        mail = Kept(self.following, raw, set(flags), came or Kept(0, b"").came)
        self.following += 1
        self.folders["INBOX"].append(mail)
        return mail

    def counts_anew(self) -> None:
        """The server has lost its UIDs, as after it was restored."""
        self.validity += 1
        for number, mail in enumerate(self.folders["INBOX"], 1):
            mail.uid = number
        self.following = len(self.folders["INBOX"]) + 1

    @property
    def unseen(self) -> int:
        return sum(SEEN not in mail.flags for mail in self.folders["INBOX"])


class Talk(socketserver.StreamRequestHandler):
    """One connection."""

    account: Account
    timeout = 30

    def handle(self) -> None:
        self.let_in, self.folder = False, ""
        try:
            self.says(b"* OK here")
            while line := self.rfile.readline():
                self.command(line.decode("ascii").removesuffix("\r\n"))
        except (BreaksOff, ConnectionError, TimeoutError):
            return

    def command(self, line: str) -> None:
        tag, _, rest = line.partition(" ")
        name, _, words = rest.partition(" ")
        if name == "UID":
            part, _, words = words.partition(" ")
            name = f"UID {part}"
        self.account.said.append(name)
        self.does(name, tag)
        verb = getattr(self, name.lower().replace(" ", "_"), None)
        if verb is None or not re.fullmatch("[A-Z]+[0-9]+", tag):
            self.says(f"{tag} BAD no such command".encode())
            return
        if self.account.does.get(name) == NO:
            self.says(f"{tag} NO not now".encode())
            return
        wrong = verb(words)
        self.does(f"{name} after", tag)
        self.says(f"{tag} {wrong or 'OK'} done".encode())
        if name == "LOGOUT":
            raise BreaksOff

    def does(self, name: str, _: str) -> None:
        self.account.hook(name)
        if self.account.does.get(name) == BREAK_OFF:
            raise BreaksOff

    def says(self, line: bytes) -> None:
        self.wfile.write(line + b"\r\n")

    # Before the folder

    def capability(self, words: str) -> str | None:
        self.says(f"* CAPABILITY {self.account.capabilities}".encode())
        return "BAD" if words else None

    def noop(self, words: str) -> str | None:
        return "BAD" if words else None

    def login(self, words: str) -> str | None:
        given = strings(words, 2)
        if given is None:
            return "BAD"
        self.let_in = given == [USER, PASSWORD]
        return None if self.let_in else "NO [AUTHENTICATIONFAILED] not with that password"

    def select(self, words: str) -> str | None:
        given = strings(words, 1)
        if given is None or not self.let_in:
            return "BAD"
        if given[0] not in self.account.folders:
            return "NO [NONEXISTENT] no such folder"
        self.folder = given[0]
        self.says(f"* {len(self.mails)} EXISTS".encode())
        self.says(f"* OK [UIDVALIDITY {self.account.validity}] it is".encode())
        self.says(f"* OK [UIDNEXT {self.account.following}] it is".encode())
        return None

    def logout(self, words: str) -> str | None:
        self.says(b"* BYE then")
        return "BAD" if words else None

    # In the folder

    @property
    def mails(self) -> list[Kept]:
        return self.account.folders[self.folder]

    def uid_search(self, words: str) -> str | None:
        some = re.match(r"(\d+):(\d+) ", words)
        if some and not 1 <= int(some[1]) <= int(some[2]) <= len(self.mails):
            return "BAD"
        among = self.mails[int(some[1]) - 1 : int(some[2])] if some else self.mails
        words = words[some.end() :] if some else words
        since = re.fullmatch(r"SINCE (\d{1,2}-[A-Z][a-z]{2}-\d{4})", words)
        after = re.fullmatch(r"UID (\d+):\*", words)
        if words == "UNSEEN":
            found = [mail for mail in among if SEEN not in mail.flags]
        elif since:
            day = datetime.strptime(since[1], "%d-%b-%Y").date()  # noqa: DTZ007 - a day has no zone
            found = [mail for mail in among if mail.came.date() >= day]
        elif after:  # `*` is the highest there is, and a range has no order
            found = [mail for mail in self.mails if mail.uid >= int(after[1])] or self.mails[-1:]
            found = [mail for mail in found if mail in among] if some else found
        else:
            return "BAD"
        self.says(("* SEARCH " + " ".join(str(mail.uid) for mail in found)).strip().encode())
        return None

    def uid_fetch(self, words: str) -> str | None:
        uid, _, items = words.partition(" ")
        part = re.fullmatch(r"\(BODY\.PEEK\[\]<0\.(\d+)>\)", items)
        if not uid.isdecimal() or not (part or items == "(RFC822.SIZE INTERNALDATE)"):
            return "BAD"
        for number, mail in enumerate(self.mails, 1):
            if mail.uid == int(uid) and part and self.account.hollow:
                self.says(f'* {number} FETCH (UID {uid} BODY[]<0> "")'.encode())
            elif mail.uid == int(uid) and part:
                raw = mail.raw[: int(part[1])]
                self.says(f"* {number} FETCH (UID {uid} BODY[]<0> {{{len(raw)}}}".encode())
                self.says(raw + b")")
            elif mail.uid == int(uid):
                came = f"{mail.came:%d-%b-%Y %H:%M:%S +0000}"
                self.says(f'* {number} FETCH (UID {uid} RFC822.SIZE {len(mail.raw)} INTERNALDATE "{came}")'.encode())
        return None

    def uid_store(self, words: str) -> str | None:
        found = re.fullmatch(r"(\d+) \+FLAGS\.SILENT \((\\Seen|\\Deleted)\)", words)
        if not found:
            return "BAD"
        for mail in self.mails:
            if mail.uid == int(found[1]):
                mail.flags.add(found[2])
        return None

    def uid_copy(self, words: str) -> str | None:
        found = re.fullmatch(rf"(\d+) {ATOM}", words)
        target = found and (found[2] or found[3])
        if not found or target not in self.account.folders:
            return "NO [TRYCREATE] no such folder" if found else "BAD"
        for mail in self.mails:
            if mail.uid == int(found[1]):
                self.account.folders[target].append(mail)
        return None

    def uid_move(self, words: str) -> str | None:
        if "MOVE" not in self.account.capabilities:
            return "BAD"
        if wrong := self.uid_copy(words):
            return wrong
        self.mails[:] = [mail for mail in self.mails if mail.uid != int(words.split()[0])]
        return None

    def uid_expunge(self, words: str) -> str | None:
        if not words.isdecimal():
            return "BAD"
        self.mails[:] = [mail for mail in self.mails if mail.uid != int(words) or DELETED not in mail.flags]
        return None


def strings(words: str, number: int) -> list[str] | None:
    """So many atoms or quoted strings, and nothing else."""
    found = re.fullmatch(" ".join([ATOM] * number), words)
    if not found:
        return None
    pairs = [(found[2 * n + 1], found[2 * n + 2]) for n in range(number)]
    return [re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else atom for quoted, atom in pairs]


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


@contextmanager
def imap_server(account: Account) -> Iterator[int]:
    """Let it answer; gives the port."""
    server = Server(("127.0.0.1", 0), type("OneTalk", (Talk,), {"account": account}))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
