"""Refusals: the page for whatever is not answered, with the telephone number that works without any page."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, cast

from flask import current_app, g, render_template
from sqlalchemy.exc import SQLAlchemyError

from desk.staff import managers

if TYPE_CHECKING:
    from flask import Response
    from werkzeug.exceptions import HTTPException

    from desk.db import Database
    from ivr.switchboard import Switchboards


def page(error: HTTPException) -> Response:
    """The page of an error; what its kind says in headers, such as `Allow`, stays."""
    answer = cast("Response", error.get_response())
    words = {"ask": _managers()} if error.code == 403 else {}
    answer.set_data(
        render_template("refused.html", code=error.code, numbers=_numbers(), request_id=g.get("request_id"), **words)
    )
    return answer


def _managers() -> list[str]:
    with _database().reading() as session:
        return managers(session)


def _numbers() -> list[str]:
    boards = cast("Switchboards", current_app.extensions["exchange"].boards)
    if boards.last is None:  # else from memory: the database may be what failed
        with suppress(SQLAlchemyError), _database().reading() as session:
            boards.current(session)
    return list(boards.last.lines) if boards.last else []


def _database() -> Database:
    return cast("Database", current_app.extensions["database"])
