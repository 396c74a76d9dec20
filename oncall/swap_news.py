"""What became of swaps, in a sentence to everybody whom it concerns but whoever did it; read from the audit."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from desk.audit import What
from oncall import agreement
from oncall.swap import State, Swap
from oncall.wall import said

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime

    from sqlalchemy.orm import Session

    from desk.audit import Entry
    from desk.staff import Staff
    from oncall.notices import Look


class News(NamedTuple):
    """One sentence for one colleague, and when the time that it is about begins."""

    entry: int
    words: str
    begins: datetime


def of(session: Session, entries: Iterable[Entry], look: Look) -> dict[int, list[News]]:
    """What these entries of the audit mean to whom, by number of staff."""
    found: dict[int, list[News]] = defaultdict(list)
    for entry in entries:
        swap = session.get(Swap, entry.detail.get("swap", 0))
        if swap is None or entry.what not in SENTENCES:
            continue
        told: dict[int, str] = {}
        for staff, words in SENTENCES[What(entry.what)](session, swap, entry, look):
            told.setdefault(staff.id, words)
        for number, words in told.items():
            if number != entry.staff_id:
                found[number].append(News(entry.id, words, swap.starts))
    return found


def _accepted(_: Session, swap: Swap, entry: Entry, look: Look) -> Iterator[tuple[Staff, str]]:
    if swap.taker is None:
        return
    arranged = f"{entry.who} has arranged a swap: " if entry.staff_id != swap.taker_id else ""
    yield swap.owner, f"{arranged}{swap.taker.name} takes your shift from {_times(swap, look)}."
    yield swap.taker, f"{arranged}you take {swap.owner.name}'s shift from {_times(swap, look)}."


def _declined(_: Session, swap: Swap, entry: Entry, look: Look) -> Iterator[tuple[Staff, str]]:
    if swap.state == State.DECLINED:
        yield swap.owner, f"{entry.who} has said no: you keep your shift from {_times(swap, look)}."


def _withdrawn(session: Session, swap: Swap, _: Entry, look: Look) -> Iterator[tuple[Staff, str]]:
    for staff in [swap.to] if swap.to else agreement.who_can(session, swap):
        if staff.id not in swap.declined:
            yield staff, f"{swap.owner.name} does not ask any more for the shift from {_times(swap, look)}."
    yield swap.owner, f"your request to swap the shift from {_times(swap, look)} is withdrawn."


def _expired(_: Session, swap: Swap, __: Entry, look: Look) -> Iterator[tuple[Staff, str]]:
    yield swap.owner, f"nobody has said yes: you keep your shift from {_times(swap, look)}."
    if swap.to:
        yield swap.to, f"{swap.owner.name}'s request for the shift from {_times(swap, look)} has expired."


def _invalid(_: Session, swap: Swap, __: Entry, look: Look) -> Iterator[tuple[Staff, str]]:
    words = f"the swap of {swap.owner.name}'s shift from {_times(swap, look)} does not hold any more: {swap.why}."
    for staff in (swap.owner, swap.taker or swap.to):
        if staff:
            yield staff, words


def _undone(_: Session, swap: Swap, entry: Entry, look: Look) -> Iterator[tuple[Staff, str]]:
    words = f"{entry.who} has undone the swap of {swap.owner.name}'s shift from {_times(swap, look)}."
    for staff in (swap.owner, swap.taker):
        if staff:
            yield staff, words


SENTENCES: dict[What, Callable[[Session, Swap, Entry, Look], Iterator[tuple[Staff, str]]]] = {
    What.SWAP_ACCEPTED: _accepted,
    What.SWAP_DECLINED: _declined,
    What.SWAP_WITHDRAWN: _withdrawn,
    What.SWAP_EXPIRED: _expired,
    What.SWAP_INVALID: _invalid,
    What.SWAP_UNDONE: _undone,
}


def _times(swap: Swap, look: Look) -> str:
    zone = look.zone(swap.rota.name, swap.starts)
    rota = f" ({swap.rota.name})" if len(look.plans) > 1 else ""
    return f"{said(swap.starts, zone)} to {said(swap.ends, zone)}{rota}"
