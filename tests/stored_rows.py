"""Every row of every table, as bytes; raw mails decoded as well."""

from __future__ import annotations

import base64
import quopri
from typing import TYPE_CHECKING

from sqlalchemy import select

from desk.db import Base

if TYPE_CHECKING:
    from desk.db import Database


def rows(database: Database) -> list[tuple[str, bytes]]:
    """Each with the name of its table."""
    told = []
    with database.reading() as session:
        for table in Base.metadata.sorted_tables:
            for row in session.execute(select(table)):
                told.append((table.name, repr(tuple(row)).encode()))
                for value in row:
                    if isinstance(value, bytes):
                        told.append((table.name, quopri.decodestring(value)))
                        told += [(table.name, decoded(part)) for part in value.split(b"\r\n\r\n")]
    return told


def decoded(part: bytes) -> bytes:
    try:
        return base64.b64decode(part, validate=False)
    except ValueError:
        return b""
