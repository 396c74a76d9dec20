"""Traces: a person's numbers, addresses and names as they stand in words, in any spelling; and words without them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import phonenumbers

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ERASED = "[erased]"
BETWEEN = (
    r"(?:[\s\u00a0().,/\u2013-]|%20|&nbsp;){0,3}"  # how people, voices and programs set off the digits of a number
)
GAP = r"[\s\u00a0._]+"  # between the words of a name
TITLES = {"dr", "prof", "mr", "mrs", "ms", "miss", "mx", "mnr", "mev", "me", "adv", "rev", "sr", "sister", "nurse"}


class Traces:
    """What to look for; without anything it finds nothing."""

    def __init__(self, numbers: Iterable[str] = (), addresses: Iterable[str] = (), names: Iterable[str] = ()) -> None:
        ways = [*map(_number, numbers), *map(_address, addresses)]
        for name in names:
            ways += _names(name)
        self.pattern = re.compile("|".join(ways) or r"(?!)", re.IGNORECASE)

    def are_in(self, words: str) -> bool:
        """Whether any of it stands there."""
        return self.pattern.search(words) is not None

    def out_of(self, words: str) -> str:
        """The words without them."""
        return self.pattern.sub(ERASED, words)

    def out_of_all(self, value: Any) -> Any:
        """The same for whatever JSON holds, however deep, keys as well."""
        if isinstance(value, str):
            return self.out_of(value)
        if isinstance(value, dict):
            return {self.out_of(str(key)): self.out_of_all(one) for key, one in value.items()}
        return [self.out_of_all(one) for one in value] if isinstance(value, list) else value

    def are_in_bytes(self, content: bytes) -> bool:
        """Whether any of it stands there as plain bytes."""
        return any(self.are_in(content.decode(charset, "replace")) for charset in ("utf-8", "utf-16-le", "latin-1"))

    def out_of_bytes(self, content: bytes) -> bytes:
        """The same bytes with crosses instead, so that whatever counts them still finds its places."""
        for charset in ("utf-8", "latin-1", "utf-16-le"):
            content = self._crossed(content, charset)
        return content

    def _crossed(self, content: bytes, charset: str) -> bytes:
        try:
            words = content.decode(charset)
        except UnicodeDecodeError:
            return content
        wide = len("x".encode(charset))
        return self.pattern.sub(lambda found: "x" * (len(found[0].encode(charset)) // wide), words).encode(charset)


def _number(e164: str) -> str:
    """With its country or the zero that stands for it, and with anything that is written between digits."""
    parsed = phonenumbers.parse(e164)
    country, rest = str(parsed.country_code), phonenumbers.national_significant_number(parsed)
    spread = BETWEEN.join
    abroad = rf"(?:(?:\+|%2B|00|plus){BETWEEN})?{spread(country)}{BETWEEN}(?:\(?0\)?{BETWEEN})?"
    return rf"(?<![\d+])(?:{abroad}|\(?0{BETWEEN}){spread(rest)}(?!\d)"


def _address(address: str) -> str:
    local, _, domain = address.partition("@")
    return rf"(?<![\w.+%-]){re.escape(local)}(?:@|%40|&#64;|\s\(?at\)?\s){re.escape(domain)}(?![\w-])"


def _names(name: str) -> Iterator[str]:
    """A whole name; one word alone is a name of too many, and is looked for only where it is a person's own."""
    words = [word for word in name.split() if word.rstrip(".").lower() not in TITLES]
    if len(words) < 2:
        return
    yield rf"(?<![\w@]){_joined(words)}(?![\w@])"
    yield rf"(?<!\w){re.escape(words[-1])},\s*{_joined(words[:-1])}(?!\w)"


def _joined(words: list[str]) -> str:
    return GAP.join(map(re.escape, words))
