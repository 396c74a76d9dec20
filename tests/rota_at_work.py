"""A rota on which something goes on: cover, a gap, a swap that is asked, leave, and a shift that needs somebody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from desk.audit import Who
from desk.staff import Staff
from office import at, shift
from oncall import changes, cover, leave, roster, swaps
from oncall.changes import Change

if TYPE_CHECKING:
    from datetime import datetime

    from flask import Flask
    from sqlalchemy.orm import Session

# Each is the first of its kind, so these are their pages.
A_CHANGE, A_SWAP, A_COVER = "/rota/changes/1", "/rota/swaps/1", "/rota/cover/1"


def at_work(app: Flask, now: datetime) -> None:
    """Lerato covers for Thandi on Sunday; nobody on Thursday; Lerato asks Thandi to swap; Pieter is away on Tuesday."""
    app.extensions["database"].write(lambda session: _at_work(session, now))


def _at_work(session: Session, now: datetime) -> None:
    staff = {one.key: one for one in session.scalars(select(Staff))}
    who = {key: Who(one.name, "127.0.0.1", one.id) for key, one in staff.items()}
    record = roster.named(session, "Standby")
    sunday = at("2026-11-22 08:00"), at("2026-11-22 20:00")
    birthday = Change("replace", "lerato", *sunday, "thandi", "First")
    changes.make(session, record, birthday, who["thandi"], now, "My daughter's birthday")
    for key in ("pieter", "lerato"):
        training = Change("remove", key, at("2026-11-26 09:00"), at("2026-11-26 15:00"))
        changes.make(session, record, training, who["naledi"], now, "Training of the whole team")
    asked = {"to": staff["thandi"], "in_return": shift("2026-12-07"), "reason": "A wedding in Durban"}
    swaps.ask(session, record, shift("2026-11-30"), staff["lerato"], who=who["lerato"], now=now, **asked)
    tuesday = at("2026-11-24 00:00"), at("2026-11-25 00:00")
    leave.take(session, staff["pieter"], *tuesday, "annual", "Cape Town", who["pieter"], now)
    cover.keep_true(session, now)
