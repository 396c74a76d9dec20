"""Tally: what a file comes to, counted while it is written: its rows, their totals, and the hash of its bytes."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256
from typing import TYPE_CHECKING

from sla.exports.batches import batches

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sla.money.row import Row

NOTHING = Decimal("0.00")
TO_CHECK = "to_check"


@dataclass
class Totals:
    """Rows, seconds worked and billed, money excluding VAT, and the rows that are still to be checked."""

    rows: int = 0
    seconds: int = 0
    billed_seconds: int = 0
    amount: Decimal = NOTHING
    to_check: int = 0

    def add(self, rows: Sequence[Row]) -> None:
        """Some more rows."""
        self.rows += len(rows)
        self.seconds += sum([row.seconds for row in rows])
        self.billed_seconds += sum([row.billed_seconds for row in rows])
        self.amount = sum([row.amount for row in rows], self.amount)
        self.to_check += [row.state for row in rows].count(TO_CHECK)


@dataclass(frozen=True)
class Manifest:
    """What is kept of a file that was written: the SHA-256 of its bytes, its length, and what its rows come to."""

    sha256: str
    length: int
    totals: Totals


class Tally:
    """Both ends of a writer: rows go in through `rows`, bytes come out through `bytes`; then `manifest` is whole."""

    def __init__(self) -> None:
        self.totals = Totals()
        self.length = 0
        self._hash = sha256()

    def rows(self, rows: Iterable[Row]) -> Iterator[Row]:
        """The rows, counted as they come."""
        for some in batches(rows):
            self.totals.add(some)
            yield from some

    def bytes(self, parts: Iterable[bytes]) -> Iterator[bytes]:
        """The bytes, hashed as they pass."""
        for part in parts:
            self._hash.update(part)
            self.length += len(part)
            yield part

    @property
    def manifest(self) -> Manifest:
        """What has passed so far: once the file is written, all of it."""
        return Manifest(self._hash.hexdigest(), self.length, self.totals)
