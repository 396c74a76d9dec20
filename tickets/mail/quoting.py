"""What is new in a reply: without the mail it answers, and without its signature.

For showing alone: the whole text is always kept beside it. Quoted lines go from the beginning and the end; those that
an answer follows line by line stay, for it cannot be read without them. What was forwarded stays: it is the message.

email-reply-parser 0.5 was tried: it knows English alone ("het ... geskryf" and "schrieb" stay), drops what was
forwarded, and drops the questions from among the answers.
"""

from __future__ import annotations

import re

from tickets.mail import limits

FORWARDED = re.compile(r"^\s*(fwd?|wg|tr|rv|aangestuur|deurgestuur|doorst|vs|enc|i)\s*:", re.IGNORECASE)
# "On Monday Thandi wrote:" in the languages of our customers and of their suppliers; it may take two or three lines.
ATTRIBUTION = re.compile(
    r"^[ \t]*(?:"
    r"on\b[^\n]*(?:\n[^\n>]+){0,2}?\bwrote"
    r"|op\b[^\n]*(?:\n[^\n>]+){0,2}?\b(?:geskryf|het geskryf|schreef)(?: [^\n:]{1,80})?"
    r"|het [^\n]* geskryf"
    r"|am\b[^\n]*(?:\n[^\n>]+){0,2}?\bschrieb(?:[^\n:]{0,120})"
    r"|le\b[^\n]*(?:\n[^\n>]+){0,2}?a [ée]crit"
    r"|el\b[^\n]*(?:\n[^\n>]+){0,2}?escribi[óo]"
    r"|em\b[^\n]*(?:\n[^\n>]+){0,2}?escreveu"
    r"|il\b[^\n]*(?:\n[^\n>]+){0,2}?ha scritto"
    r"|[^\n<>]{1,100}<[^\n<>@]{1,64}@[^\n<>]{1,100}> (?:wrote|schrieb|geskryf|schreef|het geskryf)"
    r")\s?:[ \t]*$",
    re.IGNORECASE | re.MULTILINE,
)
ORIGINAL = re.compile(
    r"^[ \t>]*-{2,} ?(?:original message|oorspronklike boodskap|oorspronklike bericht|oorspronkelijk bericht"
    r"|urspr[üu]ngliche nachricht|message d'origine|original appointment|mensaje original) ?-{2,}[ \t]*$",
    re.IGNORECASE | re.MULTILINE,
)
# The lines that Outlook puts above what is answered: From, then Sent with a time, then, perhaps after others, Subject.
# An order that names from where, when and where to has no subject.
HEADINGS = re.compile(
    r"^(?:[ \t]*[_-]{8,}[ \t]*\n+)?[ \t]*\*?(?:from|van|von|de|da)\s?:\*?[ \t]*\S[^\n]*\n"
    r"(?:[^\n]*\n){0,2}?"
    r"[ \t]*\*?(?:sent|date|gestuur|verstuur|datum|verzonden|gesendet|envoy[ée]|enviado|inviato)\s?:[^\n]*\d[^\n]*\n"
    r"(?:[^\n]*\n){0,4}?"
    r"[ \t]*\*?(?:subject|onderwerp|betreff|objet|asunto|assunto|oggetto)\s?:",
    re.IGNORECASE | re.MULTILINE,
)
PASSED_ON = re.compile(
    r"^[ \t]*(?:-{2,}|begin)[ \t]*(?:forwarded message|aangestuurde boodskap|weitergeleitete)",
    re.IGNORECASE | re.MULTILINE,
)
MOBILE = re.compile(
    r"^(?:(?:sent|gestuur|gesendet|verzonden|envoy[ée]|get|kry) "
    r"(?:from|vanaf|van|von|vanuit|depuis|de|outlook|using|with)\b[^\n]{0,60})$",
    re.IGNORECASE,
)
DATED = re.compile(r"\d|@")
PGP = re.compile(
    r"-----BEGIN PGP SIGNED MESSAGE-----\n(?:[^\n]+\n){0,9}\n|-----BEGIN PGP SIGNATURE-----[\s\S]*", re.MULTILINE
)
SIGNATURE_LINES = 15  # a `--` without its blank is one only so near to the end


def shown_of(text: str, subject: str = "") -> str:
    """The new part; all of it where nothing else would be left."""
    plain = PGP.sub("", text[: limits.SHOWN]).strip("\n ")
    above = _above(plain)
    if FORWARDED.match(subject) or PASSED_ON.search(above):
        return plain
    return _unsigned(_unquoted(above)).strip("\n ") or plain


def _above(text: str) -> str:
    """The text above the headings of an earlier mail, if there is any above them."""
    for mark in (ORIGINAL, HEADINGS):
        found = mark.search(text)
        if found and text[: found.start()].strip():
            text = text[: found.start()]
    return text


def _unquoted(text: str) -> str:
    lines = text.split("\n")
    quoted = [line.lstrip().startswith(">") for line in lines]
    for found in ATTRIBUTION.finditer(text):
        first = text.count("\n", 0, found.start())
        last = first + found[0].count("\n")
        below = next((at for at in range(last + 1, len(lines)) if lines[at].strip()), None)
        if below is not None and not quoted[below]:  # it was not quoted with marks
            if not DATED.search(found[0]):
                continue  # somebody tells of what was written somewhere
            above = "\n".join(lines[:first])
            return _unquoted(above) if above.strip() else text
        quoted[first : last + 1] = [True] * (last + 1 - first)
    return "\n".join(_between(lines, quoted))


def _between(lines: list[str], quoted: list[bool]) -> list[str]:
    """The lines without the quotation above or below them."""
    new = [at for at, line in enumerate(lines) if line.strip() and not quoted[at]]
    if not new:
        return []
    first, last = new[0], new[-1] + 1
    return lines[:last] if any(quoted[first:last]) else lines[first:last]


def _unsigned(text: str) -> str:
    lines = text.rstrip().split("\n")
    for at, line in enumerate(lines):
        near_the_end = at > len(lines) - SIGNATURE_LINES
        if line == "-- " or (near_the_end and line.rstrip() in ("--", "__", "—")):
            lines = lines[:at] if any(above.strip() for above in lines[:at]) else lines
            break
    while len(lines) > 1 and (not lines[-1].strip() or MOBILE.match(lines[-1].strip())):
        lines.pop()
    return "\n".join(lines)
