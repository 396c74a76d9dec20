"""Spells: when a number or a mailbox was somebody's alone, by when each of all contacts is known to have had it.

What somebody has whom nobody is known to have had it before was theirs before we knew of it too: they rang, and were
added after that. What they gave up again was theirs while we knew it to be and no earlier: it may have been mistyped,
and a stranger's all the time. Whose it was between two spells nobody knows. A number is one contact's at a time, so who
has it after another has it since the other gave it up; a mailbox may be several people's, so who is not known to have
got it later had it then.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

EVER, NEVER = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
Span = tuple[datetime, datetime]  # half-open
ALWAYS: Span = (EVER, NEVER)


@dataclass(frozen=True)
class Spell:
    """A number or an address, `what`, that a contact had; None: nobody said since when, or until when of a former one.

    Of nobody (`contact` is None) a former one was somebody's who was erased; any other is a colleague's or ours, since
    and until nobody knows when.
    """

    what: str
    contact: int | None
    since: datetime | None = None
    until: datetime | None = None
    is_former: bool = False

    @property
    def is_vague(self) -> bool:
        """Whether nobody knows when it was over."""
        return (self.is_former or self.contact is None) and self.until is None


def alone(spells: Sequence[Spell], contacts: Collection[int], *, asked_for: bool = False) -> list[Span]:
    """When what all these spells are of was these contacts' and nobody else's.

    `asked_for`: somebody says that it is theirs, so it was whenever it was no other contact's.
    """
    others = [one for one in spells if one.contact not in contacts]
    mine = [one for one in spells if one.contact in contacts and not (one.is_vague and others)]
    left = [ALWAYS] if asked_for else [_span(one, spells) for one in mine]
    for one in others:
        left = list(_without(left, ALWAYS if one.is_vague else _span(one, spells)))
    return list(_joined(left))


def within(spans: Iterable[Span], at: datetime) -> bool:
    """Whether that instant is in one of them."""
    return any(start <= at < end for start, end in spans)


def _span(spell: Spell, spells: Iterable[Spell]) -> Span:
    if spell.since is not None and spell.since == spell.until:
        return spell.since, spell.since  # put right as soon as it was written
    before = [one for one in spells if one is not spell and _is_before(one, spell)]
    ended = [one.until for one in before if one.until]
    if spell.since is None:
        start = max(ended, default=EVER) if spell.what.startswith("+") else EVER
    else:
        start = spell.since if before or spell.until else EVER
    return min(start, spell.until or NEVER), spell.until or NEVER


def _is_before(one: Spell, other: Spell) -> bool:
    """Whether it began before the other; where nobody knows of one, it may have."""
    if other.since is None:
        return one.until is not None and (other.until is None or one.until < other.until)
    return one.since is None or one.since < other.since


def _without(spans: Iterable[Span], taken: Span) -> Iterator[Span]:
    for start, end in spans:
        if start < min(end, taken[0]):
            yield start, min(end, taken[0])
        if max(start, taken[1]) < end:
            yield max(start, taken[1]), end


def _joined(spans: Iterable[Span]) -> Iterator[Span]:
    """In order, and as one where they meet."""
    whole: Span | None = None
    for span in sorted(one for one in spans if one[0] < one[1]):
        if whole and span[0] <= whole[1]:
            whole = whole[0], max(whole[1], span[1])
            continue
        if whole:
            yield whole
        whole = span
    if whole:
        yield whole
