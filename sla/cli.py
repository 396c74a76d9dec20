"""Commands of time and money: split intervals into rate bands, say when an answer is due."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click
from flask import current_app
from flask.cli import AppGroup

from desk.migrate import is_empty
from desk.terminal import errors_told
from desk.when import instant
from sla import holidays
from sla.book import write
from sla.calendar import OutsideTable
from sla.hours import own
from sla.interval import Interval
from sla.overtime import seconds_by_band, split
from sla.standing import standing
from sla.targets import PRIORITIES, Measure
from sla.timeline import Happened, Timeline, What
from tickets.people import known_as

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from contextlib import AbstractContextManager

    from sqlalchemy.orm import Session

    from desk.db import Database
    from sla.calendar import BusinessCalendar
    from sla.hours import BusinessHours

sla = AppGroup("sla", help="Time and money: rate bands, due times.")


@sla.command()
@click.argument("start")
@click.argument("end", required=False)
@click.option("--hours", "name", help="Which business hours; the first unless said otherwise.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def bands(start: str, end: str | None, name: str | None, as_json: bool) -> None:
    """Split the interval from START to END into rate bands, or with `-` each `START END` line of standard input.

    Times without an offset are in the zone of the business hours. A line that cannot be read is answered in its
    place with an error, and the command then ends with status 1.
    """
    if (start == "-") == (end is not None):
        raise click.UsageError("Give START and END, or - alone to read them from standard input.")
    calendar = _calendar(name)
    asked = (line.decode(errors="replace").split() for line in sys.stdin.buffer) if start == "-" else ([start, end],)
    failed = False
    for answer in _answers(asked, calendar):
        failed = failed or "error" in answer
        click.echo(json.dumps(answer) if as_json else _in_words(answer), err="error" in answer and not as_json)
    sys.exit(1 if failed else 0)


@sla.command()
@click.option("--priority", type=click.Choice(PRIORITIES), required=True, help="How urgent it is.")
@click.option("--at", "received", required=True, help="When it came in.")
@click.option("--customer", help="Whose ticket it is, by name or code.")
@click.option("--hours", "name", help="Which business hours; the first unless said otherwise.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def due(priority: str, received: str, customer: str | None, name: str | None, as_json: bool) -> None:
    """When the first response is due to a ticket that comes in at that time, and how that comes about.

    A time without an offset is in the zone of the business hours, and so are the answers.
    """
    with _reading() as session, errors_told():
        book = write(session, name)
        whose = known_as(session, customer).id if customer else None
        at = instant(received, book.house.hours.calendar.zone)
        opened = Timeline((Happened(at, What.OPENED, priority),))
        found = standing(Measure.FIRST_RESPONSE, opened, book.plans_of(whose), at)
    if found is None or found.aim is None or found.due is None:
        raise click.ClickException(f"Nothing is promised for a {priority} ticket that comes in then.")
    zone = ZoneInfo(book.house.hours.calendar.zone)
    aim, breach = (each.astimezone(zone).isoformat() for each in (found.aim, found.due))
    click.echo(json.dumps({"aim": aim, "due": breach, "trace": found.trace}) if as_json else "\n".join(found.trace))


def _answers(asked: Iterable[list[str | Any]], calendar: BusinessCalendar) -> Iterator[dict[str, Any]]:
    for number, words in enumerate(asked, 1):
        try:
            interval = _interval(words, calendar.zone)
            seconds = seconds_by_band(split(interval.start, interval.end, calendar))
        except (ValueError, OutsideTable) as error:
            yield {"error": f"line {number}: {error}"}
        else:
            yield {"start": interval.start.isoformat(), "end": interval.end.isoformat(), "bands": seconds}


def _interval(words: list[str | Any], zone: str) -> Interval:
    if len(words) != 2:
        raise ValueError("give START and END")
    return Interval(*(instant(word, zone) for word in words))


def _calendar(name: str | None) -> BusinessCalendar:
    with _reading() as session:
        return _hours(session, name).regular(frozenset(holidays.in_force(session)))


def _reading() -> AbstractContextManager[Session]:
    database: Database = current_app.extensions["database"]
    if is_empty(database.engine):
        raise click.ClickException("The database is empty. `flask --app app desk demo` sets up the demo company.")
    return database.reading()


def _hours(session: Session, name: str | None) -> BusinessHours:
    found = own(session, name)
    if found is None:
        raise click.ClickException(
            f"There are no business hours {name!r}." if name else "No business hours are set up."
        )
    return found


def _in_words(answer: dict[str, Any]) -> str:
    if "error" in answer:
        return str(answer["error"])
    split_up = ", ".join(f"{band} {seconds} s" for band, seconds in answer["bands"].items() if seconds)
    return f"{answer['start']} to {answer['end']}: {split_up or 'nothing'}"
