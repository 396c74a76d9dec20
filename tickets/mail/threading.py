"""Thread: what makes a customer's mailer show a letter where it belongs, and their answer find its ticket."""

from __future__ import annotations

import re
from email.utils import parseaddr
from typing import TYPE_CHECKING

from sqlalchemy import select

from tickets.event import Event, Kind
from tickets.mail import letter

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from desk.settings import Settings
    from tickets.mail.names import Names

IDENTITY = re.compile(r"<[!-;=?-~]{1,250}>")  # what a header may hold of a Message-ID that somebody else made
# Of a long thread its beginning and its end: all of it would be more than some servers take.
FIRST, LAST = 1, 15


def headers(session: Session, ticket_id: int) -> dict[str, str]:
    """In-Reply-To: their newest mail, else our last letter; References: all of both as they came; nothing without any.

    What intake told of a mail is in `detail["message_id"]` of its event.
    """
    theirs, ours = _theirs(session, ticket_id), _ours(session, ticket_id)
    found = list(dict.fromkeys(name for *_, name in sorted([*theirs, *ours])))
    if not found:
        return {}
    answered = max(theirs or ours)[-1]
    references = found if len(found) <= FIRST + LAST else [*found[:FIRST], *found[-LAST:]]
    last = [*(one for one in references if one != answered), answered]
    return {"In-Reply-To": answered, "References": " ".join(last)}


def marks(settings: Settings, names: Names, ticket_id: int, automatic: str | None) -> dict[str, str]:
    """Where an answer goes, and that no machine is to give one; `automatic` as RFC 3834 §5, None for a person's."""
    ours = {"X-Loop": parseaddr(settings.mail_from)[1]}
    if mailbox := settings.answers_to:
        ours["Reply-To"] = names.address(mailbox, ticket_id)
    return ours | ({"Auto-Submitted": automatic, "X-Auto-Response-Suppress": "All"} if automatic else {})


def _theirs(session: Session, ticket_id: int) -> list[tuple[datetime, int, int, str]]:
    """When each came; before a letter of ours of that instant, for the letter tells of it."""
    heard = select(Event.at, Event.id, Event.detail["message_id"].as_string())
    heard = heard.where(Event.ticket_id == ticket_id, Event.kind.in_((Kind.OPENED, Kind.ASKED)))
    told = session.execute(heard)
    return [(at, 0, number, name) for at, number, name in told if name and IDENTITY.fullmatch(name)]


def _ours(session: Session, ticket_id: int) -> list[tuple[datetime, int, int, str]]:
    return [(one.at, 1, one.id, one.message_id) for one in letter.written(session, ticket_id) if one.message_id]
