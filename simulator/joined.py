"""A REST API and a network joined: a call that the application places by REST rings on the network's telephones."""

from __future__ import annotations

from queue import SimpleQueue
from typing import TYPE_CHECKING

from simulator.leg import Subscription
from simulator.rest_records import one

if TYPE_CHECKING:
    from simulator.call import Call
    from simulator.clock import Clock
    from simulator.network import Network
    from simulator.rest_account import Account
    from simulator.rest_records import Call as Entry


class Joined:
    """What REST queues waits here until it is let ring; `book` keeps the account's books of what became of it."""

    def __init__(self, account: Account, network: Network) -> None:
        self.account, self.network = account, network
        self.queued: SimpleQueue[Entry] = SimpleQueue()
        account.on_call = self.queued.put
        account.on_hang_up = self._hang_up

    def ring(self, *, within: float | None = None, talk: float | None = None, clock: Clock | None = None) -> Call:
        """Let the oldest call ring; raises queue.Empty where none comes within so many seconds (None: at once)."""
        entry = self._next(within)
        told = one(entry.form, "StatusCallback")
        return self.network.call_out(
            entry.from_,
            entry.to,
            one(entry.form, "Url") or "",
            sid=entry.sid,
            fallback_url=one(entry.form, "FallbackUrl"),
            status=Subscription(told, events=tuple(entry.form["StatusCallbackEvent"])) if told else None,
            talk=talk,
            clock=clock,
        )

    def _next(self, within: float | None) -> Entry:
        """The oldest that was not taken back meanwhile."""
        entry = self.queued.get(block=within is not None, timeout=within)
        return self._next(within) if entry.ended else entry

    def _hang_up(self, entry: Entry) -> None:
        """REST has ended a call: one that still waits never rings, and one that rings falls silent."""
        call = self.network.calls.get(entry.sid)
        if call and entry.status == "canceled":
            call.cancel()
        elif call and call.waiting:
            call.end()

    def book(self, call: Call) -> None:
        """Enter a call of the network and its legs in the account's books, as they stand now."""
        for leg in (call.leg, *call.children):
            kept = self.account.calls.get(leg.sid)
            if kept is None:
                parent = leg.parent.sid if leg.parent else None
                kept = self.account.add_call(leg.from_, leg.to, leg.direction, parent_call_sid=parent)
                self.account.calls[leg.sid] = self.account.calls.pop(kept.sid)
                kept.sid, kept.date_created = leg.sid, leg.started
            kept.status, kept.answer_time, kept.end_time = leg.status, leg.answered, leg.ended
            kept.start_time = leg.answered or leg.started
