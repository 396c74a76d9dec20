"""Who a mail is from and to: addresses out of headers, right ones and wrong ones.

An address within `<>` is meant, whatever stands beside it; one within quotation marks is a name, so that
`"support@bank.example" <thief@evil.example>` is from the thief. Encoded words are decoded after the address is found,
for the same reason. Domains are lower case; a part before the @ is kept as it was written.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tickets.mail import limits
from tickets.mail.words import decoded, one_line, raw_text

if TYPE_CHECKING:
    from tickets.mail.fields import Fields

LOCAL = r'(?:"[^"\s@<>]{1,64}"|[^\s<>()\[\],;:"@\\\x00-\x1f\x7f]{1,128}+)'
DOMAIN = r"(?:\[[\w.:]{2,60}\]|[^\s<>()\[\],;:\"@\\\x00-\x1f\x7f]{1,255}+)"
ADDRESS = re.compile(rf"(?<![^\s<>()\[\],;:\"\\]){LOCAL}@{DOMAIN}(?!@)")
ANGLED = re.compile(rf"<\s*(?:mailto:)?({LOCAL}@{DOMAIN})\s*(?:>|$|(?=[\s,;]))", re.IGNORECASE)
# What is never closed, or stands before an @, is found as well, as no name: else each quote in it would be tried anew.
QUOTED = re.compile(r'"((?:[^"\\]|\\.)*+)(?:(?P<name>"(?!@))|"|\\?\Z)', re.DOTALL)
COMMENT = re.compile(r"\(([^()]*)\)")
RAW = limits.ADDRESS + limits.NAME  # characters
NEEDLESS = re.compile(r'^"([\w.+-]+)"$')  # quotation marks that change nothing
NAMING = ("from", "sender", "reply-to", "return-path", "x-envelope-from")
# Where a mail was meant to go, by its writer and by the servers on its way (Envelope-To is Exim's Delivered-To).
GOING_TO = ("delivered-to", "x-original-to", "envelope-to", "to", "cc")  # whose copy it is, then everybody's


@dataclass(frozen=True)
class Sender:
    """Whom a mail says it is from: a claim, no proof. `raw` is what the header said, as one line."""

    address: str | None
    name: str
    raw: str


def sender_of(fields: Fields, faults: list[str]) -> Sender:
    """From the first `From` with an address; else from what else names the sender."""
    raw = fields.text("from")[:RAW]
    if len([value for value in fields.all("from") if value]) > 1:
        faults.append("it has more than one From; the first with an address counts")
    elif len(set(addresses(raw_text(fields.get("from"), fields.charset)))) > 1:
        faults.append("its From names more than one address; the first within <> counts, else the first")
    for name in NAMING:
        for value in fields.all(name):
            found = mailbox(raw_text(value[: limits.VALUE], fields.charset))
            if found.address:
                if name != "from":
                    faults.append(f"its From has no address; the one of {name.title()} was taken")
                    return Sender(found.address, _name(raw) or found.name, raw or found.raw)
                return found
    faults.append("nothing in it says from which address it is" if not raw else "its From has no address")
    return Sender(None, _name(raw), raw)


def recipients_of(fields: Fields) -> tuple[str, ...]:
    """Every address it was meant for, each once."""
    found: dict[str, None] = {}
    for name in GOING_TO:
        for value in fields.all(name):
            found |= dict.fromkeys(addresses(raw_text(value[: limits.VALUE], fields.charset)))
    return tuple(found)[: limits.ADDRESSES]


def mailbox(text: str) -> Sender:
    """The first mailbox of a header whose encoded words still stand."""
    unquoted = _without_names(text)
    said = _blank(COMMENT, unquoted)
    angled = ANGLED.search(said)
    if angled:
        return _mailbox(angled[1], text[: angled.start()], text)
    bare = ADDRESS.search(said) or ADDRESS.search(unquoted)
    if bare:
        return _mailbox(bare[0], text[: bare.start()] + " " + text[bare.end() :], text)
    plain = decoded(text)
    hidden = (ANGLED.search(plain) or ADDRESS.search(plain)) if plain != text else None
    if hidden:  # the whole header was one encoded word
        return _mailbox(hidden[hidden.lastindex or 0], plain[: hidden.start()], text)
    return Sender(None, _name(text), _shown(text))


def addresses(text: str) -> list[str]:
    """Every address in a text that is not within quotation marks."""
    found = ADDRESS.findall(_blank(COMMENT, _without_names(text)).replace("mailto:", " "))
    return [usual for address in found if (usual := usual_form(address))]


def usual_form(address: str) -> str | None:
    """An address as it is stored; None for what cannot be one."""
    local, _, domain = one_line(address).strip("'.").rpartition("@")
    local = NEEDLESS.sub(r"\1", local)
    domain = domain.rstrip(".'").lower()
    return f"{local}@{domain}" if local and domain and len(local) + len(domain) < limits.ADDRESS else None


def _blank(what: re.Pattern[str], text: str) -> str:
    """The text with blanks in the place of what is not meant."""
    return what.sub(lambda found: " " * len(found[0]), text)


def _without_names(text: str) -> str:
    """The text with blanks in the place of what stands within quotation marks and is no address."""
    return QUOTED.sub(lambda found: " " * len(found[0]) if found["name"] else found[0], text)


def _mailbox(address: str, around: str, text: str) -> Sender:
    return Sender(usual_form(address), _name(around), _shown(text))


def _name(text: str) -> str:
    """What is left of a header without its address, as a name."""
    words = QUOTED.sub(lambda quote: re.sub(r"\\(.)", r"\1", quote[1]) if quote["name"] else quote[0], text)
    bare = COMMENT.sub(r" \1 ", words) if words.strip().startswith("(") else words
    name = one_line(decoded(bare)).strip(" \"',;:")
    return (name if "<" in name.strip("<") else name.strip("<> "))[: limits.NAME]


def _shown(text: str) -> str:
    return one_line(decoded(text))[:RAW]
