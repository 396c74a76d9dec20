"""Nasty mails: what customers, their servers and strangers send, each with what is expected of it.

By theme, as tables: `Mail(name, raw, Expected(...))`. All of them were written for these tests; the large ones are made
when they are asked for. `nasty()` is all of them, `small()` those that can be mutated a thousand times.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mails import (
    addressing,
    alphabets,
    attached,
    bounced,
    daily,
    dated,
    forwarded,
    giants,
    hostile,
    machines,
    replied,
    sealed,
    structures,
    transferred,
)

if TYPE_CHECKING:
    from mails.mail import Expected, Mail

THEMES = {
    theme.__name__.rpartition(".")[2]: theme.MAILS
    for theme in (
        addressing,
        alphabets,
        attached,
        bounced,
        daily,
        dated,
        forwarded,
        hostile,
        machines,
        replied,
        sealed,
        structures,
        transferred,
    )
}


def small() -> list[Mail]:
    """Every mail that is kept as it is."""
    return [mail for mails in THEMES.values() for mail in mails]


def nasty() -> list[tuple[str, bytes, Expected]]:
    """Every mail, with the large ones: its name, its bytes, and what is expected of it."""
    return [(mail.name, mail.raw, mail.expected) for mail in [*small(), *map(giants.made, giants.GIANTS)]]
