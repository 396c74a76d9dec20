"""Message-IDs as they are compared: within `<>`, without blanks, at most `limits.IDENTITY` characters."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tickets.mail import limits
from tickets.mail.words import decoded, one_line, raw_text

if TYPE_CHECKING:
    from tickets.mail.fields import Fields

ANGLED = re.compile(r"<([^<>]*)>")
BLANKS = re.compile(r"\s+")
COMMENT = re.compile(r"\([^()]*\)")


def message_id_of(fields: Fields) -> str | None:
    """What the mail calls itself."""
    found = [one for value in fields.all("message-id") for one in identities(_text(value), whole=True)]
    return found[0] if found else None


def references_of(fields: Fields) -> tuple[str, ...]:
    """The mails it says it follows, the newest last; of very many the newest."""
    found: dict[str, None] = {}
    for name in ("references", "in-reply-to"):
        for value in fields.all(name):
            for one in identities(_text(value), whole=False):
                found.pop(one, None)
                found[one] = None
    return tuple(found)[-limits.REFERENCES :]


def identities(text: str, *, whole: bool) -> list[str]:
    """The Message-IDs in a text; without brackets all of it is one (`whole`), or each word with an @."""
    inside = ANGLED.findall(text)
    if not inside:
        bare = COMMENT.sub(" ", text)
        inside = [bare] if whole else [word for word in bare.split() if "@" in word]
    return [f"<{usual}>" for one in inside if (usual := BLANKS.sub("", one).strip("<>")[: limits.IDENTITY - 2])]


def _text(value: bytes) -> str:
    return one_line(decoded(raw_text(value[-limits.VALUE :])))
