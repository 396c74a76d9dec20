"""Staff: the people of the company that runs the line."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy.orm import Mapped, mapped_column

from desk.db import Base, SetUp


class Role(StrEnum):
    """What a person does here, and therefore may do."""

    ENGINEER = "engineer"
    BILLING = "billing"
    MANAGER = "manager"


class Staff(SetUp, Base):
    """One colleague; `key` is the short name by which set-up files and rotas speak of them."""

    __tablename__ = "staff"
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    role: Mapped[str]
    phone: Mapped[str | None]
    email: Mapped[str | None]
    active: Mapped[bool] = mapped_column(default=True)
