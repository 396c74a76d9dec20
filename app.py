"""Composition root: settings, clock, database, blueprints, commands; only this file builds them, or reads the clock."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from flask import Flask, g, request
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter

from desk import logs, mailing, outward, refused
from desk import settings as settings_
from desk.address import Addresses
from desk.api import views as api_views
from desk.cli import desk as desk_commands
from desk.customers.change_page import changing
from desk.customers.contract_page import succeeding
from desk.customers.customer_page import looked_at
from desk.customers.list_page import customers
from desk.db import LARGEST_NUMBER, Database
from desk.door import browser
from desk.door.account import account
from desk.door.commands import COMMANDS as DOOR_COMMANDS
from desk.door.entrance import entrance
from desk.door.office import office
from desk.door.people_page import people
from desk.door.person_page import person
from desk.door.provider import Provider
from desk.door.provider_page import vouched_for
from desk.finder.page import searching
from desk.health import health
from desk.hooks import causes, happening
from desk.hooks.chat import Chat
from desk.hooks.endpoint import Way as HookWay
from desk.hooks.messenger import Hand, Messenger
from desk.hooks.page import hooks
from desk.hooks.secrets import Secrets
from desk.hooks.webhooks import Webhooks
from desk.imports import page as import_page
from desk.imports.command import customers as customer_commands
from desk.outbox import CANARY, ELSEWHERE
from desk.postroom import commands as outbox_commands
from desk.postroom import test_mail
from desk.settings_page import settings as settings_index
from desk.views import pages
from ivr import judging, recordings, shelf
from ivr import views as voice_views
from ivr.announcement_page import announcing
from ivr.canary_call import CanaryRings
from ivr.carrier import Carrier
from ivr.cli import ivr as ivr_commands
from ivr.elsewhere.publishing import Publisher
from ivr.evidence import Evidence
from ivr.exchange import Exchange
from ivr.fallback import WayOut
from ivr.have_page import having, messages
from ivr.hours_page import office_hours
from ivr.lines_page import lining
from ivr.past.pasts import Pasts
from ivr.past.stage import Posted
from ivr.prompts_page import prompting
from ivr.reconcile_page import reconciling
from ivr.rehearsal import Rehearsals
from ivr.seal import Seal
from ivr.studio_page import make_room, prompt_sounds, recording
from ivr.switchboard import Switchboards
from ivr.tryout import tryout
from ivr.vault import Discards, Removals, Vault
from oncall import calling, fetching, page_mail, texting
from oncall.away_page import away
from oncall.calling import Hushes, Rings
from oncall.canary_command import canary as canary_command
from oncall.choices import Way
from oncall.cli import verify
from oncall.commands import oncall as oncall_commands
from oncall.cover_page import covers
from oncall.duty_command import duty
from oncall.duty_page import duties
from oncall.edit_page import rotations
from oncall.fair_page import fair
from oncall.feed_page import Limits, calendars, fetched
from oncall.files import export, import_
from oncall.files import fair as fair_command
from oncall.leaving_page import leaving
from oncall.lived import lived
from oncall.notice_courier import Notices
from oncall.notice_page import notices
from oncall.notices import KINDS
from oncall.page_mail import PageMails
from oncall.rota_page import rota
from oncall.shift_page import shifts
from oncall.swap_page import swapping
from oncall.texting import Texts
from oncall.worker import worker
from sla.billing.files_page import month_files
from sla.billing.line_page import charge_lines
from sla.billing.month_page import billing
from sla.billing.preview_page import previews
from sla.billing.statement_command import statement_
from sla.billing.work_page import handwork
from sla.book import Books
from sla.cli import sla as sla_commands
from sla.holiday_command import holidays_group
from sla.holiday_page import holiday_table
from sla.report_command import report
from sla.report_page import sla_report
from tickets.doing import doing
from tickets.file_page import files
from tickets.list_page import ticket_list
from tickets.mail import courier as letter_courier
from tickets.mail.commands import mail as mail_commands
from tickets.mail.house import House
from tickets.mail.intake import Intake
from tickets.mail.names import Names
from tickets.mail.pages import arrivals
from tickets.privacy.commands import privacy as privacy_commands
from tickets.privacy.keeping_page import keeping
from tickets.privacy.person_page import persons
from tickets.public import doorstep
from tickets.public.links import Links
from tickets.public.new_page import asking
from tickets.public.ticket_page import adding
from tickets.public.track_page import tracking
from tickets.sound import sounds
from tickets.views import handling, tickets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment
    from flask import Response

    from desk.delivery import Courier
    from desk.settings import Settings
    from tickets.reference import Dice

FRAME = (pages, searching, entrance, vouched_for, account, people, person, office, keeping, hooks)
TICKETS = (ticket_list, tickets, handling, doing, sounds, arrivals, files, persons, sla_report)
BILLING = (billing, charge_lines, month_files, previews, holiday_table, handwork, reconciling)
CUSTOMERS = (customers, looked_at, succeeding, changing, import_page.importing)
HELP = (asking, tracking, adding)
ROTA = (rota, shifts, swapping, covers, rotations, away, fair, leaving, duties, notices)
SETTINGS = (settings_index, office_hours, announcing, prompting, recording, lining)
WEB_WAIT, WORKER_WAIT = 2.0, 30.0  # seconds for a lock; on the web a caller is listening


def system_clock() -> datetime:
    """Now."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class World:
    """What a second app of a rehearsal has of its own: the time, the dice, no telephone; of a past, who takes mails."""

    clock: Callable[[], datetime] = system_clock
    dice: Dice = field(default_factory=secrets.SystemRandom)
    telephone: bool = True
    mails: Callable[[Settings, Callable[[], datetime]], mailing.Mails] = mailing.Mails


def create_app(settings: Settings | None = None, world: World | None = None) -> Flask:
    """Build the application; without arguments from the environment, as the server and the commands do."""
    settings, world = settings or settings_.read(), world or World()
    logs.configure(settings)
    causes.listen()
    app = Flask(__name__, static_folder="desk/static", template_folder="desk/templates")
    app.config.update(SECRET_KEY=settings.secret_key.get_secret_value(), MAX_CONTENT_LENGTH=256 * 1024)
    database, boards = Database(settings.database_url, WEB_WAIT), Switchboards()
    addresses = Addresses(settings.secret_key, settings.public_url)
    app.extensions.update(
        settings=settings,
        clock=world.clock,
        database=database,
        patient_database=Database(settings.database_url, WORKER_WAIT),
        provider=Provider.of(settings),
        books=Books(),
        shelf=shelf.of(settings),
        exchange=Exchange(database, boards, Seal(settings.secret_key), world.dice, addresses),
        addresses=addresses,
        links=Links(addresses),
        doorstep=doorstep.Doorstep(),
        names=Names(settings.secret_key.get_secret_value(), mailing.domain(settings)),
        way_out=WayOut(settings.public_url),
        calendar_limits=Limits(),
        hook_secrets=Secrets(settings.secret_key),
        hook_bounds=outward.Bounds(outward.networks(settings.hook_networks)),
        fetcher=fetching.Fetcher(outward.networks(settings.calendar_networks)),
        rehearsals=Rehearsals(
            database, settings, lambda own, clock, dice: create_app(own, World(clock, dice, telephone=False))
        ),
        pasts=Pasts(settings, lambda own, clock, dice: create_app(own, World(clock, dice, mails=Posted)), lived),
    )
    app.extensions["intake"] = _intake(app, settings, world)
    _connect(app, settings, world)
    # Whom a proxy serves, for the limit of tries; the carrier's signature is checked over PUBLIC_URL all the same.
    app.wsgi_app = _named(ProxyFix(app.wsgi_app, settings.trusted_proxies, 0, 0), settings.public_url)  # type: ignore[assignment, method-assign]
    app.url_map.converters["int"] = RowNumber
    app.before_request(lambda: _begin(world.clock()))
    app.before_request(doorstep.look)
    app.before_request(import_page.let_in)
    app.before_request(make_room)
    app.before_request(browser.check_form)
    app.before_request(browser.check_text)
    # For every error one handler, and of the least kind: one for a single status would go before those of blueprints.
    app.register_error_handler(HTTPException, _refuse)
    for blueprint in (
        *FRAME,
        *ROTA,
        *TICKETS,
        *BILLING,
        *CUSTOMERS,
        *HELP,
        health,
        *SETTINGS,
        fetched,
        calendars,
        having,
        messages,
        prompt_sounds,
        voice_views.voice,
        api_views.api,
        tryout,
    ):
        app.register_blueprint(blueprint)
    for command in (*DOOR_COMMANDS, outbox_commands, test_mail, verify, customer_commands):
        desk_commands.add_command(command)
    for command in (export, import_, fair_command, duty, canary_command):
        oncall_commands.add_command(command)
    for command in (report, holidays_group, statement_):
        sla_commands.add_command(command)
    for command in (
        desk_commands,
        ivr_commands,
        oncall_commands,
        sla_commands,
        mail_commands,
        privacy_commands,
        worker,
    ):
        app.cli.add_command(command)
    return app


class RowNumber(IntegerConverter):
    """A number in an address, as far as a row can have it: with a larger one there is no such page."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **{"max": LARGEST_NUMBER} | more)


def _named(app: WSGIApplication, origin: str) -> WSGIApplication:
    """The application under its own name: what a request says of host and scheme counts for nothing."""
    scheme, _, host = origin.partition("://")

    def answer(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        return app(environ | {"HTTP_HOST": host, "wsgi.url_scheme": scheme}, start)

    return answer


def _begin(now: datetime) -> None:
    """One request, one instant and one name; and what it logs names its door."""
    g.now, g.request_id = now, secrets.token_hex(4)
    logs.begin()
    logs.about(request=g.request_id, door=request.endpoint, method=request.method)


def _intake(app: Flask, settings: Settings, world: World) -> Intake:
    house = House.of(settings, app.extensions["names"])
    return Intake(app.extensions["patient_database"], house, world.dice, world.clock)


def _connect(app: Flask, settings: Settings, world: World) -> None:
    # From a rehearsal nothing is ever sent, so it has nobody to send with; its outbox says what would have been.
    telephone = Carrier(settings, world.clock) if world.telephone else None
    app.extensions.update(telephone=telephone, couriers={})
    if telephone:
        texts = Texts(telephone, settings.public_url, settings.sms_from)
        app.extensions["couriers"] = {
            calling.KIND: Rings(telephone, settings.public_url),
            calling.HUSH: Hushes(telephone),
            texting.KIND: texts,
            KINDS[Way.TEXT]: _notices(app, Way.TEXT, texts, world),
            **_messengers(app, settings, world),
            ELSEWHERE: _publisher(app, settings, world),
            recordings.KIND: Vault(telephone, app.extensions["shelf"]),
            recordings.DISCARD: Discards(telephone),
            recordings.TAKE_OFF: Removals(app.extensions["shelf"]),
            judging.EVIDENCE: Evidence(telephone, app.extensions["exchange"].boards),
        }
        if settings.canary_origin:
            canary = CanaryRings(settings, settings.canary_origin, app.extensions["patient_database"], world.clock)
            app.extensions["couriers"][CANARY] = canary
        if settings.mail_host:
            mails = world.mails(settings, world.clock)
            app.extensions["couriers"] |= {
                mailing.KIND: mails,
                letter_courier.KIND: letter_courier.Letters(mails),
                page_mail.KIND: PageMails(mails, app.extensions["patient_database"]),
                KINDS[Way.MAIL]: _notices(app, Way.MAIL, mails, world),
            }


def _messengers(app: Flask, settings: Settings, world: World) -> dict[str, Messenger]:
    held, bounds = app.extensions, app.extensions["hook_bounds"]
    hands: dict[HookWay, Hand] = {
        HookWay.WEBHOOK: Webhooks(held["hook_secrets"], bounds, settings.public_url),
        HookWay.CHAT: Chat(bounds, settings.public_url),
    }
    return {
        happening.KINDS[way]: Messenger(held["patient_database"], hand, world.dice, world.clock)
        for way, hand in hands.items()
    }


def _publisher(app: Flask, settings: Settings, world: World) -> Publisher:
    return Publisher(app.extensions["patient_database"], app.extensions["exchange"].boards, settings, world.clock)


def _notices(app: Flask, way: Way, courier: Courier, world: World) -> Notices:
    held = app.extensions
    plans = lambda session: held["exchange"].boards.current(session).rotas  # noqa: E731 - as a call reads them
    return Notices(way, courier, held["patient_database"], plans, world.clock, bool(held["settings"].mail_host))


def _refuse(error: HTTPException) -> Response:
    # A voice URL answers in speech whatever happens, also where no route leads to it; one of the API in JSON.
    if request.path.startswith("/voice/"):
        return voice_views.no_such_webhook()
    return api_views.problem_of(error) if request.path.startswith("/api/") else refused.page(error)
