"""Letting in whom the provider vouches for: by the verified mail address, and nobody whom a manager has not added."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from desk import audit
from desk.audit import What, Who
from desk.door import attempts, sessions
from desk.door.doubt import Doubt, NotVouched
from desk.door.entry import SOMEBODY, TooManyTries
from desk.mailing import is_address
from desk.staff import Staff

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from desk.door.entry import Door
    from desk.settings import Settings


def address(claims: dict[str, Any], settings: Settings) -> str:
    """The verified address in what the provider says; raises NotVouched without one that is taken here."""
    said, is_verified = claims.get("email"), claims.get("email_verified", settings.oidc_trust_mail)
    # To fold other letters than these could make one address of two: K (U+212A) becomes k.
    if not isinstance(said, str) or not said.isascii() or not is_address(said):
        raise NotVouched(Doubt.NO_MAIL)
    if is_verified is not True:
        raise NotVouched(Doubt.UNVERIFIED)
    if settings.domains and said.rpartition("@")[2].lower() not in settings.domains:
        raise NotVouched(Doubt.DOMAIN)
    return said.lower()


def count(door: Door, now: datetime) -> None:
    """Count one more who comes back from the provider; raises TooManyTries beyond the limit of an address."""

    def once_more(session: Session) -> datetime | None:
        attempts.forget(session, now)
        tries, until = attempts.count(session, attempts.address(door.place), now)
        if tries == attempts.PER_ADDRESS + 1:
            audit.tell(session, Who(SOMEBODY, door.place), What.SIGN_IN_BLOCKED, "address", now)
        return until if tries > attempts.PER_ADDRESS else None

    if until := door.database.write(once_more):
        raise TooManyTries(until)


def let_in(door: Door, address: str, provider: str, now: datetime) -> str:
    """The secret of a new session for whoever has that verified address; raises NotVouched if nobody, or not now."""

    def enter(session: Session) -> str:
        staff = _whose(session, address)
        attempts.give_back(session, attempts.address(door.place))
        audit.tell(session, Who(staff.name, door.place, staff.id), What.SIGNED_IN, staff.name, now, way=provider)
        return sessions.begin(session, staff.id, now, door.place, door.browser)

    return door.database.write(enter)


def tell(door: Door, refused: NotVouched, provider: str, now: datetime) -> None:
    """Write down who was not let in and why; an address only once the provider has vouched for it."""
    about = refused.address or "unknown account"
    detail = {"way": provider, "why": str(refused.why)}
    who = Who(SOMEBODY, door.place)
    door.database.write(lambda session: audit.tell(session, who, What.SIGN_IN_FAILED, about, now, **detail))


def _whose(session: Session, address: str) -> Staff:
    known = session.scalars(select(Staff).where(func.lower(Staff.email) == address)).all()
    here = [one for one in known if one.active]
    if len(here) == 1:
        return here[0]
    raise NotVouched(Doubt.SHARED if here else Doubt.LEFT if known else Doubt.UNKNOWN, address)
