"""Links that we sign for customers: the state page of one ticket without anything to type, and the page after sending.

The number of a ticket would tell how many there are, so it is masked: what hides it is the tag of another address of
ours, which nobody else can make.
"""

from __future__ import annotations

import re
from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from desk.address import EPOCH, Opens

if TYPE_CHECKING:
    from datetime import datetime

    from desk.address import Addresses

STATE, SENT = "/help/track/", "/help/sent/"  # where track_page and new_page answer
SECOND = timedelta(seconds=1)
HIDDEN = re.compile("[0-9a-f]{8}")


class Links:
    """Makes and reads them; they tell the state alone, so they may last as long as a letter is kept."""

    def __init__(self, addresses: Addresses) -> None:
        self.addresses = addresses

    def tracking(self, ticket_id: int, until: datetime) -> str:
        """The whole address of the state page of that ticket, until that instant."""
        return self.addresses.origin + self.state(ticket_id, until)

    def state(self, ticket_id: int, until: datetime) -> str:
        """The same, as it stands on our own pages."""
        return STATE + self._sealed(Opens.STATE, ticket_id, until)

    def sent(self, ticket_id: int, until: datetime) -> str:
        """The page that says what becomes of what was just sent."""
        return SENT + self._sealed(Opens.SENT, ticket_id, until)

    def ticket_of(self, opens: Opens, sealed: str, now: datetime) -> int | None:
        """Whose ticket it opens; None if it is none of ours, was made for something else, or is over."""
        what = self.addresses.read(opens, sealed, now)
        if what is None or len(what) != 1 or not HIDDEN.fullmatch(what[0]):
            return None
        return int(what[0], 16) ^ self._mask(opens, EPOCH + int(sealed.split(".")[1], 16) * SECOND)

    def _sealed(self, opens: Opens, ticket_id: int, until: datetime) -> str:
        return self.addresses.make(opens, f"{ticket_id ^ self._mask(opens, until):08x}", until=until)

    def _mask(self, opens: Opens, until: datetime) -> int:
        tag = self.addresses.make(opens, "mask", until=until).rpartition(".")[2]
        return int.from_bytes(sha256(tag.encode()).digest()[:4], "big")
