"""Calendars to subscribe to: who really rings, events that keep their identity, addresses that are secrets."""

from __future__ import annotations

import logging
import re
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import inspect, text, update

from desk import audit
from desk.audit import What
from desk.logs import handler
from desk.staff import Staff
from oncall import record
from oncall.record import ServedShift
from oncall.roster import named
from sla import holidays
from subscribers import replaced, subscribed, worker_passes
from visitors import browser_of, post, staff_id

if TYPE_CHECKING:
    from flask import Flask

    from desk.db import Database
    from simulator.clock import Clock

DAY = timedelta(days=1)
MONDAY = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)  # 08:30 in Johannesburg: Pieter first, Lerato second
WEEK = 7 * DAY


# What they say


def test_my_calendar_has_my_shifts_and_says_at_which_place_i_ring(shut: Flask):
    mine = subscribed(shut, "thandi")
    assert mine.at(MONDAY - DAY) == ["On call, rings first: Standby"]
    assert mine.at(MONDAY + DAY) == []
    assert mine.at(MONDAY + WEEK + DAY) == ["On call, rings second: Standby"]


def test_the_calendar_of_all_says_who_rings_first_and_who_second(shut: Flask):
    team = subscribed(shut, "bongani", "team")
    assert team.at(MONDAY) == ["Lerato Mokoena rings second: Standby", "Pieter Botha rings first: Standby"]
    assert team.at(MONDAY - timedelta(seconds=1)) == [
        "Pieter Botha rings second: Standby",
        "Thandi Nkosi rings first: Standby",
    ]


def test_only_who_really_rings_is_in_it(shut: Flask):
    team, lerato, pieter = (
        subscribed(shut, who, feed) for who, feed in (("naledi", "team"), ("lerato", "mine"), ("pieter", "mine"))
    )
    replaced(shut, "thandi", "pieter", MONDAY + DAY, MONDAY + 2 * DAY)
    assert team.at(MONDAY + DAY) == ["Lerato Mokoena rings second: Standby", "Thandi Nkosi rings first: Standby"]
    assert pieter.at(MONDAY + DAY) == []
    assert pieter.at(MONDAY + 2 * DAY) == ["On call, rings first: Standby"]
    assert lerato.at(MONDAY + DAY) == ["On call, rings second: Standby"]
    covered = next(one for one in team.last.events if one.start == MONDAY + DAY)
    assert covered["DESCRIPTION"] == "First, a rotation of Standby. Instead of Pieter Botha."


def test_it_tells_twelve_months_ahead_and_a_month_of_the_past(shut: Flask, clock: Clock):
    team = subscribed(shut, "naledi", "team")
    for around in (-35, 0, 364):
        assert len(team.at(clock() + around * DAY)) == 2
    assert team.at(clock() - 49 * DAY) == []


def test_nobody_s_number_is_in_any(shut: Flask):
    for feed in ("mine", "team", "holidays"):
        told = subscribed(shut, "thandi", feed).look().text
        assert "BEGIN:VEVENT" in told
        assert not re.search(r"2782555|82 ?555|TEL|mailto|@protea", told)


def test_public_holidays_are_days_of_their_own(shut: Flask, clock: Clock):
    days = subscribed(shut, "thandi", "holidays")
    before = {summary: (start, end, sequence) for summary, start, end, sequence, _ in days.events.values()}
    assert before["Day of Reconciliation"][:2] == (date(2026, 12, 16), date(2026, 12, 17))
    with shut.extensions["database"].writing() as session:
        holidays.add(session, date(2026, 12, 4), "Election day", "staff", clock())
        holidays.withdraw(session, date(2026, 12, 16), "staff", clock())
    assert days.look().status_code == 200
    after = {summary: (start, sequence) for summary, start, _, sequence, _ in days.events.values()}
    assert after["Election day"][0] == date(2026, 12, 4)
    assert "Day of Reconciliation" not in after
    with shut.extensions["database"].writing() as session:
        holidays.add(session, date(2026, 12, 16), "Day of Reconciliation", "staff", clock())
    again = {summary: sequence for summary, *_, sequence, _ in days.events.values()}
    assert again["Day of Reconciliation"] > before["Day of Reconciliation"][2]


def test_programs_are_told_what_they_need(shut: Flask):
    told = subscribed(shut, "naledi", "team").look()
    assert told.content_type == "text/calendar; charset=utf-8"
    assert told.headers["Cache-Control"] == "private, no-cache"
    head, _, events = told.text.partition("BEGIN:VEVENT")
    for line in ("VERSION:2.0", "X-WR-CALNAME:On call: Protea IT Support", "REFRESH-INTERVAL;VALUE=DURATION:PT1H"):
        assert f"\r\n{line}\r\n" in head
    assert "\r\nTRANSP:TRANSPARENT\r\n" in events
    assert all(len(line.encode()) <= 75 for line in told.text.splitlines())
    assert set(re.findall(r"DT(?:START|END)(.*)\r", events)) == set(
        re.findall(r"DT(?:START|END)(:\d{8}T\d{6}Z)\r", events)
    )


# Identity and editions


def test_a_cover_keeps_the_identity_and_raises_the_edition_once(shut: Flask, clock: Clock):
    team = subscribed(shut, "naledi", "team")
    worker_passes(shut)
    before = team.events
    clock.advance(3600)
    replaced(shut, "thandi", "pieter", MONDAY, MONDAY + WEEK)
    for _ in range(3):
        worker_passes(shut)
    after = team.events
    assert after.keys() == before.keys()
    changed = [uid for uid in before if before[uid] != after[uid]]
    assert [(before[uid][0], after[uid][0]) for uid in changed] == [
        ("Pieter Botha rings first: Standby", "Thandi Nkosi rings first: Standby")
    ]
    [uid] = changed
    assert [(one[uid][3], one[uid][4]) for one in (before, after)] == [
        (0, clock() - timedelta(hours=1)), (1, clock()),
    ]  # fmt: skip


def test_every_further_change_is_one_edition_more_and_taking_it_back_is_one_too(shut: Flask, database: Database):
    team = subscribed(shut, "naledi", "team")
    worker_passes(shut)
    uid = next(uid for uid, one in team.events.items() if one[1] == MONDAY and "first" in one[0])
    seen = [team.events[uid][3]]
    for by in ("thandi", "naledi"):
        replaced(shut, by, "pieter", MONDAY, MONDAY + WEEK)
        worker_passes(shut)
        seen.append(team.events[uid][3])
    with shut.extensions["database"].writing() as session:
        session.execute(text("DELETE FROM rota_override"))
        session.execute(text("UPDATE set_up_version SET version = version + 1"))
    worker_passes(shut)
    assert [*seen, team.events[uid][3]] == [0, 1, 2, 3]
    assert team.events[uid][0] == "Pieter Botha rings first: Standby"


def test_a_cover_in_the_middle_leaves_the_identity_to_the_beginning(shut: Flask):
    team = subscribed(shut, "naledi", "team")
    worker_passes(shut)
    whole = {uid for uid, one in team.events.items() if one[1] == MONDAY and "first" in one[0]}
    replaced(shut, "thandi", "pieter", MONDAY + DAY, MONDAY + 2 * DAY)
    worker_passes(shut)
    parts = {uid: one for uid, one in team.events.items() if MONDAY <= one[1] < MONDAY + WEEK and "first" in one[0]}
    assert sorted((start - MONDAY).days for _, start, *_ in parts.values()) == [0, 1, 2]
    assert {uid for uid in parts if parts[uid][1] == MONDAY} == whole
    assert [parts[uid][3] for uid in whole] == [1]


def test_a_shift_that_comes_back_is_a_newer_edition(shut: Flask):
    mine = subscribed(shut, "pieter")
    worker_passes(shut)
    uid = next(uid for uid, one in mine.events.items() if one[1] == MONDAY)
    replaced(shut, "thandi", "pieter", MONDAY, MONDAY + WEEK)
    worker_passes(shut)
    assert uid not in mine.events
    replaced(shut, "pieter", "thandi", MONDAY, MONDAY + WEEK)
    worker_passes(shut)
    assert mine.events[uid][3] == 2


def test_without_a_worker_the_truth_is_told_all_the_same_and_the_number_is_kept_later(shut: Flask, clock: Clock):
    team = subscribed(shut, "naledi", "team")
    worker_passes(shut)
    replaced(shut, "thandi", "pieter", MONDAY, MONDAY + WEEK)
    clock.advance(60)
    told = {uid: one for uid, one in team.events.items() if one[1] == MONDAY}
    assert sorted((one[0], one[3], one[4] == clock()) for one in told.values()) == [
        ("Lerato Mokoena rings second: Standby", 0, False),
        ("Thandi Nkosi rings first: Standby", 1, True),
    ]
    tag = team.tag
    worker_passes(shut)
    team.look()
    assert team.tag == tag, "the edition was told already"
    assert {uid: one for uid, one in team.events.items() if one[1] == MONDAY} == told


def test_nothing_moves_with_the_day_of_asking(shut: Flask, clock: Clock):
    team = subscribed(shut, "naledi", "team")
    worker_passes(shut)
    before = team.events
    clock.advance(3 * 24 * 3600 + 12345)
    worker_passes(shut)
    after = team.events
    common = before.keys() & after.keys()
    assert len(common) > 100
    assert {uid: before[uid] for uid in common} == {uid: after[uid] for uid in common}


def test_two_workers_number_a_change_once(shut: Flask):
    team = subscribed(shut, "naledi", "team")
    worker_passes(shut)
    replaced(shut, "thandi", "pieter", MONDAY, MONDAY + WEEK)
    with shut.extensions["database"].writing() as session:
        session.execute(text("DELETE FROM feed_state"))
    worker_passes(shut)
    with shut.extensions["database"].writing() as session:
        session.execute(text("DELETE FROM feed_state"))
    worker_passes(shut)
    assert max(one[3] for one in team.events.values()) == 1


def test_my_calendar_and_that_of_all_do_not_share_identities(shut: Flask):
    mine, team = subscribed(shut, "thandi"), subscribed(shut, "thandi", "team")
    assert mine.events
    assert not mine.events.keys() & team.events.keys()


# The past


def weeks_pass(app: Flask, clock: Clock, weeks: int) -> None:
    """And the worker writes down who was on duty."""
    clock.advance(weeks * 7 * 24 * 3600)
    with app.extensions["database"].writing() as session:
        record.write(session, named(session, "Standby"), clock())


def test_what_is_over_stays_as_it_was_told_before(shut: Flask, clock: Clock):
    team = subscribed(shut, "naledi", "team")
    worker_passes(shut)
    before = team.events
    weeks_pass(shut, clock, 4)
    worker_passes(shut)
    after = team.events
    assert {uid: one for uid, one in after.items() if one[1] < clock()}.items() <= before.items()
    assert len([one for one in after.values() if MONDAY <= one[1] < clock()]) == 8


def test_of_the_past_the_record_is_told(shut: Flask, clock: Clock):
    """Such as a holiday declared for a day that is over: the plan is another now, but somebody else rang."""
    team = subscribed(shut, "naledi", "team")
    weeks_pass(shut, clock, 4)
    worker_passes(shut)
    with shut.extensions["database"].writing() as session:
        first = update(ServedShift).where(ServedShift.lane == "First", ServedShift.starts == MONDAY)
        session.execute(first.values(engineer="naledi", why="naledi: the telephone list of that week"))
        session.execute(text("UPDATE set_up_version SET version = version + 1"))
    assert team.at(MONDAY + DAY) == ["Lerato Mokoena rings second: Standby", "Naledi Dlamini rings first: Standby"]
    told = shut.test_cli_runner().invoke(
        args=["oncall", "export", "--from", "2026-11-24T00:00", "--to", "2026-11-25T00:00"]
    )
    assert [line.split(",")[3] for line in told.stdout.splitlines()[1:]] == ["Naledi Dlamini", "Lerato Mokoena"]
    assert "the telephone list of that week" in told.stdout


# Asking again


def test_who_has_it_by_way_of_a_proxy_that_compresses_gets_nothing_either(shut: Flask):
    team = subscribed(shut, "naledi", "team")
    team.look()
    team.tag = f"W/{team.tag}"
    assert team.look().status_code == 304


def test_who_has_it_already_gets_nothing_until_something_changes(shut: Flask, clock: Clock):
    team = subscribed(shut, "naledi", "team")
    assert [team.look().status_code for _ in range(2)] == [200, 304]
    worker_passes(shut)
    clock.advance(3600)
    again = team.look()
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", team.tag)
    replaced(shut, "thandi", "pieter", MONDAY, MONDAY + WEEK)
    assert team.look().status_code == 200


def test_a_fetch_never_waits_for_a_lock(shut: Flask):
    team = subscribed(shut, "naledi", "team")
    with shut.extensions["database"].writing() as session:
        session.execute(text("UPDATE set_up_version SET version = version + 0"))
        assert team.look().status_code == 200


def test_who_asks_without_end_is_held_off_and_nobody_else(shut: Flask, clock: Clock):
    team, mine = subscribed(shut, "naledi", "team"), subscribed(shut, "naledi")
    assert {team.look().status_code for _ in range(60)} == {200, 304}
    refused = team.look()
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "900")
    assert mine.look().status_code == 200
    clock.advance(900)
    assert team.look().status_code == 304


def test_guessing_is_held_off_and_stops_no_subscriber(shut: Flask):
    team, client = subscribed(shut, "naledi", "team"), shut.test_client()
    guesses = [client.get(f"/feed/ahf_{n:043}.ics").status_code for n in range(31)]
    assert guesses == [404] * 30 + [429]
    assert team.look().status_code == 200


# Addresses


def test_a_new_address_makes_the_old_one_worthless(shut: Flask):
    old = subscribed(shut, "thandi")
    others = subscribed(shut, "thandi", "team"), subscribed(shut, "pieter")
    new = subscribed(shut, "thandi")
    assert [one.look().status_code for one in (old, new, *others)] == [404, 200, 200, 200]


def test_an_address_is_shown_once_in_both_spellings_and_in_nobody_else_s_page(shut: Flask):
    thandi, manager = browser_of(shut, "thandi"), browser_of(shut, "naledi")
    made = post(thandi, "/calendars", feed="mine").text
    secret = re.search(r"https://afterhours\.example/feed/(ahf_[\w-]{43})\.ics", made)[1]
    assert f'href="webcal://afterhours.example/feed/{secret}.ics"' in made
    assert "Google looks for changes only about once a day" in made
    assert 'aria-current="page">Calendars' in made
    for client in (thandi, manager, browser_of(shut, "bongani")):
        assert "ahf_" not in client.get("/calendars").text
    assert "Thandi Nkosi" in manager.get("/calendars").text


def test_calendars_are_there_without_any_rota(shut: Flask):
    with shut.extensions["database"].writing() as session:
        for table in ("rota_override", "served_shift", "recorded_until", "rota_version", "rota"):
            session.execute(text(f"DELETE FROM {table}"))  # noqa: S608 - names of ours
        session.execute(text("UPDATE set_up_version SET version = version + 1"))
    page = browser_of(shut, "thandi").get("/calendars")
    assert page.status_code == 200
    assert "Public holidays" in page.text
    assert browser_of(shut, "thandi").get("/rota/fair-share").status_code == 200


def test_one_s_own_address_is_revoked_on_the_page_and_somebody_else_s_only_by_a_manager(shut: Flask):
    thandi, pieter = subscribed(shut, "thandi"), subscribed(shut, "pieter")
    assert post(browser_of(shut, "thandi"), "/calendars/2/revocation").status_code == 404
    assert post(browser_of(shut, "thandi"), "/calendars/1/revocation").location == "/calendars?said=calendar"
    assert [thandi.look().status_code, pieter.look().status_code] == [404, 200]
    manager = browser_of(shut, "naledi")
    assert "Pieter Botha" in manager.get("/calendars").text
    assert "Pieter Botha" not in browser_of(shut, "thandi").get("/calendars").text
    assert post(manager, "/calendars/2/revocation").status_code == 303
    assert pieter.look().status_code == 404
    with shut.extensions["database"].reading() as session:
        done = [(one.what, one.who, one.about) for one in audit.newest(session, 4)]
    assert done == [
        (What.CALENDAR_REVOKED, "Naledi Dlamini", "Pieter Botha"),
        (What.CALENDAR_REVOKED, "Thandi Nkosi", "Thandi Nkosi"),
        (What.CALENDAR_MADE, "Pieter Botha", "Pieter Botha"),
        (What.CALENDAR_MADE, "Thandi Nkosi", "Thandi Nkosi"),
    ]


def test_who_has_left_sees_nothing_any_more(shut: Flask):
    mine = subscribed(shut, "thandi", "team")
    with shut.extensions["database"].writing() as session:
        session.get_one(Staff, staff_id(shut, "thandi")).active = False
    assert mine.look().status_code == 404


def test_an_address_is_stored_nowhere_and_shown_once(shut: Flask, database: Database):
    secret = subscribed(shut, "thandi").path.removeprefix("/feed/").removesuffix(".ics")
    assert secret not in browser_of(shut, "thandi").get("/calendars").text
    with database.engine.connect() as connection:
        for table in inspect(database.engine).get_table_names():
            for row in connection.execute(text(f'SELECT * FROM "{table}"')):  # noqa: S608 - our own tables
                assert secret not in repr(row)


@pytest.mark.fails_on_purpose
def test_an_address_is_never_logged(shut: Flask, database: Database):
    mine, stream = subscribed(shut, "thandi"), StringIO()
    out = handler(stream, shut.extensions["settings"])
    logging.getLogger().addHandler(out)
    with database.engine.begin() as connection:
        connection.execute(text("ALTER TABLE feed_event RENAME TO gone"))
    try:
        assert mine.look().status_code == 500
    finally:
        logging.getLogger().removeHandler(out)
    assert "feed.calendar" in stream.getvalue()
    assert "ahf_" not in stream.getvalue()


@pytest.mark.parametrize("secret", ["x", "ahf_short", "aht_" + "x" * 43, "ahf_" + "ü" * 43])
def test_what_is_no_address_of_ours_is_not_found(shut: Flask, secret: str):
    assert shut.test_client().get(f"/feed/{secret}.ics").status_code == 404


def test_a_calendar_has_to_be_one_of_them(shut: Flask):
    for fields in ({}, {"feed": "all"}):
        answer = post(browser_of(shut, "thandi"), "/calendars", **fields)
        assert (answer.status_code, "ahf_" in answer.text) == (422, False)
        assert 'role="alert"' in answer.text


def test_a_demonstration_has_no_addresses(app: Flask):
    assert post(browser_of(app), "/calendars", feed="team").status_code == 403
    assert "somebody who has signed in" in browser_of(app).get("/calendars").text
