"""Says which benches there are and runs them, on both databases; fails if one of them does."""

from __future__ import annotations

import sys

from bench import storm

BENCHES = {
    "storm": (storm, "200 calls from 8 threads, every webhook twice, callbacks shuffled and a tenth of them lost")
}


def main() -> int:
    """Run everything; the number of runs that failed is the exit status."""
    failed = 0
    for name, (bench, what) in BENCHES.items():
        print(f"{name}: {what}", flush=True)
        for database in storm.DATABASES:
            failed += bench.main(["--database", database])
    return failed


if __name__ == "__main__":
    sys.exit(main())
