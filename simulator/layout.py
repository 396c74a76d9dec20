"""A document laid out to be read: one element a line, two spaces for each step in; what is no TwiML stays as it is."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from simulator.twiml import BadAnswer, parse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from simulator.twiml import Verb


def laid_out(body: str) -> str:
    """The TwiML of an answer, for people; whatever came instead of it as it came."""
    try:
        return "\n".join(_lines(parse(body.encode()), ""))
    except BadAnswer:
        return body


def _lines(verb: Verb, indent: str) -> Iterator[str]:
    has = "".join(f' {name}="{escape(value)}"' for name, value in verb.attributes.items())
    words = escape(" ".join(verb.text.split()), quote=False)
    if not verb.children:
        yield f"{indent}<{verb.name}{has}>{words}</{verb.name}>" if words else f"{indent}<{verb.name}{has}/>"
        return
    yield f"{indent}<{verb.name}{has}>{words}"
    for inner in verb.children:
        yield from _lines(inner, indent + "  ")
    yield f"{indent}</{verb.name}>"
