"""Spool: a file that lies on the disk until it is whole, so that of one that is refused nobody gets the beginning."""

from __future__ import annotations

from tempfile import TemporaryFile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import IO

A_PIECE = 65_536  # bytes


def whole(parts: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes, the first of them once all are made."""
    with TemporaryFile() as file:
        file.writelines(parts)
        yield from read(file)


def read(file: IO[bytes]) -> Iterator[bytes]:
    """A file from its beginning, in pieces."""
    file.seek(0)
    while piece := file.read(A_PIECE):
        yield piece
