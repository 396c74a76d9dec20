"""What the pages before the door share: the door itself, its page, and leaving a session behind."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from flask import current_app, g, render_template, request

from desk import audit
from desk.audit import What
from desk.door import browser, sessions
from desk.door.entry import Door
from desk.door.guard import visitor
from desk.door.sessions import SignIn

if TYPE_CHECKING:
    from desk.db import Database
    from desk.door.entry import TooManyTries
    from desk.door.provider import Provider
    from desk.settings import Settings

    Answer = str | tuple[str, int] | tuple[str, int, dict[str, str]]


def page(**values: object) -> str:
    """The sign-in page, with the ways in that there are."""
    ways = {"provider": provider(), "passwords": settings().password_sign_in}
    return render_template("door/sign_in.html", **ways | values)


def wait(error: TooManyTries, **values: object) -> Answer:
    """The same for whoever has tried too often."""
    seconds = int(-((g.now - error.until).total_seconds() // 1))
    return page(minutes=-(-seconds // 60), **values), 429, {"Retry-After": str(seconds)}


def door() -> Door:
    """The door, as whoever asks stands before it."""
    return Door(database(), browser.place(), request.user_agent.string)


def enter(secret: str) -> None:
    """Come in under a new secret; what this browser was before ends."""
    leave()
    browser.keep(secret)


def leave() -> None:
    """End this browser's session, if it has one."""
    who = visitor()
    if who is None or who.staff_id is None:
        return
    mine, staff_id = SignIn.id == who.sign_in_id, who.staff_id
    with database().writing() as session:
        if sessions.end(session, staff_id, g.now, mine):
            audit.tell(session, who.who, What.SIGNED_OUT, who.name, g.now)


def provider() -> Provider | None:
    """Who vouches for people here, where somebody does."""
    return cast("Provider | None", current_app.extensions["provider"])


def settings() -> Settings:
    """The settings."""
    return cast("Settings", current_app.extensions["settings"])


def database() -> Database:
    """Where everything is kept."""
    return cast("Database", current_app.extensions["database"])
