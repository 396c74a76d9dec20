"""Reminders: a week, a day, an hour before somebody's time on duty begins, as each has chosen.

They come from the plan at the moment at which they are due. A reminder that is due at night waits for the morning,
but for that of an hour before. One that nobody could send in its time is not sent late: the next one is.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from oncall import foresight, night, notices, spells
from oncall.choices import Lead
from oncall.notices import Notice
from oncall.places import ordinal
from oncall.wall import FOREVER

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from oncall.choices import Reader
    from oncall.notices import Look
    from oncall.plan import Plan
    from oncall.spells import Spell

BEFORE = {Lead.WEEK: timedelta(days=7), Lead.DAY: timedelta(days=1), Lead.HOUR: timedelta(hours=1)}
WORTH = {Lead.WEEK: timedelta(hours=12), Lead.DAY: timedelta(hours=12), Lead.HOUR: timedelta(hours=1)}
AHEAD, AFTER = foresight.SOON, timedelta(days=14)  # so far shifts are looked for; so long after a start an end is


def remind(session: Session, look: Look) -> None:
    """Tell everybody what is due to them."""
    due = {_key(reader, spell, lead): (reader, spell, lead) for reader, spell, lead in _due(look)}
    for key in due.keys() - notices.known(session, due):
        reader, spell, lead = due[key]
        about = {"kind": "reminder", "key": reader.staff.key, "spell": spell.document, "lead": lead}
        begins = spell.start if lead == Lead.HOUR else FOREVER
        notices.give(session, look, reader, key, _notice(look, spell), about, _until(spell, lead, look.now), begins)


def is_true(_: Session, plans: Mapping[str, Plan], about: Mapping[str, Any], now: datetime) -> bool:
    """Whether they have that very time, from that very instant, and it has not begun."""
    spell = spells.of(about["spell"])
    if spell.rota not in plans or spell.start <= now:
        return False
    theirs = spells.between(plans[spell.rota], now, now + AHEAD).get(about["key"], ())
    span = spell.start, spell.start + AFTER
    return any((one.uid, one.start, *one.cut(*span)) == (spell.uid, spell.start, *spell.cut(*span)) for one in theirs)


def _due(look: Look) -> Iterator[tuple[Reader, Spell, Lead]]:
    for name, plan in look.plans.items():
        for key, theirs in look.ahead.soon[name].items():
            reader = look.readers.get(key)
            for spell in theirs if reader else ():
                for lead in reader.choice.reminders:  # type: ignore[union-attr]
                    if spell.start > look.now and _is_due(spell, lead, look.now, plan.zone(spell.start)):
                        yield reader, spell, lead  # type: ignore[misc]


def _is_due(spell: Spell, lead: Lead, now: datetime, zone: str) -> bool:
    at = spell.start - BEFORE[lead]
    if lead != Lead.HOUR:
        at = night.day(at, zone)
        if night.is_night(now, zone):
            return False
    return at <= now < at + WORTH[lead]


def _until(spell: Spell, lead: Lead, now: datetime) -> datetime:
    return min(spell.start, now + WORTH[lead])


def _key(reader: Reader, spell: Spell, lead: Lead) -> str:
    return f"reminder {lead} {spell.rota} {spell.uid} {reader.staff.id}"


def _notice(look: Look, spell: Spell) -> Notice:
    zone, place = look.zone(spell.rota, spell.start), ordinal(spell.place)
    words = f"{look.prefix(spell.rota)}you ring {place} from {spell.said(zone)}."
    begins = spell.said(zone).partition(" to ")[0].removesuffix(" on")
    return Notice(f"you ring {place} from {begins}", words, "/rota")
