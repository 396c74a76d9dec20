"""Links of letters: an address that opens the state page of one ticket without anything to type."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desk.address import Opens

if TYPE_CHECKING:
    from datetime import datetime

    from desk.address import Addresses

STATE = "/help/track/"  # where tickets.public.track_page answers


class Links:
    """Makes them; they tell the state alone, so they may last as long as a letter is kept."""

    def __init__(self, addresses: Addresses) -> None:
        self.addresses = addresses

    def tracking(self, ticket_id: int, until: datetime) -> str:
        """The whole address of the state page of that ticket, until that instant."""
        return self.addresses.origin + self.path(ticket_id, until)

    def path(self, ticket_id: int, until: datetime) -> str:
        """The same, as it stands on our own pages."""
        return STATE + self.addresses.make(Opens.STATE, ticket_id, until=until)
