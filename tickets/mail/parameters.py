"""`Content-Type` and `Content-Disposition`: their value and parameters (RFC 2045 §5.1, RFC 2231)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from email.message import Message

from tickets.mail.charsets import text_of
from tickets.mail.words import decoded, one_line, raw_text

LIMIT = 4096  # bytes; the standard library looks at each quotation mark again for each semicolon
TYPE = re.compile(r"[a-z0-9][\w.+-]{0,60}/[a-z0-9][\w.+-]{0,60}", re.ASCII)


@dataclass(frozen=True)
class Value:
    """What a header says first, in lower case, and its parameters by their names in lower case."""

    word: str = ""
    parameters: dict[str, str] = field(default_factory=dict)

    def get(self, name: str) -> str:
        """A parameter; empty where there is none."""
        return self.parameters.get(name, "")


def value_of(header: bytes, charset: str | None = None) -> Value:
    """The value of a header; of two parameters of one name the first counts."""
    message = Message()
    message["content-type"] = raw_text(header[:LIMIT], charset)
    try:
        found = message.get_params(unquote=True) or []
    except (ValueError, IndexError, TypeError, LookupError):
        found = [(header[:LIMIT].split(b";")[0].decode("ascii", "replace"), "")]
    parameters: dict[str, str] = {}
    for name, value in found[1:]:
        parameters.setdefault(one_line(name).lower(), _text(value))
    return Value(one_line(found[0][0]).lower() if found else "", parameters)


def type_of(value: Value, usual: str) -> str:
    """The type of a part; what it is by default where it says nothing, and bytes where what it says is no type."""
    if not value.word:
        return usual
    if value.word == "text":
        return "text/plain"
    return value.word if TYPE.fullmatch(value.word) else "application/octet-stream"


def _text(value: str | tuple[str | None, str | None, str]) -> str:
    if isinstance(value, tuple):
        return one_line(text_of(value[2].encode("raw-unicode-escape"), value[0]))
    return one_line(decoded(value))
