"""Calls word for word: every file in tests/calls is played over the whole application, on both databases.

`STORY_UPDATE=1` writes into each file what happened. Read it as the caller and the engineer hear it before keeping it.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

import story
from simulator.clock import Clock

if TYPE_CHECKING:
    from pathlib import Path

    from flask import Flask


@pytest.fixture
def clock(path: Path) -> Clock:
    """The time of the story's first call."""
    return Clock(story.begins(path.read_text()))


@pytest.mark.parametrize("path", story.CALLS, ids=lambda path: path.stem)
def test_call(path: Path, app: Flask, clock: Clock) -> None:
    written = path.read_text()
    played = story.play(written, app, clock).text
    if os.environ.get("STORY_UPDATE"):
        path.write_text(played)
    elif difference := story.difference(written, played):
        pytest.fail(difference, pytrace=False)
