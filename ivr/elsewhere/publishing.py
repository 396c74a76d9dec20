"""Publishing: the documents for the other host are put there anew whenever anything in them has changed.

A row of the outbox stands for every state that they can have: a version of the set-up, the spell that has begun, the
day, for the timetable reaches fourteen days from when it was made. Whichever worker takes it out builds them from what
holds by then; so rows that come late or twice do no harm, and one that never went is seen among what did not go.
"""

from __future__ import annotations

import hmac
import json
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from desk import outbox
from desk.answer import Done, Later
from desk.db import set_up_version
from desk.elsewhere import FILES
from desk.outbox import ELSEWHERE
from ivr.elsewhere import instead, place, sheets, timetable
from ivr.elsewhere.instead import NotThere
from ivr.elsewhere.place import NotPut

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from desk.answer import Answer
    from desk.db import Database
    from desk.outbox import Outgoing
    from desk.settings import Settings
    from ivr.switchboard import Switchboard, Switchboards

TIMETABLE = "timetable.json"
LASTS = timedelta(hours=6)  # of tries; by then a person has to look


@dataclass(frozen=True)
class Publisher:
    """The courier of that kind."""

    database: Database
    boards: Switchboards
    settings: Settings
    clock: Callable[[], datetime]

    def find(self, _: Outgoing) -> tuple[str, ...]:
        """Nobody has to be asked: to put it there again harms nothing."""
        return ()

    def send(self, item: Outgoing, before: datetime) -> Answer:
        """Put everything there, and look whether the carrier would find it."""
        there, now = place.of(self.settings), self.clock()
        if there is None:
            return Later("no other host is set up here")
        with self.database.reading() as session:
            board = self.boards.current(session)
        try:
            for name, document in documents(board, self.settings, now).items():
                if self.clock() >= before:
                    return Later("there was no time left for all of it")
                there.put(name, document)
            instead.look(self.settings, board, now)
        except (NotPut, NotThere) as error:
            return Later(str(error))
        return self._still(board) or Done(item.key)

    def _still(self, board: Switchboard) -> Later | None:
        """Of two workers who put it there the slower may have had the older: then it is put there once more."""
        with self.database.reading() as session:
            changed = set_up_version(session) != board.version
        return Later("the set-up has changed meanwhile") if changed else None

    def settled(self, session: Session, item: Outgoing, answer: Answer, now: datetime) -> None:
        """The row itself says what came of it."""


def documents(board: Switchboard, settings: Settings, now: datetime) -> dict[str, bytes]:
    """Everything that is put there, by name."""
    token = settings.twilio_auth_token.get_secret_value()
    made = {TIMETABLE: timetable.sealed(timetable.of(board, now), token)}
    if settings.elsewhere_kind == FILES:
        key = settings.secret_key.get_secret_value()
        made |= sheets.of(board, settings.elsewhere_url, key, now)
    return made


def key(board: Switchboard, settings: Settings, now: datetime) -> str:
    """The state that they have now, and what they are sealed with and where they go."""
    day = now.replace(hour=0, minute=0, second=0, microsecond=0)
    passed = now + timedelta(microseconds=1)  # the edge of this very instant is one of them
    edges = (edge for line in board.lines.values() for edge in timetable.edges(board, line.policy, day, passed))
    return f"elsewhere {board.version} {max(edges, default=day).isoformat()} {_where(settings)}"


def look(session: Session, board: Switchboard, settings: Settings, now: datetime) -> None:
    """Have them put there, unless that has been asked for."""
    outbox.post(session, key(board, settings, now), ELSEWHERE, {}, now, lasts=LASTS)


def asked_for(session: Session, board: Switchboard, settings: Settings, now: datetime) -> Outgoing | None:
    """The row for the state that they have now; None unless it has been asked for."""
    return outbox.of(session, key(board, settings, now))


def _where(settings: Settings) -> str:
    """Another text for every other token, secret or place; none can be read from it."""
    said = {name: str(value) for name, value in settings if name.startswith("elsewhere_")}
    whole = json.dumps([said, settings.tokens[0]], sort_keys=True)
    return hmac.new(settings.secret_key.get_secret_value().encode(), whole.encode(), sha256).hexdigest()[:12]
