"""Says which benches there are and runs them, on both databases; fails if one of them does."""

from __future__ import annotations

import sys

from bench import rota, rota_oracle, storm

BENCHES = {
    "storm": (storm, "200 calls from 8 threads, every webhook twice, callbacks shuffled and a tenth of them lost")
}
PURE = {  # these need no database
    "rota": (rota.main, "who is on call, and a year of shifts, beside an expansion by rrule"),
    "rota_oracle": (lambda: rota_oracle.main([]), "5,000 random rotas at 200 instants against the slow resolver"),
}


def main() -> int:
    """Run everything; the number of runs that failed is the exit status."""
    failed = 0
    for name, (bench, what) in BENCHES.items():
        print(f"{name}: {what}", flush=True)
        for database in storm.DATABASES:
            failed += bench.main(["--database", database])
    for name, (run, what) in PURE.items():
        print(f"{name}: {what}", flush=True)
        failed += run()
    return failed


if __name__ == "__main__":
    sys.exit(main())
