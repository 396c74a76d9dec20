"""The duty of a month: how it adds up, what a night's calls leave in it, who sees it, and the files it goes out as."""

from __future__ import annotations

import csv
import re
from datetime import date, datetime, timedelta
from io import BytesIO, StringIO
from typing import TYPE_CHECKING
from zipfile import ZipFile
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from sqlalchemy import delete, select
from test_rota_pages import plain

from cast import HARBOUR, KAROO, THANDI
from conftest import LINE
from desk.door.tokens import Scope
from desk.staff import Staff
from ivr import outgoing
from office import TERMINAL, at, shift
from oncall import changes, duty_files, duty_month, duty_rules, period, roster, swaps, versions
from oncall.agreed import Rules
from oncall.changes import Change
from oncall.draft import Draft, LayerDraft, RotationDraft
from oncall.duty import Times
from oncall.duty_rules import DutyRules
from oncall.refusals import NotAllowed, TooLate
from oncall.spans import seconds, span, united
from rota_dice import rotas
from simulator.joined import Joined
from simulator.script import play
from sla.hours import BusinessHours
from sla.overtime import Band
from sla.worklog import Work
from tickets.ticket import Ticket
from visitors import bearer, browser_of, post

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy.orm import Session

    from office import Office
    from oncall.duty import Month
    from simulator.rest import Rest
    from sla.interval import Interval

HOUR = 3600
TWO_HOURS = Rules(date(2026, 11, 1), timedelta(hours=2), timedelta(minutes=30))


def london(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/London")).astimezone(ZoneInfo("UTC"))


def month(office: Office, name: str = "2026-11") -> Month:
    with office.database.reading() as session:
        shown = period.month(name, duty_month.calendar(session).zone, office.now)
        return duty_month.read(session, shown, office.now)


def layers(found: Month, rota: str) -> dict[str, dict[str, int]]:
    return {one.layer: one._asdict() | {"month": one.month} for one in found.balances if one.rota == rota}


def rows(found: Month, record: str) -> list[dict[str, str]]:
    return [row for row in csv.DictReader(StringIO(duty_files.as_csv(found))) if row["record"] == record]


# It adds up


def rotation(name: str, *members: str, hours: tuple[str, ...] = ()) -> RotationDraft:
    starts = datetime(2026, 11, 16, 8, 30)  # noqa: DTZ001 - wall time beside its zone
    return RotationDraft(name, members, starts, hours=hours)


def in_london(session: Session, office: Office) -> roster.RotaRecord:
    """A rota in London: one layer always, one at weekends; the office keeps London's clocks too."""
    for hours in session.scalars(select(BusinessHours)):
        hours.zone = "Europe/London"
    always = LayerDraft("always", (rotation("always", "thandi", "pieter"),))
    weekends = LayerDraft("weekends", (rotation("weekends", "lerato", hours=("Fri 17:00 to Mon 08:30",)),))
    return versions.create(session, "London", Draft("Europe/London", (always, weekends)), TERMINAL, office.now)


def busy_month(office: Office, name: str, day: str) -> None:
    """In this month: a cover, a gap of six hours, an addition, a swap, and a new version from its middle on."""

    def work(session: Session) -> None:
        record, now = in_london(session, office), office.now
        for kind, who, starts, ends, instead in (
            ("remove", "thandi", f"{day}-11T10:00", f"{day}-11T16:00", None),
            ("remove", "pieter", f"{day}-11T10:00", f"{day}-11T16:00", None),
            ("replace", "naledi", f"{day}-08T23:15", f"{day}-09T04:45:30", "thandi"),
            ("replace", "naledi", f"{day}-08T23:15", f"{day}-09T04:45:30", "pieter"),
            ("add", "naledi", f"{day}-10T00:00", f"{day}-11T00:00", None),
        ):
            wanted = Change(kind, who, london(starts), london(ends), instead, "always" if kind == "replace" else "")
            changes.make(session, record, wanted, TERMINAL, now)
        newer = LayerDraft("always", (rotation("always", "pieter", "naledi", "thandi"),))
        draft = Draft("Europe/London", (newer, record.head.draft.layers[1]))
        since = london(f"{day}-17T13:20:07")
        versions.publish(session, record, draft, base=1, who=TERMINAL, now=now, since=since, reason="a test")

    office.do(work)


@pytest.mark.parametrize(
    ("name", "days", "weekend_shift"), [("2027-03", 31, -1), ("2027-10", 31, 1), ("2027-06", 30, 0)]
)
def test_standby_and_gaps_are_the_month_to_the_second(office: Office, name: str, days: int, weekend_shift: int):
    busy_month(office, name, name)
    office.clock.until(london("2027-12-01"))
    office.tick()
    found = month(office, name)
    whole = days * 24 * HOUR + weekend_shift * HOUR  # the clocks change in a weekend of March and of October
    told = layers(found, "London")
    assert {one["month"] for one in told.values()} == {whole}
    always, weekends, everybody = told["always"], told["weekends"], told[""]
    assert always["standby"] + always["gaps"] == whole
    assert always["gaps"] == 6 * HOUR
    assert (weekends["gaps"], weekends["standby"]) == (0, weekend_seconds(name))
    assert weekends["standby"] + weekends["unrostered"] == whole
    assert everybody["standby"] + everybody["gaps"] == whole
    assert everybody["gaps"] == 6 * HOUR
    for layer in ("always", "weekends"):
        stood = [one.interval for one in found.standby if (one.rota, one.layer) == ("London", layer)]
        assert seconds(stood) == seconds(united(stood)) == told[layer]["standby"]


def test_a_rota_that_promises_the_nights_has_no_gap_by_day(office: Office):
    nights = rotation("nights", "thandi", "pieter", hours=("outside office hours",))
    draft = Draft("Africa/Johannesburg", (LayerDraft("nights", (nights,)),), "outside office hours")

    def work(session: Session) -> None:
        record = versions.create(session, "Nights", draft, TERMINAL, office.now)
        for key in ("thandi", "pieter"):  # from Thursday 15:00 to 20:00, of which two hours are by day
            away = Change("remove", key, at("2026-12-03 15:00"), at("2026-12-03 20:00"))
            changes.make(session, record, away, TERMINAL, office.now)

    office.do(work)
    office.clock.until(at("2027-01-01 00:00"))
    office.tick()
    found = month(office, "2026-12")
    office_time = found.pay.measure([found.span]).bands[Band.OFFICE]
    for told in layers(found, "Nights").values():
        assert (told["unrostered"], told["gaps"]) == (office_time, 3 * HOUR)
        assert told["standby"] + told["gaps"] + told["unrostered"] == told["month"] == 31 * 24 * HOUR


def weekend_seconds(name: str) -> int:
    """The seconds of a month in London from a Friday's 17:00 to a Monday's 08:30, minute by minute."""
    shown = period.month(name, "Europe/London", london("2027-01-01"))
    found, at_ = 0, shown.start
    while at_ < shown.end:
        local = at_.astimezone(ZoneInfo("Europe/London"))
        minute = local.weekday() * 1440 + local.hour * 60 + local.minute
        found += 60 * (minute >= 4 * 1440 + 17 * 60 or minute < 8 * 60 + 30)
        at_ += timedelta(minutes=1)
    return found


def test_who_stood_by_is_who_was_on_duty_at_every_hour(office: Office):
    busy_month(office, "2027-03", "2027-03")
    office.clock.until(london("2027-04-10"))
    office.tick()
    found = month(office, "2027-03")
    with office.database.reading() as session:
        plan = roster.plan(session, roster.named(session, "London"))
    at_ = found.span.start
    while at_ < found.span.end:
        stood = {one.engineer for one in found.standby if one.rota == "London" and at_ in Moment(one.interval)}
        assert stood == {duty.engineer for duty in plan.who(at_)}, at_
        at_ += timedelta(hours=1, minutes=7)


class Moment:
    """An interval that says whether an instant lies in it."""

    def __init__(self, interval: Interval) -> None:
        self.interval = interval

    def __contains__(self, at_: datetime) -> bool:
        return self.interval.start <= at_ < self.interval.end


@settings(max_examples=60)
@given(rotas(), st.integers(0, 27 * 24 * 60), st.integers(0, 40 * 24 * 60))
def test_any_rota_adds_up_layer_by_layer(drawn, begun: int, been: int):
    rota, a, _ = drawn
    frame = span(a, a + timedelta(days=28))
    since, until = (frame.start + timedelta(minutes=one) for one in (begun, been))
    planned, served = rota.planned.lanes(frame.start, frame.end), rota.lanes(frame.start, frame.end)
    for layer in {each.name for each in rota.layers}:
        wanted, held = (
            tuple(span(one.start, one.end) for lane in lanes.values() for one in lane if one.duty.layer == layer)
            for lanes in (planned, served)
        )
        found = Times(frame, until, since, wanted, held).balance("rota", layer)
        assert found.month == frame.seconds
        assert min(found[2:]) >= 0
        known = max(0, min(been, 28 * 24 * 60) - begun) * 60
        assert found.standby + found.gaps + found.unrostered == known
        assert found.standby <= seconds(united(held))


def test_a_month_that_runs_is_told_as_far_as_it_has_been_and_as_far_as_it_was_recorded(office: Office):
    office.clock.until(at("2026-11-25 12:00"))
    told = layers(month(office), "Standby")["layer 1"]
    before, been = 21 * 24 * HOUR + 2 * HOUR, 3 * 24 * HOUR + 10 * HOUR  # the demo's rota is from Sunday 02:00
    assert (told["unrecorded"], told["standby"], told["gaps"]) == (before, been, 0)
    assert told["to_come"] == told["month"] - before - been
    assert all(one.interval.end <= office.now for one in month(office).standby)
    assert month(office, "2026-12").standby == []
    assert layers(month(office, "2026-12"), "Standby")["layer 1"]["to_come"] == 31 * 24 * HOUR


def test_who_stands_by_in_two_layers_counts_once(office: Office):
    wanted = Change("replace", "thandi", at("2026-11-23 08:30"), at("2026-11-24 08:30"), "lerato", "Second")
    office.do(lambda session: changes.make(session, office.rota(session), wanted, TERMINAL, office.now))
    both = Change("replace", "thandi", at("2026-11-23 08:30"), at("2026-11-24 08:30"), "pieter", "First")
    office.do(lambda session: changes.make(session, office.rota(session), both, TERMINAL, office.now))
    office.clock.until(at("2026-12-01 00:00"))
    office.tick()
    found = month(office)
    thandi = next(one for one in found.totals if one.engineer == "thandi")
    assert thandi.in_layers - thandi.standby.whole == 24 * HOUR
    stood = [one for one in found.standby if one.engineer == "thandi" and one.turn_of != "thandi"]
    assert sorted((one.layer, one.interval.seconds) for one in stood) == [("layer 1", 86400), ("layer 2", 86400)]


def test_a_swap_is_told_beside_the_standby_that_it_made(office: Office):
    def work(session: Session) -> None:
        swap = swaps.ask(
            session, office.rota(session), shift("2026-11-23"), office.staff(session, "pieter"),
            who=office.who("pieter"), now=office.now, to=office.staff(session, "lerato"),
        )  # fmt: skip
        swaps.accept(session, swap, office.staff(session, "lerato"), office.who("lerato"), office.now)

    office.do(work)
    office.clock.until(at("2026-12-01 00:00"))
    office.tick()
    [one] = [one for one in month(office).standby if one.lane == "First" and one.turn_of == "pieter"]
    assert one.engineer == "lerato"
    assert "swap 1, asked by Pieter Botha, settled by Lerato Mokoena" in one.changed


# What a night's calls leave


def night(office: Office) -> None:
    """On Sunday at 02:00 an emergency: Thandi does not answer, Pieter takes it and talks for 25 minutes."""
    office.do(lambda session: duty_rules.agree(session, TWO_HOURS, "Africa/Johannesburg", TERMINAL, office.now))
    office.network.in_order(["no-answer", "accept"])
    call = office.network.ring(KAROO, LINE)
    play(call, ["2", "1"], talk=25 * 60)
    office.clock.until(at("2026-12-01 00:00"))


def test_a_night_call_is_two_offers_and_a_call_out_that_counts_for_the_minimum(office: Office):
    night(office)
    found = month(office)
    offers = [(one["key"], one["result"], one["on_standby"]) for one in rows(found, "offer")]
    assert offers == [("thandi", "no response", "yes"), ("pieter", "accepted", "yes")]
    [call_out], [credited] = rows(found, "call-out"), rows(found, "credited")
    assert (call_out["engineer"], call_out["what"], call_out["start"][:13]) == (
        "Pieter Botha", "answered", "2026-11-22T02",
    )  # fmt: skip
    with office.database.reading() as session:
        [work] = session.scalars(select(Work)).all()
    worked = (work.ends.replace(microsecond=0) - work.starts.replace(microsecond=0)) // timedelta(seconds=1)
    assert 25 * 60 <= worked < 26 * 60
    assert int(call_out["seconds"]) == int(call_out["sunday_seconds"]) == int(call_out["night_seconds"]) == worked
    assert (credited["seconds"], credited["sunday_seconds"], credited["deep_night_seconds"]) == ("7200",) * 3
    totals = {row["what"]: row for row in rows(found, "total") if row["key"] == "pieter"}
    assert totals["offers on standby, accepted"]["count"] == "1"
    assert totals["what call-outs count for"]["after_hours_seconds"] == "7200"


def test_nothing_of_what_customers_are_billed_is_in_it(office: Office):
    night(office)
    text = duty_files.as_csv(month(office))
    for word in ("Karoo", "24-hour cover", "billable", "included", "+2782"):
        assert word not in text
    assert "Known is the work done through the line" in text


def test_a_ring_that_the_caller_cut_short_is_no_missing_response(office: Office):
    office.network.in_order(None)
    call = office.network.ring(KAROO, LINE)
    call.press("2")
    call.hang_up()
    [offer] = rows(month(office), "offer")
    assert (offer["key"], offer["result"], offer["why"]) == ("thandi", "cut short", "no-answer: the caller hung up")


def test_a_ring_that_an_engineer_asked_for_is_no_offer_but_its_talk_is_work(app: Flask, rest: Rest, office: Office):
    office.network.in_order("no-answer")
    play(office.network.ring(HARBOUR, LINE), ["2", "1"])
    office.clock.advance(600)
    with office.database.writing() as session:
        ticket, board = session.scalars(select(Ticket)).one(), app.extensions["exchange"].boards.current(session)
        outgoing.ask(session, board, ticket, office.staff(session, "thandi").id, office.now, on_line=False)
    joined = Joined(rest.account, office.network)
    office.tick()
    office.network.handset(THANDI, None)
    office.network.handset(HARBOUR, "accept")
    call = joined.ring(talk=300)
    call.answer()
    call.press("1")
    office.clock.advance(600)
    found = month(office)
    rung = [row["result"] for row in rows(found, "offer") if row["key"] == "thandi"]
    assert set(rung) == {"no response"}
    assert [(row["key"], row["what"], row["seconds"]) for row in rows(found, "call-out")] == [
        ("thandi", "called back", "300"),
    ]  # fmt: skip


# Rules


def test_rules_are_followed_from_a_day_on_and_never_edited(office: Office):
    office.do(lambda session: session.execute(delete(DutyRules)))
    zone = "Africa/Johannesburg"

    def agree(since: date, hours: int, key: str = "naledi") -> DutyRules:
        rules, who = Rules(since, timedelta(hours=hours)), office.who(key)
        return office.do(lambda session: duty_rules.agree(session, rules, zone, who, office.now, "as agreed"))

    first = agree(date(2020, 1, 1), 1)
    assert agree(date(2020, 1, 1), 1).id == first.id
    agree(date(2026, 11, 1), 2)
    with pytest.raises(TooLate, match="2026-11-01 at the earliest"):
        agree(date(2026, 10, 31), 3)
    for key in ("thandi", "bongani"):
        with pytest.raises(NotAllowed):
            agree(date(2026, 12, 1), 4, key)
    with office.database.reading() as session:
        found = duty_rules.agreement(session, zone)
    assert [found.on(day).minimum for day in (date(2019, 1, 1), date(2026, 10, 31), date(2026, 11, 1))] == [
        timedelta(hours=n) for n in (0, 1, 2)
    ]
    assert [(entry.who, entry.about) for entry in office.audited("duty rules agreed")][-2:] == [
        ("Naledi Dlamini", "from 2020-01-01"), ("Naledi Dlamini", "from 2026-11-01"),
    ]  # fmt: skip


# Who sees it, and the files


def test_an_engineer_sees_their_own_rows_and_billing_staff_everybodys(shut: Flask, office: Office):
    night(office)
    for path in ("/rota/duty?month=2026-11", "/rota/duty.csv?month=2026-11"):
        for key in ("bongani", "naledi"):
            text = plain(browser_of(shut, key).get(path).text)
            assert all(name in text for name in ("Thandi Nkosi", "Pieter Botha", "no response"))
        own = plain(browser_of(shut, "pieter").get(path).text)
        assert "accepted" in own
        assert "no response" not in own.replace("offers on standby, no response", "")
        assert "thandi" not in own.replace("thandi: turn", "")


def test_the_page_says_what_counts_and_why(shut: Flask, office: Office):
    night(office)
    page = plain(browser_of(shut, "bongani").get("/rota/duty?month=2026-11").text)
    assert re.search(r"PB Pieter Botha 2 h Sun 22 Nov 02:00 – 04:00 Sunday 2 h; of it night 2 h", page)
    assert re.search(r"Worked 25 min( \d+ s)?; counts for the minimum of 2 h\.", page)
    assert "Agree on other rules" not in page
    assert "Agree on other rules" in plain(browser_of(shut, "naledi").get("/rota/duty").text)


@pytest.mark.parametrize("month_", ["2026-13", "x", "1999-01", "2026-11'"])
def test_a_month_that_is_none_is_no_page(shut: Flask, month_: str):
    for path in ("/rota/duty", "/rota/duty.csv", "/rota/duty.xlsx"):
        assert browser_of(shut, "bongani").get(path, query_string={"month": month_}).status_code == 404


def test_rules_are_agreed_on_by_a_form_that_keeps_what_was_typed(shut: Flask):
    typed = {"since": "2026-12-01", "minimum": "x", "merge": "15", "night_from": "19:00", "night_to": "06:00"}
    naledi = browser_of(shut, "naledi")
    answer = post(naledi, "/rota/duty/rules", **typed, note="Works council")
    assert answer.status_code == 422
    assert 'value="x"' in answer.text
    assert 'value="Works council"' in answer.text
    assert "A number of minutes" in answer.text
    assert post(browser_of(shut, "bongani"), "/rota/duty/rules", **typed | {"minimum": "180"}).status_code == 403
    late = post(naledi, "/rota/duty/rules", **typed | {"minimum": "180", "since": "2026-10-01"})
    assert (late.status_code, "handed to payroll" in late.text) == (422, True)
    assert post(naledi, "/rota/duty/rules", **typed | {"minimum": "180"}).status_code == 303
    page = plain(naledi.get("/rota/duty").text)
    assert "From Tue 1 Dec A call-out counts for 3 h at least" in page
    assert "night is 19:00 to 06:00" in page


def test_a_spreadsheet_runs_nothing_of_it(office: Office):
    with office.database.writing() as session:
        session.scalars(select(Staff).where(Staff.key == "thandi")).one().name = '=HYPERLINK("http://x.example")'
        session.scalars(select(Staff).where(Staff.key == "pieter")).one().name = "＋1+1"
    office.clock.until(at("2026-11-25 12:00"))
    found = month(office)
    names = {row["engineer"] for row in rows(found, "standby")}
    assert names == {'\'=HYPERLINK("http://x.example")', "'＋1+1", "Lerato Mokoena"}
    with ZipFile(BytesIO(duty_files.as_xlsx(found))) as book:
        sheets = [book.read(name).decode() for name in book.namelist() if "worksheets/sheet" in name]
        assert '=HYPERLINK("http://x.example")' in re.sub("&quot;", '"', book.read("xl/sharedStrings.xml").decode())
    assert not any("<f>" in sheet or "<hyperlink" in sheet for sheet in sheets)


def test_the_workbook_holds_the_rows_of_the_table_with_numbers_as_numbers(office: Office):
    night(office)
    found = month(office)
    book = duty_files.as_xlsx(found)
    assert list(sheets(book)) == [
        "Totals", "Standby", "Offers", "Call-outs", "Counts for", "Layers", "Warnings", "Rules and notes",
    ]  # fmt: skip
    heads, *lines = sheets(book)["Counts for"]
    [row], [told] = [dict(zip(heads, line, strict=True)) for line in lines], rows(found, "credited")
    assert row["engineer"] == told["engineer"] == "Pieter Botha"
    assert row["after_hours_seconds"] == 7200
    assert row["start"] == pytest.approx((datetime(2026, 11, 22, 2) - datetime(1899, 12, 30)).days + 2 / 24, abs=0.01)  # noqa: DTZ001
    for name, record in (("Standby", "standby"), ("Offers", "offer"), ("Layers", "layer"), ("Totals", "total")):
        assert len(sheets(book)[name]) == 1 + len(rows(found, record))
    assert duty_files.as_xlsx(month(office)) == book


def sheets(book: bytes) -> dict[str, list[list[str | float]]]:
    """The cells of a workbook, sheet by sheet."""
    space = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
    with ZipFile(BytesIO(book)) as file:
        words = ["".join(one.itertext()) for one in etree.fromstring(file.read("xl/sharedStrings.xml"))]
        names = etree.fromstring(file.read("xl/workbook.xml")).xpath("//m:sheet/@name", namespaces=space)
        found = {}
        for number, name in enumerate(names, 1):
            lines = etree.fromstring(file.read(f"xl/worksheets/sheet{number}.xml")).xpath("//m:row", namespaces=space)
            width = max(len(line) for line in lines)
            found[name] = [_cells(line, words, width) for line in lines]
    return found


def _cells(line, words: list[str], width: int) -> list[str | float]:
    cells: list[str | float] = [""] * width
    for cell in line:
        value = "".join(cell.itertext())
        cells[ord(cell.get("r")[0]) - ord("A")] = words[int(value)] if cell.get("t") == "s" else float(value or 0)
    return cells


def test_the_api_tells_the_same_rows(app: Flask, office: Office):
    night(office)
    client, token = app.test_client(), bearer(app, [Scope.DUTY_READ])
    told = client.get("/api/v1/oncall/duty?month=2026-11", headers=token).json
    assert (told["month"], told["zone"]) == ("2026-11", "Africa/Johannesburg")
    whole = list(csv.DictReader(StringIO(duty_files.as_csv(month(office)))))
    shown = [{name: str(value or "") for name, value in row.items() if name != "start"} for row in told["items"]]
    assert [(row["record"], row["key"], row["seconds"], row["why"]) for row in shown] == [
        (row["record"], row["key"], row["seconds"].replace("0", "", row["seconds"] == "0"), row["why"]) for row in whole
    ]
    only = client.get("/api/v1/oncall/duty?month=2026-11&record=credited", headers=token).json["items"]
    assert [(one["engineer"], one["after_hours_seconds"]) for one in only] == [("Pieter Botha", 7200)]
    assert client.get("/api/v1/oncall/duty?month=2026-13", headers=token).status_code == 422
    others = bearer(app, [one for one in Scope if one is not Scope.DUTY_READ])
    assert client.get("/api/v1/oncall/duty", headers=others).status_code == 403


def test_the_command_writes_the_same(app: Flask, office: Office, tmp_path):
    night(office)
    runner, file = app.test_cli_runner(), tmp_path / "duty.xlsx"
    done = runner.invoke(args=["oncall", "duty", "--month", "2026-11", "--format", "xlsx", "--out", str(file)])
    assert (done.exit_code, file.read_bytes()) == (0, duty_files.as_xlsx(month(office)))
    as_csv = runner.invoke(args=["oncall", "duty", "--month", "2026-11", "--format", "csv"])
    assert as_csv.output.splitlines() == duty_files.as_csv(month(office)).splitlines()
    text = runner.invoke(args=["oncall", "duty", "--month", "2026-11"]).output
    assert "Pieter Botha\twhat call-outs count for\t2:00:00" in text
    for wrong in (["--month", "2026-13"], ["--format", "xlsx"]):
        assert runner.invoke(args=["oncall", "duty", *wrong]).exit_code == 1
