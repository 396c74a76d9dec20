"""The form of an endpoint: what was typed, whether it will do, and what it makes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from desk.hooks import places, secrets
from desk.hooks.endpoint import Endpoint, Way
from desk.hooks.places import BadPlace
from desk.hooks.types import CHOSEN, SPOKEN, Type

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from werkzeug.datastructures import MultiDict

    from desk.outward import Network

LONGEST_NAME = 60
# What the form of a new one has chosen already.
USUAL = (Type.TICKET_PRIORITY, Type.TICKET_ACKNOWLEDGED, Type.TICKET_BREACHED, Type.ROTA_GAP)


class BadForm(ValueError):
    """It will not do; the text says why."""


@dataclass
class Form:
    """What was typed."""

    way: Way = Way.WEBHOOK
    name: str = ""
    url: str = ""
    types: Sequence[Type] = USUAL
    full: bool = False
    emergencies: bool = False


def typed(fields: MultiDict[str, str]) -> Form:
    """What stands in the fields."""
    way = Way.CHAT if fields.get("way") == Way.CHAT else Way.WEBHOOK
    types = [one for one in CHOSEN if one in fields.getlist("type")]
    name, url = fields.get("name", "").strip(), fields.get("url", "").strip()
    return Form(way, name, url, types, "full" in fields, "emergencies" in fields)


def of(endpoint: Endpoint) -> Form:
    """What would have to be typed for that one; its address is typed once."""
    types = [one for one in CHOSEN if one in endpoint.types]
    return Form(Way(endpoint.way), endpoint.name, "", types, endpoint.full, endpoint.emergencies)


def check(form: Form, networks: Iterable[Network], *, whole: bool) -> None:
    """Raise BadForm for what will not do; `whole` with its address."""
    if not form.name or len(form.name) > LONGEST_NAME:
        raise BadForm(f"Give it a name of at most {LONGEST_NAME} characters.")
    if whole:
        try:
            (places.chat if form.way is Way.CHAT else places.webhook)(form.url, networks)
        except BadPlace as error:
            raise BadForm(str(error)) from None
    if not _told(form):
        raise BadForm("Choose one thing or more that it is told of.")


def made(form: Form, staff_id: int, now: datetime) -> Endpoint:
    """The endpoint."""
    row = Endpoint(way=form.way, url=form.url, salt=secrets.salt(), made_at=now, made_by_id=staff_id)
    change(row, form)
    return row


def change(row: Endpoint, form: Form) -> None:
    """Have it told of that from now on."""
    row.name, row.full, row.emergencies = form.name, form.full, form.emergencies
    row.types = [str(one) for one in _told(form)]


def said(row: Endpoint) -> dict[str, Any]:
    """What the audit says of it."""
    return {"whole": "yes" if row.full else "", "emergencies_only": "yes" if row.emergencies else "", "told": row.types}


def _told(form: Form) -> list[Type]:
    return [one for one in form.types if form.way is Way.WEBHOOK or one in SPOKEN]
