"""The parts of a mail: a tree over its bytes, in one pass for each level, within limits (`limits`).

What is nested too deeply, or comes after too many parts, is kept as one part and not taken apart.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from tickets.mail import limits
from tickets.mail.fields import Block, Fields
from tickets.mail.parameters import Value, type_of, value_of
from tickets.mail.transfer import transferred

if TYPE_CHECKING:
    from collections.abc import Iterator

WHOLE_MAILS = ("message/rfc822", "message/global", "message/news")
GUESSED = re.compile(rb"(?m)^--([^\s-][^\s]{0,68}[^\s-])[ \t]*\r?\n(?=[Cc]ontent-|\r?\n)")
PREAMBLE = 16 * 1024  # bytes in which a boundary that was not declared is looked for


@dataclass(frozen=True)
class Part:
    """One part: its headers, where its content lies, and the parts inside it."""

    fields: Fields
    value: Value  # of its Content-Type
    type: str
    raw: bytes = field(repr=False)
    start: int
    end: int
    inside: tuple[Part, ...] = ()

    @cached_property
    def disposition(self) -> Value:
        """Whether it is to be shown or kept as a file, and under which name."""
        return value_of(self.fields.get("content-disposition"), self.fields.charset)

    @property
    def name(self) -> str:
        """The file name it was given, as it was given; empty where there is none."""
        return self.disposition.get("filename") or self.value.get("name") or self.disposition.get("name")

    def content(self, faults: list[str] | None = None) -> bytes:
        """Its bytes, as they were before they were encoded for the way."""
        encoding = self.fields.get("content-transfer-encoding").decode("latin-1")
        return transferred(self.raw[self.start : self.end], encoding, faults)


class Splitting:
    """One mail being taken apart."""

    def __init__(self) -> None:
        self.count = 0
        self.faults: list[str] = []

    def mail(self, raw: bytes) -> Part:
        """The mail with its parts; headers in raw letters are taken to be of the charset of its text."""
        whole = self._part(_with_usual_ends(raw), 0, None, 0, "text/plain", first=True)
        return replace(whole, fields=replace(whole.fields, charset=_charset(whole)))

    def _part(self, raw: bytes, start: int, end: int | None, depth: int, usual: str, *, first: bool = False) -> Part:
        self.count += 1
        stop = len(raw) if end is None else end
        block = Block(raw, start, stop, first)
        fields, body = block.read()
        self.faults += block.faults
        value = value_of(fields.get("content-type"))
        fields = Fields(fields.raw, value.get("charset") or None)
        part = Part(fields, value, type_of(value, usual), raw, body, stop)
        if not part.type.startswith("multipart/") and part.type not in WHOLE_MAILS:
            return part
        if depth >= limits.DEPTH:
            self.faults.append(f"parts more than {limits.DEPTH} deep are kept as one file")
            return Part(fields, value, "application/octet-stream", raw, body, stop)
        inside = self._mails(part, depth) if part.type in WHOLE_MAILS else self._pieces(part, depth)
        return Part(fields, value, part.type, raw, body, stop, inside)

    def _mails(self, part: Part, depth: int) -> tuple[Part, ...]:
        """The mail within a mail, which may be encoded though it must not."""
        content = part.content()
        if len(content) != part.end - part.start:
            return (self._part(_with_usual_ends(content), 0, None, depth + 1, "text/plain", first=True),)
        return (self._part(part.raw, part.start, part.end, depth + 1, "text/plain", first=True),)

    def _pieces(self, part: Part, depth: int) -> tuple[Part, ...]:
        usual = "message/rfc822" if part.type == "multipart/digest" else "text/plain"
        raw, start, end = part.raw, part.start, part.end
        spans = self._spans(part, raw, start, end)
        if not spans and part.fields.has("content-transfer-encoding"):
            raw = part.content()
            spans = self._spans(part, raw, 0, len(raw))
        if not spans:
            self.faults.append("it is said to have parts and has none")
        found = []
        for begin, stop in spans:
            if self.count >= limits.PARTS:
                self.faults.append(f"it has more than {limits.PARTS} parts; the first were read")
                break
            found.append(self._part(raw, begin, stop, depth + 1, usual))
        return tuple(found)

    def _spans(self, part: Part, raw: bytes, start: int, end: int) -> list[tuple[int, int]]:
        declared = part.value.get("boundary").encode("latin-1", "replace")
        spans = spans_between(raw, start, end, declared) if declared else []
        if not spans and (guessed := GUESSED.search(raw, start, min(end, start + PREAMBLE))):
            self.faults.append("the line between its parts was not declared, and was guessed")
            spans = spans_between(raw, start, end, guessed[1])
        return spans


def spans_between(raw: bytes, start: int, end: int, boundary: bytes) -> list[tuple[int, int]]:
    """Where the pieces between the lines of that boundary begin and end; what is before and after is none of them."""
    mark = b"\n--" + boundary
    spans: list[tuple[int, int]] = []
    begins: int | None = None
    junk = 0
    for at in _line_ends_before(raw, start, end, mark):
        line_end = raw.find(b"\n", at + 1, end) % (end + 1)  # the end, where there is none
        rest = raw[at + len(mark) : line_end].strip()
        if rest not in (b"", b"--"):
            junk += 1
        else:
            if begins is not None:
                spans.append((begins, max(begins, at - (raw[at - 1 : at] == b"\r"))))
            begins = None if rest else min(line_end + 1, end)
        if junk > limits.JUNK or len(spans) > limits.PARTS:
            return spans
    return [*spans, (begins, end)] if begins is not None and begins < end else spans


def _line_ends_before(raw: bytes, start: int, end: int, mark: bytes) -> Iterator[int]:
    if raw.startswith(mark[1:], start, end):
        yield start - 1
    at = raw.find(mark, start, end)
    while at >= 0:
        yield at
        at = raw.find(mark, at + 1, end)


def _charset(part: Part) -> str | None:
    return part.value.get("charset") or next(filter(None, map(_charset, part.inside)), None)


def _with_usual_ends(raw: bytes) -> bytes:
    """The bytes with lines that end in LF, where they ended in CR alone or in CR CR LF."""
    if b"\n" not in raw:
        return raw.replace(b"\r", b"\n")
    first = raw.find(b"\n")
    return raw.replace(b"\r\r\n", b"\r\n") if raw[max(0, first - 2) : first] == b"\r\r" else raw
