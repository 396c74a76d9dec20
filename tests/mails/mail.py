"""How the nasty mails are written: a letter of Sipho's in which all can be replaced, and parts to put into it."""

from __future__ import annotations

from base64 import encodebytes
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import EllipsisType

SIPHO = "sipho@harbour.example"
USUAL: dict[str, object] = {
    "From": f"Sipho Khumalo <{SIPHO}>",
    "To": "support@afterhours.example",
    "Subject": "The till is broken",
    "Date": "Mon, 23 Nov 2026 10:00:00 +0200",
    "Message-ID": "<till-1@harbour.example>",
}
WORDS = "The till at the front does not open.\n"
CUT = "cut-here"


@dataclass(frozen=True)
class Expected:
    """What must come of a mail; what is `...` is not looked at.

    `text` and `shown` are what they contain (all of it), or "" for nothing; `not_shown` and `not_text` what they must
    not; `kind` is the kind of machine that wrote it, None a person; `files` are their names in order; `fault` is among
    the faults, "" where there must be none.
    """

    sender: str | EllipsisType | None = ...
    name: str | EllipsisType = ...
    subject: str | EllipsisType = ...
    text: str | tuple[str, ...] | EllipsisType = ...
    not_text: tuple[str, ...] = ()
    shown: str | EllipsisType = ...
    not_shown: tuple[str, ...] = ()
    kind: str | None = None
    failed: tuple[str, ...] = ()
    files: tuple[str, ...] | EllipsisType = ...
    sizes: tuple[int, ...] | EllipsisType = ...
    fault: str | EllipsisType = ...
    date: str | EllipsisType | None = ...
    message_id: str | EllipsisType | None = ...
    references: tuple[str, ...] | EllipsisType = ...
    recipients: tuple[str, ...] | EllipsisType = ...


@dataclass(frozen=True)
class Mail:
    """A nasty mail and what is expected of it."""

    name: str
    raw: bytes
    expected: Expected


def mail(title: str, raw: bytes, /, **expected: object) -> Mail:
    return Mail(title, raw, Expected(**expected))  # type: ignore[arg-type]


def letter(body: str | bytes = WORDS, kind: str | None = None, **headers: object) -> bytes:
    """Sipho's letter; a header None is left out, a list is several, bytes go as they are; `_` in names is `-`."""
    said = {name.replace("_", "-"): value for name, value in headers.items()}
    if kind is not None:
        said |= {"MIME-Version": "1.0", "Content-Type": kind}
    return _head({**USUAL, **said}) + b"\r\n" + _lines(body)


def part(kind: str, body: str | bytes = "", **headers: object) -> bytes:
    """A part: its type, further headers, its content."""
    said = {"Content-Type": kind, **{name.replace("_", "-"): value for name, value in headers.items()}}
    return _head(said) + b"\r\n" + _lines(body)


def multi(kind: str, *parts: bytes, cut: str = CUT) -> bytes:
    """A part of parts."""
    return part(f'multipart/{kind}; boundary="{cut}"', between(*parts, cut=cut))


def between(*parts: bytes, cut: str = CUT) -> bytes:
    """Parts with the lines between them."""
    mark = b"--" + cut.encode()
    return b"".join(mark + b"\r\n" + one + b"\r\n" for one in parts) + mark + b"--\r\n"


def parted(kind: str, *parts: bytes, cut: str = CUT, **headers: object) -> bytes:
    """Sipho's letter in parts."""
    return letter(between(*parts, cut=cut), f'multipart/{kind}; boundary="{cut}"', **headers)


def text(words: str = WORDS, charset: str = "utf-8") -> bytes:
    return part(f"text/plain; charset={charset}", words.encode(charset), Content_Transfer_Encoding="8bit")


def html(words: str) -> bytes:
    return part("text/html; charset=utf-8", words)


def file(name: str, content: bytes = b"%PDF-1.7 not really", kind: str = "application/pdf") -> bytes:
    """An attached file in base64; its name stands as it is given."""
    return part(
        kind,
        encodebytes(content),
        Content_Disposition=f'attachment; filename="{name}"',
        Content_Transfer_Encoding="base64",
    )


def _head(headers: dict[str, object]) -> bytes:
    lines = [
        b"%s: %s\r\n" % (name.encode(), one if isinstance(one, bytes) else _lines(str(one)))
        for name, value in headers.items()
        for one in (value if isinstance(value, list) else [value])
        if one is not None
    ]
    return b"".join(lines)


def _lines(body: str | bytes) -> bytes:
    return body if isinstance(body, bytes) else body.encode().replace(b"\n", b"\r\n")
