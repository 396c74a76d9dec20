"""Rewriting: somebody else's mail without a person who is named in it, whatever code that stands in.

It is made anew as plain text, with the headers that people read and those of its files in which they are not named.
"""

from __future__ import annotations

import re
from email.message import EmailMessage
from email.policy import SMTP
from typing import TYPE_CHECKING

from tickets.mail.received import file_of, read

if TYPE_CHECKING:
    from tickets.mail.received import Received
    from tickets.privacy.traces import Traces

NOTE = "what concerned somebody who was erased was taken out of it, and it was written anew"
CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")
PLAIN = SMTP.clone(cte_type="7bit", max_line_length=900)


def names(raw: bytes, traces: Traces) -> bool:
    """Whether they are named in it: in its bytes, in what it says, or in a file."""
    if traces.are_in_bytes(raw):
        return True
    mail = read(raw)
    said = (mail.sender.name, mail.sender.raw, *mail.recipients, mail.subject, mail.text, mail.shown)
    return any(map(traces.are_in, said)) or any(_is_in(raw, file.number, file.name, traces) for file in mail.files)


def without(raw: bytes, traces: Traces) -> bytes:
    """The same mail as far as it is not about them."""
    mail = read(raw)
    made = EmailMessage(policy=PLAIN)
    for name, words in _headers(mail):
        said = CONTROL.sub(" ", traces.out_of(words))[:800]
        try:
            made[name] = said
        except (IndexError, ValueError):  # an address that is too odd for the library stands there as mere words
            made[f"X-{name}"] = said
    made.set_content(f"{traces.out_of(mail.text)}\n\n[{NOTE}]\n", cte="base64")
    for file in mail.files:
        if not _is_in(raw, file.number, file.name, traces):
            made.add_attachment(
                file_of(raw, file.number), "application", "octet-stream", filename=CONTROL.sub(" ", file.name)
            )
    return made.as_bytes()


def _headers(mail: Received) -> list[tuple[str, str]]:
    sent = f"{mail.sent_at:%a, %d %b %Y %H:%M:%S %z}" if mail.sent_at else ""
    found = (("X-From", mail.sender.raw), ("X-To", ", ".join(mail.recipients)), ("X-Date", sent))
    named = [(name.removeprefix("X-"), words) for name, words in found]
    return [(name, words) for name, words in (*named, ("Subject", mail.subject)) if words]


def _is_in(raw: bytes, number: int, name: str, traces: Traces) -> bool:
    return traces.are_in(name) or traces.are_in_bytes(file_of(raw, number))
