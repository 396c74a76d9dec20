"""Header: what a file says about itself, besides its rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True)
class Header:
    """Whose lines, of which month ("2026-11"), and what was asked for, in words.

    `maker` and `made_at` (aware, on the office's clocks) are who closed the month, and when, once it is closed: so its
    files stay the same. What the rows come to is known at their end alone (`tally.py`).
    """

    company: str
    month: str
    filter: str
    maker: str
    made_at: datetime
    closed: bool

    def __post_init__(self) -> None:
        if self.made_at.tzinfo is None:
            raise ValueError("the time at which a file was made has no zone")

    @property
    def standing(self) -> str:
        """In a word: closed, or a draft that may yet change."""
        return "closed" if self.closed else "draft"
