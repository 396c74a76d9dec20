"""The commands of the desk: what they print, what they store, and that bad input gets a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from conftest import settings_for
from app import create_app
from ivr.switchboard import build
from ivr.line import BlockedNumber
from desk.db import set_up_version

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result
    from flask import Flask

    from desk.db import Database
    from simulator.clock import Clock
