"""Overtime: an interval split into rate bands, and what a contract makes of them.

The local date decides: a public holiday is one all day and wins over a Sunday; then come the regular office
hours, also on a Saturday; then Saturday, Sunday, or a weekday after hours. Closing early or opening specially
changes who answers, never the band: customers are billed by the hours they were told.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import cycle, pairwise

from sla.calendar import BusinessCalendar
from sla.interval import Interval
from sla.phrases import duration, listed


class Band(StrEnum):
    """What kind of hour it was."""

    OFFICE = "office"
    WEEKDAY_AFTER_HOURS = "weekday_after_hours"
    SATURDAY = "saturday"
    SUNDAY = "sunday"
    PUBLIC_HOLIDAY = "public_holiday"


class Cover(StrEnum):
    """What a contract says of a band."""

    INCLUDED = "included"
    BILLABLE = "billable"
    NOT_COVERED = "not_covered"


class State(StrEnum):
    """What becomes of a stretch of work, the weightier the later: one band to check makes all of it so."""

    NONE = "none"
    INCLUDED = "included"
    BILLABLE = "billable"
    TO_CHECK = "to_check"


@dataclass(frozen=True)
class Part:
    """A piece of an interval within one local day and one band."""

    interval: Interval
    band: Band


@dataclass(frozen=True)
class Terms:
    """What one version of a contract says of each band, and whether a caller has to accept overtime rates."""

    name: str
    version: int
    bands: Mapping[Band, Cover]
    needs_consent: bool = True

    def __post_init__(self) -> None:
        if unsaid := [band for band in Band if band not in self.bands]:
            raise ValueError(f"contract {self.name}, version {self.version}, leaves out {', '.join(unsaid)}")


@dataclass(frozen=True)
class Share:
    """Seconds of one kind, and what the contract says of them; `window` is the contract's own name for the hour."""

    band: Band
    seconds: int
    cover: Cover | None  # None without a contract
    window: str = ""

    @property
    def when(self) -> str:
        """On a Sunday; or, in a window, on a weekday after hours (evening)."""
        return f"{_WHEN[self.band]} ({self.window})" if self.window else _WHEN[self.band]


@dataclass(frozen=True)
class Verdict:
    """The judgement on a stretch of work, its seconds per band, and the sentence that explains it."""

    state: State
    bands: Mapping[Band, int]
    explanation: str


def split(
    start: datetime, end: datetime, calendar: BusinessCalendar, *, closures_count: bool = False
) -> tuple[Part, ...]:
    """The interval in consecutive parts, cut at local midnights and at regular opening and closing times.

    All ends are taken down to the full second, so that the parts add up to the whole. `closures_count`: in the
    calendar's closures it is no office hour, because a contract says so.
    """
    start, end = _full(start), _full(end)
    days = calendar.days(Interval(start, end)) if start < end else ()
    hours = calendar.open_hours if closures_count else calendar.regular_hours
    return tuple(part for day, span in days for part in _parts(day, span, calendar, hours(span)))


def seconds_by_band(parts: Iterable[Part]) -> dict[Band, int]:
    """Whole seconds in each of the five bands."""
    seconds = dict.fromkeys(Band, 0)
    for part in parts:
        seconds[part.band] += part.interval.seconds
    return seconds


def band_at(at: datetime, calendar: BusinessCalendar) -> Band:
    """The band of an instant: what work that begins now begins as."""
    return split(at, at + timedelta(seconds=1), calendar)[0].band


def judge(bands: Mapping[Band, int], terms: Terms | None, consent: bool | None) -> Verdict:
    """What these seconds are under these terms; `consent` is None if not asked, or not answered."""
    worked = [band for band in Band if bands.get(band)]
    shares = [Share(band, bands[band], terms.bands[band] if terms else None) for band in worked]
    return judge_shares(shares, terms, consent)


def judge_shares(shares: Sequence[Share], terms: Terms | None, consent: bool | None) -> Verdict:
    """The same of shares, of which several may be of one band: hours in a window of the contract and beside it."""
    state, bands = state_of(shares, terms, consent), dict.fromkeys(Band, 0)
    for share in shares:
        bands[share.band] += share.seconds
    return Verdict(state, bands, sentence([outcome(state, shares), *reasons(shares, terms, consent)]))


def state_of(shares: Iterable[Share], terms: Terms | None, consent: bool | None) -> State:
    """The weightiest state of any share; none without work."""
    return max((_state(share, terms, consent) for share in shares), key=list(State).index, default=State.NONE)


def outcome(state: State, shares: Sequence[Share]) -> str:
    """The state, and the time it is about: `Billable: 11 min on a Sunday`."""
    return f"{_OUTCOMES[state]}: {_times(shares) if shares else NOBODY}"


def reasons(shares: Sequence[Share], terms: Terms | None, consent: bool | None) -> list[str]:
    """Why it is so: what the contract says of these hours, and what the caller answered where that matters."""
    if not shares:
        return []
    said = _said(shares, terms) if terms else "no contract is known for this caller, so billing staff decide"
    matters = consent is not None or any(share.cover is not Cover.INCLUDED for share in shares)
    return [said, f"the caller {_ANSWERS[consent]}"] if matters else [said]


def sentence(clauses: Iterable[str]) -> str:
    """Clauses as one sentence."""
    return f"{'; '.join(clauses)}."


def _parts(day: date, span: Interval, calendar: BusinessCalendar, hours: Iterable[Interval]) -> Iterator[Part]:
    if day in calendar.holidays:
        yield Part(span, Band.PUBLIC_HOLIDAY)
        return
    marks = [span.start, *(_full(mark) for open_time in hours for mark in (open_time.start, open_time.end)), span.end]
    for (start, end), band in zip(pairwise(marks), cycle((_outside_hours(day), Band.OFFICE)), strict=False):
        if start < end:
            yield Part(Interval(start, end), band)


def _full(at: datetime) -> datetime:
    return at.replace(microsecond=0)


def _outside_hours(day: date) -> Band:
    return {5: Band.SATURDAY, 6: Band.SUNDAY}.get(day.weekday(), Band.WEEKDAY_AFTER_HOURS)


def _state(share: Share, terms: Terms | None, consent: bool | None) -> State:
    if terms is None:
        return State.TO_CHECK
    office = share.band is Band.OFFICE
    if share.cover is Cover.INCLUDED:
        return State.NONE if office else State.INCLUDED
    # Nobody is asked in office hours, so a contract that bills them has the consent in it.
    agreed = share.cover is Cover.BILLABLE and (office or not terms.needs_consent)
    return State.BILLABLE if agreed or consent else State.TO_CHECK


def _times(shares: Sequence[Share]) -> str:
    if [share.band for share in shares] == [Band.OFFICE]:
        return f"{_lasted(shares[0].seconds)}, all in office hours"
    return listed(f"{_lasted(share.seconds)} {share.when}" for share in shares)


def _said(shares: Sequence[Share], terms: Terms) -> str:
    covers = {cover: [share.when for share in shares if share.cover is cover] for cover in Cover}
    clauses = (f"{_VERBS[cover]} work {listed(whens)}" for cover, whens in covers.items() if whens)
    unasked = "" if terms.needs_consent else ", asking for no consent"
    return f"contract {terms.name}, version {terms.version}, {listed(clauses)}{unasked}"


def _lasted(seconds: int) -> str:
    return duration(timedelta(seconds=seconds))


NOBODY = "nobody was connected, so there is nothing to bill"
_OUTCOMES = dict(zip(State, ("No overtime", "Included", "Billable", "To check"), strict=True))
_ANSWERS = {
    True: "accepted overtime rates",
    False: "refused overtime rates",
    None: "was not asked or did not answer",
}
_VERBS = {Cover.INCLUDED: "includes", Cover.BILLABLE: "bills", Cover.NOT_COVERED: "does not cover"}
_WHEN = {
    Band.OFFICE: "in office hours",
    Band.WEEKDAY_AFTER_HOURS: "on a weekday after hours",
    Band.SATURDAY: "on a Saturday",
    Band.SUNDAY: "on a Sunday",
    Band.PUBLIC_HOLIDAY: "on a public holiday",
}
