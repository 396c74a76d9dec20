"""How the forms of who rings become rows: hunt groups, rotas with their overrides, escalation policies."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from oncall import record, swaps, versions
from oncall.refusals import Unsafe
from oncall.roster import HuntGroup, OverrideRecord, PolicyRecord, RotaRecord
from oncall.rota import instant
from sla.hours import BusinessHours

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from desk.setup.books import Books
    from desk.setup.filled import Filled
    from desk.setup.forms import ClosureForm
    from desk.setup.plans import HuntGroupForm, OverrideForm, PolicyForm, RotaForm, TargetForm
    from desk.setup.sheets import Path
    from oncall.draft import Draft
    from oncall.roster import Version


def hunt_group(books: Books, one: Filled, form: HuntGroupForm) -> None:
    """Who is rung in the office, in order."""
    if _all_staff(books, one, ("members",), form.members):
        books.put(one, HuntGroup, form.said("name"), form.said("members", "ring_seconds"))


def rota(books: Books, one: Filled, form: RotaForm) -> None:
    """A rota: a new one, or the next version of one that is there."""
    staffed = [
        _all_staff(books, one, ("layers", layer, "rotations", number, "members"), rotation.members)
        for layer, each in enumerate(form.layers)
        for number, rotation in enumerate(each.rotations)
    ]
    named = not form.calendar or books.need(one, ("calendar",), BusinessHours, name=form.calendar)
    if not all(staffed) or not named or not books.first(one, RotaRecord, form.said("name"), form.draft):
        return
    rota = books.find(RotaRecord, **form.said("name"))
    try:
        if rota is None:
            added = versions.create(books.session, form.name, form.draft, books.who, books.at, file_of(one))
            books.changed("added", RotaRecord, one)
            books.warn(added.head)
        elif (draft := _kept(form, rota)) != rota.head.draft:
            version = _published(books, rota, draft, file_of(one))
            books.changed("changed", RotaRecord, one, ["layers"])
            books.warn(version)
    except LookupError as error:
        books.fault(one, (), str(error))
    except Unsafe as error:
        books.refuse(one, error.hazards)


def _kept(form: RotaForm, rota: RotaRecord) -> Draft:
    """What the form says, and what it leaves unsaid as it is stored."""
    unsaid = {"covers", "calendar"} - form.model_fields_set
    stored = {name: getattr(rota.head.draft, name) for name in unsaid}
    return replace(form.draft, **stored)


def file_of(one: Filled) -> str:
    """The file as everybody may read it: where it lies is the business of whoever loads it."""
    return PurePath(one.entry.file).name


def _published(books: Books, rota: RotaRecord, draft: Draft, file: str) -> Version:
    """The next version; a reason stands in it only where one is needed."""
    base = rota.head.number
    publish = partial(versions.publish, books.session, rota, draft, base=base, who=books.who, now=books.at, note=file)
    try:
        return publish()
    except Unsafe:
        return publish(reason=books.anyway)


def override(books: Books, one: Filled, form: OverrideForm) -> None:
    """A change of a rota."""
    rota = books.need(one, ("rota",), RotaRecord, name=form.rota)
    staff = books.staff(one, ("staff",), form.staff)
    instead = books.staff(one, ("instead_of",), form.instead_of) if form.instead_of else None
    if not rota or not staff or (form.instead_of and not instead):
        return
    if span := instants(books, one, form, rota.head.draft.zone):
        key = {"rota_id": rota.id, "kind": form.kind, "staff_id": staff.id, "starts": span[0]}
        values = {"ends": span[1], "instead_of_id": instead and instead.id, "reason": form.reason}
        values |= {"rotation": form.rotation or "", "below": form.below}
        if books.first(one, OverrideRecord, key, values):
            _put_override(books, one, rota, key, values)


def _put_override(books: Books, one: Filled, rota: RotaRecord, key: dict[str, Any], values: dict[str, Any]) -> None:
    """A new override, or a changed one: the old is taken back, and what it has done stays."""
    stored = books.session.scalars(
        select(OverrideRecord).filter_by(**key).where(OverrideRecord.withdrawn_at.is_(None))
    ).first()
    differing = [name for name, value in values.items() if stored and getattr(stored, name) != value]
    if stored and not differing:
        return
    record.write(books.session, rota, books.at)
    if stored:
        stored.withdrawn_at, stored.withdrawn_by = books.at, books.who.name
    came_with_it = rota.versions[0].published_at == books.at
    made_at = None if came_with_it else books.at
    books.session.add(OverrideRecord(**key, **values, who=books.who.name, made_at=made_at))
    books.session.flush()
    books.session.expire(rota, ["overrides"])
    swaps.review(books.session, rota, books.who, books.at)
    books.changed("changed" if stored else "added", OverrideRecord, one, differing)


def policy(books: Books, one: Filled, form: PolicyForm) -> None:
    """Whom to ring, step by step."""
    targets = [
        _target(books, one, ("steps", number, place), target)
        for number, step in enumerate(form.steps)
        for place, target in enumerate(step)
    ]
    if all(targets):
        steps = [[target.target for target in step] for step in form.steps]
        books.put(one, PolicyRecord, form.said("name"), {"steps": steps} | form.said("rounds", "ring_seconds"))


def _target(books: Books, one: Filled, path: Path, form: TargetForm) -> bool:
    if form.engineer:
        return books.staff(one, (*path, "engineer"), form.engineer) is not None
    return books.need(one, (*path, "rota"), RotaRecord, name=form.rota) is not None


def _all_staff(books: Books, one: Filled, path: Path, keys: Iterable[str]) -> bool:
    found = [books.staff(one, (*path, number), key) for number, key in enumerate(keys)]
    return all(found)


def instants(
    books: Books, one: Filled, form: ClosureForm | OverrideForm, zone: str
) -> tuple[datetime, datetime] | None:
    """From when to when, or a fault if the clocks leave no time in between."""
    starts, ends = instant(form.starts, zone), instant(form.ends, zone)
    if starts < ends:
        return starts, ends
    books.fault(one, ("ends",), f"the clocks change between {form.starts} and {form.ends}, which leaves no time")
    return None
