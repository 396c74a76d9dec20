"""Chat: one sentence to a room, by apprise in a process of its own.

Of apprise we get a yes or a no; it makes its own connections. So it runs where it can harm nothing (chat_process):
without our environment and its secrets, for so many seconds, and with a watch over every connection that it opens.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import select

from desk.hooks import chat_words, places, posting
from desk.hooks.places import BadPlace
from desk.hooks.posting import Said
from tickets.ticket import Ticket

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from desk.hooks.happening import Delivery
    from desk.outward import Bounds

ROOT = Path(__file__).parent.parent.parent
PATIENCE = 25  # seconds, of the thirty in which a message may leave
KEPT = ("PATH", "LANG", "LC_ALL", "SSL_CERT_FILE", "SSL_CERT_DIR")  # of our environment


@dataclass(frozen=True)
class Chat:
    """What messengers of chat send with."""

    bounds: Bounds
    origin: str

    def ready(self, session: Session, delivery: Delivery, now: datetime) -> Callable[[], Said] | str:
        """The sentence on its way; unless it has become untrue."""
        told, endpoint = delivery.happening, delivery.endpoint
        if told.type != "test" and chat_words.says_nobody(told.type, told.facts) and _is_had(session, told.facts):
            return "somebody has it by now"
        words = chat_words.sentence(told.type, told.facts, full=endpoint.full)
        if "ticket" in told.facts:
            words += f" {self.origin}/tickets/{told.facts['ticket']['reference']}"
        url = endpoint.url
        return lambda: send(self.bounds, url, words)


def send(bounds: Bounds, url: str, words: str, patience: float = PATIENCE) -> Said:
    """Have apprise send it; every fault is an answer too."""
    try:
        places.chat(url, bounds.networks)
    except BadPlace as error:
        return Said(fault=str(error))
    asked = {"url": url, "words": words, "networks": [str(one) for one in bounds.networks]}
    command = [sys.executable, "-m", "desk.hooks.chat_process"]
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    try:
        done = subprocess.run(  # noqa: S603 - our own module, and what was typed goes by its standard input
            command,
            input=json.dumps(asked).encode(),
            cwd=ROOT,
            env=kept,
            capture_output=True,
            timeout=patience,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Said(fault=f"no answer within {patience:g} s")
    if done.returncode == 0:
        return Said(taken=True)
    return Said(fault=posting.plain(done.stdout) or "it was not taken")


def _is_had(session: Session, facts: object) -> bool:
    number = facts["ticket"]["reference"]  # type: ignore[index]
    ticket = session.scalars(select(Ticket).where(Ticket.reference == number)).one_or_none()
    return ticket is None or ticket.owner_id is not None or not ticket.is_open
