"""Benchmarks and chaos runs, each with its limits; `python -m bench` runs them all.

    python -m bench.storm --calls 200 --database sqlite|postgresql
    python -m bench.rota
    python -m bench.rota_oracle --rotas 5000 --instants 200
    python -m bench.business_time
    python -m bench.charges --intervals 5000
    python -m bench.exports --rows 1000000
    python -m bench.billing_page --lines 100000 --database sqlite|postgresql
    python -m bench.webhooks --rounds 5 --database sqlite|postgresql
    python -m bench.renewal --tickets 10000 --database sqlite|postgresql
    python -m bench.kill_workers --kills 100 --database sqlite|postgresql    (a quarter of an hour; not among them all)

They stand on the tests' server, databases and cast, so these are made importable here.
"""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent.parent / "tests"))
