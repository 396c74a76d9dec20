"""Lapsed rings: Pages of which no more news came while their lease lasted; their engineers are free again."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from sqlalchemy import select

from oncall import paging
from oncall.paging import Page

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

log = logging.getLogger(__name__)


def release(session: Session, now: datetime) -> None:
    """Release them all."""
    overdue = session.scalars(select(Page).where(Page.ended_at.is_(None), Page.leased_until <= now))
    for page in paging.release(overdue.all(), now):
        log.warning("released page %s: no news of it since it was rung", page.id)
