"""Fair share and leaving on pages: the numbers are those of the record, and whoever decides has seen what it does."""

from __future__ import annotations

import csv
import re
from dataclasses import replace
from datetime import timedelta
from html import unescape
from io import StringIO
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from cast import KAROO
from conftest import LINE
from desk.audit import What
from desk.staff import Staff
from ivr import outgoing
from office import Office, at
from oncall import changes, period, roster, shares, versions, worker
from oncall.changes import Change
from oncall.cover import CoverRequest
from oncall.fairness import written
from oncall.measures import Measure
from oncall.paging import Page
from tickets.ticket import Ticket
from visitors import browser_of, post, staff_id

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from simulator.clock import Clock

HEAD = ["from", "to", "person", "key", "what", "done", "own share", "difference"]


def plain(page: str) -> str:
    """What a page says, without its mark-up."""
    words = " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())
    return re.sub(r" (?=[.,:;])", "", words)


def counts(client: FlaskClient, window: str) -> dict[str, dict[str, tuple[str, str, str]]]:
    """The table as a spreadsheet has it: by person and what is counted."""
    rows = list(csv.reader(StringIO(client.get(f"/rota/fair-share.csv?window={window}").text)))
    assert rows[0] == HEAD
    found: dict[str, dict[str, tuple[str, str, str]]] = {}
    for _, _, _, key, what, *numbers in rows[1:]:
        found.setdefault(key, {})[what] = tuple(numbers)
    return found


def numbers_on(page: str) -> dict[str, dict[str, tuple[str, str, str]]]:
    """The same as the page has it, by name."""
    found = {}
    for row in re.findall(r"<tr role=\"row\">\s*<th scope=\"row\".*?</tr>", page, re.DOTALL):
        name = re.search(r'who=\w+">([^<]+)</a>', row)[1]
        cells = re.findall(r'data-label="([^"]+)"><div><b>([^<]+)</b>.*?more">([^<]+)<.*?own share ([\d.]+)', row)
        found[name] = {what.lower(): (done, share, more) for what, done, more, share in cells}
    return found


def pass_time(app: Flask, clock: Clock, moment: str) -> None:
    """The worker writes down who served up to then."""
    clock.until(at(moment))
    with app.app_context():
        worker.tick()


# Fair share


def test_the_page_and_the_table_have_the_same_numbers(shut: Flask):
    client = browser_of(shut, "thandi")
    page, sheet = numbers_on(client.get("/rota/fair-share?window=next28d").text), counts(client, "next28d")
    names = {"thandi": "Thandi Nkosi", "pieter": "Pieter Botha", "lerato": "Lerato Mokoena"}
    assert {names[key] for key in sheet} == set(page)
    for key, measures in sheet.items():
        for what, (done, share, more) in page[names[key]].items():
            shown = measures[what]
            assert (done, share, more.replace("−", "-").replace("+", "")) == shown


def test_the_days_ahead_are_counted_as_the_call_will_ring(shut: Flask):
    sheet = counts(browser_of(shut, "thandi"), "next28d")
    plan = Office(shut, shut.extensions["clock"]).plan()
    start = shut.extensions["clock"]()
    first: dict[str, timedelta] = {}
    for shift in plan.shifts(start, start + timedelta(days=28)):
        first[shift.engineer] = first.get(shift.engineer, timedelta()) + shift.end - shift.start
    for key, lasts in first.items():
        assert float(sheet[key]["hours ringing first"][0]) == lasts.total_seconds() / 3600


def test_what_was_served_is_counted_as_it_was_recorded(shut: Flask, clock: Clock):
    pass_time(shut, clock, "2026-12-07 08:30")
    before = counts(browser_of(shut, "thandi"), "30d")
    assert [before[key]["hours on duty"][0] for key in ("thandi", "pieter", "lerato")] == ["198.5", "198.5", "336"]
    clock.advance(60)
    _publish_naledi_alone(shut, clock)
    after = counts(browser_of(shut, "thandi"), "30d")
    assert all(after[key]["hours on duty"][0] == before[key]["hours on duty"][0] for key in before)


def _publish_naledi_alone(app: Flask, clock: Clock) -> None:
    office = Office(app, clock)

    def publish(session) -> None:
        record = office.rota(session)
        draft = record.head.draft
        layers = tuple(
            replace(layer, rotations=tuple(replace(one, members=("naledi",), shares=()) for one in layer.rotations))
            for layer in draft.layers[:1]
        )
        who = office.who("naledi")
        changed = replace(draft, layers=layers)
        versions.publish(session, record, changed, base=record.head.number, who=who, now=clock(), reason="a test")

    office.do(publish)


def test_a_call_at_night_counts_for_whoever_was_rung_taken_or_not(office: Office):
    office.rings("2026-11-24 02:00")
    office.rings("2026-11-24 14:00")
    office.clock.until(at("2026-11-25 12:00"))
    sheet = counts(office.app.test_client(), "30d")
    with office.database.reading() as session:
        rung = session.execute(select(Staff.key, Page.rang_at).join(Staff, Staff.id == Page.staff_id)).all()
    by_night = [key for key, when in rung if when < at("2026-11-24 06:00")]
    assert len(rung) > len(by_night) > 0
    for key in ("pieter", "lerato"):
        assert sheet[key]["calls at night"][0] == str(by_night.count(key)), key
    told = plain(office.app.test_client().get("/rota/fair-share?window=30d").text)
    others = {key for key in by_night if key not in ("pieter", "lerato")}
    assert ("Also rung at night, while not on duty here" in told) == bool(others)
    behind = office.app.test_client().get("/rota/fair-share?window=30d&who=pieter").text
    assert plain(behind).count("Tue 24 Nov 02:00") == by_night.count("pieter")
    assert "Tue 24 Nov 14:00" not in plain(behind)


def test_a_ring_that_an_engineer_asked_for_is_no_call_at_night(office: Office):
    office.clock.until(at("2026-11-24 02:00"))
    office.network.in_order("busy")
    call = office.network.ring(KAROO, LINE)
    call.press("2")
    call.hang_up()
    before = counts(office.app.test_client(), "30d")

    def call_back(session) -> None:
        office.clock.advance(3600)
        board = office.app.extensions["exchange"].boards.current(session)
        ticket = session.scalars(select(Ticket)).first()
        outgoing.ask(session, board, ticket, office.staff(session, "pieter").id, office.now, on_line=False)

    office.do(call_back)
    office.clock.advance(3600)
    after = counts(office.app.test_client(), "30d")
    assert after["pieter"]["calls at night"] == before["pieter"]["calls at night"]


def test_without_a_record_the_page_says_so_and_leads_to_the_days_ahead(shut: Flask):
    seen = browser_of(shut, "bongani").get("/rota/fair-share").text
    assert "Nothing is recorded of this time yet." in plain(seen)
    assert "window=next28d" in seen
    assert "<table" not in seen


def test_a_month_under_way_says_what_is_recorded_and_what_is_planned(shut: Flask, clock: Clock):
    pass_time(shut, clock, "2026-11-25 08:30")
    seen = plain(browser_of(shut, "thandi").get("/rota/fair-share?window=2026-11").text)
    assert "up to now as it was served, from now on as it is planned. What was before is not in the record." in seen


@pytest.mark.parametrize("query", ["window=91d", "window=2026-13", "window=x", "who=nobody", "rota=Nobody"])
def test_what_is_not_there_is_no_page(shut: Flask, query: str):
    assert browser_of(shut, "thandi").get(f"/rota/fair-share?{query}").status_code == 404


def test_the_shifts_behind_a_number_add_up_to_it(shut: Flask):
    with shut.extensions["database"].reading() as session:
        record = roster.named(session, "Standby")
        now = shut.extensions["clock"]()
        told = shares.of(session, record, roster.plan(session, record), now, now + timedelta(days=28), now)
        for key in ("thandi", "pieter", "lerato"):
            for measure in (Measure.HOURS, Measure.NIGHTS, Measure.WEEKENDS, Measure.HOLIDAYS):
                assert sum(parts[measure] for _, parts in told.behind(key)) == told.row(key).done[measure]
            assert f"{written(told.row(key).done[Measure.HOURS])} " in plain(
                browser_of(shut, "naledi").get(f"/rota/fair-share?window=next28d&who={key}").text
            )


def test_a_name_is_no_formula_and_a_difference_stays_a_number(shut: Flask):
    with shut.extensions["database"].writing() as session:
        session.get_one(Staff, staff_id(shut, "thandi")).name = "=cmd()"
    sheet = browser_of(shut, "naledi").get("/rota/fair-share.csv?window=next28d")
    assert "attachment" in sheet.headers["Content-Disposition"]
    assert ",'=cmd()," in sheet.text
    assert re.search(r",-\d+(\.\d)?\r\n", sheet.text)


def test_the_command_writes_what_the_page_gives(shut: Flask):
    told = shut.test_cli_runner().invoke(args=["oncall", "fair", "--window", "next28d"])
    given = browser_of(shut, "naledi").get("/rota/fair-share.csv?window=next28d").text
    assert told.stdout.splitlines() == given.splitlines()
    assert shut.test_cli_runner().invoke(args=["oncall", "fair", "--window", "soon"]).exit_code == 1


def test_a_rotation_is_published_knowing_who_will_do_how_much(shut: Flask):
    naledi = browser_of(shut, "naledi")
    page = naledi.get("/rota/edit").text
    fields = re.findall(r'<input[^>]* name="([^"]+)"[^>]* value="([^"]*)"', page)
    names = {name for name, _ in fields}
    form: dict[str, list[str]] = {name: [] for name in names}
    for name, value in fields:
        form[name].append(unescape(value))
    for name, inside in re.findall(r'<select name="([^"]+)"[^>]*>(.*?)</select>', page, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', inside) or re.search(r'value="([^"]*)"', inside)
        form.setdefault(name, []).append(chosen[1])
    form["do"] = ["look"]
    looked = naledi.post("/rota/edit", data=form)
    assert looked.status_code == 200
    seen = plain(looked.text)
    assert "what each would have, and their own share of it" in seen
    assert re.search(r"Thandi Nkosi [\d.]+ [+−]?[\d.]+ own share [\d.]+", seen)
    assert "Calls at night [" not in seen


# Mine


def test_mine_shows_own_shifts_alone_and_says_when_there_are_none(shut: Flask):
    week = browser_of(shut, "naledi").get("/rota?week=2026-W48&view=list&mine=1").text
    assert "You are not on duty on these days." in plain(week)
    assert 'class="hours"' not in week
    thandi = browser_of(shut, "thandi").get("/rota?week=2026-W47&view=list&mine=1").text
    assert re.findall(r'id="day-([\d-]+)"', thandi)[-1] == "2026-11-22"
    pieter = plain(browser_of(shut, "pieter").get("/rota?week=2026-W49&view=list&mine=1").text)
    assert "Mon 30 Nov 00:00–08:30 PB Pieter Botha" in pieter
    assert "Lerato Mokoena" not in pieter.partition("Mon 30 Nov")[2].replace("second: Lerato Mokoena", "")


def test_mine_has_the_shifts_in_which_one_rings_second(shut: Flask):
    lerato = browser_of(shut, "lerato")
    assert "second: Lerato Mokoena" in plain(lerato.get("/rota?week=2026-W48&view=list&mine=1").text)
    assert "Pieter Botha PB you second" in plain(lerato.get("/rota/month?month=2026-11&mine=1").text)


def test_own_shifts_stand_out_and_those_of_others_step_back_where_one_looks_for_one_s_own(shut: Flask):
    pieter = browser_of(shut, "pieter")
    everybody, mine = (pieter.get(f"/rota/month?month=2026-11{more}").text for more in ("", "&mine=1"))
    assert (
        len(re.findall(r'<li class="who-\d mine', everybody)) == len(re.findall(r'<li class="who-\d mine', mine)) == 8
    )
    assert " others" not in everybody
    assert " others" in mine
    strip = pieter.get("/rota?week=2026-W48").text
    assert re.search(r'<g class="who-\d mine">\s*<rect[^>]*>\s*<rect[^>]* width="9"', strip)


def test_the_neighbours_of_a_page_of_mine_are_mine_too(shut: Flask):
    for path in ("/rota", "/rota/month"):
        page = browser_of(shut, "pieter").get(f"{path}?mine=1").text
        around = re.findall(r'href="([^"]+)"><span aria-hidden="true">[‹›]', page)
        assert len(around) == 2
        assert all("mine=1" in link for link in around)


def test_without_an_account_there_is_no_mine(office: Office):
    page = office.app.test_client().get("/rota?mine=1&view=list").text
    assert ">Mine<" not in page
    assert "Thandi Nkosi" in plain(page)


# Somebody leaves


def looked_at(client: FlaskClient, path: str) -> str:
    return re.search(r'name="seen" value="(\w+)"', client.get(path).text)[1]


def leaving(app: Flask, key: str) -> str:
    return f"/rota/people/{staff_id(app, key)}/leaving"


def decide(client: FlaskClient, path: str, **fields: str) -> TestResponse:
    return post(client, path.replace("leaving", "handing-on"), **fields)


def test_what_would_be_left_open_is_told(shut: Flask):
    seen = plain(browser_of(shut, "naledi").get(leaving(shut, "pieter")).text)
    assert "Takes turns in Standby: First Standby: Second" in seen
    assert "Mon 23 Nov 08:30 – Mon 30 Nov 08:30 Standby: First" in seen
    assert leaving(shut, "pieter") in browser_of(shut, "naledi").get("/rota/people").text
    assert leaving(shut, "pieter") not in browser_of(shut, "thandi").get("/rota/people").text


def test_what_is_shown_is_what_becomes_of_it(proved: Office):
    manager, path = proved.app.test_client(), leaving(proved.app, "pieter")
    shown = plain(manager.get(f"{path}?taker=naledi").text)
    told = re.search(r"Naledi Dlamini 0 min (\d+ h) \+(\d+ h)", shown)
    assert told
    seen = looked_at(manager, f"{path}?taker=naledi")
    answer = decide(manager, path, do="hand_on", taker="naledi", seen=seen, reason="He moves to Durban")
    assert (answer.status_code, answer.location) == (303, f"{path}?said=handed_on")
    assert proved.first("2026-11-24 12:00", "2026-12-15 12:00") == ["naledi", "naledi"]
    plan, now = proved.plan(), proved.now
    lanes = plan.lanes(now, now + timedelta(days=60)).values()
    hours = sum((one.end - one.start for lane in lanes for one in lane if one.engineer == "naledi"), timedelta())
    assert told[1] == f"{hours.total_seconds() / 3600:g} h"
    assert "Nothing would be left open on the rotas." in plain(manager.get(path).text)
    assert len(proved.audited(What.SHIFTS_HANDED_ON)) == 1


def test_cover_that_they_give_goes_along(proved: Office):
    def cover(session) -> None:
        sunday = Change("replace", "pieter", at("2026-11-22 08:00"), at("2026-11-22 20:00"), "thandi", "First")
        changes.make(session, proved.rota(session), sunday, proved.who("naledi"), proved.now)

    proved.do(cover)
    manager, path = proved.app.test_client(), leaving(proved.app, "pieter")
    shown = plain(manager.get(f"{path}?taker=naledi").text)
    after = shown.partition("Every shift, before and after")[2].partition("After")[2]
    assert re.search(r"Naledi Dlamini First: Sun 22 Nov 08:00 – Sun 22 Nov 20:00", after)
    seen = looked_at(manager, f"{path}?taker=naledi")
    assert decide(manager, path, do="hand_on", taker="naledi", seen=seen).status_code == 303
    assert proved.first("2026-11-22 12:00") == ["naledi"]


def test_time_that_passes_while_it_is_read_is_no_change_of_a_shift(proved: Office):
    manager, path = proved.app.test_client(), leaving(proved.app, "pieter")
    seen = looked_at(manager, f"{path}?taker=naledi")
    proved.clock.advance(90)
    assert decide(manager, path, do="hand_on", taker="naledi", seen=seen).status_code == 303
    assert proved.first("2026-11-24 12:00") == ["naledi"]


def test_who_has_not_seen_what_it_does_now_changes_nothing(proved: Office):
    manager, path = proved.app.test_client(), leaving(proved.app, "pieter")
    for seen in ("", "0123456789abcdef"):
        answer = decide(manager, path, do="hand_on", taker="naledi", seen=seen)
        assert answer.status_code == 409
        assert "Somebody has changed these shifts since you looked." in plain(answer.text)
    assert proved.first("2026-11-24 12:00") == ["pieter"]


def test_what_is_unsafe_takes_a_reason(shut: Flask):
    manager, path = browser_of(shut, "naledi"), leaving(shut, "pieter")
    seen = looked_at(manager, f"{path}?taker=thandi")
    refused = decide(manager, path, do="hand_on", taker="thandi", seen=seen)
    assert refused.status_code == 422
    assert "Callers might reach nobody. Name the reason to hand it on all the same." in plain(refused.text)
    assert "Thandi Nkosi is first and second at once" in plain(refused.text)
    assert decide(manager, path, do="hand_on", taker="thandi", seen=seen, reason="For one week").status_code == 303


@pytest.mark.parametrize("fields", [{"do": "hand_on"}, {"do": "hand_on", "taker": "bongani"}, {"do": "x"}, {}])
def test_nothing_is_handed_on_to_nobody(proved: Office, fields: dict[str, str]):
    path = leaving(proved.app, "pieter")
    manager = proved.app.test_client()
    assert decide(manager, path, **fields, seen="x").status_code in (409, 422)
    assert proved.first("2026-11-24 12:00") == ["pieter"]


def test_who_covers_is_asked_of_everybody_once(shut: Flask):
    manager, path = browser_of(shut, "naledi"), leaving(shut, "lerato")
    for _ in range(2):
        assert decide(manager, path, do="ask").location == f"{path}?said=asked"
    with shut.extensions["database"].reading() as session:
        asked = session.scalars(select(CoverRequest)).all()
        assert {one.engineer.key for one in asked} == {"lerato"}
    shown = re.search(r"(\d+) shifts", plain(manager.get(path).text))
    assert len(asked) == int(shown[1])
    assert "Lerato Mokoena leaves" in plain(browser_of(shut, "thandi").get("/rota/cover/1").text)


# A day


def test_a_day_tells_who_rings_hour_by_hour_and_leads_on(shut: Flask):
    thandi = browser_of(shut, "thandi")
    monday = thandi.get("/rota/day?day=2026-11-23").text
    seen = plain(monday)
    assert "Rota · Mon 23 Nov 2026" in seen
    assert "00:00–08:30 TN Thandi Nkosi second: Pieter Botha" in seen
    assert "08:30–24:00 PB Pieter Botha second: Lerato Mokoena" in seen
    assert "03:00 06:00 09:00 12:00 15:00 18:00 21:00" in seen
    assert re.findall(r"day=([\d-]+)\"><span aria", monday) == ["2026-11-22", "2026-11-24"]
    for path in ("/rota?week=2026-W48", "/rota/month?month=2026-11"):
        assert "/rota/day?rota=Standby&amp;day=2026-11-23" in thandi.get(path).text
    assert "Sun 22 Nov 2026" in plain(thandi.get("/rota/day").text)


def test_a_day_that_is_none_is_no_page(shut: Flask):
    for day in ("2026-02-30", "1999-12-31", "2026-11", "x", "٢٠٢٦-01-01", "20261122"):
        assert browser_of(shut, "thandi").get(f"/rota/day?day={day}").status_code == 404, day


@pytest.mark.parametrize(
    ("day", "hours"),
    [
        ("2026-03-29", [0, 2, 5, 8, 11, 14, 17, 20]),
        ("2026-06-01", [0, 3, 6, 9, 12, 15, 18, 21]),
        ("2026-10-25", [0, 4, 7, 10, 13, 16, 19, 22]),
    ],
)
def test_the_hours_of_a_day_are_those_of_its_clocks(day: str, hours: list[int]):
    shown = period.day(day, "Europe/London", at("2026-11-22 02:00"))
    assert [(tick - shown.start) / timedelta(hours=1) for tick in shown.ticks] == hours
    assert [(tick.astimezone(ZoneInfo("Europe/London")).hour) for tick in shown.ticks] == list(range(0, 24, 3))
