"""The guard of every page: who is looking, and whether they may."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from flask import abort, current_app, g, redirect, request, url_for

from desk import numbers, written_numbers
from desk.audit import Who
from desk.door import browser, sessions
from desk.staff import Role

if TYPE_CHECKING:
    from werkzeug import Response

    from desk.db import Database

EVERYBODY = tuple(Role)


@dataclass(frozen=True)
class Visitor:
    """Whoever looks at a page; without an account only in a demonstration."""

    name: str
    role: Role
    staff_id: int | None = None
    sign_in_id: int | None = None
    sees_numbers: bool = False  # on this page; they asked for it, or it is theirs, and it is noted (tickets.privacy)

    @property
    def who(self) -> Who:
        """Them, for the audit."""
        return Who(self.name, browser.place(), self.staff_id)

    def number(self, e164: str) -> str:
        """A caller's number as this page shows it: masked, unless they had it shown."""
        return numbers.shown(e164) if self.sees_numbers else numbers.masked(e164)

    def words(self, text: str) -> str:
        """A text of a ticket, its numbers likewise."""
        return text if self.sees_numbers else written_numbers.masked(text)


DEMONSTRATION = Visitor("Demonstration", Role.MANAGER)


class Guard:
    """Lets in whoever has one of these roles; the menu asks the same guard."""

    def __init__(self, roles: tuple[Role, ...]) -> None:
        self.roles = roles

    def __call__(self) -> Response | None:
        who = visitor()
        if who is None:
            asked = request.full_path.rstrip("?") if request.method in ("GET", "HEAD") else None
            return redirect(url_for("entrance.sign_in", next=asked if asked != "/" else None), 303)
        if who.role not in self.roles:
            abort(403)
        return None


def requires(*roles: Role) -> Guard:
    """The guard of a blueprint, for its `before_request`."""
    return Guard(roles)


def may(endpoint: str) -> bool:
    """Whether whoever is looking may go there; what they may not use is not in their menu."""
    who = visitor()
    guards = current_app.before_request_funcs.get(endpoint.partition(".")[0], [])
    return who is not None and all(who.role in guard.roles for guard in guards if isinstance(guard, Guard))


def visitor() -> Visitor | None:
    """Who is looking, once per request."""
    if "visitor" not in g:
        g.visitor = _recognised() or (DEMONSTRATION if current_app.extensions["settings"].demo else None)
    return cast("Visitor | None", g.visitor)


def looking() -> Visitor:
    """Who is looking, behind a guard."""
    who = visitor()
    assert who is not None, "no guard stands before this page"  # noqa: S101
    return who


def show_numbers() -> None:
    """Callers' numbers stand in full on this page."""
    g.visitor = replace(looking(), sees_numbers=True)


def with_account() -> tuple[Visitor, int]:
    """Who is looking, and their number among the staff; a demonstration has none and may not do this."""
    who = looking()
    if who.staff_id is None:
        abort(403)
    return who, who.staff_id


def _recognised() -> Visitor | None:
    secret = browser.session_secret()
    if secret is None:
        return None
    database = cast("Database", current_app.extensions["database"])
    with database.reading() as session:
        found = sessions.current(session, secret, g.now)
        if found is None:
            return None
        who = Visitor(found.staff.name, Role(found.staff.role), found.staff_id, found.id)
        stale = g.now - found.seen_at >= sessions.SEEN_EVERY
    if stale:
        database.note(lambda session: sessions.seen(session, found.id, g.now))
    return who
