"""Random cards and work over 2015 to 2030, charged, against a reference that looks at every second.

    python -m bench.charges --intervals 5000

Half of the work lies near public holidays, declared ones and observed Mondays among them. Prints what was compared;
ends with status 1 if anything differs.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from random import Random
from typing import TYPE_CHECKING

from charge_dice import a_case, differences
from charge_reference import AHEAD, DAY, DECLARED, kinds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sla.money.stretch import Stretch

EPOCH = 719_163  # 1 January 1970, as ordinal


def main(argv: Sequence[str] | None = None) -> int:
    """Compare and print the figures; the number of differences decides the status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--intervals", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=1)
    wanted = parser.parse_args(argv)
    count: Counter[str] = Counter()
    dice = Random(wanted.seed)  # noqa: S311 - dice
    while count["intervals"] < wanted.intervals:
        work, card, closed = a_case(dice)
        for difference in differences(work, card, closed):
            count["differences"] += 1
            print(difference)
        count.update(intervals=len(work), cases=1)
        for one in work:
            count.update(met(one))
    print("charges:", ", ".join(f"{number} {what}" for what, number in count.items()))
    return 1 if count["differences"] else 0


def met(one: Stretch) -> Counter[str]:
    """What is special about it: begun on a holiday, on a declared one, on the Monday after a Sunday's."""
    number = int(one.interval.start.timestamp() + AHEAD) // DAY
    seconds = int((one.interval.end - one.interval.start).total_seconds())
    found = Counter(seconds=seconds)
    if "public_holiday" in kinds(number):
        found["on holidays"] += 1
        found["on declared days"] += number + EPOCH in {day.toordinal() for day in DECLARED}
        found["on Mondays after one"] += number % 7 == 4 and "public_holiday" in kinds(
            number - 1
        )  # 1970 began on a Thursday
    return found


if __name__ == "__main__":
    sys.exit(main())
