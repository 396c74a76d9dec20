"""Meant: the references, telephone numbers and words in what was typed or pasted into the box."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from desk import numbers, typed, written_numbers
from tickets.search import WRITTEN, bare, reference_in, references_in

LONGEST = 300  # characters: a sentence out of a mail
MOST_WORDS = 16
MOST_NUMBERS = 5  # references, and telephone numbers, of one search
APART = " ; "  # what stands for a number that is read already, and is part of no other


@dataclass(frozen=True)
class Meant:
    """What it may mean, and as it was typed; numbers are E.164."""

    typed: str
    references: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    words: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.typed)


def read(text: str) -> Meant:
    """What is meant by it; a sentence may mean several things at once."""
    plain = typed.line(text, LONGEST)
    references = dict.fromkeys(references_in(written_numbers.replaced(plain, lambda _: APART)))
    rest = WRITTEN.sub(lambda one: APART if bare(one[0]) in references else one[0], plain)
    phones = dict.fromkeys(one.e164 for one in written_numbers.found(rest) if one.e164)
    if whole := reference_in(plain):
        references.setdefault(whole)
    with suppress(numbers.NotANumber):  # without its first 0 it is a number only if it stands alone
        phones.setdefault(numbers.parse(plain))
    words = plain.split()
    return Meant(
        plain,
        tuple(references)[:MOST_NUMBERS],
        tuple(phones)[:MOST_NUMBERS],
        tuple(words) if len(words) <= MOST_WORDS else (),
    )
