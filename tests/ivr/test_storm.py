"""A small storm on both databases; `python -m bench` is the whole one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench import storm

if TYPE_CHECKING:
    from pathlib import Path

CALLS = 30


def test_every_call_of_a_storm_is_served(database_url: str, tmp_path: Path):
    outcome = storm.rage(database_url, CALLS, tmp_path / "gunicorn.log", seed=2)
    assert outcome.violations == []
    assert outcome.counts["rings"] > CALLS / 3
    assert 0 < outcome.counts["accepted"] < outcome.counts["rings"]
    assert outcome.counts["skipped"] > 0, "they came at the same time"
    assert outcome.counts["messages"] > 0
