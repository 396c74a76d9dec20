"""What people see: every page in a real browser, on three widths, light and dark; and every form without a script."""

from __future__ import annotations

import re
from dataclasses import asdict
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.base import AxeResults
from axe_playwright_python.sync_playwright import Axe
from forms import faults_of_forms
from sqlalchemy import select
from weight import BUDGET, SCRIPT_BUDGET, weigh

from app import World, create_app
from browsers import chromium, needs_chromium, site
from cast import HARBOUR, STRANGER, WITHHELD
from conftest import LINE, NIGHT, network_of, settings_for
from databases import SqliteFiles, let_go
from desk.address import Opens
from desk.audit import Entry, What, Who, tell
from desk.door.tokens import Scope
from desk.hooks import happening
from desk.hooks.endpoint import Endpoint
from desk.hooks.happening import Attempt, Delivery
from desk.staff import Staff
from hooked import House
from ivr import sound_file, studio
from ivr.finding import Day, Finding, Kind
from ivr.recordings import Recording
from mails.mail import file, parted, text
from oncall.worker import tick
from post import SIPHO, Post
from rota_at_work import A_CHANGE, A_COVER, A_SWAP, at_work
from simulator.clock import Clock
from simulator.script import play
from sla.billing import charging, reviewing
from sla.billing.charge_line import ChargeLine
from sla.overtime import State
from sla.reconciliation import Reconciliation
from sounds import beep
from test_doors import DOORS, FILLED
from tickets.mail.letter import Letter
from tickets.public import passes
from tickets.public.passes import To
from tickets.ticket import Ticket
from visitor import FATIMA, PNG, Visitor
from visitors import EMAILS, PASSWORD, bearer, give_link, give_password

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from flask import Flask
    from playwright.sync_api import Browser, Page
    from sqlalchemy.orm import Session

    from browsers import Site
    from simulator.network import Network

pytestmark = needs_chromium
WIDTHS, SCHEMES = (320, 390, 1400), ("light", "dark")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
NEW = "eleven quiet owls in a barn"
LONG = "Nompumelelo-Nokuthula Ndlovukazi-Mthembu"
MID_CALL = "/try?from=%2B27825550202&at=2026-11-22T02:00&m=2,1,a"
WOULD_DO = (
    "/rota/change?kind=replace&engineer=pieter&instead_of=lerato&from=2026-11-22T09:00&to=2026-11-22T18:00&look=1"
)
# Every door that shows a page, and pages that a door shows at times: who looks, and where.
LOOKS = {
    "GET /": ("naledi", "/"),
    "GET /live": ("naledi", "/"),  # a part of Today, which asks for it
    "GET /search": ("naledi", "/search?q=o"),
    "a search that finds nothing": ("thandi", "/search?q=082+555+0888"),
    "before anything is looked for": ("thandi", "/search"),
    "GET /try": ("naledi", "/try"),
    "in the middle of a call": ("naledi", MID_CALL),
    "GET /tickets/<reference>": ("thandi", "TICKET"),
    "a ticket, for whoever bills it": ("bongani", "TICKET"),
    "a ticket with things to do for its caller": ("thandi", "TASKS"),
    "the same, for whoever bills it": ("bongani", "TASKS"),
    "GET /tickets": ("thandi", "/tickets"),
    "tickets with things to do for callers": ("thandi", "/tickets?state=tasks"),
    "tickets of which there are none": ("naledi", "/tickets?q=nothing+like+it"),
    "GET /tickets/<reference>/merging": ("thandi", "MERGING"),
    "a merge that cannot be": ("thandi", "TICKET/merging?into=1"),
    "a ticket that came by mail": ("thandi", "MAILED"),
    "GET /mail": ("thandi", "/mail"),
    "mail of which there is none": ("naledi", "/mail?q=nothing+like+it&state=threaded"),
    "GET /mail/<int:number>": ("thandi", "/mail/1"),
    "a mail that was only noted": ("naledi", "/mail/2"),
    "GET /sla/report": ("bongani", "/sla/report?month=2026-11"),
    "GET /billing/reconciliation": ("bongani", "/billing/reconciliation?month=2026-11"),
    "GET /tickets/<reference>/work": ("thandi", "TICKET/work"),
    "GET /billing": ("bongani", "/billing?month=2026-11"),
    "a month that somebody wants to close too early": ("naledi", "/billing?month=2026-11&state=to_check&customer=-"),
    "GET /billing/lines/<int:number>": ("bongani", "CHARGED"),
    "GET /billing/holidays": ("bongani", "/billing/holidays?year=2026"),
    "GET /billing/accounting": ("bongani", "/billing/accounting"),
    "a file that cannot be made": ("bongani", "/billing/files/xero?month=2026-11"),
    "GET /billing/preview": ("bongani", "/billing/preview?customer=harbour&at=2026-11-22T02:00&minutes=11&consent=yes"),
    "what cannot be previewed": ("bongani", "/billing/preview?customer=harbour&at=sunday&minutes=0"),
    "GET /customers": ("bongani", "/customers"),
    "customers of whom there are none": ("naledi", "/customers?q=nothing+like+it"),
    "GET /customers/<code>": ("bongani", "/customers/harbour"),
    "a customer, for a manager": ("naledi", "/customers/karoo"),
    "GET /customers/<code>/contacts/<int:number>": ("naledi", "/customers/harbour/contacts/2"),
    "GET /customers/<code>/contract": ("naledi", "/customers/harbour/contract"),
    "a contract begun with a preset": ("naledi", "/customers/karoo/contract?begin=ad+hoc"),
    "a month held against the carrier's list": ("bongani", "/billing/reconciliation?month=2026-10"),
    "GET /kept": ("naledi", "/kept"),
    "GET /kept/access": ("naledi", "/kept/access"),
    "nobody saw anything of that kind": ("naledi", "/kept/access?what=file&q=123"),
    "GET /rota": ("thandi", "/rota?week=2026-W48"),
    "the week that it is": ("thandi", "/rota"),
    "a week as a list": ("thandi", "/rota?week=2026-W48&view=list"),
    "a week, for whoever bills": ("bongani", "/rota"),
    "GET /rota/day": ("thandi", "/rota/day?day=2026-11-26"),
    "GET /rota/month": ("lerato", "/rota/month"),
    "GET /rota/people": ("pieter", "/rota/people"),
    "GET /rota/history": ("naledi", "/rota/history"),
    "own shifts alone, a week": ("lerato", "/rota?week=2026-W48&mine=1"),
    "own shifts alone, a month": ("lerato", "/rota/month?month=2026-12&mine=1"),
    "GET /rota/fair-share": ("bongani", "/rota/fair-share"),
    "fair share of the days ahead": ("thandi", "/rota/fair-share?window=next28d"),
    "the shifts behind a number": ("lerato", "/rota/fair-share?window=2026-11&who=lerato"),
    "GET /rota/people/<int:staff_id>/leaving": ("naledi", "/rota/people/2/leaving"),
    "if somebody takes everything": ("naledi", "/rota/people/2/leaving?taker=naledi"),
    "GET /rota/change": ("thandi", "/rota/change"),
    "what a change would do": ("thandi", WOULD_DO),
    "a change that cannot be": ("thandi", WOULD_DO.replace("engineer=pieter", "engineer=")),
    "GET /rota/changes/<int:number>": ("naledi", A_CHANGE),
    "GET /rota/swaps": ("thandi", "/rota/swaps"),
    "GET /rota/swaps/new": ("lerato", "/rota/swaps/new"),
    "whom to ask": ("naledi", "/rota/swaps/new?lane=First&start=2026-11-30T06:30Z&owner=lerato"),
    "GET /rota/swaps/<int:number>": ("thandi", A_SWAP),
    "GET /rota/cover/<int:number>": ("naledi", A_COVER),
    "GET /rota/edit": ("naledi", "/rota/edit"),
    "GET /rota/leave": ("pieter", "/rota/leave"),
    "GET /rota/duty": ("naledi", "/rota/duty"),
    "duty, for whoever stood by": ("thandi", "/rota/duty?month=2026-11"),
    "duty that is still to come": ("bongani", "/rota/duty?month=2027-01"),
    "GET /calendars": ("pieter", "/calendars"),
    "GET /notices": ("pieter", "/notices"),
    "the notices of a colleague": ("naledi", "/notices?engineer=thandi&said=kept"),
    "GET /settings": ("naledi", "/settings"),
    "GET /settings/hours": ("naledi", "/settings/hours"),
    "what callers hear on Christmas Eve": ("naledi", "/settings/hours?at=2026-12-24T13:00"),
    "GET /settings/announcement": ("naledi", "/settings/announcement"),
    "GET /settings/prompts": ("naledi", "/settings/prompts?language=af"),
    "GET /settings/prompts/<language>/<key>": ("naledi", "/settings/prompts/en/thanks"),
    "GET /settings/languages": ("naledi", "/settings/languages"),
    "GET /settings/recorded/<language>": ("naledi", "/settings/recorded/zu"),
    "GET /settings/recorded/<language>/<key>": ("naledi", "/settings/recorded/zu/welcome"),
    "a sentence that was recorded": ("naledi", "/settings/recorded/zu/main_menu"),
    "GET /settings/lines": ("naledi", "/settings/lines"),
    "GET /settings/lines/<int:number>": ("naledi", "/settings/lines/1"),
    "GET /settings/import": ("naledi", "/settings/import"),
    "GET /settings/import/<int:number>": ("naledi", "IMPORTED"),
    "GET /sign-in": (None, "/sign-in"),
    "GET /password/<secret>": (None, "LINK"),
    "a link that was used": (None, "/password/" + FILLED["<secret>"]),
    "GET /have/<sealed>": (None, "FREE"),
    "an emergency that somebody has": (None, "HAD"),
    "a link that is too old": (None, "/have/" + FILLED["<sealed>"]),
    "GET /help": (None, "/help"),
    "GET /help/new": (None, "/help/new"),
    "GET /help/sent/<sealed>": (None, "SENT"),
    "GET /help/privacy": (None, "/help/privacy"),
    "GET /help/track": (None, "/help/track"),
    "GET /help/track/<sealed>": (None, "STATE"),
    "GET /help/ticket/<secret>": (None, "READ"),
    "GET /help/confirm/<secret>": (None, "PAGE"),
    "a mailed link that was used": (None, "/help/ticket/" + FILLED["<secret>"]),
    "a ticket that came by the web": ("thandi", "WEB"),
    "GET /account": ("thandi", "/account"),
    "GET /people": ("naledi", "/people"),
    "GET /people/new": ("naledi", "/people/new"),
    "GET /people/<int:staff_id>": ("naledi", "/people/1"),
    "those who have left, of whom there are none": ("naledi", "/people?left=1"),
    "GET /tokens": ("naledi", "/tokens"),
    "GET /hooks": ("naledi", "/hooks"),
    "GET /hooks/<int:number>": ("naledi", "/hooks/1"),
    "a chat room that nothing gets through to": ("naledi", "/hooks/2?said=tested"),
    "GET /audit": ("naledi", "/audit"),
    "GET /privacy/person": ("naledi", "/privacy/person"),
    "no such page, signed in": ("naledi", "/nowhere"),
    "no such page": (None, "/nowhere"),
    "not for everybody": ("thandi", "/audit"),
    "something was done": ("naledi", "/tokens?said=revoked"),
}
# What a finger hits is at least 24 pixels high (WCAG 2.5.8), what one came for 44 (UX.md §5).
SMALL = """() => [...document.querySelectorAll('button, .button, .nav a, .menu nav a, select, input')]
    .filter(one => one.checkVisibility() && one.type !== 'hidden' && !['checkbox', 'radio'].includes(one.type))
    .filter(one => one.getBoundingClientRect().height < 44).map(one => one.outerHTML)"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


class Furnished:
    """Databases with something on every page, as it is at that moment."""

    def __init__(self, sqlite_files: SqliteFiles, folder: Path) -> None:
        clock = Clock(NIGHT)
        self.files = SqliteFiles(folder, lambda url: furnish(url, clock), sqlite_files)
        self.now = clock()


@pytest.fixture(scope="module")
def furnished(sqlite_files: SqliteFiles, tmp_path_factory: pytest.TempPathFactory) -> Furnished:
    return Furnished(sqlite_files, tmp_path_factory.mktemp("furnished"))


@pytest.fixture
def seen(browser: Browser, furnished: Furnished, tmp_path: Path, clock: Clock) -> Iterator[Site]:
    """The site, with something on every page; what the browser complains of is nothing."""
    clock.until(furnished.now)
    with furnished.files.copy(tmp_path) as url, site(browser, url, clock) as made:
        yield made
        assert made.complaints == []


def furnish(url: str, clock: Clock) -> None:
    """Let happen what every page has something of."""
    two_calls(url, clock)
    app = create_app(settings_for(url, demo=False), World(clock))
    database = app.extensions["database"]
    bearer(app, Scope)
    at_work(app, clock())
    two_mails(app, clock)
    database.write(lambda session: three_letters(session, clock()))
    while charging.look(database, clock, lambda: False):
        pass
    database.write(lambda session: a_comparison(session, clock()))
    two_hooks(app, clock)
    database.write(lambda session: two_recordings(session, clock()))
    let_go(app)


def two_calls(url: str, clock: Clock) -> None:
    """An emergency that somebody took, and two messages; they come in under another origin than the browser's."""
    app = create_app(settings_for(url), World(clock, Random(1)))
    network = network_of(app, clock)
    network.in_order("accept")
    taken = network.ring(HARBOUR, LINE)
    play(taken, ["2", "1"])
    play(network.ring(WITHHELD, LINE), ["1", "1"])
    play(network.ring(STRANGER, LINE), ["2", "2"])
    assert "~ joins them" in taken.transcript
    let_go(app)


def two_mails(app: Flask, clock: Clock) -> None:
    """One with a file, and one that a machine sent."""
    post = Post(app, clock)
    post.settled(
        parted(
            "mixed", text("The till.\n\n> " + "quoted " * 40), file(f"{LONG}.pdf"), From=SIPHO, Cc=f"{LONG}@x.example"
        )
    )
    post.comes("Back on Monday.\n", sender=SIPHO, Auto_Submitted="auto-replied")


def two_recordings(session: Session, now: datetime) -> None:
    """In isiZulu: one that is played, and a draft of another for the same sentence."""
    studio.add(session, "zu", "isiZulu", "Naledi Dlamini", now)
    for seconds, words in ((3, "Ukuze uthole usizo, cindezela u-1."), (4, "Ukuze uthole usizo, cindezela u-1 manje.")):
        made = studio.upload(session, "zu", "main_menu", sound_file.read(beep(seconds)), words, "", "Naledi", now)
        if seconds == 3:
            studio.publish(session, made, 0, "Naledi Dlamini", now)


def two_hooks(app: Flask, clock: Clock) -> None:
    """A webhook that took one thing and refused another, and a chat room that takes nothing."""
    house = House(app, clock)
    program = house.endpoint("https://hooks.example/in")
    room = house.endpoint("slack://a/b/c", way="chat", name=LONG)
    house.change(program, reached_at=clock())
    house.change(room, failing_since=clock() - timedelta(days=1))
    with house.database.writing() as session:
        to = session.scalars(select(Endpoint)).all()
        facts = {"ticket": {"reference": session.scalars(select(Ticket.reference)).first()}}
        for kind in ("ticket.acknowledged", "rota.gap"):
            happening.send(session, to, kind, facts, clock())
        session.flush()
        for number, delivery in enumerate(session.scalars(select(Delivery).order_by(Delivery.id))):
            delivery.state = ("delivered", "failed", "waiting", "dropped")[number]
            for status, answer in ((500, "x" * 1024), (200, "ok"))[: 1 + number % 2]:
                tried = Attempt(delivery_id=delivery.id, at=clock(), took_ms=120, status=status, answer=answer)
                session.add(tried)


def a_comparison(session: Session, now: datetime) -> None:
    """Of October with the carrier's list: one of each thing that may not agree, and a question that waits."""
    asked_by = session.scalars(select(Staff.id).where(Staff.key == "bongani")).one()
    ticket = session.scalars(select(Ticket.id).order_by(Ticket.id)).first()
    found = [
        Finding(kind, f"CA{number:032x}", "2026-10-14T01:00:00+00:00", 660, 700, ticket, 20_000, 8_500, "USD")
        for number, kind in enumerate(Kind)
    ]
    days = [Day("2026-10-14", 7, 6, 4000, 98_500, 1, 1, len(found))]
    times = {"asked_at": now, "done_at": now - timedelta(hours=1), "next_day": now.date(), "leased_until": None}
    told = {"days": [asdict(day) for day in days], "findings": [asdict(one) for one in found]}
    session.add(Reconciliation(month="2026-10", asked_by=asked_by, failed="the carrier is busy", **times, **told))


def three_letters(session: Session, now: datetime) -> None:
    """About what came by mail: one that is there, one that came back, and one that was withheld."""
    ticket = session.scalars(select(Ticket).where(Ticket.email == SIPHO)).one()
    became = ("sent", None), ("failed", "the mail server says: 550 5.1.1 " + "no such user " * 9), ("withheld", "a why")
    for event, (state, why) in zip(ticket.events, became, strict=False):
        to = {
            "to": f"{LONG.replace(' ', '-')}@x.example",
            "sent_at": now if state == "sent" else None,
            "automatic": True,
        }
        session.add(Letter(event_id=event.id, ticket_id=ticket.id, kind="received", at=now, state=state, why=why, **to))


def address(seen: Site, clock: Clock, path: str) -> str:
    if path.startswith("TICKET"):
        return path.replace("TICKET", ticket_of(seen))
    if path == "MAILED":
        with seen.app.extensions["database"].reading() as session:
            return f"/tickets/{session.scalars(select(Ticket.reference).where(Ticket.email == SIPHO)).one()}"
    if path == "CHARGED":
        return charged(seen)
    if path == "IMPORTED":
        return imported(seen, clock)
    if path == "TASKS":
        with seen.app.extensions["database"].reading() as session:
            return f"/tickets/{session.scalars(select(Ticket.reference).where(Ticket.caller == STRANGER)).one()}"
    if path == "MERGING":
        with seen.app.extensions["database"].reading() as session:
            other = session.scalars(select(Ticket.reference).where(Ticket.owner_id.is_(None))).first()
        return f"{ticket_of(seen)}/merging?into={other}"
    if path in ("FREE", "HAD"):
        return link_to(seen, clock, path == "HAD")
    if path in ("SENT", "STATE", "READ", "PAGE", "WEB"):
        return of_a_visitor(seen, clock, path)
    return give_link(seen.app, "pieter", clock) if path == "LINK" else path


def charged(seen: Site) -> str:
    """The line of the emergency that Thandi had, about which something was decided."""
    with seen.app.extensions["database"].writing() as session:
        line = session.scalars(select(ChargeLine)).first()
        assert line
        who = Who("Bongani Zulu", "test")
        reviewing.decide(session, line, who, "agreed with Sipho", line.starts, State.INCLUDED, None)
        return f"/billing/lines/{line.id}"


def imported(seen: Site, clock: Clock) -> str:
    """What an import did."""
    rows = {"added": 2, "changed": 1, "same": 0, "refused": 3}
    with seen.app.extensions["database"].writing() as session:
        did = {"rows": rows, "customers added": 1, "contacts added": 2, "contacts changed": 1}
        tell(session, Who("Naledi Dlamini", "test"), What.CUSTOMERS_IMPORTED, "people.csv (1)", clock(), **did)
        session.flush()
        return f"/settings/import/{session.scalars(select(Entry.id).order_by(Entry.id.desc()).limit(1)).one()}"


def of_a_visitor(seen: Site, clock: Clock, path: str) -> str:
    """Where something is of an emergency that came by the web, with files."""
    visitor = Visitor(seen.app)
    at = visitor.sends([("a screen.png", PNG)], email=FATIMA, bad="stopped", emergency="1", accept="1").location
    if path == "SENT":
        return at
    if path == "STATE":
        return visitor.get(at).text.split('class="link" href="')[1].split('"')[0]
    with seen.app.extensions["database"].writing() as session:
        ticket = session.scalars(select(Ticket).where(Ticket.email == FATIMA)).one()
        if path == "WEB":
            return f"/tickets/{ticket.reference}"
        secret = passes.make(session, ticket.id, To(path.lower()), FATIMA, clock())
    return f"/help/ticket/{secret}" if path == "READ" else f"/help/confirm/{secret}"


def ticket_of(seen: Site) -> str:
    """The page of the emergency that Thandi has."""
    with seen.app.extensions["database"].reading() as session:
        return f"/tickets/{session.scalars(select(Ticket.reference).where(Ticket.owner_id.is_not(None))).one()}"


def link_to(seen: Site, clock: Clock, had: bool) -> str:
    """Where a text leads that called Pieter to an emergency."""
    with seen.app.extensions["database"].writing() as session:
        ticket = session.scalars(select(Ticket).where(Ticket.owner_id.is_not(None))).one()
        if not had:
            ticket.release(clock(), "the line broke")
        pieter = session.scalars(select(Staff.id).where(Staff.key == "pieter")).one()
        until = clock() + timedelta(minutes=15)
        return "/have/" + seen.app.extensions["addresses"].make(Opens.TICKET, ticket.id, pieter, until=until)


def faults(page: Page) -> str:
    """What axe finds, in words."""
    if not page.evaluate("'axe' in window"):  # half a megabyte of script, once for a page
        page.evaluate(Axe().axe_script)
    # Of what it passed it has as much to say as of what it found: that stays in the browser.
    asked = {"runOnly": RULES, "resultTypes": ["violations"]}
    found = page.evaluate("asked => axe.run(asked).then(({violations}) => ({violations}))", asked)
    return AxeResults(found).generate_report() if found["violations"] else ""


def fit(page: Page) -> Iterator[int]:
    """On telephones and desks nothing sticks out, and everything can be hit; gives each width in turn."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, page.url
        assert page.evaluate(SMALL) == [], page.url
        yield width


def look(page: Page) -> None:
    """Nothing is wrong with the page, on any width, by day or by night."""
    for width in fit(page):
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            assert faults(page) == "", f"{page.url} at {width}, {scheme}"


def test_every_door_that_shows_a_page_is_looked_at():
    shows = {door for door in DOORS if door.startswith("GET") and "/api/" not in door and "/static/" not in door}
    files = {
        "GET /healthz",
        "GET /readyz",
        "GET /feed/<secret>.ics",
        "GET /prompt/<sealed>/sound",
        "GET /settings/recorded/sounds/<int:number>",
        "GET /sign-in/provider",  # these are looked at where there is one: test_company_accounts.py
        "GET /sign-in/provider/back",
        "GET /rota/fair-share.csv",
        "GET /settings/import/sample.csv",
        "GET /rota/duty.<any(csv, xlsx):kind>",
        "GET /sla/report.<any(csv, xlsx):kind>",
        "GET /billing/files/<kind>",
        "GET /message/<sealed>/message.mp3",
        "GET /mail/<int:number>/raw.eml",
        "GET /mail/<int:number>/files/<int:place>",
        "GET /tickets/<reference>/messages/<sid>.mp3",
        "GET /tickets/<reference>/files/<int:number>",
    }
    assert shows - files <= set(LOOKS)


@pytest.mark.parametrize("what", LOOKS)
def test_a_page_can_be_read_by_everybody_everywhere(seen: Site, clock: Clock, what: str):
    who, path = LOOKS[what]
    with seen.seen_by(who) as page:
        weight = weigh(page)
        came = page.goto(address(seen, clock, path), wait_until="networkidle")
        assert came
        assert faults_of_forms(came.text()) == []
        assert weight.bytes <= BUDGET, weight.parts
        assert weight.script_bytes <= SCRIPT_BUDGET, weight.parts
        look(page)


@pytest.fixture
def line(seen: Site, clock: Clock) -> Iterator[Network]:
    """The telephone line of the same company: calls come in under another origin than the browser's."""
    app = create_app(settings_for(seen.app.extensions["settings"].database_url), World(clock, Random(2)))
    yield network_of(app, clock, seed=2)  # so that its calls are others than those before
    let_go(app)


def test_today_follows_a_call_until_somebody_wants_to_read_in_peace(seen: Site, line: Network):
    with seen.seen_by("naledi") as page:
        page.clock.install()
        page.goto("/")
        page.get_by_text("Up to date at").wait_for()
        call = line.ring(HARBOUR, LINE)
        page.clock.run_for(5_000)
        page.get_by_text("hears the menu").wait_for()
        look(page)
        page.get_by_role("button", name="Pause").click()
        call.hang_up()
        page.clock.run_for(60_000)
        assert page.get_by_text("hears the menu").is_visible()
        page.get_by_role("button", name="Go on").click()
        page.clock.run_for(5_000)
        page.get_by_text("No call goes on").wait_for()


def test_today_says_when_it_is_not_up_to_date_any_more(seen: Site):
    with seen.seen_by("naledi") as page:
        page.clock.install()
        page.goto("/")
        page.get_by_text("Up to date at").wait_for()
        page.route("**/live*", lambda route: route.abort())
        page.clock.run_for(30_000)
        page.get_by_text("Not up to date: nothing was heard since").wait_for()
        page.unroute("**/live*")
        seen.complaints.clear()  # of the requests that failed
        page.clock.run_for(45_000)
        page.get_by_text("Up to date at").wait_for()


def test_the_menu_opens_over_the_page(seen: Site):
    with seen.seen_by("naledi") as page:
        page.goto("/")
        page.set_viewport_size({"width": 320, "height": 800})
        page.locator(".menu > summary").click()
        assert page.get_by_role("button", name="Sign out").is_visible()
        look(page)


def test_what_was_wrong_is_told_where_the_eye_is(seen: Site):
    with seen.seen_by(None) as page:
        page.goto("/sign-in")
        page.get_by_label("Mail address").fill(EMAILS["thandi"])
        page.get_by_label("Password").fill("wrong")
        page.get_by_role("button", name="Sign in").click()
        page.locator("[role=alert]:focus").wait_for()
        look(page)


def test_long_names_break_no_page(seen: Site):
    with seen.app.extensions["database"].writing() as session:
        for one in session.scalars(select(Staff)):
            one.name = f"{LONG} {one.key}"
    with seen.seen_by("naledi") as page:
        for path in (
            "/",
            "/tickets",
            "/sla/report",
            "/rota",
            "/rota/month",
            A_SWAP,
            "/rota/edit",
            "/rota/fair-share?window=next28d",
            "/rota/people/2/leaving?taker=naledi",
            "/rota/duty",
            "/people",
            "/account",
            "/notices?engineer=thandi",
            MID_CALL,
            ticket_of(seen),
        ):
            page.goto(path)
            assert list(fit(page)) == list(WIDTHS)


LOW = """() => {
    const pressed = "button, .button, summary, select, .nav a, .tabs a, .alone a, .queue th a";
    const low = one => one.checkVisibility() && one.getBoundingClientRect().height < 43.5;
    return [...document.querySelectorAll(pressed)].filter(low).map(one => one.outerHTML);
}"""


@pytest.mark.parametrize("path", ["/", "/tickets", "TICKET", "/rota", "/rota/duty", "/settings", "/audit", "/help/new"])
def test_on_a_telephone_what_is_pressed_is_as_high_as_a_thumb(seen: Site, clock: Clock, path: str):
    with seen.seen_by("naledi") as page:
        page.set_viewport_size({"width": 390, "height": 800})
        page.goto(address(seen, clock, path))
        assert page.evaluate(LOW) == []


def test_on_paper_a_page_is_white_and_has_nothing_to_press(seen: Site):
    with seen.seen_by("bongani", color_scheme="dark") as page:
        page.goto("/billing?month=2026-11")
        page.emulate_media(media="print")
        assert page.evaluate("getComputedStyle(document.body).colorScheme || 'light'").startswith("light")
        assert [one for one in page.locator("button, select, nav").all() if one.is_visible()] == []


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_chosen_colours_go_before_those_of_the_system(seen: Site, scheme: str):
    with seen.seen_by("naledi", color_scheme="dark" if scheme == "light" else "light") as page:
        page.goto("/")
        page.locator(".menu > summary").click()
        before = page.evaluate("getComputedStyle(document.body).backgroundColor")
        page.get_by_role("button", name=scheme.title(), exact=True).click()
        page.wait_for_url("**/")
        assert page.locator(f"html[data-theme={scheme}]").count() == 1
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") != before
        assert faults(page) == ""


def test_the_first_stop_of_the_keyboard_leads_past_the_menu(seen: Site):
    with seen.seen_by("naledi") as page:
        page.goto("/people")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        assert page.evaluate("document.querySelector('main').contains(document.activeElement)")


# Without a script


@pytest.fixture
def plain() -> dict[str, bool]:
    """How a browser is set that runs no script."""
    return {"java_script_enabled": False}


def test_in_by_a_link_and_out_again(seen: Site, clock: Clock, plain: dict[str, bool]):
    with seen.seen_by(None, **plain) as page:
        page.goto(give_link(seen.app, "pieter", clock))
        page.get_by_label("New password").fill(PASSWORD)
        page.get_by_role("button", name="Set the password").click()
        page.get_by_label("Mail address").fill(EMAILS["pieter"])
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        assert page.locator("h1").inner_text() == "Today"
        page.locator(".menu > summary").click()
        page.get_by_role("button", name="Sign out").click()
        assert page.locator("h1").inner_text() == "Sign in"
        page.goto("/account")
        assert page.locator("h1").inner_text() == "Sign in"


def test_the_account_without_a_script(seen: Site, clock: Clock, plain: dict[str, bool]):
    give_password(seen.app, "thandi", clock)
    with seen.seen_by("thandi"), seen.seen_by("thandi", **plain) as page:
        page.goto("/account")
        page.get_by_role("button", name="Sign out everywhere else").click()
        assert page.get_by_role("status").inner_text() == "Signed out there."
        page.get_by_label("Password until now").fill(PASSWORD)
        page.get_by_label("New password").fill(NEW)
        page.get_by_role("button", name="Change the password").click()
        assert page.get_by_role("status").inner_text() == "The new password is set."


def test_a_visitor_without_a_script(seen: Site, clock: Clock, plain: dict[str, bool]):
    with seen.seen_by(None, **plain) as page:
        page.goto("/sign-in")
        page.get_by_role("link", name="Open a ticket").click()
        page.get_by_label("What is wrong?").fill("The till is down\nsince noon")
        page.get_by_role("button", name="Send").click()
        assert page.get_by_role("alert").get_by_role("link").all_inner_texts() == [
            "Choose how bad it is.",
            "Enter your name.",
            "Enter your mail address: we answer there.",
        ]
        page.get_by_role("link", name="Choose how bad it is.").click()
        page.keyboard.press("Space")
        page.get_by_label("Your name").fill("Ann Jacobs")
        page.get_by_label("Mail address").fill("ann@shop.example")
        page.get_by_label("Pictures or files").set_input_files(
            {"name": "screen.png", "mimeType": "image/png", "buffer": PNG}
        )
        page.get_by_role("button", name="Send").click()
        assert page.locator("h1").inner_text() == "We have your ticket"
        reference = page.locator(".receipt .reference").inner_text()
        page.get_by_role("link", name="Check your ticket").click()
        page.get_by_label("Reference").fill(reference)
        page.get_by_label("The mail address or telephone number").fill("ann@shop.example")
        page.get_by_role("button", name="Show how it stands").click()
        assert page.locator("h1").inner_text() == f"Ticket {reference}"
        with seen.app.extensions["database"].writing() as session:
            number = session.scalars(select(Ticket.id).where(Ticket.email == "ann@shop.example")).one()
            secret = passes.make(session, number, To.READ, "ann@shop.example", clock())
        page.goto(f"/help/ticket/{secret}")
        page.get_by_role("button", name="Open the ticket").click()
        page.get_by_label("A message to us").fill("It works again.")
        page.get_by_role("button", name="Send to Protea IT Support").click()
        assert page.get_by_role("status").inner_text() == "We have your message."
        assert page.locator(".talk .words").all_inner_texts() == ["The till is down\nsince noon", "It works again."]


def test_what_a_visitor_sees_at_times(seen: Site, clock: Clock):
    with seen.seen_by(None) as page:
        page.goto("/help/new")
        page.get_by_label("Yes: an engineer").check()
        page.get_by_role("button", name="Send").click()
        page.locator("[role=alert]:focus").wait_for()
        look(page)
        for link, button in (("READ", "Open the ticket"), ("PAGE", "Page the engineer on standby")):
            page.goto(of_a_visitor(seen, clock, link))
            page.get_by_role("button", name=button).click()
            look(page)


def test_people_and_tokens_without_a_script(seen: Site, plain: dict[str, bool]):
    with seen.seen_by("thandi"), seen.seen_by("naledi", **plain) as page:
        page.goto("/people")
        page.get_by_role("link", name="Thandi Nkosi", exact=True).click()
        page.get_by_role("button", name="Make a password link for Thandi Nkosi").click()
        assert re.fullmatch(rf"{seen.url}/password/ahp_\S+", page.locator(".secret").inner_text())
        page.get_by_role("button", name="Sign out everywhere Thandi Nkosi").click()
        assert page.get_by_role("status").inner_text() == "Signed out there."
        page.goto("/tokens")
        page.get_by_label("What it is for").fill("Wall display")
        page.get_by_label("oncall:read").check()
        page.get_by_role("button", name="Make the token").click()
        assert page.locator(".secret").inner_text().startswith("aht_")
        page.get_by_role("button", name="Revoke Wall display").click()
        assert page.get_by_role("status").inner_text() == "The token opens nothing any more."
        page.goto("/audit")
        page.get_by_label("Show").select_option("API token revoked")
        page.get_by_role("button", name="Show").click()
        assert page.get_by_role("rowheader").all_inner_texts() == ["API token revoked"]


def test_a_call_is_tried_without_a_script(seen: Site, plain: dict[str, bool]):
    with seen.seen_by("naledi", **plain) as page:
        page.goto(MID_CALL)
        page.get_by_role("button", name="1 take it").click()
        assert "Thandi Nkosi has it" in page.locator(".out").inner_text()
        assert "Talks with Thandi Nkosi" in page.locator(".phones").inner_text()


def test_a_ticket_is_worked_on_without_a_script(seen: Site, plain: dict[str, bool]):
    with seen.seen_by("pieter", **plain) as page:
        page.goto("/tickets")
        page.get_by_label("Reference, name, number or subject").fill("harbour")
        page.get_by_role("button", name="Show").click()
        page.locator("tbody a").first.click()
        page.get_by_role("button", name="I have it").click()
        assert "Pieter Botha has it since 02:11." in page.get_by_role("status").first.inner_text()
        page.get_by_text("Wait for the customer").first.click()
        page.get_by_label("What we wait for").fill("the serial number")
        page.get_by_role("button", name="Wait for the customer").click()
        assert "the serial number" in page.get_by_role("status").first.inner_text()
        page.get_by_text("Go on", exact=True).first.click()
        page.get_by_label("Why we do not wait").fill("they rang")
        page.get_by_role("button", name="Go on").click()
        page.get_by_text("Resolve", exact=True).first.click()
        page.get_by_label("How it was resolved").fill("a new cable")
        page.get_by_role("button", name="Resolve it").click()
        assert "Resolved: a new cable" in page.get_by_role("status").first.inner_text()


def test_a_ticket_with_everything_on_its_page(seen: Site, clock: Clock):
    """Overdue, with a message, a refused form with what was typed in it, and every fold open."""
    with seen.app.extensions["database"].writing() as session:
        message = session.scalars(select(Recording).order_by(Recording.taken_at)).all()[0]
        message.file = f"{message.sid}.mp3"
        path = f"/tickets/{session.get_one(Ticket, message.ticket_id).reference}"
    clock.advance(8 * 3600)
    with seen.app.app_context():
        tick()
    with seen.seen_by("thandi") as page:
        page.goto(path)
        assert page.locator("audio").is_visible()
        page.get_by_text("Agree a turnaround").click()
        page.get_by_label("Until when").fill("2026-11-20T10:00")
        page.get_by_label("Agreed with whom").fill("Sipho Khumalo")
        page.get_by_role("button", name="Promise it").click()
        page.locator("[role=alert]:focus").wait_for()
        assert page.get_by_label("Agreed with whom").input_value() == "Sipho Khumalo"
        page.evaluate("document.querySelectorAll('main details').forEach(fold => { fold.open = true })")
        look(page)


def test_what_happened_in_the_meantime_is_told_where_the_eye_is(seen: Site):
    with seen.seen_by("thandi") as page, seen.seen_by("lerato") as other:
        for one in (page, other):
            one.goto(ticket_of(seen))
            one.get_by_text("Resolve", exact=True).first.click()
            one.get_by_label("How it was resolved").fill("a new cable")
        page.get_by_role("button", name="Resolve it").click()
        other.get_by_role("button", name="Resolve it").click()
        other.locator("[role=alert]:focus").wait_for()
        assert "Thandi Nkosi" in other.get_by_role("alert").inner_text()
        look(other)


def test_the_caller_is_called_back_without_a_script(seen: Site, plain: dict[str, bool]):
    with seen.seen_by("thandi", **plain) as page:
        page.goto(ticket_of(seen))
        page.get_by_role("button", name="Call back").click()
        assert page.get_by_role("status").is_visible()
        assert page.get_by_role("button", name="Call back").count() == 0
    with seen.seen_by("thandi") as page:  # axe is a script itself
        page.goto(ticket_of(seen))
        look(page)


def test_a_shift_is_changed_and_the_change_taken_back_without_a_script(seen: Site, plain: dict[str, bool]):
    with seen.seen_by("thandi", **plain) as page:
        page.goto("/rota?week=2026-W49")
        page.get_by_role("link", name="Change a shift").click()
        page.locator(".pick a").filter(has_text="Second: Mon 30 Nov").click()
        page.get_by_label("Who covers").select_option("Naledi Dlamini")
        page.get_by_role("button", name="Show what it does").click()
        assert "Thandi Nkosi" in page.get_by_role("heading", name="Before", exact=True).locator("..").inner_text()
        assert "Naledi Dlamini" in page.get_by_role("heading", name="After", exact=True).locator("..").inner_text()
        page.get_by_role("button", name="Save this change").click()
        assert "Naledi Dlamini covers for Thandi Nkosi" in page.get_by_role("status").inner_text()
        page.get_by_role("button", name="Take this change back").click()
        assert "Taken back" in page.get_by_role("status").inner_text()


def test_an_address_of_a_calendar_is_made_and_made_anew_without_a_script(seen: Site, plain: dict[str, bool]):
    with seen.seen_by("pieter", **plain) as page:
        page.goto("/rota")
        page.get_by_role("link", name="Calendars", exact=True).click()
        addresses = []
        for words in ("Make an address", "Make a new address"):
            page.get_by_role("button", name=f"{words} My shifts").click()
            https, webcal = page.locator(".secret").all_inner_texts()
            assert https.partition("://")[2] == webcal.partition("://")[2]
            assert page.get_by_role("link", name="Subscribe on this device").get_attribute("href") == webcal
            addresses.append(https)
        assert [page.request.get(one).status for one in addresses] == [404, 200]
        assert "Google looks for changes only about once a day" in page.locator("main").inner_text()
        page.goto("/calendars")
        assert page.locator(".secret").count() == 0
    with seen.seen_by("pieter") as page:  # axe is a script itself
        page.goto("/calendars")
        page.get_by_role("button", name="Make a new address My shifts").click()
        look(page)


def test_everything_is_handed_on_without_a_script(seen: Site, plain: dict[str, bool]):
    with seen.seen_by("naledi", **plain) as page:
        page.goto("/rota/people")
        page.get_by_role("link", name="If they leave Pieter Botha").click()
        page.get_by_label("Who").select_option("Naledi Dlamini")
        page.get_by_role("button", name="Show what it does").click()
        assert "has not proved their number" in page.locator(".effect").inner_text()
        page.get_by_label("All the same, because").fill("He moves to Durban")
        page.get_by_role("button", name="Hand everything on to Naledi Dlamini").click()
        assert page.get_by_role("status").inner_text() == "It is handed on."
        assert "Nothing would be left open on the rotas." in page.locator("main").inner_text()


def test_somebody_is_looked_up_and_erased_without_a_script(seen: Site, plain: dict[str, bool]):
    with seen.seen_by("naledi", **plain) as page:
        page.goto("/privacy/person")
        page.get_by_label("Number, address or name").fill("082 555 0202")
        page.get_by_role("button", name="Look up").click()
        assert "What is kept of Sipho Khumalo" in page.locator("main").inner_text()
        page.get_by_label("Close these").check()
        page.get_by_label("Who asked for it").fill("He rang on Monday")
        page.get_by_label("I have looked").check()
        page.get_by_role("button", name="Erase for good").click()
        assert "It has begun" in page.get_by_role("status").inner_text()
        assert "He rang on Monday" in page.locator("main").inner_text()


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("scheme", SCHEMES)
def test_what_is_kept_of_somebody_can_be_read_everywhere(seen: Site, width: int, scheme: str):
    with seen.seen_by("naledi", viewport={"width": width, "height": 800}, color_scheme=scheme) as page:
        page.goto("/privacy/person")
        page.get_by_label("Number, address or name").fill("a")
        page.get_by_role("button", name="Look up").click()
        look(page)
        page.get_by_role("button", name="Sipho Khumalo, Harbour Foods").click()
        look(page)


def test_a_swap_is_accepted_without_a_script(seen: Site, plain: dict[str, bool]):
    with seen.seen_by("thandi", **plain) as page:
        page.goto("/rota")
        page.get_by_role("link", name="Swaps 1 to answer").click()
        page.get_by_role("link", name="Look and answer Lerato Mokoena asks").click()
        page.get_by_role("button", name="Take this shift").click()
        assert "Thandi Nkosi is on duty." in page.locator("main").inner_text()


def test_rotations_are_edited_and_published_without_a_script(seen: Site, plain: dict[str, bool]):
    with seen.seen_by("naledi", **plain) as page:
        page.goto("/rota/edit")
        first = page.get_by_role("group", name="First", exact=True)
        first.get_by_role("button", name="Lerato Mokoena earlier").click()
        first.get_by_label("A turn lasts").fill("x")
        first.get_by_label("A turn lasts").press("Enter")
        assert page.get_by_role("alert").inner_text() == "A turn lasts 1 to 366 days."
        first.get_by_label("A turn lasts").fill("14")
        page.get_by_role("button", name="Show what it does").first.click()
        page.get_by_label("Publish it all the same, because").fill("Their numbers are proved tomorrow")
        page.get_by_role("button", name="Publish, from now on").click()
        assert "Version 2 is published" in page.get_by_role("status").inner_text()


def test_rules_of_call_outs_are_agreed_on_without_a_script(seen: Site, plain: dict[str, bool]):
    with seen.seen_by("naledi", **plain) as page:
        page.goto("/rota/duty")
        page.get_by_label("From which day on").fill("2026-12-01")
        page.get_by_label("A call-out counts for at least").fill("x")
        page.get_by_role("button", name="Agree on these").click()
        assert page.get_by_role("alert").inner_text() == "A number of minutes, from 0 to 1440."
        page.get_by_label("A call-out counts for at least").fill("180")
        page.get_by_role("button", name="Agree on these").click()
        assert page.get_by_role("status").inner_text() == "The rules are kept."
        assert "A call-out counts for 3 h at least" in page.locator("main").inner_text()


def test_both_sides_of_a_conflict_can_be_read_by_everybody_everywhere(seen: Site):
    with seen.seen_by("naledi") as page, seen.seen_by("naledi") as other:
        for one in (page, other):
            one.goto("/rota/edit")
            one.get_by_label("Only in these hours").first.fill("Fri 17:00 to Mon 08:30")
            one.get_by_role("button", name="Show what it does").first.click()
        look(page)
        for one in (page, other):
            one.get_by_label("Publish it all the same, because").fill("We know")
            one.get_by_role("button", name="Publish, from now on").click()
        other.locator("[role=alert]:focus").wait_for()
        look(other)


def test_the_office_is_closed_from_today_s_page_on_without_a_script(seen: Site, plain: dict[str, bool]):
    with seen.seen_by("naledi", **plain) as page:
        page.goto("/")
        page.get_by_role("link", name="Close the office for a while, or open it").click()
        form = page.locator("#close")
        form.get_by_label("Closed from").fill("2026-12-24T12:00")
        form.get_by_label("until").fill("2026-12-28T08:30")
        form.get_by_role("button", name="What would change?").click()
        assert page.get_by_role("alert").inner_text() == "Say why, for colleagues: “Christmas Eve”."
        assert form.get_by_label("Closed from").input_value() == "2026-12-24T12:00"
        form.get_by_label("Why").fill("Christmas Eve")
        form.get_by_text("Tell callers something more").click()
        form.get_by_label("In English").fill("We wish you a good Christmas.")
        form.get_by_role("button", name="What would change?").click()
        assert "We wish you a good Christmas." in page.locator(".preview blockquote").first.inner_text()
        page.get_by_role("button", name="Publish: The office is closed").click()
        assert "callers hear when you open again" in page.get_by_role("status").inner_text()
        page.get_by_role("button", name="Do not close … Christmas Eve").click()
        page.get_by_role("button", name="Publish: The office is not closed for that any more").click()
        assert page.get_by_role("status").inner_text() == "It is not closed for that any more."


def test_an_outage_is_announced_and_over_without_a_script(seen: Site, plain: dict[str, bool]):
    with seen.seen_by("naledi", **plain) as page:
        page.goto("/settings")
        page.get_by_role("link", name="Announce an outage").click()
        page.get_by_label("In English").fill("Mail is down.")
        page.get_by_role("button", name="What would a caller hear?").click()
        assert "Mail is down." in page.locator(".preview blockquote").inner_text()
        page.get_by_role("button", name="Publish the announcement").click()
        page.get_by_role("button", name="End it now").click()
        assert page.get_by_role("status").inner_text() == "It is over: callers do not hear it any more."


def test_somebody_new_takes_over_from_a_contact_without_a_script(seen: Site, plain: dict[str, bool]):
    with seen.seen_by("naledi", **plain) as page:
        page.goto("/customers/harbour/contacts/2")
        page.get_by_label("Name", exact=True).fill("Zanele Dube")
        page.get_by_role("button", name="Keep this").click()
        assert page.get_by_role("alert").inner_text().startswith("Who it is: say whether")
        page.get_by_role("radio", name="Somebody new").check()
        page.get_by_role("button", name="Keep this").click()
        theirs = page.locator("section", has=page.get_by_role("heading", name="Contacts")).inner_text()
        assert ("Zanele Dube" in theirs, "Sipho Khumalo" in theirs) == (True, True)


def test_a_prompt_is_worded_and_taken_back_without_a_script(seen: Site, plain: dict[str, bool]):
    with seen.seen_by("naledi", **plain) as page:
        page.goto("/settings/prompts")
        page.get_by_role("link", name="Goodbye").click()
        page.get_by_label("The words").fill("Until soon.")
        page.get_by_role("button", name="How would it be said?").click()
        assert page.get_by_role("alert").inner_text().startswith("{company} is missing")
        page.get_by_label("The words").fill("{company} says goodbye.")
        page.get_by_role("button", name="How would it be said?").click()
        page.get_by_role("button", name="Publish these words").click()
        page.get_by_role("link", name="Go back to these words").click()
        page.get_by_role("button", name="How would it be said?").click()
        page.get_by_role("button", name="Publish these words").click()
        assert page.get_by_text("Thank you for calling {company}. Goodbye.").count()


def test_a_line_learns_a_language_without_a_script(seen: Site, plain: dict[str, bool]):
    with seen.seen_by("naledi", **plain) as page:
        page.goto("/settings/lines")
        page.get_by_role("link", name="Change name or languages").click()
        page.get_by_role("checkbox", name="Afrikaans").check()
        page.get_by_role("button", name="What would a caller hear?").click()
        assert "Ons kantoor is nou gesluit" in page.locator("blockquote[lang=af]").inner_text()
        page.get_by_role("link", name="Leave it as it is").click()
        assert page.locator("h1").inner_text() == "Lines"


A_LIST = b"""customer;contact;tel no;preset;valid from;fax
Cape Cabs;Zanele Mbeki;082 555 0301;office hours;2026-11-01;1
Harbour Foods;Sipho Khumalo;082 555 0209;;;
Mill Lane Books;Nompumelelo-Nokuthula Ndlovukazi-Mthembu;12;;;
"""


def test_a_list_of_customers_is_imported_without_a_script(seen: Site, plain: dict[str, bool]):
    with seen.seen_by("naledi", **plain) as page:
        page.goto("/settings")
        page.get_by_role("link", name="Import customers").click()
        page.get_by_label("CSV file").set_input_files({"name": "a.csv", "mimeType": "text/csv", "buffer": A_LIST})
        page.get_by_role("button", name="Show what it would change").click()
        assert "'12' is not a telephone number" in page.locator("main").inner_text()
        page.get_by_label("fax").select_option("Short name")
        page.get_by_role("button", name="Look again").click()
        assert "'1' is not a short name" in page.locator("main").inner_text()
        page.locator("summary", has_text="Which column").click()
        page.get_by_label("fax").select_option("not used")
        page.get_by_role("button", name="Look again").click()
        page.get_by_role("button", name="Import 2 rows without those refused").click()
        assert "1 customer added · 1 contact added · 1 contact changed" in page.get_by_role("status").inner_text()


def test_what_an_import_would_do_can_be_read_by_everybody_everywhere(seen: Site):
    with seen.seen_by("naledi") as page:
        page.goto("/settings/import")
        page.locator("#file").set_input_files({"name": "a.csv", "mimeType": "text/csv", "buffer": A_LIST})
        page.get_by_role("button", name="Show what it would change").click()
        look(page)
        page.goto("/settings/import")
        page.locator("#file").set_input_files({"name": "a.csv", "mimeType": "text/csv", "buffer": b"PK\x03\x04"})
        page.get_by_role("button", name="Show what it would change").click()
        page.locator("[role=alert]:focus").wait_for()
        look(page)


def test_a_key_leads_to_the_box_in_the_head(seen: Site):
    with seen.seen_by("thandi") as page:
        page.goto("/")
        page.keyboard.press("Control+k")
        page.keyboard.type("harbour")
        page.keyboard.press("Enter")
        page.wait_for_url("**/search?q=harbour")
        assert page.get_by_role("link", name="Harbour Foods").count()
        page.set_viewport_size({"width": 390, "height": 800})
        page.goto("/tickets")
        page.keyboard.press("Control+k")
        page.wait_for_url("**/search")


def test_something_is_looked_for_without_a_script(seen: Site, plain: dict[str, bool]):
    with seen.seen_by("thandi", **plain) as page:
        page.goto("/rota")
        page.get_by_role("searchbox", name="Search").fill("nothing like it")
        page.get_by_role("searchbox", name="Search").press("Enter")
        assert "Nothing was found for “nothing like it”." in page.get_by_role("status").inner_text()


def test_what_a_change_of_the_settings_would_do_can_be_read_by_everybody_everywhere(seen: Site):
    with seen.seen_by("naledi") as page:
        page.goto("/settings/hours")
        page.locator("#close-starts").fill("2026-12-24T12:00")
        page.locator("#close-ends").fill("2026-12-28T08:30")
        page.locator("#close-reason").fill("Christmas Eve")
        page.locator("#close button.main").click()
        look(page)
        page.goto("/settings/hours")
        page.locator("#week-day4").fill("08:30-12:30, 13:00-15:00")
        page.locator("#week button").click()
        look(page)
        page.locator("#week-day4").fill("late")
        page.locator("#week button").click()
        look(page)
        page.goto("/settings/announcement")
        page.get_by_label("In English").fill("Mail is down.")
        page.get_by_role("button", name="What would a caller hear?").click()
        look(page)
        page.get_by_role("button", name="Publish the announcement").click()
        look(page)
        page.get_by_role("button", name="End it now").click()
        look(page)
        page.goto("/settings/prompts/en/hunt")
        page.get_by_label("The words").fill("Hold on.")
        page.get_by_role("button", name="How would it be said?").click()
        look(page)
