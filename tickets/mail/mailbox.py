"""Mailbox: how far a folder of an IMAP server has been fetched, noted in the transaction that stores what was."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger
from sqlalchemy.orm import Mapped, mapped_column

from desk.db import Base


class Mailbox(Base):
    """A folder by the name of its account: while its UIDVALIDITY is this, all up to the UID `last` is stored."""

    __tablename__ = "mailbox"
    name: Mapped[str] = mapped_column(primary_key=True)
    validity: Mapped[int] = mapped_column(BigInteger)
    last: Mapped[int] = mapped_column(BigInteger)
    begun_at: Mapped[datetime]
