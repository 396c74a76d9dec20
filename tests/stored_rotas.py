"""Random rotas as an installation has them: stored in versions, with people who can be rung, and a line that rings."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING

from hypothesis import given, settings
from sqlalchemy import select

from desk.audit import Who
from desk.staff import Role, Staff
from oncall import versions
from oncall.draft import Draft, LayerDraft, RotationDraft
from oncall.office import HOLIDAYS, OUTSIDE
from oncall.roster import OverrideRecord, PolicyRecord
from oncall.rota import Window
from oncall.verification import Verification
from oncall.wall import WEEK, written
from rota_dice import rotas

if TYPE_CHECKING:
    from datetime import datetime

    from flask import Flask
    from sqlalchemy.orm import Session

    from oncall.roster import RotaRecord
    from oncall.rota import NamedHours, Rota, Rotation

KEYS = {"T": "thandi", "P": "pieter", "L": "lerato", "N": "naledi", "B": "busi"}
A_MONTH = timedelta(days=30)
Drawn = tuple["Rota", "datetime", "datetime"]


@cache
def drawn(number: int) -> tuple[Drawn, ...]:
    """So many random rotas: of sixty, those in which most happens."""
    found: list[Drawn] = []

    @settings(max_examples=60, database=None)
    @given(rotas())
    def collect(one: Drawn) -> None:
        found.append(one)

    collect()
    return tuple(sorted(found, key=_events, reverse=True)[:number])


def _events(one: Drawn) -> int:
    rota, a, _ = one
    seen = [{shift.engineer for shift in rota.shifts(a, a + A_MONTH, place)} for place in range(4)]
    return sum(len(who) for who in seen) * 5 + len(rota.gaps(a, a + A_MONTH)) + len(rota.overrides)


def store(app: Flask, one: Drawn) -> None:
    """Set the rota up, and let an emergency ring its first four places; everybody's number is proved."""
    rota, a, _ = one
    with app.extensions["database"].writing() as session:
        busi = Staff(key="busi", name="Busi Maseko", role=Role.ENGINEER, phone="+27825550105", email="busi@x.example")
        session.add(busi)
        session.flush()
        for staff in session.scalars(select(Staff).where(Staff.phone.is_not(None))):
            session.merge(
                Verification(staff_id=staff.id, phone=staff.phone, way="text", code="0", sent_at=a, verified_at=a)
            )
        record = versions.create(session, rota.name, _draft(rota), Who("a test", "terminal"), a)
        _change(session, record, rota)
        for policy in session.scalars(select(PolicyRecord)):
            policy.steps = [[{"rota": rota.name, "place": place}] for place in range(4)]


def _draft(rota: Rota) -> Draft:
    layers = [LayerDraft(layer.name, tuple(map(_rotation, layer.rotations))) for layer in rota.layers]
    return Draft("Africa/Johannesburg", tuple(layers))


def _rotation(one: Rotation) -> RotationDraft:
    return RotationDraft(
        name=one.name,
        members=tuple(KEYS[who] for who in one.members),
        starts=one.start,
        days=one.turns.days,
        handoffs=tuple(dict.fromkeys(written(minute) for minute in one.turns.handoffs if minute < WEEK)),
        hours=tuple(dict.fromkeys(map(_hours, one.hours))),
        ends=one.end,
        advance=one.advance,
        shares=one.shares,
        zone=one.zone,
    )


def _hours(one: Window | NamedHours) -> str:
    """Stretches out of nowhere are no hours that anybody can set up; those of the business calendar are."""
    if isinstance(one, Window):
        return str(one)
    return OUTSIDE if len(one.stretches) % 2 else HOLIDAYS


def _change(session: Session, record: RotaRecord, rota: Rota) -> None:
    staff = {row.key: row.id for row in session.scalars(select(Staff))}
    lanes: dict[str, str] = {}
    for one in rota.overrides:
        row = OverrideRecord(kind=one.kind, starts=one.start, ends=one.end, reason="", below=one.below)
        row.rota_id, row.staff_id = record.id, staff[KEYS[one.engineer]]
        row.instead_of_id = staff[KEYS[one.instead_of]] if one.instead_of else None
        row.rotation = lanes.get(one.rotation, one.rotation if not one.rotation.startswith("+") else "")
        session.add(row)
        session.flush()
        lanes[f"+{one.key}"] = f"+{row.id}"
