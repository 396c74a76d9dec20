"""Signing in, and setting a password.

Count the try, look at the password outside any transaction, then write what came of it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from desk import audit
from desk.audit import What, Who
from desk.door import attempts, links, passwords, sessions
from desk.door.sessions import SignIn
from desk.staff import Staff, by_email

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from desk.db import Database

SOMEBODY = "somebody"


class WrongPassword(Exception):
    """The account and the password do not belong together, or there is no such account."""


class TooManyTries(Exception):
    """So many tries have failed that none is looked at until `until`."""

    def __init__(self, until: datetime) -> None:
        super().__init__(until)
        self.until = until


@dataclass(frozen=True)
class Door:
    """Where people knock; `place` and `browser` are theirs."""

    database: Database
    place: str
    browser: str = ""

    def sign_in(self, email: str, password: str, now: datetime) -> str:
        """The secret of a new session; raises WrongPassword or TooManyTries."""
        who, stored = self._try(email, password, now)
        return self.database.write(lambda session: self._let_in(session, who, stored, now))

    def change_password(self, staff: Staff, old: str, new: str, now: datetime, stay: int) -> None:
        """A new password for somebody who still knows the old one; every other session of theirs ends."""
        who, stored = self._try(staff.email or "", old, now, staff)
        hash_ = passwords.hashed(new)
        self.database.write(lambda session: self._replace(session, who, stored, hash_, now, stay))

    def use_link(self, secret: str, new: str, now: datetime) -> bool:
        """Set the password that a link is for; False if the link opens nothing (any more)."""
        hash_ = passwords.hashed(new)
        return self.database.write(lambda session: self._by_link(session, secret, hash_, now))

    def come_in_by(self, secret: str, now: datetime) -> str | None:
        """The secret of a new session for whoever a link was made for, once; None if it opens nothing (any more)."""
        return self.database.write(lambda session: self._enter_by(session, secret, now))

    def _try(self, email: str, password: str, now: datetime, known: Staff | None = None) -> tuple[Who, str]:
        until, who, stored = self.database.write(lambda session: self._count(session, email, now, known))
        if until:
            raise TooManyTries(until)
        if passwords.fits(stored, password) and stored:
            return who, stored
        what = What.PASSWORD_REFUSED if known else What.SIGN_IN_FAILED
        self.database.write(lambda session: self._tell_failure(session, who, what, now))
        raise WrongPassword

    def _count(
        self, session: Session, email: str, now: datetime, known: Staff | None
    ) -> tuple[datetime | None, Who, str | None]:
        """Until when nothing is looked at, who is meant, and the hash of their password."""
        staff = known or by_email(session, email)
        who = Who(staff.name, self.place, staff.id) if staff else Who(SOMEBODY, self.place)
        stored = passwords.hash_of(session, staff.id) if staff else None
        attempts.forget(session, now)
        for key, limit in self._limits(email).items():
            tries, until = attempts.count(session, key, now)
            if tries == limit + 1:
                about = _account(who) if key.startswith("account") else "address"
                audit.tell(session, _nobody_yet(who), What.SIGN_IN_BLOCKED, about, now)
            if tries > limit:
                return until, who, stored
        return None, who, stored

    def _limits(self, email: str) -> Mapping[str, int]:
        # The address first: one that has used up its tries cannot use up those of every account as well.
        return {
            attempts.address(self.place): attempts.PER_ADDRESS,
            attempts.account(email): attempts.PER_ACCOUNT,
        }

    def _tell_failure(self, session: Session, who: Who, what: What, now: datetime) -> None:
        audit.tell(session, _nobody_yet(who), what, _account(who), now)

    def _let_in(self, session: Session, who: Who, stored: str, now: datetime) -> str:
        staff = _still(session, who, stored)
        attempts.forgive(session, attempts.account(staff.email or ""), attempts.address(self.place))
        audit.tell(session, who, What.SIGNED_IN, staff.name, now)
        return sessions.begin(session, staff.id, now, self.place, self.browser)

    def _replace(self, session: Session, who: Who, stored: str, hash_: str, now: datetime, stay: int) -> None:
        _still(session, who, stored)
        self._set(session, who, hash_, now, stay)

    def _set(self, session: Session, who: Who, hash_: str, now: datetime, stay: int | None) -> None:
        staff = session.get_one(Staff, who.staff_id)
        attempts.forgive(session, attempts.account(staff.email or ""))
        passwords.store(session, staff.id, hash_, now)
        links.close(session, staff.id, now)
        ended = sessions.end(session, staff.id, now, *([SignIn.id != stay] if stay else []))
        audit.tell(session, who, What.PASSWORD_SET, staff.name, now, sessions_ended=ended)

    def _by_link(self, session: Session, secret: str, hash_: str, now: datetime) -> bool:
        staff = _holder(session, secret, now)
        if staff is None:
            return False
        self._set(session, Who(staff.name, self.place, staff.id), hash_, now, None)
        return True

    def _enter_by(self, session: Session, secret: str, now: datetime) -> str | None:
        staff = _holder(session, secret, now)
        if staff is None:
            return None
        links.close(session, staff.id, now)
        who = Who(staff.name, self.place, staff.id)
        audit.tell(session, who, What.SIGNED_IN, staff.name, now, way="one-time link")
        return sessions.begin(session, staff.id, now, self.place, self.browser)


def _holder(session: Session, secret: str, now: datetime) -> Staff | None:
    """Whose link it is, used up by this, if they still work here."""
    staff_id = links.use(session, secret, now)
    staff = session.get(Staff, staff_id) if staff_id else None
    return staff if staff and staff.active else None


def _still(session: Session, who: Who, stored: str) -> Staff:
    """Them, if they still work here and the password that was looked at is still theirs."""
    staff = session.get_one(Staff, who.staff_id)
    if not staff.active or passwords.hash_of(session, staff.id, hold=True) != stored:
        raise WrongPassword
    return staff


def _nobody_yet(who: Who) -> Who:
    """Whoever fails has not shown who they are."""
    return replace(who, name=SOMEBODY, staff_id=None)


def _account(who: Who) -> str:
    # What was typed is not kept where the account is unknown: people type passwords there.
    return f"account of {who.name}" if who.staff_id else "unknown account"
