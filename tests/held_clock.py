"""The application by a clock that a test holds in its hand, for processes of their own: the time stands in a file.

`CLOCK_FILE=… flask --app tests/held_clock.py worker`
"""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import app

if TYPE_CHECKING:
    from flask import Flask


def create_app() -> Flask:
    file = Path(os.environ["CLOCK_FILE"])
    return app.create_app(world=app.World(clock=lambda: datetime.fromisoformat(file.read_text())))


def hold(file: Path, at: datetime) -> None:
    """What every process goes by from now on; never half written."""
    half = file.with_suffix(".new")
    half.write_text(at.isoformat())
    half.replace(file)
