"""Who may do what to the roster: one's own, or everything as a manager."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desk.staff import Role, Staff
from oncall.refusals import NotAllowed

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from desk.audit import Who


def may_manage(session: Session, who: Who) -> bool:
    """Whether they may decide for others: a manager, or whoever is at the terminal of the installation."""
    if who.staff_id is None:
        return True
    staff = session.get(Staff, who.staff_id)
    return staff is not None and staff.active and staff.role == Role.MANAGER


def only_for(session: Session, who: Who, staff: Staff) -> None:
    """Refuse whoever is neither this colleague nor a manager; raises NotAllowed."""
    if who.staff_id != staff.id and not may_manage(session, who):
        raise NotAllowed(f"only {staff.name} or a manager may do this")
