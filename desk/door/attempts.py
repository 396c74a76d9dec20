"""How often somebody has tried: counted in the database, exact over any number of processes."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from hashlib import sha256
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING

from sqlalchemy import case, delete, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from desk import retention
from desk.db import Base

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

WINDOW, LONGEST = timedelta(minutes=15), timedelta(days=1)
PER_ACCOUNT, PER_ADDRESS = 10, 50  # tries in a window; an office shares one address


class Attempts(Base):
    """The tries of one account or address in the window that began with the first."""

    __tablename__ = "attempts"
    key: Mapped[str] = mapped_column(primary_key=True)
    since: Mapped[datetime] = mapped_column(index=True)
    count: Mapped[int]


def account(email: str) -> str:
    """The key of an account, real or not; hashed, for people type passwords where the name belongs."""
    return f"account {sha256(email.strip().lower().encode()).hexdigest()[:32]}"


def address(ip: str) -> str:
    """The key of an address; of an IPv6 address its network, for one machine has all of that.

    Some proxies add the port, which is another one for every try; a socket of both families writes IPv4 as IPv6.
    """
    parsed = _parsed(ip)
    if isinstance(parsed, IPv6Address):
        return f"address {ip_network((parsed, 64), strict=False)}"
    return f"address {parsed or ip[:60]}"


def site(ip: str) -> str | None:
    """The key of all networks that the owner of an IPv6 address may have (RFC 6177 §2); None for any other."""
    parsed = _parsed(ip)
    return f"site {ip_network((parsed, 48), strict=False)}" if isinstance(parsed, IPv6Address) else None


def _parsed(ip: str) -> IPv4Address | IPv6Address | None:
    bare = re.sub(r"^\[(.*)\](:\d+)?$|^([\d.]+):\d+$", r"\1\3", ip)
    try:
        parsed = ip_address(bare)
    except ValueError:
        return None
    return parsed.ipv4_mapped or parsed if isinstance(parsed, IPv6Address) else parsed


def count(session: Session, key: str, at: datetime, window: timedelta = WINDOW) -> tuple[int, datetime]:
    """Count one more try; which it is in its window (at most LONGEST), and when that window ends.

    The row is locked until the transaction ends, so no two tries get the same number.
    """
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    over = Attempts.since <= at - window
    statement = insert(Attempts).values(key=key, since=at, count=1)
    counted = statement.on_conflict_do_update(
        index_elements=[Attempts.key],
        set_={
            "since": case((over, statement.excluded.since), else_=Attempts.since),
            "count": case((over, 1), else_=Attempts.count + 1),
        },
    ).returning(Attempts.count, Attempts.since)
    tries, since = session.execute(counted).one()
    return tries, since + window


def forgive(session: Session, account_key: str, address_key: str | None = None) -> None:
    """The password was right: the account begins anew, and the address gets this one try back."""
    session.execute(delete(Attempts).where(Attempts.key == account_key))
    if address_key:
        give_back(session, address_key)


def give_back(session: Session, key: str) -> None:
    """One try of that key was none."""
    one_less = update(Attempts).where(Attempts.key == key, Attempts.count > 0)
    session.execute(one_less.values(count=Attempts.count - 1))


def forget(session: Session, at: datetime) -> None:
    """Drop what no longer counts."""
    session.execute(delete(Attempts).where(Attempts.since <= at - retention.usual(retention.Kind.COUNTS)))
