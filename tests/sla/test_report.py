"""A month's report: what was kept and what was missed, for whom, how late and why; on the page and in files."""

from __future__ import annotations

import csv
import re
from datetime import date, timedelta
from html import unescape
from io import BytesIO, StringIO
from typing import TYPE_CHECKING
from zipfile import ZipFile

import pytest

from office import at
from sla import holidays, report_files
from sla.month import Month
from sla.report import Report, monthly
from ticket_desk import TicketDesk
from tickets.ticket import Ticket
from visitors import browser_of

if TYPE_CHECKING:
    from pathlib import Path

    from office import Office

ZONE = "Africa/Johannesburg"
MORNING = "2026-11-24 09:00"


@pytest.fixture
def desk(office: Office) -> TicketDesk:
    return TicketDesk(office)


def report(desk: TicketDesk, name: str = "2026-11") -> Report:
    with desk.office.database.reading() as session:
        return monthly(session, Month.named(name, ZONE).span, desk.office.now)


def told(found: Report, measure: str = "first_response") -> dict[tuple[str | None, str], dict[str, int]]:
    """The counts of one measure that are not nothing."""
    return {
        (line.customer, line.priority): {str(result): n for result, n in line.counts.items() if n}
        for line in found.lines
        if line.measure == measure
    }


def answers(desk: TicketDesk, when: str, number: int) -> None:
    desk.does(when, number, lambda ticket, me, now: ticket.answer(me, now, "Rang them"))


@pytest.fixture
def month(desk: TicketDesk) -> TicketDesk:
    """Of Harbour Foods two kept, one missed, one running; one of Karoo Clinic; one that was abandoned."""
    kept, again, missed = (desk.opens(MORNING) for _ in range(3))
    karoo = desk.opens(MORNING, "high", "Karoo Clinic")
    gone = desk.opens(MORNING, of=None)
    desk.does("2026-11-24 09:01", gone, lambda ticket, _, now: ticket.abandon(now, "hung up"))
    for number, when in ((kept, "2026-11-24 09:30"), (karoo, "2026-11-24 10:00"), (again, "2026-11-24 10:01")):
        answers(desk, when, number)
    answers(desk, "2026-11-24 15:30", missed)
    desk.opens("2026-11-24 15:45")
    desk.at("2026-11-24 16:00")
    return desk


def test_targets_are_counted_by_customer_priority_and_measure(month: TicketDesk):
    assert told(report(month)) == {
        ("Harbour Foods", "normal"): {"met": 2, "missed": 1, "running": 1},
        ("Karoo Clinic", "high"): {"met": 1},
        (None, "normal"): {"withdrawn": 1},
    }
    resolution = told(report(month), "resolution")
    assert resolution["Harbour Foods", "normal"] == {"not promised": 4}
    assert resolution["Karoo Clinic", "high"] == {"running": 1}
    assert told(report(month), "next_response") == {}, "nobody wrote again"


def test_a_percentage_has_its_counts_beside_it_and_is_of_what_is_decided(month: TicketDesk):
    lines = {(line.customer, line.measure): line for line in report(month).lines}
    assert report_files.kept(lines["Harbour Foods", "first_response"]) == "2 of 3 met, 66 %"
    assert lines["Harbour Foods", "resolution"].percent is None
    assert lines[None, "first_response"].percent is None


def test_what_was_missed_is_told_with_how_late_and_why(month: TicketDesk):
    [one] = report(month).missed
    assert one.late == timedelta(hours=2, minutes=30)
    assert one.due == at("2026-11-24 13:00")
    assert one.why[0] == "Received on Tuesday 24 November 2026 at 09:00, priority normal."
    assert one.note == ""


def test_what_is_still_owed_grows_later_and_the_latest_comes_first(desk: TicketDesk):
    first, second = desk.opens(MORNING), desk.opens(MORNING, "emergency")
    desk.at("2026-11-24 14:00")
    assert [(one.ticket.id, one.late, one.ended) for one in report(desk).missed] == [
        (second, timedelta(hours=4), None),
        (first, timedelta(hours=1), None),
    ]


def test_a_breach_that_a_later_holiday_excused_is_missed_and_says_so(desk: TicketDesk):
    number = desk.opens("2026-11-27 16:30")
    desk.at("2026-11-30 14:00")
    day = date(2026, 11, 30)
    desk.office.do(lambda session: holidays.add(session, day, "Day of Mourning", "gazette", desk.office.now))
    desk.office.tick()
    answers(desk, "2026-12-01 09:00", number)
    [one] = report(desk).missed
    assert told(report(desk)) == {("Harbour Foods", "normal"): {"missed": 1}}
    assert one.note == "Noted as missed when it was due. By what was declared or agreed since, it is kept."


def test_an_answer_missed_once_stays_missed_though_the_next_was_in_time(desk: TicketDesk):
    number = desk.opens(MORNING, "high", "Karoo Clinic")
    answers(desk, "2026-11-24 09:10", number)
    desk.does("2026-11-24 09:30", number, lambda ticket, _, now: ticket.hear("wrote", now))
    answers(desk, "2026-11-24 14:00", number)
    desk.does("2026-11-24 14:30", number, lambda ticket, _, now: ticket.hear("wrote again", now))
    answers(desk, "2026-11-24 14:40", number)
    assert told(report(desk), "next_response") == {("Karoo Clinic", "high"): {"missed": 1}}
    [one] = report(desk).missed
    assert (one.due, one.late) == (at("2026-11-24 11:30"), timedelta(hours=2, minutes=30))


def test_a_turnaround_that_nobody_has_agreed_is_not_promised(desk: TicketDesk):
    desk.opens(MORNING, "low")
    assert told(report(desk), "resolution") == {("Harbour Foods", "low"): {"not promised": 1}}


def test_a_ticket_belongs_to_the_month_of_the_office_in_which_it_came_in(desk: TicketDesk):
    desk.opens("2026-11-30 23:59")
    desk.opens("2026-12-01 00:01")
    for month in ("2026-11", "2026-12"):
        assert told(report(desk, month)) == {("Harbour Foods", "normal"): {"running": 1}}
    assert report(desk, "2026-10").lines == []


@pytest.mark.parametrize("text", ["", "2026", "2026-13", "2026-00", "1994-01", "2026-1", "november", "٢٠٢٦-١١"])
def test_what_is_no_month(text: str):
    with pytest.raises(ValueError, match="is not a month such as 2026-11"):
        Month.named(text, ZONE)


def test_a_month_goes_by_the_clocks_of_its_zone():
    span = Month.named("2026-03", "Europe/London").span
    assert span.end - span.start == timedelta(days=31) - timedelta(hours=1)
    assert f"{Month.named('2026-01', ZONE).beside(-1)}" == "2025-12-01"


# Files


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(text)))


def test_the_table_has_every_target_and_every_miss(month: TicketDesk):
    rows = table(report_files.as_csv(report(month), ZONE))
    harbour = next(row for row in rows if row["customer"] == "Harbour Foods" and row["measure"] == "first response")
    assert [harbour[name] for name in ("met", "missed", "running", "not_promised", "withdrawn", "percent_met")] == [
        *("2", "1", "1", "0", "0", "66")
    ]
    [missed] = [row for row in rows if row["record"] == "missed"]
    assert (missed["due"], missed["late_minutes"]) == ("2026-11-24T13:00:00+02:00", "150")
    assert re.fullmatch(r"\d{3}-\d{3}-\d{3}", missed["reference"])


@pytest.mark.parametrize("evil", ["=1+1", "+27", "-1", "@SUM(A1)", "\t=1", "＝1+1"])
def test_nothing_that_somebody_wrote_is_a_formula(month: TicketDesk, evil: str):
    def work(session: object) -> None:
        for ticket in session.query(Ticket):
            ticket.subject = evil

    month.office.do(work)
    found = report(month)
    [missed] = [row for row in table(report_files.as_csv(found, ZONE)) if row["record"] == "missed"]
    assert missed["subject"] == f"'{evil}"
    with ZipFile(BytesIO(report_files.as_xlsx(found, ZONE))) as book:
        sheets = [book.read(name).decode() for name in book.namelist() if "worksheets/" in name]
    assert len(sheets) == 3
    assert not any("<f>" in sheet or "<hyperlink" in sheet for sheet in sheets)


def test_the_same_report_makes_the_same_bytes(month: TicketDesk):
    assert report_files.as_xlsx(report(month), ZONE) == report_files.as_xlsx(report(month), ZONE)


# The page and the command


def words(text: str) -> str:
    main = text[text.index("<main") : text.index("</main>")]
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", main)))


def test_the_page_tells_the_same_and_leads_to_the_tickets(month: TicketDesk):
    page = browser_of(month.office.app, "bongani").get("/sla/report?month=2026-11").text
    said = words(page)
    assert "Harbour Foods – normal First response 2 of 3, 66 % 2 1 1 0 0" in said
    assert "2 h 30 min late" in said
    assert "why Received on Tuesday 24 November 2026 at 09:00" in said
    assert re.search(r'href="/tickets/\d{9}"', page)


def test_the_page_is_of_this_month_unless_said_and_of_one_customer_if_said(month: TicketDesk):
    client = browser_of(month.office.app, "naledi")
    assert "SLA report · November 2026" in words(client.get("/sla/report").text)
    said = words(client.get("/sla/report?customer=karoo").text).partition("Kept")[2]
    assert "Karoo Clinic" in said
    assert "Harbour Foods" not in said
    assert "No ticket was received in this month." in words(client.get("/sla/report?month=2025-01").text)
    for wrong in ("month=2026-13", "month=x", "customer=nobody"):
        assert client.get(f"/sla/report?{wrong}").status_code == 404


def test_the_files_are_those_rows(month: TicketDesk):
    client = browser_of(month.office.app, "naledi")
    with client.get("/sla/report.csv?month=2026-11&customer=harbour") as answer:
        assert answer.headers["Content-Disposition"] == "attachment; filename=sla-2026-11-harbour.csv"
        assert {row["customer"] for row in table(answer.text)} == {"Harbour Foods"}
    with client.get("/sla/report.xlsx?month=2026-11") as answer:
        assert answer.data == report_files.as_xlsx(report(month), ZONE)
    assert client.get("/sla/report.pdf").status_code == 404


def test_numbers_are_masked_in_the_files_too(desk: TicketDesk):
    number = desk.opens(MORNING)
    desk.office.do(lambda session: setattr(session.get_one(Ticket, number), "subject", "Call from 082 555 0999"))
    desk.at("2026-11-24 14:00")
    for key in ("bongani", "thandi", "naledi"):
        with browser_of(desk.office.app, key).get("/sla/report.csv") as answer:
            assert "Call from 082…999" in answer.text


def test_the_command_writes_it(month: TicketDesk, tmp_path: Path):
    runner, file = month.office.app.test_cli_runner(), tmp_path / "sla.xlsx"
    asked = ["sla", "report", "--month", "2026-11"]
    said = runner.invoke(args=[*asked, "--customer", "Harbour Foods"]).output
    assert "Harbour Foods, normal, first response: 2 of 3 met, 66 % (2 met, 1 missed, 1 running)" in said
    assert "first response, due 2026-11-24 13:00, 150 min late" in said
    assert "Karoo" not in said
    assert (
        runner.invoke(args=[*asked, "--format", "csv"]).stdout_bytes
        == report_files.as_csv(report(month), ZONE).encode()
    )
    done = runner.invoke(args=[*asked, "--format", "xlsx", "--out", str(file)])
    assert (done.exit_code, file.read_bytes()) == (0, report_files.as_xlsx(report(month), ZONE))


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--month", "soon"], "'soon' is not a month such as 2026-11"),
        (["--month", "2026-11", "--customer", "Nobody"], "There is no customer 'Nobody'."),
        (["--month", "2026-11", "--format", "xlsx"], "A workbook goes into a file: say --out FILE."),
    ],
)
def test_the_command_says_what_is_wrong(desk: TicketDesk, more: list[str], said: str):
    result = desk.office.app.test_cli_runner().invoke(args=["sla", "report", *more])
    assert result.exit_code != 0
    assert said in result.output
