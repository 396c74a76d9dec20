"""Types: what can happen, by the names that stand in payloads; once released, a name keeps its meaning."""

from __future__ import annotations

from enum import StrEnum

VERSION = 1  # of the payload; a field may be added under it, none is taken away or changes its meaning


class Type(StrEnum):
    """One thing that can happen."""

    CALL_BEGAN = "call.began"
    CALL_ENDED = "call.ended"
    TICKET_OPENED = "ticket.opened"
    TICKET_ACKNOWLEDGED = "ticket.acknowledged"
    TICKET_HANDED_OVER = "ticket.handed_over"
    TICKET_RELEASED = "ticket.released"
    TICKET_PRIORITY = "ticket.priority_changed"
    TICKET_ASKED = "ticket.asked"
    TICKET_WAITING = "ticket.waiting"
    TICKET_RESUMED = "ticket.resumed"
    TICKET_RESOLVED = "ticket.resolved"
    TICKET_WITHDRAWN = "ticket.withdrawn"
    TICKET_REOPENED = "ticket.reopened"
    TICKET_MERGED = "ticket.merged"
    TICKET_BREACHED = "ticket.breached"
    PAGE_RANG = "page.rang"
    PAGE_ACCEPTED = "page.accepted"
    PAGE_ENDED = "page.ended"
    SHIFT_BEGAN = "rota.shift_began"
    ROTA_CHANGED = "rota.changed"
    ROTA_GAP = "rota.gap"
    TEST = "test"  # somebody pressed the button; nobody chooses it


CHOSEN = tuple(one for one in Type if one is not Type.TEST)
# What a chat room has words for.
SPOKEN = (
    Type.TICKET_OPENED,
    Type.TICKET_ACKNOWLEDGED,
    Type.TICKET_HANDED_OVER,
    Type.TICKET_RELEASED,
    Type.TICKET_PRIORITY,
    Type.TICKET_WAITING,
    Type.TICKET_RESOLVED,
    Type.TICKET_REOPENED,
    Type.TICKET_BREACHED,
    Type.SHIFT_BEGAN,
    Type.ROTA_CHANGED,
    Type.ROTA_GAP,
)
