"""The headers of a mail, or of a part of it: found, unfolded, turned into text.

They end at an empty line. They also end where the text begins without one; but a line that is no header amid headers
is passed over, and so is an empty line before the headers that say from whom and about what a mail is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property

from tickets.mail import limits
from tickets.mail.words import text_of_header

HEADER = re.compile(rb"([!-9;-~]{1,80})[ \t]*:")
FOLD = re.compile(rb"[\r\n]+[ \t]*")
EMPTY = re.compile(rb"\n\r*\n")
MBOX = (b"From ", b">From ")
# Whatever has none of these is a text and no headers.
WRITERS = {"from", "to", "cc", "subject", "date", "message-id", "in-reply-to", "references", "sender", "reply-to"}
SERVERS = {"received", "return-path", "delivered-to", "x-original-to", "auto-submitted", "precedence", "list-id"}
CONTENTS = {"mime-version", "content-type", "content-transfer-encoding", "content-disposition", "content-id"}
OTHERS = {"content-description", "content-language", "thread-topic", "x-mailer", "importance"}
KNOWN = WRITERS | SERVERS | CONTENTS | OTHERS
NEAR = 3  # lines that are no headers in a row, before what follows is the text


@dataclass(frozen=True)
class Fields:
    """Headers in order, names in lower case; `charset` is what raw 8-bit characters in them are taken to be."""

    raw: tuple[tuple[str, bytes], ...] = ()
    charset: str | None = None

    @cached_property
    def by_name(self) -> dict[str, list[bytes]]:
        """The values under each name, unfolded."""
        found: dict[str, list[bytes]] = {}
        for name, value in self.raw:
            found.setdefault(name, []).append(FOLD.sub(b" ", value).strip())
        return found

    def all(self, name: str) -> list[bytes]:
        """Every value under that name, unfolded."""
        return self.by_name.get(name, [])

    def get(self, name: str) -> bytes:
        """The first value under that name that is not empty; empty where there is none."""
        return next(filter(None, self.all(name)), b"")

    def text(self, name: str) -> str:
        """The same as one line of text, encoded words decoded."""
        return text_of_header(self.get(name), self.charset)

    def has(self, name: str) -> bool:
        """Whether there is one of that name, even an empty one."""
        return name in self.by_name


@dataclass
class Block:
    """Headers while they are found, between two places of a mail."""

    raw: bytes
    at: int
    end: int
    first: bool  # of the mail itself, not of a part
    found: list[tuple[str, bytearray]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def read(self) -> tuple[Fields, int]:
        """The headers, and where the text begins."""
        start = self.at
        if self.first:
            self._skip_leading()
        limit = self.at + limits.HEADERS
        while self.at < self.end and self._line():
            if self.at > limit or len(self.found) > limits.FIELDS:
                self._skip_the_rest()
                break
        if not KNOWN & {name for name, _ in self.found} and self.raw[start : start + 2].strip(b"\r\n"):
            return Fields(), start
        return Fields(tuple((name, bytes(value)) for name, value in self.found)), self.at

    def _line(self) -> bool:
        """Take one line; whether headers go on after it."""
        after = self._end_of_line(self.at)
        line = self.raw[self.at : min(after, self.at + limits.HEADERS)]
        header = HEADER.match(line)
        if not line.strip(b"\r\n"):
            goes_on = self.first and self._hides_headers(after)
        elif line[:1] in b" \t" and self.found:
            self.found[-1][1].extend(line)
            goes_on = True
        elif header:
            self.found.append((header[1].decode("ascii").lower(), bytearray(line[header.end() :])))
            goes_on = True
        elif line.startswith(MBOX) or self._headers_follow(after):
            goes_on = True
        else:
            if self.found:
                self.faults.append("no empty line stood between the headers and the text")
            return False
        self.at = after
        return goes_on

    def _skip_leading(self) -> None:
        while self.raw[self.at : self.at + 1] in (b"\r", b"\n", b"\xef", b"\xbb", b"\xbf") and self.at < self.end:
            self.at += 1

    def _skip_the_rest(self) -> None:
        self.faults.append("its headers are too many or too long; the first were read")
        empty = EMPTY.search(self.raw, self.at - 1, self.end)
        self.at = empty.end() if empty else self.end

    def _hides_headers(self, after: int) -> bool:
        """Whether headers that say from whom or about what stand below this empty line."""
        names = {name for name, _ in self.found}
        below = self._name_at(after)
        if not names or {"from", "subject"} <= names or below in names or below not in KNOWN:
            return False
        self.faults.append("an empty line stood amid the headers")
        return True

    def _headers_follow(self, at: int) -> bool:
        for _ in range(NEAR):
            if self._name_at(at) in KNOWN:
                self.faults.append("a line that is no header stood amid the headers")
                return True
            at = self._end_of_line(at)
        return False

    def _name_at(self, at: int) -> str | None:
        header = HEADER.match(self.raw, at, self.end)
        return header[1].decode("ascii").lower() if header else None

    def _end_of_line(self, at: int) -> int:
        found = self.raw.find(b"\n", at, self.end)
        return self.end if found < 0 else found + 1
