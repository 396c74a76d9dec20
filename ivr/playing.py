"""Playing: the addresses under which the carrier fetches recordings, and what is said in the one of an address.

An address is signed, names one sound and ends. It is the same for whoever calls in the same week, so the carrier,
which keeps what it has fetched (TWILIO.md §3 Play), does not ask for every call.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from desk.address import EPOCH, Opens

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from desk.address import Addresses
    from ivr.switchboard import Switchboards

WEEK = timedelta(days=7)
PATH = "/prompt/"


def address(addresses: Addresses, digest: str, at: datetime) -> str:
    """Where a sound is fetched from by a call of that instant; for one week at least, and two at most."""
    until = EPOCH + ((at - EPOCH) // WEEK + 2) * WEEK
    return f"{addresses.origin}{PATH}{addresses.make(Opens.PROMPT, digest, until=until)}/sound"


def digest_in(addresses: Addresses, sealed: str, now: datetime) -> str | None:
    """Which sound an address names; None if it is none of ours, or over."""
    what = addresses.read(Opens.PROMPT, sealed, now)
    return what[0] if what else None


def captions(addresses: Addresses, boards: Switchboards, clock: Callable[[], datetime]) -> Callable[[str], str | None]:
    """Tells what is said in the sound of an address, for whoever reads a call."""

    def told(url: str) -> str | None:
        digest = digest_in(addresses, url.partition(PATH)[2].partition("/")[0], clock())
        played = boards.last.recorded.values() if boards.last else ()
        return next((one.words for prompts in played for one in prompts.values() if one.digest == digest), None)

    return told
