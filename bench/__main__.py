"""Says which benches there are and runs them, on both databases where they have one; fails if one of them does."""

from __future__ import annotations

import sys

from bench import business_time, storm

ON_BOTH = [["--database", database] for database in storm.DATABASES]
BENCHES = {
    "business_time": (business_time, [[]], "due times a second, beside businesstimedelta"),
    "storm": (
        storm,
        ON_BOTH,
        "200 calls from 8 threads, webhooks twice, callbacks shuffled and a tenth of them lost",
    ),
}


def main() -> int:
    """Run everything; the number of runs that failed is the exit status."""
    failed = 0
    for name, (bench, runs, what) in BENCHES.items():
        print(f"{name}: {what}", flush=True)
        failed += sum(bench.main(arguments) for arguments in runs)
    return failed


if __name__ == "__main__":
    sys.exit(main())
