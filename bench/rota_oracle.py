"""Random rotas, asked at random instants and around every edge, against the slow and obvious resolver.

    python -m bench.rota_oracle --rotas 5000 --instants 200

Every hundred rotas the process moves to another zone. Prints how many were asked; ends at the first difference.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import Counter
from datetime import timedelta
from itertools import cycle
from random import Random
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded

from rota_dice import rotas
from rota_oracle import differences

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from oncall.rota import Rota

FORTNIGHT = timedelta(days=14)
ZONES = ("UTC", "America/St_Johns", "Pacific/Auckland", "Africa/Johannesburg")


def main(argv: Sequence[str] | None = None) -> int:
    """Run and print the figures; a difference raises, with the smallest rota that shows it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rotas", type=int, default=5000)
    parser.add_argument("--instants", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    wanted = parser.parse_args(argv)
    count: Counter[str] = Counter()
    zones = cycle(ZONES)

    @seeded(wanted.seed)
    @settings(
        max_examples=wanted.rotas,
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(rotas())
    def asked(case: tuple[Rota, datetime, datetime]) -> None:
        rota, a, _ = case
        b = a + FORTNIGHT
        if count["rotas"] % 100 == 0:
            os.environ["TZ"] = next(zones)
            time.tzset()
        dice = Random(count["rotas"])  # noqa: S311 - dice
        assert differences(rota, a, b, wanted.instants, dice) == []
        count["rotas"] += 1
        count["instants"] += wanted.instants
        count["rotations"] += sum(len(layer.rotations) for layer in rota.layers)
        count["shifts"] += sum(map(len, rota.lanes(a, b).values()))

    asked()
    print("  " + ", ".join(f"{number:,} {what}" for what, number in count.items()) + ": no difference")
    return int(count["rotas"] < wanted.rotas)


if __name__ == "__main__":
    sys.exit(main())
