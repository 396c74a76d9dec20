"""The sound of a caller's message, for the page of its ticket; any part of it, as browsers ask when somebody skips."""

from __future__ import annotations

import logging
from io import BytesIO
from typing import TYPE_CHECKING, cast

from flask import Blueprint, abort, current_app, send_file
from sqlalchemy import select

from desk.door.guard import requires
from desk.staff import Role
from ivr.recordings import Recording
from ivr.shelf import SOUND, NotThere
from tickets import inbox
from tickets.privacy.access import What
from tickets.sheet import database, find, note_access

if TYPE_CHECKING:
    from sqlalchemy.orm import Session
    from werkzeug import Response

    from ivr.shelf import Shelf

log = logging.getLogger(__name__)
sounds = Blueprint("sounds", __name__)
sounds.before_request(requires(Role.ENGINEER, Role.MANAGER))


@sounds.get("/tickets/<reference>/messages/<sid>.mp3")
def message(reference: str, sid: str) -> Response:
    """One message that was left about this ticket, or about one that joined it."""
    with database().reading() as session:
        name = _file(session, reference, sid)
    try:
        sound = cast("Shelf", current_app.extensions["shelf"]).fetch(name)
    except NotThere as error:
        log.warning("a message cannot be played: %s", error)
        abort(404)
    note_access(What.HEARD, reference, sid)
    return send_file(BytesIO(sound), SOUND, download_name=name, conditional=True, etag=False)


def _file(session: Session, reference: str, sid: str) -> str:
    ticket = find(session, reference)
    about = Recording.ticket_id.in_(inbox.whole(ticket))
    file = session.scalars(select(Recording.file).where(Recording.sid == sid, about)).one_or_none()
    if not file:
        abort(404)
    return file
