"""Batches: what comes one by one, some at a time: what is done to many at once costs a fraction of doing it to each."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

AT_ONCE = 500  # in memory
One = TypeVar("One")


def batches(one_by_one: Iterable[One]) -> Iterator[list[One]]:
    """All of them, in their order."""
    left = iter(one_by_one)
    while some := list(islice(left, AT_ONCE)):
        yield some
