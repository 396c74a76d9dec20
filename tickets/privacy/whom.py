"""Whom: a person as what they can be told by: contacts, names, and numbers and addresses with when they were theirs.

Where a number was theirs alone for a time, what came by it then is theirs, and it is taken out of what others said in
that time; at any other it is somebody else's, also if it stands in words.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, or_

from tickets.privacy import spells
from tickets.privacy.spells import EVER, NEVER, Span
from tickets.privacy.traces import Traces

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from sqlalchemy import ColumnElement, SQLColumnExpression

Had = tuple[tuple[str, str, str], ...]  # what, from when, to when; empty is always
AT_ONCE = timedelta(0)


@dataclass(frozen=True)
class Person:
    """Somebody outside. `keys` are how they were asked for; `shared` others have too; `beside` was told of them.

    `numbers`, `addresses` and `mailboxes` nobody else has or had, as far as we know: wherever they stand, it is they.
    """

    keys: tuple[str, ...]
    contacts: tuple[int, ...] = ()
    numbers: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    mailboxes: tuple[str, ...] = ()  # of which every address with a plus is theirs
    surnames: tuple[str, ...] = ()  # that nobody else has whom we know
    had: Had = ()  # every number and address that was theirs alone, and when
    boxes: Had = ()  # the same of mailboxes, of which every address with a plus was

    @property
    def is_somebody(self) -> bool:
        """Whether there is anything by which they can be told."""
        return bool(self.contacts or self.had)

    @property
    def values(self) -> tuple[str, ...]:
        """Every number and address that was theirs alone, be it for a time."""
        return tuple(dict.fromkeys(one for one, *_ in self.had))

    @property
    def present(self) -> tuple[str, ...]:
        """Of these the ones that are nobody else's by now."""
        still = (one for one, _, until in self.had if not until)
        return tuple(dict.fromkeys([*self.numbers, *self.addresses, *still]))

    @cached_property
    def traces(self) -> Traces:
        """What of them may stand in others' words, whenever these were said."""
        return Traces(self.numbers, self.addresses, self.names, mailboxes=self.mailboxes, surnames=self.surnames)

    @cached_property
    def every_trace(self) -> Traces:
        """The same with all that was theirs for a time: for words that are about nobody else."""
        return self._traces(frozenset(one for one, *_ in self.had), frozenset(one for one, *_ in self.boxes))

    def traces_at(self, at: datetime) -> Traces:
        """What of them may stand in what others said at that instant."""
        had, boxes = (
            frozenset(one for one, spans in of.items() if spells.within(spans, at)) for of in self._for_a_time
        )
        return self._traces(had, boxes) if had or boxes else self.traces

    def had_then(
        self, column: SQLColumnExpression[Any], at: SQLColumnExpression[datetime], after: timedelta = AT_ONCE
    ) -> ColumnElement[bool]:
        """Whether what stands there was theirs so long before that instant; addresses in small letters."""
        return then(self.had, column, at, after)

    def had_at(self, what: str, at: datetime) -> bool:
        """Whether that was theirs at that instant."""
        return spells.within((_span(*when) for one, *when in self.had if one == what.lower()), at)

    @cached_property
    def _for_a_time(self) -> tuple[Mapping[str, list[Span]], Mapping[str, list[Span]]]:
        return _but(self.had, {*self.numbers, *self.addresses}), _but(self.boxes, self.mailboxes)

    @cached_property
    def _made(self) -> dict[tuple[frozenset[str], frozenset[str]], Traces]:
        return {}

    def _traces(self, had: frozenset[str], boxes: frozenset[str]) -> Traces:
        """Made once for all the time in which they had the same."""
        if (had, boxes) not in self._made:
            self._made[had, boxes] = replace(
                self,
                numbers=_more(self.numbers, (one for one in had if one.startswith("+"))),
                addresses=_more(self.addresses, (one for one in had if "@" in one)),
                mailboxes=_more(self.mailboxes, boxes),
            ).traces
        return self._made[had, boxes]


def then(
    had: Had, column: SQLColumnExpression[Any], at: SQLColumnExpression[datetime], after: timedelta = AT_ONCE
) -> ColumnElement[bool]:
    """Whether what stands there was had so long before that instant."""
    always = [what for what, *when in had if not any(when)]
    return or_(column.in_(always), *(_within(column, at, one, after) for one in had if any(one[1:])))


def told(what: str, spans: Iterable[Span]) -> Had:
    """When it was theirs, as it can be written down."""
    return tuple(
        (what, "" if start == EVER else start.isoformat(), "" if end == NEVER else end.isoformat())
        for start, end in spans
    )


def _within(
    column: SQLColumnExpression[Any], at: SQLColumnExpression[datetime], one: tuple[str, str, str], after: timedelta
) -> ColumnElement[bool]:
    what, since, until = one
    since_then = [at >= datetime.fromisoformat(since) + after] if since else []
    until_then = [at < datetime.fromisoformat(until) + after] if until else []
    return and_(column == what, *since_then, *until_then)


def _span(since: str, until: str) -> Span:
    return datetime.fromisoformat(since) if since else EVER, datetime.fromisoformat(until) if until else NEVER


def _but(had: Had, known: Collection[str]) -> Mapping[str, list[Span]]:
    """When each was theirs, but for what always is."""
    found: dict[str, list[Span]] = {}
    for what, *when in had:
        if what not in known:
            found.setdefault(what, []).append(_span(*when))
    return found


def _more(some: tuple[str, ...], more: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*some, *sorted(more)]))
