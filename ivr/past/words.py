"""What people say and write in a past that is made up, read from `desk/demo/history/words.yaml`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import yaml

if TYPE_CHECKING:
    from random import Random

DATA = Path(__file__).parents[2] / "desk" / "demo" / "history"


@dataclass(frozen=True)
class Request:
    """Something that somebody needs, and how it is helped; `waits` is what of the customer it may have to wait for."""

    subject: str
    what: str
    answer: str
    resolved: str
    waits: str = "a word from you"


def request(priority: str, dice: Random) -> Request:
    """One of that priority."""
    return Request(**dice.choice(_words()[priority]))


def said(kind: str, dice: Random) -> str:
    """A sentence of that kind."""
    return cast("str", dice.choice(_words()[kind]))


@cache
def _words() -> dict[str, list[Any]]:
    return cast("dict[str, list[Any]]", yaml.safe_load((DATA / "words.yaml").read_text(encoding="utf-8")))
