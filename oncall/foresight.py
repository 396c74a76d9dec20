"""Foresight: everybody's time on duty ahead, worked out once for a look of the worker, and before it takes any lock."""

from __future__ import annotations

from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from oncall import spells

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from oncall.plan import Plan
    from oncall.spells import Spell

YEAR, SOON = timedelta(days=366), timedelta(days=21)


class Foresight:
    """What these rotas have for everybody from an instant on; each part is worked out when it is asked for first."""

    def __init__(self, plans: Mapping[str, Plan], now: datetime) -> None:
        self.plans, self.now = plans, now

    def work_out(self, part: Literal["year", "soon"]) -> None:
        """Do it now, so that it need not be done later."""
        getattr(self, part)

    @cached_property
    def year(self) -> dict[str, list[Spell]]:
        """By key, over every rota: a year of it."""
        return spells.of_all(self.plans, self.now, self.now + YEAR)

    @cached_property
    def soon(self) -> dict[str, dict[str, list[Spell]]]:
        """By rota and key: the next three weeks."""
        return {name: spells.between(plan, self.now, self.now + SOON) for name, plan in self.plans.items()}
