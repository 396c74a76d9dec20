"""A month of duty as rows: each fact is a row of the same columns, so a table of one kind is a choice of columns.

Times are on the company's clocks with their offset; lengths are whole seconds and, beside them, h:mm:ss.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from oncall.duty import ASKED
from oncall.limits import day_starts
from sla.overtime import Band

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from oncall.credit import TimeByBand
    from oncall.duty import Month, Total

WHO = ("engineer", "key")
WHEN = ("start", "end")
LENGTH = ("seconds", "duration")
BANDS = (*(f"{band}_seconds" for band in Band), "night_seconds", "deep_night_seconds")
# The sheets of a workbook: the kind of fact, the sheet's name, and its columns.
SHEETS = {
    "total": ("Totals", (*WHO, "what", "count", *LENGTH, "after_hours_seconds", *BANDS, "why")),
    "standby": ("Standby", (*WHO, "rota", "layer", "rotation", *WHEN, *LENGTH, "turn_of", "why")),
    "offer": ("Offers", (*WHO, "start", "result", "on_standby", "ticket", "why")),
    "call-out": ("Call-outs", (*WHO, *WHEN, *LENGTH, "after_hours_seconds", *BANDS, "ticket", "what", "why")),
    "credited": ("Counts for", (*WHO, *WHEN, *LENGTH, "after_hours_seconds", *BANDS, "count", "why")),
    "layer": ("Layers", ("rota", "layer", "what", *LENGTH, "why")),
    "warning": ("Warnings", (*WHO, *WHEN, "what", *LENGTH, "why")),
    "note": ("Rules and notes", ("what", "start", "why")),
}
COLUMNS = (
    "record", *WHO, "rota", "layer", "rotation", "what", *WHEN, *LENGTH, "after_hours_seconds", *BANDS,
    "count", "result", "on_standby", "ticket", "turn_of", "why",
)  # fmt: skip
BALANCE = {
    "standby": "standby",
    "gaps": "gap: somebody was rostered and nobody served",
    "unrostered": "not rostered: outside the hours of its rotations",
    "unrecorded": "not recorded: before this rota was kept here",
    "to_come": "still to come",
    "month": "the month: all of the above",
}
NOTES = (
    ("work", "Known is the work done through the line, and no more: what was worked elsewhere is not in here."),
    ("pay", "These are facts, not wages. What customers are billed is told elsewhere, and by other rules."),
    ("overlaps", "Every second counts once for a person: two tickets at once, two layers or two rotas at once."),
    ("office hours", "What a call-out counts for includes office hours; after_hours_seconds leaves them out."),
    ("night", "deep_night_seconds is 23:00 to 06:00 (BCEA s 17(3)); both nights lie across the bands."),
    ("whole rota", "Of a whole rota, gap is when nobody was on duty at all though somebody was promised."),
)


class Fact(NamedTuple):
    """One row: its kind, and its cells by column; an instant is a datetime on the company's clocks."""

    record: str
    cells: dict[str, object]


def facts(month: Month) -> Iterator[Fact]:
    """Every row of a month, kind by kind, in the order of time."""
    for row in _rows(month):
        key = row.cells.get("key")
        yield row._replace(cells={"engineer": month.names.get(str(key), key), **row.cells} if key else row.cells)


def hms(number: int) -> str:
    """Seconds as h:mm:ss."""
    return f"{number // 3600}:{number // 60 % 60:02}:{number % 60:02}"


def _rows(month: Month) -> Iterator[Fact]:
    for total in month.totals:
        yield from _total(total)
    yield from _standby(month)
    yield from _offers(month)
    yield from _call_outs(month)
    yield from _credited(month)
    yield from _layers(month)
    yield from _warnings(month)
    yield from _notes(month)


def _total(total: Total) -> Iterator[Fact]:
    who = {"key": total.engineer}
    more = f"in layers one beside the other {hms(total.in_layers)}" if total.in_layers > total.standby.whole else ""
    stood = {"what": "standby", "count": total.shifts, **_measured(total.standby), "why": more}
    yield Fact("total", who | stood)
    for answer in ASKED:
        yield Fact("total", who | {"what": f"offers on standby, {answer}", "count": total.offers[answer]})
    yield Fact("total", who | {"what": "call-outs", "count": total.call_outs, **_measured(total.worked)})
    yield Fact("total", who | {"what": "what call-outs count for", **_measured(total.credited)})


def _standby(month: Month) -> Iterator[Fact]:
    for one in month.standby:
        yield Fact(
            "standby",
            {
                "key": one.engineer,
                "rota": one.rota,
                "layer": one.layer or "added",
                "rotation": one.lane if not one.lane.startswith("+") else "",
                **_span(month, one.interval.start, one.interval.end),
                **_long(one.interval.seconds),
                "turn_of": month.names.get(one.turn_of, one.turn_of),
                "why": " - ".join(filter(None, (one.why, one.changed))),
            },
        )


def _offers(month: Month) -> Iterator[Fact]:
    for one in month.offers:
        on_standby = "yes" if one.on_standby else "no"
        cells = {"key": one.engineer, "start": _at(month, one.at), "result": one.answer, "on_standby": on_standby}
        why = ": ".join(filter(None, (one.outcome if one.outcome != one.answer else "", one.note)))
        yield Fact("offer", cells | {"ticket": one.ticket, "why": why})


def _call_outs(month: Month) -> Iterator[Fact]:
    for one, parts in month.call_outs:
        start, end = (parts[0].start, parts[-1].end) if parts else (one.interval.start, one.interval.end)
        what = "called back" if one.called_back else "answered"
        why = "" if one.known else "the end of the call is not known"
        cells = {"key": one.engineer, **_span(month, start, end), **_measured(month.pay.measure(parts))}
        yield Fact("call-out", cells | {"ticket": one.ticket, "what": what, "why": why})


def _credited(month: Month) -> Iterator[Fact]:
    for block in month.blocks:
        spans = block.credited or block.worked or (block.guaranteed,)
        cells = {"key": block.engineer, **_span(month, spans[0].start, spans[-1].end), "count": len(block.call_outs)}
        yield Fact("credited", cells | _measured(month.pay.measure(block.credited)) | {"why": block.reason})


def _layers(month: Month) -> Iterator[Fact]:
    for one in month.balances:
        for name, words in BALANCE.items():
            cells = {"rota": one.rota, "layer": one.layer or "whole rota", "what": name.replace("_", " ")}
            yield Fact("layer", cells | _long(getattr(one, name)) | {"why": words})


def _warnings(month: Month) -> Iterator[Fact]:
    for one in month.warnings:
        cells = {"key": one.engineer, **_span(month, one.interval.start, one.interval.end), "what": one.kind}
        yield Fact("warning", cells | _long(one.seconds) | {"why": one.text})


def _notes(month: Month) -> Iterator[Fact]:
    pay = month.pay
    yield Fact("note", {"what": "until", "start": _at(month, month.until), "why": f"what is told of {month.name}"})
    yield Fact("note", {"what": "zone", "why": pay.calendar.zone})
    starts = day_starts(pay.calendar, month.span.start)
    yield Fact("note", {"what": "working day", "why": f"from {starts:%H:%M} for 24 hours (BCEA s 8)"})
    for rules in pay.agreement.between(month.span):
        since = "when nothing was agreed" if rules.since.year == 1 else f"from {rules.since}"
        yield Fact("note", {"what": "rules", "why": f"{since}: {rules.words}"})
    for what, why in NOTES:
        yield Fact("note", {"what": what, "why": why})


def _measured(measure: TimeByBand) -> dict[str, object]:
    bands = {f"{band}_seconds": number for band, number in measure.bands.items()}
    nights = {"night_seconds": measure.night, "deep_night_seconds": measure.deep_night}
    return {**_long(measure.whole), "after_hours_seconds": measure.after_hours, **bands, **nights}


def _long(number: int) -> dict[str, object]:
    return {"seconds": number, "duration": hms(number)}


def _span(month: Month, start: datetime, end: datetime) -> dict[str, object]:
    return {"start": _at(month, start), "end": _at(month, end)}


def _at(month: Month, at: datetime) -> datetime:
    return at.astimezone(ZoneInfo(month.pay.calendar.zone)).replace(microsecond=0)
