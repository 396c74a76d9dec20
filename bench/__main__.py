"""Run every benchmark, and fail if one of them does."""

from __future__ import annotations

import sys

from bench import billing_page, business_time, charges, exports, renewal, rota, rota_oracle, storm, webhooks

ON_BOTH = [["--database", database] for database in storm.DATABASES]
BENCHES = {
    "business_time": (business_time.main, [[]], "due times a second, beside businesstimedelta"),
    "rota": (lambda _: rota.main(), [[]], "who is on call, and a year of shifts, beside an expansion by rrule"),
    "rota_oracle": (rota_oracle.main, [[]], "5,000 random rotas at 200 instants against the slow resolver"),
    "charges": (charges.main, [[]], "5,000 random stretches of work, charged, against a second-by-second reference"),
    "exports": (exports.main, [[]], "a CSV of a million charge lines, beside a bare loop from the driver to a CSV"),
    "billing_page": (
        billing_page.main,
        ON_BOTH,
        "pages of a month with 100,000 charge lines, each in a second",
    ),
    "storm": (
        storm.main,
        ON_BOTH,
        "200 calls from 8 threads, webhooks twice, callbacks shuffled and a tenth of them lost",
    ),
    "webhooks": (webhooks.main, ON_BOTH, "the first webhook and a whole call, beside the limit and a plain menu"),
    "renewal": (renewal.main, ON_BOTH, "a holiday is declared while 10,000 tickets are open and callers ring"),
}


def main() -> int:
    """Run everything; the number of runs that failed is the exit status."""
    failed = 0
    for name, (bench, runs, what) in BENCHES.items():
        print(f"{name}: {what}", flush=True)
        failed += sum(bench(arguments) for arguments in runs)
    return failed


if __name__ == "__main__":
    sys.exit(main())
