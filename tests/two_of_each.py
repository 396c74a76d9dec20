"""Something for every address that names a thing, mostly two of it, of two people or customers; each under its name."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from cast import HARBOUR, STRANGER
from conftest import LINE, network_of
from desk.address import Opens
from desk.audit import Entry, What, Who
from desk.door import links
from desk.door.sessions import SignIn
from desk.door.tokens import ApiToken
from desk.hooks import happening
from desk.hooks.endpoint import Endpoint
from desk.hooks.happening import Delivery
from desk.imports import carrying
from desk.staff import Staff
from hooked import House
from ivr import announcement, sound_file, studio
from ivr.call import Call
from ivr.line import Line
from ivr.recordings import Recording
from mails.mail import file, parted, text
from oncall import leave_calendars, subscriptions
from oncall.leave import Leave
from oncall.subscriptions import Feed, Subscription
from post import SIPHO, Post
from rota_at_work import at_work
from simulator.script import play
from sla.billing import charging
from sla.billing.charge_line import ChargeLine
from sla.contract import Contract
from sounds import beep
from tickets.file import File
from tickets.mail.arrival import Arrival
from tickets.people import Contact, Customer
from tickets.public import passes
from tickets.public.links import Links
from tickets.public.passes import To
from tickets.ticket import Ticket
from visitor import PNG, Visitor
from visitors import bearer, browser_of, give_link

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy.orm import Session

    from simulator.clock import Clock

Held = dict[str, Any]


def make(app: Flask, clock: Clock) -> Held:
    """Let it all happen; what each thing is called in an address."""
    _calls(app)
    _mails(app, clock)
    _hooks(app, clock)
    Visitor(app).opens([("a screen.png", PNG)])
    at_work(app, clock())
    while charging.look(app.extensions["database"], clock, lambda: False):
        pass
    bearer(app, [])
    for key in ("pieter", "lerato"):
        browser_of(app, key)
    secret = give_link(app, "pieter", clock).rpartition("/")[2]
    with app.extensions["database"].writing() as session:
        studio.add(session, "zu", "isiZulu", "a test", clock())
        sound = sound_file.read(beep())
        draft = studio.upload(session, "zu", "main_menu", sound, "Cindezela u-1.", "", "a test", clock())
        kept = {"password_link": secret, "recording": draft.id, "digest": draft.digest}
        imported = _import(clock)
        session.add(imported)
        session.flush()
        kept["imported"] = imported.id
        held = _of_people(session, clock) | _of_tickets(session) | _of_customers(session, clock) | _of_programs(session)
        return held | _links(app, session, held | kept, clock) | kept


def _calls(app: Flask) -> None:
    """An emergency that was taken, and a message that a stranger left, on our shelf."""
    network = network_of(app, app.extensions["clock"])
    network.in_order("accept")
    play(network.ring(HARBOUR, LINE), ["2", "1"])
    play(network.ring(STRANGER, LINE), ["2", "2"])
    with app.extensions["database"].writing() as session:
        session.scalars(select(Recording)).one().file = "message.mp3"
    app.extensions["shelf"].keep("message.mp3", b"ID3 a message")


def _mails(app: Flask, clock: Clock) -> None:
    post = Post(app, clock)
    post.settled(parted("mixed", text("The till."), file("till.pdf"), From=SIPHO))
    post.comes("Back on Monday.\n", sender=SIPHO, Auto_Submitted="auto-replied")


def _import(clock: Clock) -> Entry:
    """What an import did: one customer."""
    rows = {"added": 1, "changed": 0, "same": 0, "refused": 0}
    things = {f"{kind}s {verb}": 0 for verb, kind in carrying.TOLD} | {"customers added": 1}
    detail = {"rows": rows, **things}
    return Entry(at=clock(), who="x", place="x", what=What.CUSTOMERS_IMPORTED, about="a.csv (1)", detail=detail)


def _hooks(app: Flask, clock: Clock) -> None:
    house = House(app, clock)
    for name in ("in", "out"):
        house.endpoint(f"https://hooks.example/{name}")
    with house.database.writing() as session:
        facts = {"ticket": {"reference": session.scalars(select(Ticket.reference)).first()}}
        happening.send(session, session.scalars(select(Endpoint)).all(), "ticket.acknowledged", facts, clock())


def _of_people(session: Session, clock: Clock) -> Held:
    pieter = session.scalars(select(Staff).where(Staff.key == "pieter")).one()
    calendar = leave_calendars.subscribe(session, pieter, "https://a.example/x.ics", Who("x", "x", pieter.id), clock())
    revoked = subscriptions.make(session, pieter.id, Feed.MINE, clock())
    feed = subscriptions.make(session, pieter.id, Feed.MINE, clock())
    mine = select(func.max(Subscription.id)).where(Subscription.staff_id == pieter.id)
    return {
        "pieter": pieter.id,
        "lerato": session.scalars(select(Staff.id).where(Staff.key == "lerato")).one(),
        "session": session.scalars(select(SignIn.id).where(SignIn.staff_id == pieter.id)).one(),
        "leave": session.scalars(select(Leave.id).where(Leave.staff_id == pieter.id)).one(),
        "leave_calendar": calendar.id,
        "subscription": session.scalars(mine).one(),
        "feed": feed,
        "revoked_feed": revoked,
    }


def _of_tickets(session: Session) -> Held:
    taken = session.scalars(select(Ticket).where(Ticket.owner_id.is_not(None))).one()
    recording, kept = session.scalars(select(Recording)).one(), session.scalars(select(File)).one()
    arrivals = session.scalars(select(Arrival.id).order_by(Arrival.id)).all()
    mailed = session.scalars(select(Ticket).where(Ticket.email == SIPHO)).one()
    return {
        "ticket": taken.reference,
        "call": session.scalars(select(Call.sid).where(Call.ticket_id == taken.id)).first(),
        "left": session.get_one(Ticket, recording.ticket_id).reference,
        "message": recording.sid,
        "sent_in": session.get_one(Ticket, kept.ticket_id).reference,
        "mailed_id": mailed.id,
        "file": kept.id,
        "mail": arrivals[0],
        "noted": arrivals[1],
        "place": session.get_one(Arrival, arrivals[0]).facts["files"][0]["number"],
    }


def _of_customers(session: Session, clock: Clock) -> Held:
    harbour = session.scalars(select(Customer).where(Customer.code == "harbour")).one()
    line, now = session.scalars(select(Line)).one(), clock()
    said = announcement.announce(line.id, {"en": "Mail is slow."}, now, None, now, "a test")
    session.add(said)
    session.flush()
    return {
        "contact": session.scalars(select(Contact.id).where(Contact.customer_id == harbour.id)).first(),
        "contract": session.scalars(select(Contract.version).where(Contract.customer_id == harbour.id)).first(),
        "announcement": said.id,
        "charge": session.scalars(select(ChargeLine.id)).first(),
    }


def _of_programs(session: Session) -> Held:
    first, second = session.scalars(select(Endpoint.id).order_by(Endpoint.id))
    sent = {one.endpoint_id: one.id for one in session.scalars(select(Delivery))}
    return {
        "hook": first,
        "delivery": sent[first],
        "other_delivery": sent[second],
        "token": session.scalars(select(ApiToken.id)).first(),
    }


def _links(app: Flask, session: Session, held: Held, clock: Clock) -> Held:
    addresses, until, now = app.extensions["addresses"], clock() + timedelta(hours=1), clock()
    signed, number = Links(addresses), held["mailed_id"]
    links.make(session, held["lerato"], now)
    return {
        "read": passes.make(session, number, To.READ, SIPHO, now),
        "page": passes.make(session, number, To.PAGE, SIPHO, now),
        "have": addresses.make(Opens.TICKET, number, held["pieter"], until=until),
        "over": addresses.make(Opens.TICKET, number, held["pieter"], until=now),
        "sound": addresses.make(Opens.MESSAGE, held["message"], until=until),
        "prompt": addresses.make(Opens.PROMPT, held["digest"], until=until),
        "state": signed.state(number, until).rpartition("/")[2],
        "sent": signed.sent(number, until).rpartition("/")[2],
    }
