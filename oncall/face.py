"""The faces of the rota: colleagues as its pages show them, each with a colour that stays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from desk.staff import Staff

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

LOOKS = 5  # colours; from the sixth person on they come again with another edge


@dataclass(frozen=True)
class Face:
    """One colleague as a page shows them: by name, initials and a colour of their own."""

    key: str
    name: str
    look: int = 0
    phone: str | None = None
    staff_id: int = 0
    active: bool = True

    @property
    def initials(self) -> str:
        """The first letters of the first and the last name."""
        words = self.name.split()
        return "".join(word[0] for word in ([words[0], words[-1]] if len(words) > 1 else words)).upper()

    @property
    def style(self) -> str:
        """The classes of their colour and of its edge."""
        return f"who-{self.look % LOOKS + 1}" + (" edged" if self.look >= LOOKS else "")


def faces(session: Session) -> dict[str, Face]:
    """Everybody who works or worked here, by key, each with a colour that stays."""
    found = session.scalars(select(Staff).order_by(Staff.id))
    return {one.key: Face(one.key, one.name, n, one.phone, one.id, one.active) for n, one in enumerate(found)}
