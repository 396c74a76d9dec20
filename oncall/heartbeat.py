"""Heartbeat: an address outside is asked for every minute while all is well; when it is not, a stranger's clock tells.

Whoever watches must not stand in the same house: a worker that stands still cannot say that it does.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import requests
from sqlalchemy import func, select

from desk.outbox import Outgoing, State
from oncall import canary_news
from sla import watch
from tickets.mail import silence

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

log = logging.getLogger(__name__)
STUCK = timedelta(minutes=5)  # a worker tries again after seconds, then minutes
CONNECT, READ = 3, 5  # seconds; the worker's other jobs wait for it


def trouble(session: Session, now: datetime) -> list[str]:
    """Everything that speaks against all being well."""
    overlooked = [f"ticket {one.ticket.id}: {one.why}" for one in watch.findings(session, now)]
    waiting = select(func.count()).where(Outgoing.state == State.WAITING, Outgoing.due_at < now - STUCK)
    stuck = session.scalar(waiting.where(Outgoing.attempts == 0))
    canary = canary_news.trouble(session, now)
    return [
        *overlooked,
        *([f"{stuck} messages were never tried"] if stuck else []),
        *([f"the canary: {canary.words}"] if canary else []),
        *silence.standing(session),
    ]


def beat(url: str) -> None:
    """Ask for that address; whether it answers is its business."""
    try:
        requests.get(url, timeout=(CONNECT, READ), allow_redirects=False).close()
    except requests.RequestException as error:
        log.warning("the heartbeat could not be heard at %s: %s", urlsplit(url).hostname, type(error).__name__)
