"""The page of a person's rights: look somebody up, see how much is kept of them, hand it over, or have it erased.

Everything is sent as a form and nothing stands in an address: addresses are in browsers' histories and servers' logs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, g, redirect, render_template, request, send_file, url_for

from desk.door.guard import looking, requires
from desk.staff import Role
from tickets.privacy import desk, finding, standstill
from tickets.privacy.asked import NotYet, StillOpen
from tickets.sheet import database

if TYPE_CHECKING:
    from collections.abc import Sequence

    from werkzeug import Response

    from tickets.privacy.desk import Preview
    from tickets.privacy.finding import Found

persons = Blueprint("persons", __name__)
persons.before_request(requires(Role.MANAGER))
LONGEST = 500  # characters of a reason
NOBODY = "Nobody is known by that."
Answer = str | tuple[str, int]


@persons.get("/privacy/person")
def page() -> str:
    """The form to look somebody up, and what was erased lately."""
    return _page()


@persons.post("/privacy/person")
def look_up() -> Answer:
    """Whom the words may mean, or how much is kept of whom was chosen."""
    typed, keys = request.form.get("q", "").strip(), request.form.getlist("who")
    if not keys:
        with database().reading() as session:
            found = finding.look_for(session, typed)
        if len(found) != 1:
            return (_page(q=typed, found=found), 200) if found else (_page(q=typed, fault=NOBODY), 422)
        keys = [found[0].key]
    try:
        return _page(seen=_seen(keys))
    except LookupError as error:
        return _page(q=typed, fault=_sentence(error)), 422


@persons.post("/privacy/person/export")
def export() -> Response | Answer:
    """Everything, as a file."""
    try:
        whole = desk.export_of(database(), request.form.getlist("who"), looking().who, g.now)
    except LookupError as error:
        return _page(fault=_sentence(error)), 422
    return send_file(whole, "application/zip", as_attachment=True, download_name="what-we-keep-of-you.zip", etag=False)


@persons.post("/privacy/person/erasure")
def erase() -> Response | Answer:
    """Have somebody erased: it begins, and a worker does it; refused while anything is open, unless that is meant."""
    keys, why = request.form.getlist("who"), " ".join(request.form.get("why", "").split())
    try:
        if not why or len(why) > LONGEST or not request.form.get("sure"):
            fault = "Say who asked for it, and tick that you have looked." if keys else NOBODY
            return _page(seen=_seen(keys) if keys else None, fault=fault, why=why[:LONGEST]), 422
        _begin(keys, why)
    except StillOpen:
        fault = "Something is still to be done for them: resolve it, or tick that it is closed."
        return _page(seen=_seen(keys), fault=fault, why=why), 409
    except NotYet as error:
        return _page(seen=_seen(keys), fault=_sentence(error), why=why), 409
    except LookupError as error:
        return _page(fault=_sentence(error)), 422
    return redirect(url_for("persons.page", said="begun"), 303)


def _begin(keys: Sequence[str], why: str) -> None:
    desk.ask_for_erasure(database(), keys, looking().who, why, g.now, close=bool(request.form.get("close")))


def _seen(keys: Sequence[str]) -> Preview:
    return desk.look_at(database(), keys, looking().who, g.now)


def _page(q: str = "", found: Sequence[Found] = (), seen: Preview | None = None, fault: str = "", why: str = "") -> str:
    with database().reading() as session:
        return render_template(
            "privacy/person.html",
            q=q,
            found=found,
            seen=seen,
            fault=fault,
            why=why,
            longest=LONGEST,
            erasures=desk.newest(session),
            still={one.id for one in standstill.still(session, g.now)},
            said=request.args.get("said"),
        )


def _sentence(error: Exception) -> str:
    words = str(error)
    return f"{words[:1].upper()}{words[1:].rstrip('.')}."
