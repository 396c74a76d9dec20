"""One truth: at any instant the call, `who`, the API, the calendars and the exports name the same people in order.

Three random rotas, each asked at 500 instants: a second before, at and after hand-offs, and any others.
"""

from __future__ import annotations

import csv
import json
from datetime import datetime, timedelta
from io import StringIO
from random import Random
from typing import TYPE_CHECKING

import pytest
import recurring_ical_events
from icalendar import Calendar

from app import World, create_app
from conftest import settings_for
from databases import let_go
from desk.door.tokens import Scope
from oncall.places import ORDINALS
from simulator.clock import Clock
from stored_rotas import drawn, store
from subscribers import subscribed
from visitors import bearer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from flask import Flask

    Answer = list[str]  # names, in the order of ringing
    Asked = Callable[[datetime], Answer]

NUMBER = 500
NAMES = {
    "thandi": "Thandi Nkosi", "pieter": "Pieter Botha", "lerato": "Lerato Mokoena", "naledi": "Naledi Dlamini",
    "busi": "Busi Maseko",
}  # fmt: skip
SECOND, LATER = timedelta(seconds=1), timedelta(days=30)


@pytest.fixture(params=range(3))
def asked(request: pytest.FixtureRequest, database_url: str) -> Iterator[tuple[Flask, str, list[datetime]]]:
    """An installation with a random rota, on its day, and the instants to ask about."""
    one = drawn(3)[request.param]
    rota, a, b = one
    app = create_app(settings_for(database_url, demo=False), World(Clock(a), Random(1)))
    store(app, one)
    yield app, rota.name, instants(app, rota.name, a, b + LATER)
    let_go(app)


def instants(app: Flask, rota: str, a: datetime, b: datetime) -> list[datetime]:
    """Two thirds of them at edges."""
    dice, edges = Random(rota), board(app).rotas[rota].edges(a, b)
    near = [edge + n * SECOND for edge in edges for n in (-1, 0, 1)]
    chosen = dice.sample(near, min(len(near), NUMBER * 2 // 3))
    return chosen + [a + timedelta(seconds=dice.randrange(int((b - a) / SECOND))) for _ in range(NUMBER - len(chosen))]


def board(app: Flask):
    with app.extensions["database"].reading() as session:
        return app.extensions["exchange"].boards.current(session)


def by_the_call(app: Flask) -> Asked:
    """Whom an emergency rings, one after another: the policy walked over the Switchboard as a call walks it."""
    seen = board(app)
    [policy] = {line.policy for line in seen.lines.values()}
    return lambda t: [seen.engineers[choice.ring].name for choice in seen.in_order(policy, t)]


def by_who(app: Flask, rota: str) -> Asked:
    runner = app.test_cli_runner()

    def answer(t: datetime) -> Answer:
        told = runner.invoke(args=["oncall", "who", "--json", "--rota", rota, "--at", t.isoformat()])
        return [one["name"] for one in json.loads(told.output)["on_duty"]]

    return answer


def by_the_api(app: Flask, rota: str) -> Asked:
    client, known = app.test_client(), bearer(app, [Scope.ONCALL_READ])

    def answer(t: datetime) -> Answer:
        told = client.get("/api/v1/oncall/now", query_string={"at": t.isoformat()}, headers=known).json
        return [one["name"] for one in next(one for one in told["rotas"] if one["rota"] == rota)["on_duty"]]

    return answer


def by_the_api_s_shifts(app: Flask, rota: str, a: datetime, b: datetime) -> Asked:
    query = {"from": a.isoformat(), "to": b.isoformat(), "rota": rota}
    told = app.test_client().get(
        "/api/v1/oncall/shifts", query_string=query, headers=bearer(app, [Scope.ONCALL_READ])
    )  # fmt: skip
    return in_rows(
        (one["place"], one["name"], *(datetime.fromisoformat(one[edge]) for edge in ("starts", "ends")))
        for one in told.json["items"]
    )


def by_the_table(app: Flask, rota: str, a: datetime, b: datetime) -> Asked:
    return in_rows(
        (ORDINALS.index(one["rings"]), one["person"], *(datetime.fromisoformat(one[edge]) for edge in ("start", "end")))
        for one in csv.DictReader(StringIO(exported(app, rota, "csv", a, b).decode()))
    )


def by_the_calendar_of_all(calendar: bytes, rota: str) -> Asked:
    """As a calendar program reads it: "Thandi Nkosi rings first: Support"."""

    def said(summary: str) -> tuple[str, str]:
        name, _, rings = summary.removesuffix(f": {rota}").partition(" rings ")
        return rings, name

    return in_events({"": calendar}, rota, lambda _, summary: said(summary))


def by_everybody_s_own_calendar(calendars: Mapping[str, bytes], rota: str) -> Asked:
    """All of them side by side: "On call, rings first: Support" in that of Thandi Nkosi."""
    return in_events(
        calendars, rota, lambda name, summary: (summary.removesuffix(f": {rota}").rpartition("rings ")[2], name)
    )


def in_events(calendars: Mapping[str, bytes], rota: str, read: Callable[[str, str], tuple[str, str]]) -> Asked:
    told = {name: recurring_ical_events.of(Calendar.from_ical(text)) for name, text in calendars.items()}

    def answer(t: datetime) -> Answer:
        on = [
            read(name, str(event["SUMMARY"]))
            for name, calendar in told.items()
            for event in calendar.between(t, t + SECOND)
            if str(event["SUMMARY"]).endswith(f": {rota}")
        ]
        return in_order([(ORDINALS.index(rings), name) for rings, name in on])

    return answer


def in_rows(rows: Iterable[tuple[int, str, datetime, datetime]]) -> Asked:
    known = list(rows)
    return lambda t: in_order([(place, name) for place, name, start, end in known if start <= t < end])


def in_order(found: list[tuple[int, str]]) -> Answer:
    """The names by place; every place once, and none left out."""
    assert sorted(place for place, _ in found) == list(range(len(found))), found
    return [name for _, name in sorted(found)]


def exported(app: Flask, rota: str, kind: str, a: datetime, b: datetime) -> bytes:
    words = ("export", "--rota", rota, "--format", kind, "--from", a.isoformat(), "--to", b.isoformat())
    result = app.test_cli_runner().invoke(args=["oncall", *words])
    assert result.exit_code == 0, result.output
    return result.stdout_bytes


def test_all_tell_the_same_at_any_instant(asked: tuple[Flask, str, list[datetime]]):
    app, rota, when = asked
    a, b = min(when), max(when) + SECOND
    own = {name: subscribed(app, key).look().data for key, name in NAMES.items()}
    surfaces = {
        "the call": by_the_call(app),
        "who": by_who(app, rota),
        "the API": by_the_api(app, rota),
        "the API's shifts": by_the_api_s_shifts(app, rota, a, b),
        "the table": by_the_table(app, rota, a, b),
        "the exported calendar": by_the_calendar_of_all(exported(app, rota, "ics", a, b), rota),
        "the calendar of all": by_the_calendar_of_all(subscribed(app, "naledi", "team").look().data, rota),
        "everybody's own": by_everybody_s_own_calendar(own, rota),
    }
    plan = board(app).rotas[rota]
    people: set[str] = set()
    for t in when:
        expected = [NAMES[duty.engineer] for duty in plan.who(t)]
        people.update(expected)
        told = {surface: ask(t) for surface, ask in surfaces.items()}
        assert told == dict.fromkeys(surfaces, expected), t
    assert len(when) == NUMBER
    assert len(people) > 2, "a rota in which little happens shows little"
