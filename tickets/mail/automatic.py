"""Whether a machine wrote a mail, and which kind of one (RFC 3834, and what machines that do not know it write).

A hit is a mark: it keeps us from answering by machine and nothing else. The mail is never dropped for it, for an alarm
is written by a machine and may be an emergency. `why` names the header or words that told.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from tickets.mail.bounces import actions_of, failed_of
from tickets.mail.machine_words import BOUNCE_SENDER, BOUNCE_SUBJECT, MACHINE_SENDER, POSTMASTER, REPLY_SUBJECT

if TYPE_CHECKING:
    from collections.abc import Callable

    from tickets.mail.fields import Fields

# What it would be wrong to answer by machine; the other things it names are receipts and bounces.
NO_ANSWERS = ("all", "oof", "autoreply")
REPLY_HEADERS = (
    "x-autoreply",
    "x-autorespond",
    "x-autoresponder",
    "x-auto-reply",
    "x-mail-autoreply",
    "x-autoreply-from",
)
LIST_HEADERS = ("list-id", "list-post", "list-unsubscribe", "x-mailing-list", "mailing-list", "x-loop-list")


class Kind(StrEnum):
    """Which kind of machine."""

    AUTO_REPLY = "auto_reply"
    BOUNCE = "bounce"
    LIST = "list"
    REPORT = "report"  # alarms, receipts, and whatever else a machine tells


@dataclass(frozen=True)
class Automatic:
    """A mail that a machine wrote: its kind, what told, and the addresses it says could not be reached."""

    kind: Kind
    why: str
    failed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Look:
    """What is looked at: `sender` the address, `report` the kind of a multipart/report, `status` its machine's part."""

    fields: Fields
    sender: str
    subject: str
    report: str
    status: str
    text: str
    own_lists: frozenset[str] = frozenset()  # identities of lists that are ours; what comes by them is no list's mail

    def value(self, name: str) -> str:
        """A header in small letters."""
        return self.fields.text(name).lower()

    @property
    def local(self) -> str:
        """What stands before the @ of the sender."""
        return self.sender.partition("@")[0]


def automatic_of(look: Look) -> Automatic | None:
    """What kind of machine wrote it; None for a person, as far as one can tell."""
    for kind, told in RULES:
        why = told(look)
        if why:
            failed = failed_of(look.fields, look.status, look.text) if kind == Kind.BOUNCE else ()
            return Automatic(kind, why[:200], failed)
    return None


def _bounce_by_report(look: Look) -> str:
    actions = actions_of(look.status)
    if look.report == "delivery-status" and (not actions or "failed" in actions):
        return "a report that a mail was not delivered"
    return "X-Failed-Recipients" if look.fields.has("x-failed-recipients") else ""


def _report(look: Look) -> str:
    return f"a report ({look.report})" if look.report else ""


def _bounce_by_sender(look: Look) -> str:
    if BOUNCE_SENDER.fullmatch(look.local):
        return f"from {look.sender}"
    subject = BOUNCE_SUBJECT.match(look.subject)
    if subject and (POSTMASTER.fullmatch(look.local) or _null_path(look) or not look.sender):
        return f"its subject: {subject[0]}"
    return ""


def _reply_by_header(look: Look) -> str:
    said = look.value("auto-submitted")
    if said.startswith("auto-replied"):
        return f"Auto-Submitted: {said}"
    if look.value("precedence") in ("auto_reply", "auto-reply"):
        return f"Precedence: {look.value('precedence')}"
    if look.value("x-precedence") in ("auto_reply", "auto-reply"):
        return f"X-Precedence: {look.value('x-precedence')}"
    return next((name.title() for name in REPLY_HEADERS if look.value(name) not in ("", "no", "none")), "")


def _reply_by_subject(look: Look) -> str:
    subject = REPLY_SUBJECT.match(look.subject)
    return f"its subject: {subject[0]}" if subject else ""


def _null_sender(look: Look) -> str:
    return "an empty Return-Path" if _null_path(look) else ""


def _list(look: Look) -> str:
    if look.own_lists and list_of(look.value("list-id")) in look.own_lists:
        return ""
    for name in LIST_HEADERS:
        if look.fields.has(name):
            return f"{name.title()}: {look.fields.text(name)}"
    said = look.value("precedence")
    return f"Precedence: {said}" if said in ("list", "bulk", "junk") else ""


def _machine(look: Look) -> str:
    said = look.value("auto-submitted")
    if said and said.split(";")[0].strip() != "no":
        return f"Auto-Submitted: {said}"
    suppressed = {word.strip() for word in look.value("x-auto-response-suppress").split(",")}
    if suppressed & set(NO_ANSWERS):
        return f"X-Auto-Response-Suppress: {look.value('x-auto-response-suppress')}"
    return f"from {look.sender}" if MACHINE_SENDER.fullmatch(look.local) else ""


def list_of(text: str) -> str:
    """The identity in a List-Id: what stands within `<>`, or all of it (RFC 2919 §2)."""
    inside = re.search(r"<([^<>]*)>", text)
    return (inside[1] if inside else text).strip().lower()


def _null_path(look: Look) -> bool:
    return any(value.replace(b" ", b"") == b"<>" for value in look.fields.all("return-path"))


RULES: tuple[tuple[Kind, Callable[[Look], str]], ...] = (
    (Kind.BOUNCE, _bounce_by_report),
    (Kind.REPORT, _report),
    (Kind.AUTO_REPLY, _reply_by_header),
    (Kind.BOUNCE, _bounce_by_sender),
    (Kind.AUTO_REPLY, _reply_by_subject),
    (Kind.BOUNCE, _null_sender),
    (Kind.LIST, _list),
    (Kind.REPORT, _machine),
)
