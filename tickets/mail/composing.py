"""Composing: the subject and the paragraphs of a letter, from what is known about its ticket."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tickets.mail import paper, wording
from tickets.mail.letter import What
from tickets.mail.paper import Kind, Paragraph

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

TAGGED = re.compile(r"\s*\[#\s*\d{3}[- ]?\d{3}[- ]?\d{3}\s*\]\s*")  # a reference of ours in their subject, or another's
AGAIN = re.compile(r"\s*(?:(?:re|aw|antw|fw|fwd)\s*:\s*)+", re.IGNORECASE)
SUBJECT = 150  # characters; more of it says no more


@dataclass(frozen=True)
class Letterhead:
    """Whose letter it is: the line that the ticket belongs to, as far as there is one."""

    company: str
    zone: str
    phone: str | None = None


@dataclass(frozen=True)
class Matter:
    """What a letter is about; `subject` is None where it is no word of somebody whom we know."""

    what: What
    language: str
    reference: str  # as it is printed
    subject: str | None
    is_call: bool
    link: str
    name: str | None = None  # of whom it goes to
    words: str = ""  # of a person of ours
    signed: str | None = None  # the first name of that person
    due: datetime | None = None
    other: str | None = None  # the reference as which it goes on
    answerable: bool = False


def subject(head: Letterhead, matter: Matter) -> str:
    """One line that names the ticket, and the same in every letter about it, so that mailers keep them together."""
    theirs = AGAIN.sub("", TAGGED.sub(" ", paper.in_one_line(matter.subject or "")), count=1).strip()
    key = "your_call" if matter.is_call else "your_message"
    about = theirs[:SUBJECT] or wording.said(matter.language, key, {"company": head.company})
    return wording.said(matter.language, "subject", {"reference": matter.reference, "subject": about})


def paragraphs(head: Letterhead, matter: Matter) -> list[Paragraph]:
    """The whole letter; that of a person is their words and how to answer them."""
    return list(_Letter(head, matter).lines())


class _Letter:
    """One letter while it is put together."""

    def __init__(self, head: Letterhead, matter: Matter) -> None:
        self.head, self.matter = head, matter
        self.facts = {"reference": matter.reference, "company": head.company, "phone": head.phone or ""}
        self.facts |= {"other": matter.other or "", "name": paper.in_one_line(matter.name or "")}

    def lines(self) -> Iterator[Paragraph]:
        """From greeting to signature."""
        yield self._said("hello_name" if self.facts["name"] else "hello", end=",")
        yield from getattr(self, f"_{self.matter.what}")()
        yield from self._ways()
        yield self._signature()
        if self.matter.what is What.RECEIVED:
            yield self._said("privacy", Kind.SMALL)

    def _received(self) -> Iterator[Paragraph]:
        yield self._said("received_call" if self.matter.is_call else "received")
        yield from self._answer_by()

    def _answer(self) -> Iterator[Paragraph]:
        yield from self._words(Kind.PLAIN)

    def _waiting(self) -> Iterator[Paragraph]:
        yield self._said("waiting")
        yield from self._words()
        yield self._said("waiting_why")

    def _resolved(self) -> Iterator[Paragraph]:
        words = list(self._words())
        yield self._said("resolved", end=":" if words else ".")
        yield from words
        yield self._said("resolved_else")

    def _reopened(self) -> Iterator[Paragraph]:
        yield self._said("reopened")
        yield from self._answer_by()

    def _merged(self) -> Iterator[Paragraph]:
        yield self._said("merged")

    def _answer_by(self) -> Iterator[Paragraph]:
        if at := self.matter.due:
            self.facts["due"] = wording.due(self.matter.language, at, self.head.zone)
            yield self._said("answer_by")

    def _words(self, kind: Kind = Kind.WORDS) -> Iterator[Paragraph]:
        for each in re.split(r"\n\s*\n", paper.clean(self.matter.words)):
            if each.strip():
                yield Paragraph(each, kind)

    def _ways(self) -> Iterator[Paragraph]:
        yield self._said("tracking")
        yield Paragraph(self.matter.link, Kind.LINK)
        if self.matter.answerable:
            yield self._said("reply")
        if self.head.phone:
            yield self._said("emergency")

    def _signature(self) -> Paragraph:
        self.facts["name"] = paper.in_one_line(self.matter.signed or "")
        return self._said("signed" if self.facts["name"] else "company")

    def _said(self, key: str, kind: Kind = Kind.PLAIN, end: str = "") -> Paragraph:
        return Paragraph(wording.said(self.matter.language, key, self.facts) + end, kind)
