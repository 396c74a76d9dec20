"""Rounds: what the worker looks at for hooks every so often: the rota, and whether things get through."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from desk.hooks import failing, rota_watch

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from oncall.worker import Turn

A_MINUTE = timedelta(minutes=1)


def look_after_hooks(turn: Turn) -> None:
    """Those that are due."""

    def watch(session: Session, now: datetime) -> None:
        rota_watch.look(session, turn.boards.current(session).rotas, now)

    turn.now_and_then("rota watch", A_MINUTE, lambda *_: watch)
    turn.now_and_then("hooks", 5 * A_MINUTE, lambda *_: failing.look)
