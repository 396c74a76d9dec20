"""The rota as a file: written for a spreadsheet and a calendar program, and taken over from another product."""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import TYPE_CHECKING

import pytest
from icalendar import Calendar
from sqlalchemy import func, select

from desk import audit
from desk.audit import What
from desk.cells import bare, safe
from desk.staff import Staff
from oncall import transfer
from oncall.roster import OverrideRecord, named
from subscribers import replaced, subscribed

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result
    from flask import Flask

    from simulator.clock import Clock

MONDAY = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)  # 08:30: Pieter first, Lerato second
DAY = timedelta(days=1)
SPAN = ("--from", "2026-11-22T00:00", "--to", "2026-11-25T00:00")
EVENT = """BEGIN:VEVENT
UID:{0}
DTSTAMP:20261101T000000Z
{1}
END:VEVENT
"""


def run(app: Flask, *words: str) -> Result:
    return app.test_cli_runner().invoke(args=["oncall", *words])


def rows(app: Flask, *words: str) -> list[dict[str, str]]:
    result = run(app, "export", *words)
    assert result.exit_code == 0, result.output
    return list(csv.DictReader(StringIO(result.stdout)))


def taken(app: Flask, tmp_path: Path, text: str, *words: str, name: str = "plan.csv") -> Result:
    (tmp_path / name).write_text(text, encoding="utf-8")
    return run(app, "import", str(tmp_path / name), "--anyway", "as it was agreed", *words)


def calendar(*events: str) -> str:
    body = "".join(EVENT.format(n, event) for n, event in enumerate(events))
    return f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\n{body}END:VCALENDAR\n".replace("\n", "\r\n")


def changes(app: Flask) -> int:
    with app.extensions["database"].reading() as session:
        return session.scalar(select(func.count()).select_from(OverrideRecord)) or 0


def who(app: Flask, t: datetime) -> list[str]:
    with app.extensions["database"].reading() as session:
        [plan] = app.extensions["exchange"].boards.current(session).rotas.values()
    return [duty.engineer for duty in plan.who(t)]


# Export


def test_a_row_for_every_shift_cut_to_the_times_asked_for(app: Flask):
    told = [(one["start"], one["end"], one["person"], one["rings"], one["rotation"]) for one in rows(app, *SPAN)]
    assert told == [
        ("2026-11-22T00:00:00+02:00", "2026-11-23T08:30:00+02:00", "Thandi Nkosi", "first", "First"),
        ("2026-11-22T00:00:00+02:00", "2026-11-23T08:30:00+02:00", "Pieter Botha", "second", "Second"),
        ("2026-11-23T08:30:00+02:00", "2026-11-25T00:00:00+02:00", "Pieter Botha", "first", "First"),
        ("2026-11-23T08:30:00+02:00", "2026-11-25T00:00:00+02:00", "Lerato Mokoena", "second", "Second"),
    ]


def test_it_says_why(app: Flask):
    replaced(app, "naledi", "pieter", MONDAY, MONDAY + DAY)
    cover = next(one for one in rows(app, *SPAN) if one["key"] == "naledi")
    assert cover["why"].startswith("naledi: instead of pieter until Tue 24 Nov 08:30, pieter's turn of 'First'")


@pytest.mark.parametrize("cell", ["=1+1", "+27", "-x", "@SUM(A1)", "\tx", "＝1+1"])
def test_no_spreadsheet_takes_a_cell_for_a_formula(cell: str):
    assert safe(cell) == f"'{cell}"
    assert bare(safe(cell)) == cell


@pytest.mark.parametrize("cell", ["", "Thandi", "'quoted'", "2026-11-22T00:00:00+02:00"])
def test_other_cells_stay_as_they_are(cell: str):
    assert bare(cell) == safe(cell) == cell


def test_a_name_that_is_a_formula_is_written_harmless(app: Flask):
    with app.extensions["database"].writing() as session:
        session.scalars(select(Staff).where(Staff.key == "thandi")).one().name = '=HYPERLINK("http://x")'
    assert rows(app, *SPAN)[0]["person"] == '\'=HYPERLINK("http://x")'


def test_the_calendar_is_that_of_all_so_both_together_show_nothing_twice(app: Flask, shut: Flask):
    told = Calendar.from_ical(run(app, "export", *SPAN, "--format", "ics").stdout_bytes)
    theirs = subscribed(shut, "naledi", "team").events
    mine = {str(one["UID"]): (str(one["SUMMARY"]), one.start) for one in told.events}
    assert len(mine) == 4
    assert all(theirs[uid][:2] == mine[uid] for uid in mine)


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        (("--from", "x"), "'x' is not a time"),
        (("--from", "2026-11-22", "--to", "2026-11-21"), "the end lies before the beginning"),
        (("--rota", "Nowhere"), "there is no rota 'Nowhere'"),
    ],
)
def test_an_export_that_cannot_be_is_refused(app: Flask, words: tuple[str, ...], fault: str):
    result = run(app, "export", *words)
    assert (result.exit_code, result.stdout) == (1, "")
    assert fault in result.stderr


# Import


def test_what_was_exported_is_what_would_be_imported(app: Flask, tmp_path: Path):
    text = run(app, "export", *SPAN).stdout
    result = taken(app, tmp_path, text)
    assert "4 shifts in Standby, 0 changes" in result.output
    assert changes(app) == 0


def test_people_ring_as_the_file_says_for_its_time_and_no_longer(app: Flask, tmp_path: Path):
    file = "start;end;person;rings\n2026-11-24 08:00;2026-11-25 08:00;Naledi Dlamini;first\n"
    result = taken(app, tmp_path, file)
    assert result.output == (
        "Tue 24 Nov 2026 08:00 to Wed 25 Nov 2026 08:00: Naledi Dlamini instead of Pieter Botha in First\n"
        "1 shifts in Standby, 1 changes\n"
        "Beware: Naledi Dlamini has not proved their number, and is on duty from Tue 24 Nov 08:00\n"
        "Imported.\n"
    )
    start = datetime(2026, 11, 24, 6, tzinfo=UTC)
    second = timedelta(seconds=1)
    asked = [who(app, t)[0] for t in (start - second, start, start + DAY - second, start + DAY)]
    assert asked == ["pieter", "naledi", "naledi", "pieter"]


def test_what_is_unsafe_is_not_imported_unless_somebody_names_the_reason(app: Flask, tmp_path: Path):
    file = tmp_path / "plan.csv"
    file.write_text("start,end,person\n2026-11-24,2026-11-25,naledi\n")
    refused = run(app, "import", str(file))
    assert (refused.exit_code, refused.output.splitlines()[-3:], changes(app)) == (
        1,
        [
            "Beware: Naledi Dlamini has not proved their number, and is on duty from Tue 24 Nov 00:00",
            "Nothing was imported.",
            'Callers might reach nobody. If it is right all the same, name the reason: --anyway "REASON".',
        ],
        0,
    )
    assert run(app, "import", str(file), "--anyway", "she proves it today").exit_code == 0
    with app.extensions["database"].reading() as session:
        entry = session.scalars(select(audit.Entry).where(audit.Entry.what == What.SHIFTS_IMPORTED)).one()
    assert entry.detail["reason"] == "she proves it today"


def test_a_try_changes_nothing(app: Flask, tmp_path: Path):
    result = taken(app, tmp_path, "start,end,person\n2026-11-24,2026-11-25,thandi\n", "--dry-run")
    assert "Thandi Nkosi instead of Pieter Botha" in result.output
    assert result.output.endswith("Nothing was changed.\n")
    assert changes(app) == 0


def test_two_who_change_places(app: Flask, tmp_path: Path):
    file = "start,end,person,rings\n2026-11-24,2026-11-25,lerato,first\n2026-11-24,2026-11-25,pieter,second\n"
    assert taken(app, tmp_path, file).exit_code == 0
    assert who(app, datetime(2026, 11, 24, 12, tzinfo=UTC)) == ["lerato", "pieter"]


def test_a_shift_over_a_hand_off_is_one_change_for_each_side(app: Flask, tmp_path: Path):
    assert "2 changes" in taken(app, tmp_path, "start,end,person\n2026-11-29,2026-12-01,naledi\n").output
    for hours in (1, 12, 36):
        assert who(app, datetime(2026, 11, 28, 22, tzinfo=UTC) + timedelta(hours=hours))[0] == "naledi"


def test_where_nobody_is_on_duty_somebody_is_added(app: Flask, tmp_path: Path, clock: Clock):
    with app.extensions["database"].writing() as session:
        record = named(session, "Standby")
        for key in ("pieter", "lerato"):
            staff = session.scalars(select(Staff).where(Staff.key == key)).one()
            session.add(
                OverrideRecord(
                    rota_id=record.id, kind="remove", staff_id=staff.id, starts=MONDAY, ends=MONDAY + DAY, reason=""
                )
            )
    assert who(app, MONDAY) == []
    file = "start,end,person,rings\n" + "".join(
        f"2026-11-23T08:30,2026-11-24T08:30,{key},{rings}\n" for key, rings in (("naledi", "second"), ("thandi", ""))
    )
    result = taken(app, tmp_path, file)
    assert "Thandi Nkosi is added, rings first" in result.output
    assert "Naledi Dlamini is added, below the others" in result.output
    assert who(app, MONDAY) == ["thandi", "naledi"]


def test_what_is_over_is_left_as_it_was(app: Flask, tmp_path: Path, clock: Clock):
    file = "start,end,person\n2026-11-20,2026-11-21,naledi\n2026-11-21,2026-11-22T03:00,lerato\n"
    result = taken(app, tmp_path, file)
    assert "1 are over and left out" in result.output
    assert who(app, clock()) == ["lerato", "pieter"]
    assert who(app, clock() - timedelta(seconds=1)) == ["thandi", "pieter"]


def test_an_import_is_in_the_audit(app: Flask, tmp_path: Path):
    taken(app, tmp_path, "start,end,person\n2026-11-24,2026-11-25,thandi\n")
    with app.extensions["database"].reading() as session:
        entry = audit.newest(session, 1)[0]
    assert (entry.what, entry.about) == (What.SHIFTS_IMPORTED, "Standby from plan.csv")
    assert (entry.detail["shifts"], entry.detail["changes"]) == (1, 1)


def test_the_events_of_a_calendar_name_people_in_many_ways(app: Flask, tmp_path: Path):
    file = calendar(
        "DTSTART:20261124T060000Z\nDTEND:20261124T070000Z\nSUMMARY:On call: Naledi Dlamini (primary)",
        "DTSTART:20261125T060000Z\nDURATION:PT1H\nSUMMARY:Primary\nATTENDEE;CN=X:mailto:THANDI@protea-it.example",
        "DTSTART;TZID=Africa/Johannesburg:20261126T080000\nDTEND;TZID=Africa/Johannesburg:20261126T090000\n"
        "SUMMARY:Primary\nATTENDEE;CN=Lerato Mokoena:mailto:l@x.example",
        "DTSTART;VALUE=DATE:20261127\nDTEND;VALUE=DATE:20261128\nSUMMARY:naledi",
        "DTSTART:20261128T080000\nDTEND:20261128T090000\nSUMMARY:naledi",
        "DTSTART:20261124T060000Z\nDTEND:20261124T070000Z\nSUMMARY:Lerato Mokoena\nSTATUS:CANCELLED",
    )
    result = taken(app, tmp_path, file, name="oncall.ics")
    assert "5 shifts in Standby, 5 changes" in result.output
    six = datetime(2026, 11, 24, 6, tzinfo=UTC)
    asked = [who(app, six + n * DAY)[0] for n in range(5)]
    assert asked == ["naledi", "thandi", "lerato", "naledi", "naledi"]
    assert [who(app, six + 3 * DAY + timedelta(hours=n))[0] for n in (-9, -8, 15, 16)] == [
        "pieter", "naledi", "naledi", "pieter",
    ]  # fmt: skip


def test_an_event_that_repeats_is_a_shift_each_time_but_for_what_was_moved(app: Flask, tmp_path: Path):
    """Weekly from last Tuesday on; the second to come was moved by a day, which is told in an event of its own."""
    weekly = "DTSTART:20261117T060000Z\nDTEND:20261117T070000Z\nRRULE:FREQ=WEEKLY;COUNT=4\nSUMMARY:naledi"
    moved = "RECURRENCE-ID:20261201T060000Z\nDTSTART:20261202T060000Z\nDTEND:20261202T070000Z\nSUMMARY:naledi"
    file = calendar(weekly, moved).replace("UID:1", "UID:0")
    assert "3 shifts in Standby, 3 changes" in taken(app, tmp_path, file, name="oncall.ics").output
    days = [datetime(2026, 11, 24, 6, 30, tzinfo=UTC) + n * DAY for n in range(22)]
    assert [t.day for t in days if who(app, t)[0] == "naledi"] == [24, 2, 8]


FAULTS = [
    ("start,end,person\n2026-11-24,2026-11-25,Somebody\n", 2, "nobody here is called 'Somebody'"),
    ("start,end,person\n2026-11-24,2026-11-25,bongani\n", 2, "nobody here is called 'bongani'"),
    ("start,end,person\n\n24/11/2026,2026-11-25,thandi\n", 3, "'24/11/2026' is no time such as 2026-11-22T08:30"),
    ("start,end,person\n2026-11-25,2026-11-24,thandi\n", 2, "it ends before it begins"),
    ("start,end,person,rings\n2026-11-24,2026-11-25,thandi,1\n", 2, "'1' is no order of ringing"),
    ("start,end,person\n2026-11-24,2026-11-26,thandi\n2026-11-25,2026-11-27,lerato\n", 3,
     "thandi has the same place at the same time in line 2"),
    ("start,end,person,rings\n2026-11-24,2026-11-25,thandi,fourth\n", 2,
     "thandi cannot be made to ring fourth: from 2026-11-24 00:00 nobody would"),
    ("begin,end,who\n", 1, "the first line names the columns"),
    ("", 1, "the first line names the columns"),
    ("start,end,person\n", 1, "there are no shifts in this file"),
    (calendar(), 1, "there are no shifts in this file"),
    ("BEGIN:VCALENDAR\nEND:VEVENT\nnonsense\n", 1, "this is not a calendar"),
    ("BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20261124T060000Z\n", 3, "this calendar is cut short"),
    (calendar("DTSTART:20261124T060000Z\nDTEND:20261124T070000Z\nSUMMARY:thandi")[:-15], 10, "cut short"),
    (calendar("DTSTART;VALUE=DATE:20261124\nDTEND;VALUE=DATE:2026\nSUMMARY:thandi"), 4, "cannot be read"),
    (calendar("DTSTART:20261124T060000Z\nDTEND:20261124T070000Z\nSUMMARY:Nobody"), 4, "'Nobody' names nobody here"),
    (calendar("DTSTART:20261124T060000Z\nDTEND:20261124T070000Z\nSUMMARY:thandi or lerato"), 4, "names several people"),
    (calendar("DTSTART:20261124T060000Z\nDTEND:20261124T070000Z\nRRULE:FREQ=NEVER\nSUMMARY:thandi"), 4,
     "how this event repeats cannot be read"),
    (calendar("DTSTART:20261124T060000Z\nDTEND:20261124T070000Z\nRRULE:FREQ=secondly\nSUMMARY:thandi"), 4,
     "repeats more often"),
    (calendar("DTSTART:20261124T060000Z\nDTEND:20261124T070000Z\nRRULE:FREQ=DAILY;INTERVAL=0\nSUMMARY:thandi"), 4,
     "repeats more often"),
    (calendar("DTEND:20261124T070000Z\nSUMMARY:thandi"), 4, "from when to when cannot be read"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "line", "fault"), FAULTS)
def test_a_fault_is_told_with_its_line_and_nothing_is_imported(
    app: Flask, tmp_path: Path, text: str, line: int, fault: str
):
    good = "2026-12-01,2026-12-02,naledi\n" if text.startswith("start,end,person\n2") else ""
    result = taken(app, tmp_path, text + good, name="odd.ics")
    assert result.exit_code == 1
    assert f"odd.ics line {line}: " in result.stderr
    assert fault in result.stderr
    assert result.stderr.endswith("Nothing was imported.\n")
    assert changes(app) == 0


def test_every_fault_is_told_at_once(app: Flask, tmp_path: Path):
    result = taken(app, tmp_path, "start,end,person\nx,y,thandi\n2026-11-24,2026-11-25,nobody\n")
    assert [line.partition(":")[0] for line in result.stderr.splitlines()[:2]] == ["plan.csv line 2", "plan.csv line 3"]


def test_bytes_that_are_no_text_are_a_fault_of_their_line(app: Flask, tmp_path: Path):
    (tmp_path / "odd.csv").write_bytes(b"start,end,person\n\xff\xfe")
    assert "odd.csv line 2: this is not UTF-8 text" in run(app, "import", str(tmp_path / "odd.csv")).stderr


def test_rows_of_other_rotas_are_left_out(app: Flask, tmp_path: Path):
    file = "rota,start,end,person\nOther,2026-11-24,2026-11-25,naledi\nStandby,2026-11-24,2026-11-25,thandi\n"
    result = taken(app, tmp_path, file)
    assert "1 are of other rotas and left out" in result.output
    assert who(app, datetime(2026, 11, 24, 12, tzinfo=UTC))[0] == "thandi"


def test_what_was_prepared_before_another_change_is_not_carried_out(app: Flask, clock: Clock):
    database = app.extensions["database"]
    file = b"start,end,person\n2026-11-24,2026-11-25,thandi\n"
    with database.reading() as session:
        prepared = transfer.prepare(session, named(session, "Standby"), file, clock())
    replaced(app, "lerato", "pieter", MONDAY, MONDAY + 7 * DAY)
    by = audit.Who("naledi", "terminal")
    with pytest.raises(transfer.Stale, match="somebody changed the set-up"), database.writing() as session:
        transfer.carry_out(session, prepared, "plan.csv", by, clock())
    assert changes(app) == 1
