"""What the log says: a line an event, JSON unless a terminal reads it; numbers and mailboxes masked, secrets never."""

from __future__ import annotations

import logging
import re
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import structlog
from pydantic import SecretStr
from sqlalchemy.engine import make_url
from structlog.stdlib import ProcessorFormatter

from desk import written_numbers
from desk.door.keys import SHAPE

if TYPE_CHECKING:
    from collections.abc import Iterable, MutableMapping
    from typing import TextIO

    from structlog.typing import Processor

    from desk.settings import Settings

HIDDEN = "[hidden]"
MAILBOX = re.compile(
    r"""(?:"[^"\n]{1,64}"|[^\s"'<>()\[\],;:@‹›]{1,64})@(?=[\w-])"""
)  # of an address (RFC 5321 §4.5.3.1.1)


def configure(settings: Settings) -> None:
    """Send what this process logs to standard error; whoever has arranged that otherwise is left alone."""
    root = logging.getLogger()
    if not root.handlers:
        root.addHandler(handler(sys.stderr, settings))
        root.setLevel(settings.log_level)


def handler(stream: TextIO, settings: Settings) -> logging.Handler:
    """Writes to `stream`: for people if it is a terminal, for programs if not."""
    made = logging.StreamHandler(stream)
    shown: list[Processor] = [ProcessorFormatter.remove_processors_meta, Mask(_secrets(settings))]
    if stream.isatty():
        shown.append(structlog.dev.ConsoleRenderer())
    else:
        shown.append(structlog.processors.JSONRenderer(ensure_ascii=False))
    before: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        _at,
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
    ]
    made.setFormatter(ProcessorFormatter(processors=shown, foreign_pre_chain=before))
    return made


def about(**ids: object) -> None:
    """Everything logged from now on in this request or job concerns these."""
    structlog.contextvars.bind_contextvars(**ids)


def begin() -> None:
    """A new request or job: what the last one concerned is forgotten."""
    structlog.contextvars.clear_contextvars()


class Mask:
    """Takes numbers, mailboxes and secrets out of everything that is about to be written, however deep it stands."""

    def __init__(self, secrets: Iterable[str]) -> None:
        longest_first = sorted({one for one in secrets if one}, key=len, reverse=True)
        self.known = re.compile("|".join(map(re.escape, longest_first))) if longest_first else None

    def __call__(self, _: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        return {self.text(key): self.value(value) for key, value in event.items()}

    def value(self, value: Any) -> Any:
        if isinstance(value, bool | int | float | None):
            return value
        if isinstance(value, dict):
            return {self.text(str(key)): self.value(one) for key, one in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return [self.value(one) for one in value]
        return self.text(str(value))

    def text(self, text: str) -> str:
        hidden = self.known.sub(HIDDEN, text) if self.known else text
        return written_numbers.masked(MAILBOX.sub("…@", SHAPE.sub(HIDDEN, hidden)))


def _secrets(settings: Settings) -> list[str]:
    """Every value that must never be written: what the settings keep secret, and the database's password."""
    values = (getattr(settings, name) for name in type(settings).model_fields)
    kept = [value.get_secret_value() for value in values if isinstance(value, SecretStr)]
    password = make_url(settings.database_url).password
    return [*kept, password] if password else kept


def _at(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    # The record's own instant: only app.py reads the clock.
    event["at"] = datetime.fromtimestamp(event["_record"].created, UTC).isoformat(timespec="milliseconds")
    return event
