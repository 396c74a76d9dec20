"""Mails that came back: which addresses could not be reached.

From the machine's part of a report (RFC 3464), from `X-Failed-Recipients` (Exim), else from the words of the mail.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tickets.mail import limits
from tickets.mail.senders import ADDRESS, usual_form

if TYPE_CHECKING:
    from tickets.mail.fields import Fields

STATUS_FIELD = re.compile(
    r"^(final-recipient|original-recipient|action)[ \t]*:[ \t]*(.*)$", re.IGNORECASE | re.MULTILINE
)
# Lines of a mail from which on it speaks of what failed, and from which on it quotes the mail that came back.
SPEAKS = re.compile(
    r"could ?n[o']t be delivered|cannot be delivered|not be delivered|was ?n[o']t delivered|permanent (?:fatal )?error"
    r"|undeliver|delivery (?:has )?failed|failed to deliver|unable to deliver|returned to sender|sorry, it didn"
    r"|does ?n[o']t exist|user unknown|unknown user|no such user|mailbox (?:is )?full|over quota|rejected|nie afgelewer"
    r"|nie bestel|kon nie|onaflewerbaar|unzustellbar|nicht zugestellt|non remis|no se ha podido",
    re.IGNORECASE,
)
RETURNED = re.compile(
    r"^[ \t]{0,9}-{0,80} {0,9}(?:this is a copy of|below this line is a copy|original message|returned message"
    r"|messages? headers? follow|begin message|return-path:|received:)",
    re.IGNORECASE | re.MULTILINE,
)
READ = 50_000  # characters of the words of a bounce


def failed_of(fields: Fields, status: str, text: str) -> tuple[str, ...]:
    """The addresses that could not be reached, each once, in lower-case domains."""
    found = _from_status(status) or _from_header(fields) or _from_words(text[:READ])
    return tuple(dict.fromkeys(found))[: limits.ADDRESSES]


def actions_of(status: str) -> set[str]:
    """What a report says was done: failed, delayed, delivered, relayed, expanded."""
    return {
        value.split()[0].lower() for name, value in STATUS_FIELD.findall(status) if name.lower() == "action" and value
    }


def _from_status(status: str) -> list[str]:
    """Of each block that failed the recipient as the sender wrote it, else as the last server knew it."""
    found = []
    for block in re.split(r"\n\s*\n", status):
        said = {name.lower(): value for name, value in reversed(STATUS_FIELD.findall(block))}
        if said.get("action", "failed").strip().lower().startswith("failed"):
            who = said.get("original-recipient") or said.get("final-recipient") or ""
            address = ADDRESS.search(who.rpartition(";")[2])
            found += [usual_form(address[0])] if address else []
    return [address for address in found if address]


def _from_header(fields: Fields) -> list[str]:
    found = ADDRESS.findall(", ".join(value.decode("latin-1") for value in fields.all("x-failed-recipients")))
    return [usual for address in found if (usual := usual_form(address))]


def _from_words(text: str) -> list[str]:
    """Addresses from where the words begin to speak of a failure, above the mail that came back."""
    returned = RETURNED.search(text)
    said = text[: returned.start()] if returned else text
    if not SPEAKS.search(said):
        return []
    return [usual for address in ADDRESS.findall(said) if (usual := usual_form(address)) and not _is_a_machine(usual)]


def _is_a_machine(address: str) -> bool:
    return address.split("@")[0].lower() in ("mailer-daemon", "postmaster")
