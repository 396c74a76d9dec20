"""What somebody asks of the office hours, read from the form in which they typed it; nothing is done by reading it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter, ValidationError

from desk import when
from desk.audit import What
from desk.setup.written import DAYS, Spans
from sla import hours_change
from sla.hours import Forced
from sla.interval import Interval

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sla.hours import BusinessHours

A_DAY = timedelta(days=1)
LOOK_AHEAD = timedelta(days=14)  # of a change without an end
LONGEST_REASON = 100
SPANS: TypeAdapter[list[tuple[int, int]]] = TypeAdapter(Spans)


class Unreadable(ValueError):
    """What was typed has no reading; `field` names where."""

    def __init__(self, text: str, name: str) -> None:
        super().__init__(text)
        self.field = name


@dataclass(frozen=True)
class Wanted:
    """A change of the hours: what it does to them, where its effect is looked for, and what the audit says of it."""

    does: Callable[[BusinessHours], object]
    span: Interval
    what: What
    about: str
    detail: Mapping[str, Any] = field(default_factory=dict)
    says: Mapping[str, str] = field(default_factory=dict)  # in each language, what callers hear besides
    says_from: datetime | None = None
    ends_closure: int = 0  # which one, if it ends one
    listen: datetime | None = None  # when somebody wants to hear it besides


@dataclass(frozen=True)
class Asking:
    """Who asks, when, of which hours, and what they typed."""

    hours: BusinessHours
    typed: Mapping[str, str]
    now: datetime
    who: str

    def wanted(self) -> Wanted:
        """What they ask for; raises Unreadable, or LookupError for what is not there any more."""
        read = VERBS.get(self.typed.get("verb", ""))
        if read is None:
            raise Unreadable("Say what is to happen.", "verb")
        wanted = read(self)
        if not self.typed.get("listen"):
            return wanted
        return replace(wanted, listen=self.instant("listen", "Hear it when? A time such as 2026-12-24 18:00."))

    def instant(self, name: str, words: str) -> datetime:
        """A time on the clocks of the office."""
        try:
            return when.instant(self.typed.get(name, ""), self.hours.zone)
        except ValueError:
            raise Unreadable(words, name) from None

    def reason(self, needed: str = "") -> str:
        """Why, which only colleagues see."""
        found = " ".join(self.typed.get("reason", "").split())
        if needed and not found:
            raise Unreadable(needed, "reason")
        if len(found) > LONGEST_REASON:
            raise Unreadable(f"The reason has room for {LONGEST_REASON} characters.", "reason")
        return found

    def number(self) -> int:
        """Which one of several."""
        text = self.typed.get("number", "")
        return int(text) if text.isdecimal() and len(text) < 10 else 0


def written(week: hours_change.Week) -> list[str]:
    """A week day by day as it is typed: `08:30-12:30, 13:30-17:00`; nothing for a day that is closed."""
    days: list[list[str]] = [[] for _ in DAYS]
    for day, opens, closes in sorted(week):
        days[day].append(f"{_clock(opens)}-{_clock(closes)}")
    return [", ".join(spans) for spans in days]


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _week(asking: Asking) -> Wanted:
    week = [[day, *span] for day, name in enumerate(DAYS) for span in _spans(asking, day, name)]
    try:
        since = date.fromisoformat(asking.typed.get("since", ""))
    except ValueError:
        raise Unreadable("From which day on? A day such as 2027-01-04.", "since") from None
    start = asking.hours.begins(since)
    said = {name.title(): spans for name, spans in zip(DAYS, written(week), strict=True) if spans}
    return Wanted(
        lambda hours: hours_change.keep_week(hours, week, since, asking.now, asking.who),
        Interval(start, start + LOOK_AHEAD),
        What.HOURS_PUBLISHED,
        f"{asking.hours.name} from {since}",
        {"week": [f"{name} {spans}" for name, spans in said.items()]},
    )


def _spans(asking: Asking, day: int, name: str) -> list[tuple[int, int]]:
    typed = asking.typed.get(f"day{day}", "")
    try:
        return SPANS.validate_python(typed)
    except ValidationError as error:
        said = str(error.errors()[0]["ctx"]["error"])
        raise Unreadable(f"{name.title()}: {said}.", f"day{day}") from None


def _take_back(asking: Asking) -> Wanted:
    number = asking.number()
    row = next((one for one in asking.hours.later if one.id == number), None)
    if row is None:
        raise LookupError("These hours are not planned any more.")
    start = asking.hours.begins(row.since)
    return Wanted(
        lambda hours: hours_change.take_back(hours, number, asking.now),
        Interval(start, start + LOOK_AHEAD),
        What.HOURS_TAKEN_BACK,
        f"{asking.hours.name} from {row.since}",
    )


def _close(asking: Asking) -> Wanted:
    starts = asking.instant("starts", "Closed from when? A time such as 2026-12-24 12:00.")
    ends = asking.instant("ends", "Until when? A time such as 2026-12-28 08:30.")
    reason = asking.reason("Say why, for colleagues: “Christmas Eve”.")
    says = {name[4:]: " ".join(text.split()) for name, text in asking.typed.items() if name.startswith("say-")}
    says = says if any(says.values()) else {}
    since = asking.instant("say", "Heard from when on? A time, or nothing.") if asking.typed.get("say") else starts
    return Wanted(
        lambda hours: hours_change.close(hours, starts, ends, reason, asking.now, asking.who),
        Interval(starts, max(starts, ends)),
        What.OFFICE_CLOSED,
        asking.hours.name,
        {"starts": asking.typed["starts"], "ends": asking.typed["ends"], "reason": reason},
        says,
        since,
    )


def _reopen(asking: Asking) -> Wanted:
    number = asking.number()
    row = next((one for one in asking.hours.closures if one.id == number), None)
    if row is None:
        raise LookupError("This closure is over, or somebody has ended it.")
    return Wanted(
        lambda hours: hours_change.reopen(hours, number, asking.now),
        Interval(max(row.starts, min(asking.now, row.ends)), max(row.ends, row.starts)),
        What.CLOSURE_ENDED,
        asking.hours.name,
        {"reason": row.reason, "started": row.starts.isoformat()},
        ends_closure=number,
    )


def _force(asking: Asking) -> Wanted:
    state = asking.typed.get("state", "")
    if state not in (*Forced, "regular"):
        raise Unreadable("Open, closed, or back to the regular hours?", "state")
    forced = None if state == "regular" else Forced(state)
    open_end = not asking.typed.get("until", "").strip()
    until = None if open_end or forced is None else asking.instant("until", "Until when? A time, or nothing.")
    reason = asking.reason("Say why, for colleagues: “Power is out”." if forced else "")
    return Wanted(
        lambda hours: hours_change.force(hours, forced, asking.now, until, reason, asking.who),
        Interval(asking.now, max(asking.now, min(until or asking.now + LOOK_AHEAD, asking.now + 366 * A_DAY))),
        What.LINE_FORCED,
        asking.hours.name,
        {"state": state, "until": asking.typed.get("until", "") if forced else "", "reason": reason},
    )


VERBS: dict[str, Callable[[Asking], Wanted]] = {
    "week": _week,
    "take-back": _take_back,
    "close": _close,
    "reopen": _reopen,
    "force": _force,
}
