"""What a page weighs when it is opened for the first time: everything that comes, as a proxy would compress it."""

from __future__ import annotations

import gzip
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from playwright.sync_api import Page, Response

BUDGET, SCRIPT_BUDGET = 60 * 1024, 30 * 1024  # of a page, and of the scripts among it


@dataclass
class Weight:
    """The answers that came, and how many bytes each is, compressed."""

    answers: list[Response] = field(default_factory=list)

    @cached_property
    def parts(self) -> dict[str, int]:
        """The weight of each part by its path."""
        return {urlsplit(one.url).path: len(gzip.compress(one.body(), 6)) for one in self.answers if one.status < 300}

    @property
    def bytes(self) -> int:
        """The whole page."""
        return sum(self.parts.values())

    @property
    def script_bytes(self) -> int:
        """What of it is scripts."""
        return sum(size for path, size in self.parts.items() if path.endswith(".js"))


def weigh(page: Page) -> Weight:
    """Note all that comes from now on; a page of a new context has nothing kept from before."""
    weight = Weight()
    page.on("response", lambda answer: weight.answers.append(answer))
    return weight
