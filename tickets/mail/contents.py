"""What a mail says and what is attached to it, out of its parts.

Of alternatives the plain text is taken where it says something, else the HTML; everything that is not taken as text is
a file, so that nothing is lost. A mail that was forwarded whole is both: its text, and a file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from tickets.mail import invites, limits, tnef
from tickets.mail.charsets import storable, text_of
from tickets.mail.flowed import joined
from tickets.mail.html_text import text_of_html
from tickets.mail.parts import WHOLE_MAILS, Part

MARKUP = ("text/html", "text/enriched", "text/richtext", "application/xhtml+xml")
PLAIN = ("text/plain", "text/markdown", "text/x-markdown", "plain/text")
STATUS = ("message/delivery-status", "message/global-delivery-status", "message/disposition-notification")
SEALED = ("application/pkcs7-mime", "application/x-pkcs7-mime")
META = re.compile(rb"""<meta[^>]{0,200}?charset\s{0,9}=\s{0,9}["']?([\w.:-]{2,40})""", re.IGNORECASE)
PICTURE = re.compile(rb"data:image/[\w+.-]{1,30};base64,[A-Za-z0-9+/=\s]{1000,}")  # within the HTML itself
STUB = re.compile(r"html", re.IGNORECASE)  # "your program cannot show HTML"
STUB_LENGTH = 300
ENCRYPTED = "it is encrypted; only its file can be read, by whoever has the key"


@dataclass
class Contents:
    """`texts` in order with their kinds: plain, html, invite, status or mail (one that was forwarded)."""

    texts: list[tuple[str, str]] = field(default_factory=list)
    files: list[Part] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def add(self, other: Contents) -> None:
        """Put the contents of another part below these."""
        self.texts += other.texts
        self.files += other.files
        self.faults += other.faults

    def text(self, *kinds: str) -> str:
        """The texts of these kinds, or of all, one below the other."""
        wanted = [text for kind, text in self.texts if text.strip() and (not kinds or kind in kinds)]
        return "\n\n".join(text.strip("\n") for text in wanted)


def whole_of(mail: Part) -> Contents:
    """Of a mail; where nothing in it is meant to be read, a text among its files is read."""
    whole = contents_of(mail)
    if not whole.text():
        texts = [part for part in whole.files if part.type in (*PLAIN, *MARKUP)]
        whole.texts += _text(texts[0]).texts if texts else []
    return whole


def contents_of(part: Part) -> Contents:
    """Of a part with all that is in it."""
    match part.type:
        case "multipart/alternative":
            return _alternatives(part)
        case "multipart/report":
            return _report(part)
        case "multipart/encrypted":
            return Contents(files=list(part.inside), faults=[ENCRYPTED])
        case kind if kind.startswith("multipart/") and part.inside:
            return _in_order(part)
        case kind if kind in WHOLE_MAILS and part.inside:
            return _forwarded(part)
    return _leaf(part)


def _in_order(part: Part) -> Contents:
    whole = Contents()
    for one in part.inside:
        if _is_text(one, first=not whole.texts):
            whole.add(_text(one))
        elif one.type in (*PLAIN, *MARKUP):
            whole.files.append(one)
        else:
            whole.add(contents_of(one))
    return whole


def _alternatives(part: Part) -> Contents:
    found = [contents_of(one) for one in part.inside]
    whole = Contents()
    for one in found:
        whole.files += one.files
        whole.faults += one.faults
    whole.texts = _best([one.texts for one in found])
    whole.texts += [text for one in found for text in one.texts if text[0] == "invite" and text not in whole.texts]
    return whole


def _best(found: list[list[tuple[str, str]]]) -> list[tuple[str, str]]:
    """The plain text, unless it says nothing, or that there is an HTML to be read."""
    said = [[text for text in texts if text[1].strip()] for texts in found]
    plain = next((texts for texts in said if any(kind == "plain" for kind, _ in texts)), None)
    marked = next((texts for texts in reversed(said) if any(kind == "html" for kind, _ in texts)), None)
    if plain and marked and _is_stub(plain[0][1]) and len(marked[0][1]) > len(plain[0][1]):
        return marked
    return plain or marked or next((texts for texts in said if texts), [])


def _is_stub(text: str) -> bool:
    return len(text) < STUB_LENGTH and bool(STUB.search(text))


def _report(part: Part) -> Contents:
    """The words for people, and the machine's; what came back is a file and is not read as words of the sender."""
    whole = Contents()
    for number, one in enumerate(part.inside):
        if number == 0 or one.type in STATUS:
            whole.add(contents_of(one))
        else:
            whole.files.append(one)
    return whole if part.inside else _leaf(part)


def _forwarded(part: Part) -> Contents:
    mail, inner = part.inside[0], contents_of(part.inside[0])
    said = [(name, mail.fields.text(name)) for name in ("from", "date", "to", "subject")]
    heading = "\n".join(f"{name.title()}: {value[: limits.SUBJECT]}" for name, value in said if value)
    text = "\n\n".join(filter(None, (f"Forwarded mail\n{heading}".strip(), inner.text())))
    return Contents([("mail", text)], [part, *inner.files], inner.faults)


def _is_text(part: Part, *, first: bool) -> bool:
    """Whether a part is read and not kept as a file; a text with a name is so only where it stands first."""
    if part.type not in (*PLAIN, *MARKUP) or part.disposition.word.startswith("attachment"):
        return False
    return first or not part.name


def _leaf(part: Part) -> Contents:
    if _is_text(part, first=True) or part.type.startswith("multipart/"):
        return _text(part)
    whole = Contents(files=[part])
    if part.type in STATUS:
        whole.texts.append(("status", text_of(part.content(), "utf-8").strip()[: limits.TEXT]))
    if part.type == "text/calendar" and (lines := invites.lines_of(text_of(part.content(), "utf-8"))):
        whole.texts.append(("invite", lines))
    if part.type in tnef.TYPES or part.name.lower() == "winmail.dat":
        _open_tnef(part, whole)
    elif part.type in SEALED:
        sealed = part.value.get("smime-type") != "signed-data"
        whole.faults.append(ENCRYPTED if sealed else "it is signed as one sealed piece (S/MIME), which was not opened")
    elif part.type == "message/partial":
        whole.faults.append(f"it is piece {part.value.get('number')[:9]} of a mail that was sent in pieces")
    elif part.type == "message/external-body":
        whole.faults.append("a file is named in it that was not sent with it")
    return whole


def _open_tnef(part: Part, whole: Contents) -> None:
    text = tnef.text_of_tnef(part.content())
    if text:
        whole.texts.append(("tnef", text))
    else:
        whole.faults.append("Outlook wrapped something in winmail.dat; no plain text is in it")


def _text(part: Part) -> Contents:
    whole = Contents()
    raw = part.content(whole.faults)
    declared = part.value.get("charset") or None
    if part.type in MARKUP:
        meta = META.search(raw, 0, 2048)
        html = text_of(_cut(PICTURE.sub(b"", raw), whole), declared or (meta[1].decode("ascii") if meta else None))
        whole.texts.append(("html", storable(text_of_html(html, whole.faults))))
        return whole
    text = text_of(_cut(raw, whole), declared)
    if part.value.get("format").lower() == "flowed":
        text = joined(text, delete_space=part.value.get("delsp").lower() == "yes")
    if "-----BEGIN PGP MESSAGE-----" in text:
        whole.faults.append(ENCRYPTED)
    whole.texts.append(("plain", text))
    return whole


def _cut(raw: bytes, whole: Contents) -> bytes:
    if len(raw) > limits.SOURCE:
        whole.faults.append(f"its text is longer than {limits.SOURCE:,} bytes; the rest is in the raw mail")
    return raw[: limits.SOURCE]
