"""Charts as the server draws them: shapes in the units of an SVG's view box, no script and no library.

A chart is a picture of a table that stands beside it; the picture is hidden from who cannot see it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

PITCH, BAR, HEIGHT = 24, 18, 96  # of a column: from one to the next, its width, and the tallest


@dataclass(frozen=True)
class Block:
    """One part of a column: which series it belongs to, and where it stands."""

    series: int
    x: int
    y: float
    height: float


@dataclass(frozen=True)
class Columns:
    """Stacked columns, the first series at the bottom; `top` is the value of the tallest column."""

    width: int
    top: int
    blocks: Sequence[Block]

    height = HEIGHT


def columns(stacks: Sequence[Sequence[int]]) -> Columns:
    """One column for each stack of values, as high as the largest total allows."""
    top = max((sum(stack) for stack in stacks), default=0)
    blocks = []
    for place, stack in enumerate(stacks):
        floor = float(HEIGHT)
        for series, value in enumerate(stack):
            if value:
                height = HEIGHT * value / top
                floor -= height
                blocks.append(Block(series, place * PITCH + (PITCH - BAR) // 2, round(floor, 2), round(height, 2)))
    return Columns(max(len(stacks), 1) * PITCH, top, blocks)
