"""First steps: what a new company has still to do before callers can rely on the line, as its manager is shown it."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import exists, select

from desk.chores import Pulse
from ivr.call import Call
from oncall import readiness
from oncall.roster import PolicyRecord
from sla.contract import Contract

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from desk.settings import Settings
    from ivr.outlook import Outlook

ALIVE = timedelta(minutes=2)  # a worker ticks every few seconds


class Step(StrEnum):
    """One of them, in the order in which one would take them."""

    LINE = "line"
    POLICY = "policy"
    READY = "ready"
    CONTRACT = "contract"
    MAIL = "mail"
    WORKER = "worker"
    CALL = "call"


def steps(session: Session, settings: Settings, lines: Iterable[Outlook], now: datetime) -> Mapping[Step, bool]:
    """Each step, and whether it is done; what every night's look finds wrong with the rota is not done."""
    lines, looked = list(lines), readiness.newest(session)
    somebody_rings = bool(lines) and all(line.emergency for line in lines)
    return {
        Step.LINE: bool(lines),
        Step.POLICY: bool(session.scalar(select(exists().where(PolicyRecord.id.is_not(None))))),
        Step.READY: somebody_rings and looked is not None and not looked.findings,
        Step.CONTRACT: bool(session.scalar(select(exists().where(Contract.id.is_not(None))))),
        Step.MAIL: bool(settings.mail_host),
        Step.WORKER: bool(session.scalar(select(exists().where(Pulse.ticked_at > now - ALIVE)))),
        Step.CALL: bool(session.scalar(select(exists().where(Call.page_id.is_(None))))),
    }
