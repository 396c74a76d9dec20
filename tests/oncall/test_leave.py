"""Leave warns and asks who covers; it never changes who rings by itself."""

from __future__ import annotations

import ssl
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import TYPE_CHECKING, NamedTuple

import pytest
import trustme
from sqlalchemy import select

from desk.outward import networks
from office import TERMINAL, at, shift, wall
from oncall import changes, cover, leave, leave_calendars, leave_import, versions
from oncall.changes import Change
from oncall.cover import CoverRequest, State
from oncall.draft import Draft
from oncall.fetching import Fetcher, NotFetched, address_of
from oncall.leave import Leave
from oncall.leave_calendars import LeaveCalendar
from oncall.refusals import NotAllowed, TooLate

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from office import Office

WEDDING = "2026-12-03 12:00", "2026-12-05 12:00"  # in Lerato's week


def away(
    office: Office, key: str = "lerato", span: tuple[str, str] = WEDDING, kind: str = "annual", why: str = ""
) -> int:
    starts, ends = map(at, span)
    return office.do(
        lambda session: (
            leave.take(session, office.staff(session, key), starts, ends, kind, why, office.who(key), office.now).id
        )
    )


def requests(office: Office) -> list[tuple[str, str, str, str]]:
    office.do(lambda session: cover.keep_true(session, office.now))
    with office.database.reading() as session:
        rows = session.scalars(select(CoverRequest).order_by(CoverRequest.id)).all()
        return [(row.engineer.key, wall(row.starts), wall(row.ends), row.state) for row in rows]


def the_request(session) -> CoverRequest:
    return session.scalars(select(CoverRequest).order_by(CoverRequest.id.desc())).first()


def take(office: Office, key: str) -> None:
    office.do(
        lambda session: cover.take(
            session, the_request(session), office.staff(session, key), office.who(key), office.now
        )
    )


# Leave asks who covers


def test_leave_in_a_shift_asks_who_covers_just_that_time(office: Office):
    away(office, why="a wedding")
    assert requests(office) == [("lerato", *WEDDING, "open")]
    assert office.first("2026-12-04 12:00") == ["lerato"], "until somebody covers, nothing changes"
    with office.database.reading() as session:
        (one,) = cover.open_requests(session, office.now)
        assert (one.why, one.shift) == ("Lerato Mokoena is away", shift("2026-11-30"))


def test_who_is_away_for_the_rest_of_the_century_is_asked_for_a_year_at_a_time(office: Office):
    away(office, span=("2026-12-01 00:00", "2099-12-01 00:00"))
    asked = requests(office)
    assert len(asked) == 17 * 2, "every third week of two rotations, no shift in pieces"
    assert requests(office) == asked
    assert max(ends for _, _, ends, _ in asked) < "2027-11-24"


def test_leave_without_duty_asks_nobody(office: Office):
    away(office, "lerato", ("2026-11-21 00:00", "2026-11-22 20:00"))
    assert requests(office) == []


def test_whoever_covers_rings_for_that_time_and_no_longer(office: Office):
    away(office)
    requests(office)
    take(office, "pieter")
    assert requests(office) == [("lerato", *WEDDING, "covered")]
    moments = "2026-12-03 11:59", "2026-12-03 12:00", "2026-12-05 11:59", "2026-12-05 12:00"
    assert office.first(*moments) == ["lerato", "pieter", "pieter", "lerato"]
    assert office.rings("2026-12-03 12:00")[0] == "pieter"
    with pytest.raises(TooLate, match="this request is covered"):
        take(office, "naledi")


def covered(office: Office, key: str, starts: str, ends: str) -> int:
    """Somebody covers for Lerato without answering the request, and the worker has not looked yet."""
    wanted = Change("replace", key, at(starts), at(ends), "lerato", "First")
    return office.do(lambda session: changes.make(session, office.rota(session), wanted, TERMINAL, office.now).id)


def test_who_takes_it_gets_only_what_nobody_else_covers_already(office: Office):
    away(office)
    requests(office)
    covered(office, "thandi", "2026-12-03 18:00", "2026-12-04 06:00")
    take(office, "pieter")
    moments = "2026-12-03 12:00", "2026-12-03 18:00", "2026-12-04 05:59", "2026-12-04 06:00", "2026-12-05 12:00"
    assert office.first(*moments) == ["pieter", "thandi", "thandi", "pieter", "lerato"]
    with office.database.reading() as session:
        mine = [row for row in office.rota(session).overrides if row.staff.key == "pieter"]
    assert [(wall(row.starts), wall(row.ends)) for row in mine] == [
        ("2026-12-03 12:00", "2026-12-03 18:00"),
        ("2026-12-04 06:00", "2026-12-05 12:00"),
    ]
    assert requests(office) == [("lerato", *WEDDING, "covered")]
    assert office.audited("cover taken")[0].detail["times"] == [
        "Thu 3 Dec 12:00 to Thu 3 Dec 18:00",
        "Fri 4 Dec 06:00 to Sat 5 Dec 12:00",
    ]


def test_who_takes_what_others_cover_by_now_is_told_that_nothing_is_left(office: Office):
    away(office)
    requests(office)
    covered(office, "thandi", "2026-12-03 12:00", "2026-12-04 12:00")
    covered(office, "naledi", "2026-12-04 12:00", "2026-12-05 12:00")
    nothing = "nothing of it is left to take: Thandi Nkosi and Naledi Dlamini cover for Lerato Mokoena already"
    with pytest.raises(TooLate, match=nothing):
        take(office, "pieter")
    assert office.first("2026-12-03 12:00", "2026-12-05 11:59") == ["thandi", "naledi"]
    assert requests(office) == [("lerato", *WEDDING, "covered")]


def test_what_stays_covered_when_the_other_who_covers_is_taken_back(office: Office):
    away(office)
    requests(office)
    number = covered(office, "thandi", "2026-12-03 18:00", "2026-12-04 06:00")
    take(office, "pieter")
    office.do(
        lambda session: changes.take_back(
            session, session.get_one(changes.OverrideRecord, number), TERMINAL, office.now
        )
    )
    assert requests(office) == [
        ("lerato", *WEDDING, "covered"),
        ("lerato", "2026-12-03 18:00", "2026-12-04 06:00", "open"),
    ]


def test_a_request_that_was_answered_some_other_way_is_covered_and_asked_again_when_that_is_taken_back(office: Office):
    away(office)
    requests(office)
    covers = Change("replace", "thandi", at("2026-12-03 00:00"), at("2026-12-06 00:00"), "lerato", "First")
    number = office.do(lambda session: changes.make(session, office.rota(session), covers, TERMINAL, office.now).id)
    assert requests(office) == [("lerato", *WEDDING, "covered")]
    office.do(
        lambda session: changes.take_back(
            session, session.get_one(changes.OverrideRecord, number), TERMINAL, office.now
        )
    )
    assert requests(office) == [("lerato", *WEDDING, "covered"), ("lerato", *WEDDING, "open")]


def test_leave_that_is_withdrawn_needs_nobody(office: Office):
    number = away(office)
    requests(office)
    office.do(lambda session: leave.withdraw(session, session.get_one(Leave, number), office.who("lerato"), office.now))
    assert requests(office) == [("lerato", *WEDDING, "moot")]
    with pytest.raises(TooLate):
        take(office, "pieter")


def test_a_shift_that_was_edited_away_needs_nobody(office: Office):
    away(office)
    requests(office)

    def nobody(session) -> None:
        record, empty = office.rota(session), Draft("Africa/Johannesburg")
        versions.publish(session, record, empty, base=1, who=TERMINAL, now=office.now, reason="a test")

    office.do(nobody)
    assert requests(office)[0][3] == "moot"


def test_what_a_person_closed_is_not_asked_again(office: Office):
    away(office)
    requests(office)
    with pytest.raises(NotAllowed):
        office.do(lambda session: cover.close(session, the_request(session), office.who("pieter"), office.now))
    office.do(lambda session: cover.close(session, the_request(session), office.who("lerato"), office.now))
    assert requests(office) == [("lerato", *WEDDING, "closed")]


def test_a_request_ends_with_its_shift(office: Office):
    away(office)
    requests(office)
    office.clock.until(at(WEDDING[1]))
    assert requests(office) == [("lerato", *WEDDING, State.EXPIRED)]


def test_leave_warns_whoever_plans(proved: Office):
    away(proved, "thandi", ("2026-11-24 00:00", "2026-11-26 00:00"), "sick", "private")
    wanted = Change("replace", "thandi", at("2026-11-24 18:00"), at("2026-11-25 06:00"), "pieter")
    with proved.database.reading() as session:
        told = changes.preview(session, proved.rota(session), wanted, proved.now)
    assert [(hazard.kind, hazard.text) for hazard in told.hazards] == [
        ("leave", "Thandi Nkosi is away from Tue 24 Nov 18:00 to Wed 25 Nov 06:00")
    ], "why somebody is ill is nobody's business"


def test_leave_has_an_end_a_kind_and_a_future(office: Office):
    with pytest.raises(ValueError, match="no kind of leave"):
        away(office, kind="party")
    with pytest.raises(ValueError, match="ends after it starts"):
        away(office, span=WEDDING[::-1])
    with pytest.raises(TooLate):
        away(office, span=("2026-11-01 00:00", "2026-11-22 02:00"))


# Calendars of other products


def event(*lines: str) -> str:
    return "\r\n".join(["BEGIN:VEVENT", "DTSTAMP:20260101T000000Z", *lines, "END:VEVENT"])


def calendar(*events: str) -> bytes:
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//A//B//EN", *events, "END:VCALENDAR", ""]).encode()


KRUGER = event("UID:1", "DTSTART;VALUE=DATE:20261203", "DTEND;VALUE=DATE:20261206", "SUMMARY:Kruger")
EVENTS = {
    "whole days, where the company is": ([KRUGER], [("2026-12-03 00:00", "2026-12-06 00:00", "annual")]),
    "a day without an end": (
        [event("UID:1", "DTSTART;VALUE=DATE:20261203", "SUMMARY:Sick")],
        [("2026-12-03 00:00", "2026-12-04 00:00", "sick")],
    ),
    "a meeting is no leave": ([event("UID:1", "DTSTART:20261203T080000Z", "DTEND:20261203T090000Z")], []),
    "hours marked as out of office": (
        [event("UID:1", "DTSTART:20261203T080000Z", "DTEND:20261203T120000Z", "X-MICROSOFT-CDO-BUSYSTATUS:OOF")],
        [("2026-12-03 10:00", "2026-12-03 14:00", "annual")],
    ),
    "a birthday is shown as free": (
        [event("UID:1", "DTSTART;VALUE=DATE:20261203", "TRANSP:TRANSPARENT", "SUMMARY:Birthday")],
        [],
    ),
    "cancelled": ([event("UID:1", "DTSTART;VALUE=DATE:20261203", "STATUS:CANCELLED")], []),
    "what is over": ([event("UID:1", "DTSTART;VALUE=DATE:20261103")], []),
    "every week, less one": (
        [
            event(
                "UID:1",
                "DTSTART;VALUE=DATE:20261203",
                "RRULE:FREQ=WEEKLY;COUNT=3",
                "EXDATE;VALUE=DATE:20261210",
                "SUMMARY:Study day",
            )
        ],
        [("2026-12-03 00:00", "2026-12-04 00:00", "study"), ("2026-12-17 00:00", "2026-12-18 00:00", "study")],
    ),
    "a day that never comes": (
        [event("UID:1", "DTSTART;VALUE=DATE:20200101", "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"), KRUGER],
        [("2026-12-03 00:00", "2026-12-06 00:00", "annual")],
    ),
    "every year, and one of them another day": (
        [
            event("UID:7", "DTSTART;VALUE=DATE:20201203", "RRULE:FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=3"),
            event("UID:7", "RECURRENCE-ID;VALUE=DATE:20261203", "DTSTART;VALUE=DATE:20261204"),
        ],
        [("2026-12-04 00:00", "2026-12-05 00:00", "annual"), ("2027-12-03 00:00", "2027-12-04 00:00", "annual")],
    ),
    "every year until a day, on a clock": (
        [event("UID:1", "DTSTART:20201203T000000Z", "DURATION:P1D", "RRULE:FREQ=YEARLY;UNTIL=20261203T235959Z")],
        [("2026-12-03 02:00", "2026-12-04 02:00", "annual")],
    ),
    "in another zone": (
        [
            event(
                "UID:1", "DTSTART;TZID=America/New_York:20261203T000000", "DTEND;TZID=America/New_York:20261204T000000"
            )
        ],
        [("2026-12-03 07:00", "2026-12-04 07:00", "annual")],
    ),
    "two days of floating time": (
        [event("UID:1", "DTSTART:20261203T120000", "DTEND:20261205T120000")],
        [("2026-12-03 12:00", "2026-12-05 12:00", "annual")],
    ),
    "nothing at all": ([], []),
}


@pytest.mark.parametrize("name", EVENTS)
def test_leave_is_read_out_of_calendars(name: str):
    events, expected = EVENTS[name]
    found = leave_import.leave_in(calendar(*events), "Africa/Johannesburg", at("2026-11-22 02:00"))
    assert [(wall(one.starts), wall(one.ends), one.kind) for one in found] == expected


FAULTY = {
    "too large": (b"x" * (leave_import.LARGEST + 1), "larger than 2 MB"),
    "no calendar": (b"<html>Sign in</html>", ""),
    "no text": (bytes(range(256)), ""),
    "every second": (
        calendar(event("UID:1", "DTSTART;VALUE=DATE:19700101", "RRULE:FREQ=SECONDLY")),
        "more often than once a day",
    ),
    "a thousand times a day": (
        calendar(event("UID:1", "DTSTART;VALUE=DATE:20200101", "RRULE:FREQ=DAILY;BYMINUTE=0,1,2,3;BYSECOND=1,2,3")),
        "more often than once a day",
    ),
    "no step at all": (
        calendar(event("UID:1", "DTSTART;VALUE=DATE:20200101", "RRULE:FREQ=DAILY;INTERVAL=0")),
        "in no time at all",
    ),
    "every day that never comes": (
        calendar(event("UID:1", "DTSTART;VALUE=DATE:20200101", "RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=31")),
        "longer than anybody can look through",
    ),
    "every day of many since the flood": (
        calendar(*(event(f"UID:{n}", "DTSTART;VALUE=DATE:19000101", "RRULE:FREQ=DAILY") for n in range(100))),
        "longer than anybody can look through",
    ),
    "one identity for all": (
        calendar(*(event("UID:1", "DTSTART;VALUE=DATE:20200101", "RRULE:FREQ=DAILY") for _ in range(6))),
        "5 of one identity",
    ),
    "so many times of a day that never comes": (
        calendar(
            *(
                event(f"UID:{n}", "DTSTART;VALUE=DATE:20200101", "RRULE:FREQ=MONTHLY;COUNT=9;BYMONTH=2;BYMONTHDAY=31")
                for n in range(11)
            )
        ),
        "longer than anybody can look through",
    ),
    "two hundred every day": (
        calendar(*(event(f"UID:{n}", "DTSTART;VALUE=DATE:20200101", "RRULE:FREQ=DAILY") for n in range(200))),
        "more than 500 stretches of leave",
    ),
    "too many": (
        calendar(*(event(f"UID:{n}", "DTSTART;VALUE=DATE:20261203") for n in range(501))),
        "more than 500 stretches of leave",
    ),
}


@pytest.mark.parametrize("name", FAULTY)
def test_a_calendar_that_is_none_or_too_much_is_refused_in_a_sentence(name: str):
    text, sentence = FAULTY[name]
    with pytest.raises(ValueError, match=sentence or "."):
        leave_import.leave_in(text, "Africa/Johannesburg", at("2026-11-22 02:00"))


def imported(office: Office, text: bytes) -> leave_import.Imported:
    found = leave_import.leave_in(text, "Africa/Johannesburg", office.now)
    return office.do(
        lambda session: leave_import.take_over(
            session, office.staff(session, "lerato"), found, "file", TERMINAL, office.now
        )
    )


def test_what_a_calendar_has_no_more_is_withdrawn_and_what_was_typed_stays(office: Office):
    away(office, span=("2026-12-20 00:00", "2026-12-27 00:00"))
    assert imported(office, calendar(KRUGER)) == leave_import.Imported(added=1)
    assert imported(office, calendar(KRUGER)) == leave_import.Imported()
    assert requests(office)[0] == ("lerato", "2026-12-03 00:00", "2026-12-06 00:00", "open")
    longer = KRUGER.replace("20261206", "20261205").replace("Kruger", "Kruger Park")
    assert imported(office, calendar(longer)) == leave_import.Imported(changed=1)
    assert imported(office, calendar()) == leave_import.Imported(gone=1)
    assert imported(office, calendar(longer)) == leave_import.Imported(changed=1), "it is back"
    with office.database.reading() as session:
        assert [one.reason for one in leave.coming(session, office.now)] == ["Kruger Park", ""]
    assert len(office.audited("leave imported")) == 4


def test_a_file_is_imported_at_the_terminal(office: Office, tmp_path: Path):
    file = tmp_path / "leave.ics"
    file.write_bytes(calendar(KRUGER))
    run = office.app.test_cli_runner().invoke
    assert run(args=["oncall", "leave", "lerato", str(file)]).output == "1 added, 0 changed, 0 withdrawn\n"
    file.write_text("hello")
    result = run(args=["oncall", "leave", "lerato", str(file)])
    assert (result.exit_code, result.output[:7]) == (1, "Error: ")


# Fetching somebody else's address


class Served(NamedTuple):
    """A calendar server of a test, over TLS on this machine."""

    url: str
    fetcher: Fetcher
    answers: dict[str, bytes]


@contextmanager
def server(tmp_path: Path) -> Iterator[Served]:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    answers: dict[str, bytes] = {"/leave.ics": calendar(KRUGER)}
    stop = Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/away":
                self.send_response(302)
                self.send_header("Location", "/leave.ics")
            elif self.path == "/slow":
                stop.wait(20)
            else:
                self.send_response(200 if self.path in answers else 404)
            self.end_headers()
            self.wfile.write(answers.get(self.path, b""))

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    https = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("calendar.example").configure_cert(context)
    https.socket = context.wrap_socket(https.socket, server_side=True)
    thread = Thread(target=https.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    here = {"look_up": lambda *_: ["127.0.0.1"], "authorities": str(tmp_path / "ca.pem")}
    try:
        yield Served(
            f"https://calendar.example:{https.server_address[1]}",
            Fetcher(networks("127.0.0.0/8"), **here),
            answers,
        )
    finally:
        stop.set()
        https.shutdown()
        https.server_close()
        thread.join()


def test_a_calendar_is_fetched_over_tls_from_the_address_that_was_looked_at(tmp_path: Path):
    with server(tmp_path) as served:
        assert served.fetcher.get(f"{served.url}/leave.ics", 10_000) == calendar(KRUGER)


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("/missing", "answers 404"),
        ("/away", "answers 302"),
        ("/huge", "it is larger than 0 MB"),
        ("/slow", "takes longer than 0.5 s"),
    ],
)
def test_what_is_not_there_leads_elsewhere_is_too_large_or_too_slow_is_not_fetched(tmp_path: Path, path: str, why: str):
    with server(tmp_path) as served:
        served.answers["/huge"] = b"x" * 200_000
        with pytest.raises(NotFetched, match=why):
            served.fetcher.get(served.url + path, 100_000, 0.5 if path == "/slow" else 10)


def test_a_certificate_of_another_name_is_not_believed(tmp_path: Path):
    with server(tmp_path) as served, pytest.raises(NotFetched, match=r"other\.example does not answer as it should"):
        served.fetcher.get(served.url.replace("calendar.example", "other.example"), 10_000)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.0.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "::1",
        "fe80::1",
        "fd00::1",
        "::ffff:10.0.0.1",
        "100.64.0.1",
        "64:ff9b::a9fe:a9fe",
        "2002:7f00:1::",
        "::127.0.0.1",
        "fec0::1",
    ],
)
def test_nothing_is_fetched_from_within(address: str):
    for found in ([address], ["93.184.215.14", address]):
        with pytest.raises(NotFetched, match="not on the public internet"):
            Fetcher(look_up=lambda *_, found=found: found).get("https://calendar.example/leave.ics", 10)


@pytest.mark.parametrize(
    "url",
    [
        "http://calendar.example/leave.ics",
        "file:///etc/passwd",
        "ftp://calendar.example",
        "calendar.example",
        "https://user:secret@calendar.example/",
        "https://",
        "https://calendar.example:99999/",
    ],
)
def test_only_https_addresses_without_secrets_of_their_own_are_kept(url: str):
    with pytest.raises(ValueError, match="address"):
        address_of(url)


def test_the_worker_reads_a_calendar_every_hour_and_tells_its_fault(office: Office, tmp_path: Path):
    with server(tmp_path) as served:
        office.app.extensions["fetcher"] = served.fetcher
        number = office.do(
            lambda session: (
                leave_calendars.subscribe(
                    session,
                    office.staff(session, "lerato"),
                    f"{served.url}/leave.ics",
                    office.who("lerato"),
                    office.now,
                ).id
            )
        )
        office.tick()
        assert [one[:3] for one in requests(office)] == [("lerato", "2026-12-03 00:00", "2026-12-06 00:00")]
        served.answers["/leave.ics"] = b"<html>"
        office.tick()
        assert fault(office, number) is None, "not asked again within the hour"
        office.clock.advance(3600)
        office.tick()
        assert "calendar" in fault(office, number) or "parsed" in fault(office, number)
        assert len(requests(office)) == 1, "what was known stays known"
    office.do(
        lambda session: leave_calendars.remove(session, session.get_one(LeaveCalendar, number), TERMINAL, office.now)
    )
    assert requests(office)[0][3] == "moot"
    with office.database.reading() as session:
        assert session.get_one(LeaveCalendar, number).url == "", "the secret is forgotten"


def fault(office: Office, number: int) -> str | None:
    with office.database.reading() as session:
        return session.get_one(LeaveCalendar, number).fault


def test_the_address_of_a_calendar_is_in_no_audit(office: Office):
    secret = "https://calendar.example/private-0123456789/basic.ics"
    office.do(
        lambda session: leave_calendars.subscribe(
            session, office.staff(session, "lerato"), secret, office.who("lerato"), office.now
        )
    )
    (told,) = office.audited("leave calendar added")
    assert told.detail["host"] == "calendar.example"
    assert "0123456789" not in str((told.about, told.detail))
    with pytest.raises(NotAllowed):
        office.do(
            lambda session: leave_calendars.subscribe(
                session, office.staff(session, "lerato"), secret, office.who("pieter"), office.now
            )
        )
