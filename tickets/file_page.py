"""The files of a ticket, for whoever works on it: always as a download, never as something that a browser shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, abort
from sqlalchemy import select

from desk import download as downloads
from desk.door.guard import requires
from desk.staff import Role
from tickets import inbox
from tickets.file import File
from tickets.sheet import database, find

if TYPE_CHECKING:
    from werkzeug import Response

files = Blueprint("files", __name__)
files.before_request(requires(Role.ENGINEER, Role.MANAGER))


@files.get("/tickets/<reference>/files/<int:number>")
def download(reference: str, number: int) -> Response:
    """One file that came with this ticket, or with one that joined it."""
    with database().reading() as session:
        about = File.ticket_id.in_(inbox.whole(find(session, reference)))
        found = session.execute(select(File.name, File.content).where(File.id == number, about)).one_or_none()
    if found is None:
        abort(404)
    return downloads.sealed(found.content, found.name)
