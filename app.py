"""Composition root: settings, clock, database, blueprints, commands; only this file builds them, or reads the clock."""

from __future__ import annotations

import logging
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast

from flask import Flask, g, request

from desk import settings as settings_
from desk.cli import desk as desk_commands
from desk.db import Database
from desk.views import pages
from ivr import views as voice_views
from ivr.cli import ivr as ivr_commands
from ivr.exchange import Exchange
from ivr.fallback import WayOut
from ivr.rehearsal import Rehearsals
from ivr.seal import Seal
from ivr.switchboard import Switchboards
from ivr.tryout import tryout
from oncall.worker import worker
from sla.cli import sla as sla_commands

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Response
    from werkzeug.exceptions import HTTPException

    from desk.settings import Settings
    from tickets.reference import Dice

WEB_WAIT, WORKER_WAIT = 2.0, 30.0  # seconds for a lock; on the web a caller is listening


def system_clock() -> datetime:
    """Now."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class World:
    """What a second app of a rehearsal has of its own: the time and the dice."""

    clock: Callable[[], datetime] = system_clock
    dice: Dice = field(default_factory=secrets.SystemRandom)


def create_app(settings: Settings | None = None, world: World | None = None) -> Flask:
    """Build the application; without arguments from the environment, as the server and the commands do."""
    settings, world = settings or settings_.read(), world or World()
    logging.basicConfig(level=settings.log_level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    app = Flask(__name__, static_folder="desk/static", template_folder="desk/templates")
    app.config.update(SECRET_KEY=settings.secret_key.get_secret_value(), MAX_CONTENT_LENGTH=256 * 1024)
    database, boards = Database(settings.database_url, WEB_WAIT), Switchboards()
    app.extensions.update(
        settings=settings,
        clock=world.clock,
        database=database,
        patient_database=Database(settings.database_url, WORKER_WAIT),
        exchange=Exchange(database, boards, Seal(settings.secret_key), world.dice, settings.public_url),
        way_out=WayOut(settings.public_url),
        rehearsals=Rehearsals(database, settings, lambda own, clock, dice: create_app(own, World(clock, dice))),
    )
    app.before_request(lambda: setattr(g, "now", world.clock()))
    app.register_error_handler(404, _missing)
    app.register_error_handler(405, _missing)
    for blueprint in (voice_views.voice, pages, tryout):
        app.register_blueprint(blueprint)
    for command in (desk_commands, ivr_commands, sla_commands, worker):
        app.cli.add_command(command)
    return app


def _missing(error: HTTPException) -> Response:
    # A voice URL answers in speech whatever happens, also where no route leads to it.
    spoken = request.path.startswith("/voice/")
    return voice_views.no_such_webhook() if spoken else cast("Response", error.get_response())
