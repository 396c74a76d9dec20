"""Overtime: an interval split into rate bands, and what a contract makes of them.

The local date decides: a public holiday is one all day and wins over a Sunday; then come the regular office
hours, also on a Saturday; then Saturday, Sunday, or a weekday after hours. Closing early or opening specially
changes who answers, never the band: customers are billed by the hours they were told.
"""

from collections.abc import Iterable, Iterator, Mapping
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
class Verdict:
    """The judgement on a stretch of work, its seconds per band, and the sentence that explains it."""

    state: State
    bands: Mapping[Band, int]
    explanation: str


def split(start: datetime, end: datetime, calendar: BusinessCalendar) -> tuple[Part, ...]:
    """The interval in consecutive parts, cut at local midnights and at regular opening and closing times.

    Both ends are taken down to the full second, so that the parts add up to the whole.
    """
    start, end = start.replace(microsecond=0), end.replace(microsecond=0)
    days = calendar.days(Interval(start, end)) if start < end else ()
    return tuple(part for day, span in days for part in _parts(day, span, calendar))


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
    worked = {band: bands[band] for band in Band if bands.get(band)}
    state = _state(worked, terms, consent)
    return Verdict(state, bands, _explanation(state, worked, terms, consent))


def _parts(day: date, span: Interval, calendar: BusinessCalendar) -> Iterator[Part]:
    if day in calendar.holidays:
        yield Part(span, Band.PUBLIC_HOLIDAY)
        return
    stretches = calendar.regular_hours(span)
    marks = [span.start, *(mark for hours in stretches for mark in (hours.start, hours.end)), span.end]
    for (start, end), band in zip(pairwise(marks), cycle((_outside_hours(day), Band.OFFICE)), strict=False):
        if start < end:
            yield Part(Interval(start, end), band)


def _outside_hours(day: date) -> Band:
    return {5: Band.SATURDAY, 6: Band.SUNDAY}.get(day.weekday(), Band.WEEKDAY_AFTER_HOURS)


def _state(worked: Iterable[Band], terms: Terms | None, consent: bool | None) -> State:
    if not worked:
        return State.NONE
    if terms is None:
        return State.TO_CHECK
    return max((_band_state(band, terms, consent) for band in worked), key=list(State).index)


def _band_state(band: Band, terms: Terms, consent: bool | None) -> State:
    cover, office = terms.bands[band], band is Band.OFFICE
    if cover is Cover.INCLUDED:
        return State.NONE if office else State.INCLUDED
    # Nobody is asked in office hours, so a contract that bills them has the consent in it.
    agreed = cover is Cover.BILLABLE and (office or not terms.needs_consent)
    return State.BILLABLE if agreed or consent else State.TO_CHECK


def _explanation(state: State, worked: Mapping[Band, int], terms: Terms | None, consent: bool | None) -> str:
    if not worked:
        return "No overtime: nobody was connected, so there is nothing to bill."
    said = _said(worked, terms) if terms else "no contract is known for this caller, so billing staff decide"
    asked = consent is not None or terms is None or _needs_asking(worked, terms)
    answered = f"; the caller {_ANSWERS[consent]}" if asked else ""
    return f"{_OUTCOMES[state]}: {_times(worked)}; {said}{answered}."


def _needs_asking(worked: Iterable[Band], terms: Terms) -> bool:
    return any(terms.bands[band] is not Cover.INCLUDED for band in worked)


def _times(worked: Mapping[Band, int]) -> str:
    if worked.keys() == {Band.OFFICE}:
        return f"{_lasted(worked[Band.OFFICE])}, all in office hours"
    return listed(f"{_lasted(worked[band])} {_WHEN[band]}" for band in worked)


def _said(worked: Mapping[Band, int], terms: Terms) -> str:
    covers = {cover: [band for band in worked if terms.bands[band] is cover] for cover in Cover}
    clauses = (
        f"{_VERBS[cover]} work {listed(_WHEN[band] for band in bands)}" for cover, bands in covers.items() if bands
    )
    unasked = "" if terms.needs_consent else ", asking for no consent"
    return f"contract {terms.name}, version {terms.version}, {listed(clauses)}{unasked}"


def _lasted(seconds: int) -> str:
    return duration(timedelta(seconds=seconds))


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
