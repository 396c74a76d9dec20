"""Places: the pages by their names, for whoever does not know where one is.

The names stand where the settings' first page has them (settings/links.html) and in search/places.html, in the words
of the catalogue; so a page is found by what it is called on the screen, and by other words for the same thing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from flask import current_app

from desk.door.guard import may

if TYPE_CHECKING:
    from collections.abc import Iterator

    from desk.finder.meant import Meant

FEW = 6


class Place(NamedTuple):
    """A page: its endpoint, what it is called, what it does for whom, and other words for it."""

    endpoint: str
    name: str
    about: str
    also: str = ""


def named(meant: Meant) -> list[Place]:
    """Those that are called so, or known by it, and that whoever looks may open; whose name says it come first."""
    words = meant.typed.casefold().split()
    if not words or not meant.words:
        return []
    fitting = [(not _says(one.name, words), one) for one in _all() if _says(f"{one.name} {one.also}", words)]
    return [one for _, one in sorted(fitting, key=lambda each: each[0]) if may(one.endpoint)][:FEW]


def _says(text: str, words: list[str]) -> bool:
    """Each of the words begins one of the text."""
    spoken = text.casefold().replace("-", " ").split()
    return all(any(said.startswith(word) for said in spoken) for word in words)


def _all() -> Iterator[Place]:
    seen = set()
    for one in current_app.jinja_env.get_template("search/places.html").module.all:  # type: ignore[attr-defined]
        place = Place(*one)
        if place.endpoint not in seen:
            seen.add(place.endpoint)
            yield place
