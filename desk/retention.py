"""Retention: how long what is kept stays, as rules; the nightly purge and everything else that forgets read this table.

A rule says for how long unless a contract says otherwise, and the least and the most that a contract may say. POPIA
(Act 4 of 2013) s 14: no longer than it is needed, unless a law or the contract wants it; VAT Act s 55 and Tax
Administration Act s 29: what an invoice rests on, five years from the return; BCEA s 31: working time, three years.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
_TERM = re.compile(r"(\d{1,5}) ?(day|week|year)s?")
_DAYS = {"day": 1, "week": 7}
LEAP = 4  # years; a term of years is never shorter than those of the calendar


class Kind(StrEnum):
    """What is kept."""

    RECORDINGS = "recordings"
    RAW_MAILS = "raw_mails"
    FILES = "files"
    SUPPRESSED = "suppressed"
    CALLS = "calls"
    RINGS = "rings"
    WORK = "work"
    TICKETS = "tickets"
    SENT = "sent"
    DEAD = "dead"
    ACCESS = "access"
    SIGN_INS = "sign_ins"
    AUDIT = "audit"
    NIGHTS = "nights"
    SESSIONS = "sessions"
    LINKS = "links"
    FORMS = "forms"
    COUNTS = "counts"
    CANARIES = "canaries"
    NOTICES = "notices"
    EDITIONS = "editions"
    HOOKS = "hooks"


@dataclass(frozen=True)
class Rule:
    """How long one kind stays, counted `since`; where `least` is `most`, no contract says anything else."""

    kind: Kind
    what: str
    since: str
    usual: timedelta
    least: timedelta
    most: timedelta
    why: str

    @property
    def is_agreed(self) -> bool:
        """Whether a contract may say something else."""
        return self.least < self.most

    def check(self, term: timedelta) -> timedelta:
        """That term, if a contract may say it; raises ValueError with what it may say."""
        if not self.is_agreed:
            raise ValueError(f"{self.kind}: no contract changes how long these are kept")
        if not self.least <= term <= self.most:
            between = f"between {written(self.least)} and {written(self.most)}"
            raise ValueError(f"{self.kind}: {written(term)} is not {between}: {self.why}")
        return term


def years(number: int) -> timedelta:
    """So many years, with the leap days that they may have."""
    return timedelta(days=365 * number + -(-number // LEAP))


def _agreed(kind: Kind, what: str, since: str, terms: tuple[timedelta, timedelta, timedelta], why: str) -> Rule:
    usual, least, most = terms
    return Rule(kind, what, since, usual, least, most, why)


def _fixed(kind: Kind, what: str, since: str, term: timedelta, why: str) -> Rule:
    return Rule(kind, what, since, term, term, term, why)


RULES = {
    rule.kind: rule
    for rule in (
        _agreed(
            Kind.RECORDINGS,
            "callers’ messages: the sound, and that there was one",
            "the message",
            (90 * DAY, 7 * DAY, years(5)),
            "a message is needed until it is dealt with and disputes are over; financial services keep theirs for five "
            "years (FAIS)",
        ),
        _agreed(
            Kind.RAW_MAILS,
            "mails as they came, with all that is attached to them",
            "its arrival",
            (years(1), 30 * DAY, years(5)),
            "the original settles what was meant; what it said stays on the ticket",
        ),
        _agreed(
            Kind.FILES,
            "files that came by the web form",
            "their arrival",
            (years(1), 30 * DAY, years(5)),
            "they are needed for the work on the ticket and for disputes about it",
        ),
        _fixed(
            Kind.SUPPRESSED,
            "mails that moved no ticket (automatic answers, bounces)",
            "their arrival",
            90 * DAY,
            "long enough to find out that one of them mattered",
        ),
        _agreed(
            Kind.CALLS,
            "calls: who rang, what was pressed and said, when who spoke",
            "their end",
            (years(3), years(1), years(6)),
            "they are the evidence of what was promised, and of consent to overtime rates; those of work stay as long "
            "as the work",
        ),
        _fixed(
            Kind.RINGS,
            "which engineer was rung, and what came of it",
            "the ring",
            years(3),
            "working time is kept for three years (BCEA s 31)",
        ),
        _fixed(
            Kind.WORK,
            "stretches of work, with their times and verdicts",
            "their end",
            years(6),
            "what an invoice rests on is kept for five years from the tax return (VAT Act s 55, Tax Administration Act "
            "s 29)",
        ),
        _agreed(
            Kind.TICKETS,
            "tickets with their timelines, due times, letters and mails",
            "the last that happened to it, once it is resolved",
            (years(3), years(1), years(10)),
            "claims from a contract lapse after three years (Prescription Act s 11); a ticket stays as long as "
            "anything that belongs to it",
        ),
        _fixed(
            Kind.SENT,
            "texts, mails and rings that were sent, or not needed any more",
            "when it was",
            30 * DAY,
            "to answer whether and when something was sent",
        ),
        _fixed(
            Kind.DEAD,
            "what could not be sent, and nobody has seen to",
            "when it was due",
            90 * DAY,
            "after that nobody sends it any more, and it holds numbers and words",
        ),
        _fixed(
            Kind.ACCESS,
            "who heard, opened or saw what",
            "the access",
            years(2),
            "to answer who has looked at somebody's data (POPIA s 19)",
        ),
        _fixed(
            Kind.SIGN_INS,
            "who signed in and out, from where, and what failed",
            "the sign-in",
            years(1),
            "to find out how somebody got in",
        ),
        _fixed(
            Kind.SESSIONS,
            "browsers on which somebody was signed in",
            "the sign-in, which lasts two weeks at most",
            44 * DAY,
            "to see which of one's own browsers they were",
        ),
        _fixed(
            Kind.AUDIT,
            "the audit: who changed what",
            "the change",
            years(7),
            "longer than anything whose change it explains",
        ),
        _fixed(
            Kind.NIGHTS,
            "what each night removed: numbers only",
            "the night",
            years(7),
            "to show that what had to go has gone",
        ),
        _fixed(
            Kind.LINKS,
            "links that were mailed to customers, or made for a password",
            "when they end",
            2 * HOUR,
            "whoever used one may still be writing",
        ),
        _fixed(
            Kind.FORMS,
            "digests of forms that were sent",
            "the sending",
            2 * DAY,
            "so that the same form sent twice is one ticket",
        ),
        _fixed(
            Kind.COUNTS,
            "how often somebody tried, and how many mails came from an address",
            "the first",
            DAY,
            "limits count for a day at most",
        ),
        _fixed(
            Kind.CANARIES,
            "the machine's own trial emergencies",
            "their laying",
            30 * DAY,
            "to see how late the worker was in the last weeks",
        ),
        _fixed(
            Kind.NOTICES,
            "which notice of the rota somebody was sent",
            "the notice",
            400 * DAY,
            "so that nobody is told twice",
        ),
        _fixed(
            Kind.EDITIONS,
            "editions of shifts in calendars that people subscribe to",
            "the end of the shift",
            400 * DAY,
            "so that calendars which are fetched rarely are put right",
        ),
        _fixed(
            Kind.HOOKS,
            "what webhooks and chat rooms were told, and what they answered",
            "when it happened",
            30 * DAY,
            "to answer whether a program was told, and to tell it again",
        ),
    )
}


def usual(kind: Kind) -> timedelta:
    """How long that kind stays where no contract says otherwise."""
    return RULES[kind].usual


def read(words: str) -> timedelta:
    """The term that these words say (90 days, 2 weeks, 5 years); raises ValueError."""
    found = _TERM.fullmatch(" ".join(words.lower().split()))
    if found is None:
        raise ValueError(f"{words[:40]!r} is no time such as 90 days, 12 weeks or 5 years")
    number, unit = int(found[1]), found[2]
    return years(number) if unit == "year" else timedelta(days=number * _DAYS[unit])


def written(term: timedelta) -> str:
    """The other way round: in years where it is such a number of them, else in days, or hours below one."""
    if term < DAY:
        return _so_many(term // HOUR, "hour")
    number = term.days // 365
    return _so_many(number, "year") if number and years(number) == term else _so_many(term.days, "day")


def agreed(said: Mapping[Kind, str] | Mapping[str, str]) -> dict[Kind, timedelta]:
    """What a contract says, by kind; raises ValueError for what it may not say."""
    return {kind: RULES[kind].check(read(words)) for kind, words in ((Kind(name), one) for name, one in said.items())}


def _so_many(number: int, unit: str) -> str:
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"
