"""The canary: a ticket each hour that the machine pages and acknowledges by itself, and what is told when it cannot.

Two applications on one database, as two processes have them: the web, served on a port, and the worker.
"""

from __future__ import annotations

import json
from contextlib import ExitStack, suppress
from datetime import timedelta
from threading import Barrier, Event, Thread
from typing import TYPE_CHECKING

import pytest
from flask import Flask, Response, redirect, request
from pydantic import SecretStr
from sqlalchemy import event, func, select

from conftest import settings_for
from desk.db import Base
from desk.hooks.happening import Happening
from desk.staff import Staff
from hooked import House
from ivr import acknowledging, canary_call, keeper
from ivr.acknowledging import How
from ivr.line import Line
from night_shift import NightShift
from office import Office, wall
from oncall import canary_news, heartbeat, pursuit, rings
from oncall.paging import Page
from simulator.rest import serve
from sla import due
from sla.due import Due
from sla.month import Month
from sla.report import monthly
from tickets import canary
from tickets.ticket import Priority, Ticket
from told import Told

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from sqlalchemy.orm import Session

    from simulator.clock import Clock
    from simulator.rest import Rest
    from tickets.canary import Canary

HOUR = 3600
WELL = {
    "served_shift", "canary", "chore", "pulse", "recorded_until", "set_up_version", "notice_mark", "feed_state",
    "purge_night",
}  # fmt: skip


class Web:
    """The web process: always at the same port, and there until it is taken away."""

    def __init__(self, app: Flask) -> None:
        self.app, self.asked = app, list[str]()
        self._served = ExitStack()
        app.before_request_funcs.setdefault(None, []).insert(0, self._note)
        self.address = self._served.enter_context(serve(app))

    def _note(self) -> None:
        self.asked.append(request.path)

    def goes(self) -> None:
        self._served.close()

    def comes(self) -> None:
        self._served.enter_context(serve(self.app, int(self.address.rpartition(":")[2])))


class Cage:
    """The worker, and what the house knows of its canaries."""

    def __init__(self, office: Office, rest: Rest) -> None:
        self.office, self.clock, self.rest = office, office.clock, rest
        self.told = Told(office, rest)

    def tick(self, after: float = 0) -> None:
        self.clock.advance(after)
        self.office.tick()

    def next(self) -> None:
        """The next one is laid."""
        self.clock.until(self.canaries[0].laid_at + timedelta(hours=1))
        self.tick()

    def pass_(self, seconds: float, every: float = 20) -> None:
        """Time passes while the worker looks."""
        end = self.clock() + timedelta(seconds=seconds)
        while self.clock() < end:
            self.tick(min(every, (end - self.clock()).total_seconds()))

    @property
    def canaries(self) -> list[Canary]:
        """The newest first."""
        with self.office.database.reading() as session:
            return list(canary.newest(session, 100))

    @staticmethod
    def office_time(instant: datetime) -> str:
        return wall(instant)[-5:]

    @property
    def out(self) -> int | None:
        with self.office.database.reading() as session:
            return canary.ticket(session)

    @property
    def trouble(self) -> str | None:
        with self.office.database.reading() as session:
            found = canary_news.trouble(session, self.clock())
            return found and found.words

    @property
    def amiss(self) -> list[str]:
        with self.office.database.reading() as session:
            return heartbeat.trouble(session, self.clock())

    def texts(self) -> list[str]:
        return [text for _, text in self.told.news(2)]

    @property
    def seconds(self) -> tuple[float, float]:
        """After how long the newest was paged and acknowledged."""
        one = self.canaries[0]
        assert one.paged_at
        assert one.acknowledged_at
        return (one.paged_at - one.laid_at).total_seconds(), (one.acknowledged_at - one.laid_at).total_seconds()


@pytest.fixture
def web(another: Callable[..., Flask]) -> Iterator[Web]:
    made = Web(another())
    yield made
    made.goes()


@pytest.fixture
def caged(another: Callable[..., Flask], rest: Rest, clock: Clock) -> Callable[..., Cage]:
    def make(address: str, **more: object) -> Cage:
        return Cage(Office(another(twilio_api=rest.config["BASE"], canary_url=address, **more), clock), rest)

    return make


@pytest.fixture
def cage(caged: Callable[..., Cage], web: Web) -> Cage:
    return caged(web.address)


@pytest.fixture
def watched(cage: Cage) -> Cage:
    """The manager has proved her number, and has been told of everything else."""
    cage.office.prove("thandi", "pieter", "lerato", "naledi")
    cage.pass_(10, every=2)
    cage.texts()
    assert cage.trouble is None
    return cage


def rows(cage: Cage) -> dict[str, int]:
    """How many rows each table has that the worker's own work does not touch."""
    tables = [table for name, table in Base.metadata.tables.items() if name not in WELL]
    with cage.office.database.reading() as session:
        return {table.name: session.scalar(select(func.count()).select_from(table)) or 0 for table in tables}


# All is well


def test_every_hour_one_is_laid_paged_acknowledged_and_gone(cage: Cage, web: Web):
    cage.tick()
    before = rows(cage)
    assert (before["ticket"], cage.canaries[0].laid_at) == (1, cage.clock()), "it is laid, and nothing else yet"
    cage.tick(2)
    assert cage.seconds == (2, 2)
    assert cage.out is None
    assert [path.split("?")[0] for path in web.asked] == ["/voice/paged/0", "/voice/emergency_page/1", "/voice/rung"]
    cage.pass_(HOUR - 4, every=1200)
    assert len(cage.canaries) == 1
    cage.tick(2)
    cage.tick(2)
    assert len(cage.canaries) == 2
    assert [one.acknowledged_at is not None for one in cage.canaries] == [True, True]
    assert (cage.trouble, cage.amiss) == (None, [])


def test_nothing_of_it_stays_but_its_own_row_and_the_carrier_never_hears_of_it(cage: Cage):
    cage.pass_(4, every=2)
    quiet = rows(cage)
    assert {quiet[name] for name in ("ticket", "event", "page", "pursuit", "summons", "call", "visit", "due")} == {0}
    assert quiet["outbox"] == 0
    with cage.office.database.reading() as session:
        assert canary.KEY not in set(session.scalars(select(Staff.key)))
        version = cage.office.app.extensions["exchange"].boards.current(session).version
    cage.pass_(HOUR, every=600)
    cage.tick(2)
    assert len(cage.canaries) == 2
    assert rows(cage) == quiet
    with cage.office.database.reading() as session:
        assert cage.office.app.extensions["exchange"].boards.current(session).version == version
    assert cage.rest.account.requests == []


def test_no_program_outside_is_told_of_it(cage: Cage):
    house = House(cage.office.app, cage.clock)
    house.endpoint("https://hooks.example/in")
    cage.pass_(4, every=2)
    assert cage.canaries[0].acknowledged_at
    assert [one.type for one in house._all(select(Happening))] == []


def test_while_it_is_out_it_says_what_it_is_and_is_counted_nowhere(cage: Cage, web: Web):
    web.goes()
    cage.tick()
    cage.tick(2)
    now = cage.clock()
    with cage.office.database.reading() as session:
        ticket = session.get_one(Ticket, cage.out)
        assert (ticket.subject, ticket.priority) == (canary.SUBJECT, Priority.EMERGENCY)
        assert session.scalars(select(Page)).all(), "it is paged"
        assert session.scalars(select(Due)).all(), "and judged"
        assert list(rings.offered(session, now - timedelta(days=1), now + timedelta(days=1))) == []
        assert monthly(session, Month.named("2026-11", "Africa/Johannesburg").span, now).lines == []
    assert cage.rest.account.requests == []


def test_people_are_paged_before_it(cage: Cage, web: Web):
    """Its ring has waited for longer."""
    night = NightShift(cage.office.app, cage.clock, cage.rest)
    web.goes()
    cage.tick()
    cage.tick(2)
    web.comes()
    night.mail()
    seen: list[list[str]] = []
    cage.rest.faults.stall = lambda *_: seen.append(list(web.asked))
    cage.tick(30)
    assert night.ordered == ["thandi"]
    assert seen, "she was rung and texted"
    assert set(map(len, seen)) == {0}, "whatever went to the carrier went first"
    assert cage.out is None, "and the canary after it"
    assert night.told("page", ticket=2) == ["pages Thandi Nkosi"]


def test_where_it_is_off_there_is_none_and_what_was_left_is_taken_away(
    cage: Cage, caged: Callable[..., Cage], web: Web
):
    web.goes()
    cage.pass_(4, every=2)
    assert cage.out
    off = caged("off")
    off.pass_(4 * HOUR, every=HOUR)
    assert (off.canaries, off.trouble, rows(off)["ticket"]) == ([], None, 0)


def test_before_a_line_is_set_up_none_is_laid(cage: Cage):
    cage.office.do(lambda session: [session.delete(line) for line in session.scalars(select(Line))])
    cage.pass_(2 * HOUR, every=HOUR)
    assert (cage.canaries, cage.amiss) == ([], [])


# Workers


def test_two_workers_at_once_lay_one(cage: Cage, caged: Callable[..., Cage], web: Web):
    both, barrier = (cage, caged(web.address)), Barrier(2)

    def work(one: Cage) -> None:
        barrier.wait()
        one.office.tick()

    for _ in range(3):
        threads = [Thread(target=work, args=(one,)) for one in both]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        cage.clock.advance(2)
    assert len(cage.canaries) == 1
    assert cage.canaries[0].acknowledged_at
    assert cage.out is None


class Killed(BaseException):
    """What no program survives."""


@pytest.mark.parametrize("commit", range(1, 17))
def test_a_worker_killed_at_any_commit_leaves_nothing_behind(cage: Cage, commit: int):
    left = [commit]

    def dies(_: object) -> None:
        left[0] -= 1
        if left[0] == 0:
            raise Killed

    engine = cage.office.app.extensions["patient_database"].engine
    event.listen(engine, "commit", dies)
    with suppress(Killed):
        for _ in range(3):
            cage.tick(2)
    event.remove(engine, "commit", dies)
    assert left[0] <= 0, "there was such a commit"
    for _ in range(3):
        cage.pass_(310, every=155)
    cage.pass_(4, every=2)
    assert cage.out is None
    assert cage.canaries[0].acknowledged_at
    assert cage.trouble is None or cage.canaries[0].is_late
    assert rows(cage)["page"] == rows(cage)["outbox"] == 0


def test_a_worker_that_was_away_for_hours_has_its_chance_first(watched: Cage, web: Web):
    web.goes()
    watched.next()
    watched.tick(2)
    assert watched.out, "laid, and then the worker is away"
    web.comes()
    watched.clock.advance(3 * HOUR)
    for _ in range(5):
        watched.tick(2)
        assert watched.trouble is None
    assert watched.out is None
    assert watched.canaries[0].acknowledged_at
    assert watched.texts() == []


def test_a_worker_that_is_late_is_told_by_day_and_the_next_canary_comes_soon(watched: Cage):
    """It is night: nobody is woken because of it."""
    late = "it was paged only after 2 min"
    watched.next()
    watched.tick(130)
    assert (watched.trouble, watched.amiss) == (late, [f"the canary: {late}"])
    assert watched.texts() == []
    watched.pass_(600, every=20)
    assert (watched.trouble, len(watched.canaries)) == (None, 3)
    assert watched.texts() == []


# What goes wrong


def test_where_the_web_process_is_away_managers_are_told_at_once_until_it_is_back(watched: Cage, web: Web):
    """It is two o'clock at night, and emergencies would reach nobody."""
    web.goes()
    watched.next()
    laid = watched.canaries[0].laid_at
    host = web.address.removeprefix("http://")
    why = f"{host} does not answer the page (ConnectionError)"
    watched.pass_(280, every=40)
    assert (watched.trouble, watched.amiss, watched.texts()) == (None, [], [])
    watched.pass_(20)
    assert (watched.trouble, watched.amiss) == (why, [f"the canary: {why}"])
    (told,) = watched.texts()
    assert told == f"emergencies may reach nobody: no canary has come through since {watched.office_time(laid)}: {why}."
    watched.pass_(HOUR - 340, every=240)
    watched.pass_(60, every=10)
    assert watched.canaries[1].failed == why
    assert watched.trouble == why, "the next one is out, and has not come through"
    assert watched.texts() == [], "told once"
    web.comes()
    watched.pass_(180)
    assert (watched.trouble, watched.amiss, watched.out) == (None, [], None)
    assert watched.texts() == []
    assert [one.failed for one in watched.canaries] == [None, why, None]


def test_what_is_well_again_before_the_notice_leaves_is_told_to_nobody(watched: Cage, web: Web):
    web.goes()
    watched.next()
    watched.pass_(290, every=58)
    outbox_is_held = watched.office.app.extensions["couriers"].pop("notice by text")
    watched.pass_(60)
    assert watched.trouble
    web.comes()
    watched.pass_(120)
    watched.office.app.extensions["couriers"]["notice by text"] = outbox_is_held
    assert watched.texts() == []


def test_a_wrong_secret_is_named(caged: Callable[..., Cage], web: Web):
    cage = caged(web.address, twilio_auth_token=SecretStr("another than the web has"))
    cage.pass_(400, every=40)
    assert cage.trouble == f"{web.address.removeprefix('http://')} answers 403 to the page"


STRANGERS = {
    "a page": (lambda: "<!doctype html><p>It works!", "the answer to the page is no TwiML"),
    "another document": (lambda: "<Response><Say>Hello</Say></Response>", "the answer to the page asks for no key"),
    "another house": (
        lambda: '<Response><Gather action="https://elsewhere.example/key"/></Response>',
        "it wants the key at elsewhere.example, which is not PUBLIC_URL",
    ),
    "somewhere else": (lambda: redirect("/"), "{host} answers 302 to the page"),
    "a fault": (lambda: Response("", 500), "{host} answers 500 to the page"),
    "without end": (lambda: Response(b"<" for _ in range(70_000)), "the answer to the page is no TwiML"),
}


@pytest.mark.parametrize("what", STRANGERS)
def test_an_address_where_somebody_else_answers_is_named(caged: Callable[..., Cage], what: str):
    answer, why = STRANGERS[what]
    stranger, asked = Flask("stranger"), []

    @stranger.route("/", defaults={"path": ""}, methods=["GET", "POST"])
    @stranger.route("/<path:path>", methods=["GET", "POST"])
    def anything(path: str) -> object:
        asked.append(path)
        return answer()

    with serve(stranger) as address:
        cage = caged(address)
        cage.pass_(400, every=40)
    assert set(asked) == {"voice/paged/0"}, "a redirect is not followed, a key not given away"
    assert cage.trouble == why.format(host=address.removeprefix("http://"))


def test_who_answers_in_drops_does_not_hold_up_the_worker(caged: Callable[..., Cage], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(canary_call, "PATIENCE", 0.2)
    go_on, stranger = Event(), Flask("stranger")

    @stranger.post("/<path:path>")
    def drips(path: str) -> Response:
        return Response(b"<" for _ in iter(lambda: go_on.wait(20), True))

    with serve(stranger) as address:
        cage = caged(address)
        cage.pass_(400, every=80)
        go_on.set()
    assert cage.trouble == f"{address.removeprefix('http://')} takes longer than 0.2 s"


def test_a_key_that_is_not_stored_is_named_and_the_next_ring_may_do(watched: Cage, web: Web):
    refused = []

    def unwell() -> Response | None:
        if "emergency_page" in web.asked[-1] and refused:
            return Response(status=503)
        return None

    refused.append("key")
    web.app.before_request_funcs[None].append(unwell)
    watched.next()
    watched.pass_(280, every=20)
    assert len([path for path in web.asked if "emergency_page" in path]) > 2, "it is paged for again"
    watched.pass_(40)
    assert watched.trouble == f"{web.address.removeprefix('http://')} answers 503 to the key"
    assert [one.path for one in watched.rest.account.requests if "Calls" in one.path] == [], "of that call it knows not"
    refused.clear()
    watched.pass_(180)
    assert (watched.trouble, watched.out) == (None, None)


def test_one_that_is_never_paged_says_so(watched: Cage, monkeypatch: pytest.MonkeyPatch):
    """The scheduler's look is blind: as a release has broken it elsewhere."""
    monkeypatch.setattr(pursuit, "unpursued", lambda _: [])
    watched.next()
    watched.pass_(330, every=66)
    assert watched.trouble == "it was never paged"
    (told,) = watched.texts()
    assert told.endswith("it was never paged.")


def test_one_that_is_not_judged_says_so(watched: Cage, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(due, "stale", lambda *_: [])
    watched.next()
    watched.pass_(330, every=66)
    assert watched.trouble == "its due times were not judged"
    assert watched.amiss == ["the canary: its due times were not judged"], "the watchdog says nothing of it"


def test_none_laid_for_long_is_told(watched: Cage, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(keeper, "look", lambda *_, **__: None)
    watched.pass_(75 * 60 + 1, every=1200)
    assert watched.trouble == "none was laid"
    assert [text.partition(" since")[0] for text in watched.texts()] == [
        "emergencies may reach nobody: no canary has come through"
    ]


# What people do with it


def test_one_that_somebody_takes_by_hand_is_taken_away_and_nobody_is_alarmed(watched: Cage, web: Web):
    web.goes()
    watched.next()
    watched.tick(2)
    watched.office.do(
        lambda session: _theirs(session, watched).acknowledge(watched.office.staff(session, "thandi"), watched.clock())
    )
    watched.tick(2)
    assert (watched.out, watched.trouble) == (None, None)
    watched.pass_(400, every=80)
    assert (watched.trouble, watched.texts()) == (None, [])


def test_who_takes_it_while_it_rings_silences_nothing_at_the_carrier(watched: Cage, web: Web):
    held = watched.office.app.extensions

    def takes(session: Session) -> None:
        thandi, ticket = watched.office.staff(session, "thandi"), _theirs(session, watched)
        acknowledging.take(session, held["exchange"].boards.current(session), ticket, thandi, How.PAGE, watched.clock())

    def before_the_key() -> None:
        if "emergency_page" in web.asked[-1]:
            watched.office.do(takes)

    web.app.before_request_funcs[None].append(before_the_key)
    watched.next()
    before = len(watched.rest.account.requests)
    watched.tick(2)
    watched.tick(2)
    assert (watched.out, watched.trouble) == (None, None)
    assert len(watched.rest.account.requests) == before


def test_one_to_which_people_have_tied_a_ticket_stays_resolved(watched: Cage, web: Web):
    web.goes()
    watched.next()
    watched.tick(2)
    number = watched.out
    night = NightShift(watched.office.app, watched.clock, watched.rest)
    theirs = night.mail()

    def work(session: Session) -> None:
        session.get_one(Ticket, theirs).merge_into(_theirs(session, watched), watched.clock(), "the same")

    watched.office.do(work)
    web.comes()
    watched.pass_(200, every=20)
    assert watched.out is None
    assert night.ticket(number)[0] == "resolved"
    watched.next()
    watched.tick(2)
    assert watched.canaries[0].acknowledged_at, "and the next goes on"


def _theirs(session: Session, cage: Cage) -> Ticket:
    return session.get_one(Ticket, cage.out)


# What an operator sees


def test_the_last_ones_are_listed(watched: Cage, web: Web):
    run = watched.office.app.test_cli_runner().invoke
    laid = f"{watched.canaries[0].laid_at:%Y-%m-%d %H:%M:%S} UTC"
    assert run(args=["oncall", "canary"]).output == f"{laid}  paged after 2 s, acknowledged after 2 s\n"
    (told,) = map(json.loads, run(args=["oncall", "canary", "--json"]).output.splitlines())
    assert (told["paged_after"], told["acknowledged_after"], told["out"], told["failed"]) == (2, 2, False, None)
    web.goes()
    watched.next()
    watched.pass_(HOUR + 2, every=240)
    result = run(args=["oncall", "canary"])
    why = f"{web.address.removeprefix('http://')} does not answer the page (ConnectionError)"
    assert result.exit_code == 1
    lines = [line.partition("UTC  ")[2] for line in result.output.splitlines()[:3]]
    assert lines[0].endswith("it is out")
    assert lines[1].startswith("paged after ")
    assert lines[1].endswith(f"given up: {why}")
    assert f"not well: {why}" in result.output


def test_before_the_first_nothing_is_listed_and_nothing_amiss(cage: Cage):
    result = cage.office.app.test_cli_runner().invoke(args=["oncall", "canary"])
    assert (result.exit_code, result.output) == (0, "no canary was laid yet\n")
    assert cage.amiss == []


@pytest.mark.parametrize("said", ["somewhere", "ftp://127.0.0.1", "https://line.example.com/path"])
def test_an_address_that_is_none_is_refused(said: str):
    with pytest.raises(ValueError, match="canary_url"):
        settings_for("sqlite://", canary_url=said)


@pytest.mark.parametrize(
    ("said", "means"), [("", "https://afterhours.example"), ("off", None), ("http://web:80", "http://web:80")]
)
def test_the_address_is_the_public_one_unless_another_is_said(said: str, means: str | None):
    assert settings_for("sqlite://", canary_url=said).canary_origin == means
