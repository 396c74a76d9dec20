"""Traces: a person's numbers, addresses and names as they stand in words, in any spelling; and words without them.

What is looked for of a name stands in spelt_names.py. Every pattern is of small letters and begins with a sign of its
own, for then the machine of patterns is ten times as fast; what may not come before is asked for after it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from desk import written_numbers
from tickets.privacy import folding, spelt_names
from tickets.privacy.spelt_names import begins

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

ERASED = "[erased]"
AT = r"(?:@|%40|&#64;|\s\(?at\)?\s)"
# How letters are bytes, what is done with bytes that are none, and where one begins: two bytes for a letter may stand
# either way round, from an even place or an odd one.
CHARSETS = (
    ("utf-8", "surrogateescape", 0),
    ("latin-1", "strict", 0),
    *((charset, "surrogatepass", skip) for charset in ("utf-16-le", "utf-16-be") for skip in (0, 1)),
)
SMALL = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ", b"abcdefghijklmnopqrstuvwxyz")
CODED = re.compile(rb"%20|&#\w{1,5};")  # what an address or a page writes for a space, digits themselves
NO_DIGITS = bytes(one for one in range(256) if not 48 <= one <= 57)


class Traces:
    """What to look for; without anything it finds nothing.

    `mailboxes`: addresses of which those with a plus are theirs too; `surnames`: that nobody else has whom we know.
    """

    def __init__(
        self,
        numbers: Iterable[str] = (),
        addresses: Iterable[str] = (),
        names: Iterable[str] = (),
        *,
        mailboxes: Iterable[str] = (),
        surnames: Iterable[str] = (),
    ) -> None:
        known, alone = list(numbers), set(map(folding.plain, surnames))
        named = [spelt_names.words_of(name) for name in names]
        written = [(one.lower(), "") for one in addresses] + [(one.lower(), TAG) for one in mailboxes]
        ways = [way for one in known for way in written_numbers.spelled(one)]
        ways += [_address(folding.plain(one), tag) for one, tag in written]
        ways += [way for one in named for way in spelt_names.ways([*filter(None, map(folding.plain, one))], alone)]
        self.pattern = re.compile("|".join(dict.fromkeys(ways)) or r"(?!)")
        self.digits = [written_numbers.digits(one).encode() for one in known]
        lasts = [one[-1] for one in named if len(one) > 1]
        self.letters = [_longest(one) for one in [*(one.partition("@")[0] for one, _ in written), *lasts]]

    def are_in(self, words: str) -> bool:
        """Whether any of it stands there."""
        return next(self._places(words), None) is not None

    def out_of(self, words: str) -> str:
        """The words without them."""
        return self._with(words, lambda _: ERASED)

    def out_of_all(self, value: Any) -> Any:
        """The same for whatever JSON holds, however deep, keys as well."""
        if isinstance(value, str):
            return self.out_of(value)
        if isinstance(value, dict):
            return {self.out_of(str(key)): self.out_of_all(one) for key, one in value.items()}
        return [self.out_of_all(one) for one in value] if isinstance(value, list) else value

    def are_in_bytes(self, content: bytes) -> bool:
        """Whether any of it stands there as plain bytes."""
        if not self._may_be_in(content):
            return False
        return any(self.are_in(content[skip:].decode(charset, "replace")) for charset, _, skip in CHARSETS)

    def out_of_bytes(self, content: bytes) -> bytes:
        """The same bytes with crosses instead, so that whatever counts them still finds its places."""
        for charset, errors, skip in CHARSETS:
            if self._may_be_in(content):
                content = content[:skip] + self._crossed(content[skip:], charset, errors)
        return content

    def _places(self, words: str) -> Iterator[tuple[int, int]]:
        (small, stood), at = folding.bare(words), 0
        while found := self.pattern.search(small, at):
            start, end = found.span() if stood is None else (stood[found.start()], stood[found.end()])
            at = found.start() + 1
            if found.lastindex is None or spelt_names.is_capital(words[start:end]):
                yield start, end
                at = found.end()

    def _with(self, words: str, instead: Callable[[str], str]) -> str:
        told, at = [], 0
        for start, end in self._places(words):
            told += [words[at:start], instead(words[start:end])]
            at = end
        return "".join([*told, words[at:]])

    def _may_be_in(self, content: bytes) -> bool:
        """Whether it is worth reading: most is not, and that is seen at once, in whatever code it is."""
        if self.digits:
            digits = CODED.sub(b"", content).translate(None, NO_DIGITS)
            if any(one in digits for one in self.digits):
                return True
        small = content.translate(SMALL, b"\0") if self.letters else b""
        return any(one in small for one in self.letters)

    def _crossed(self, content: bytes, charset: str, errors: str) -> bytes:
        wide = len("x".encode(charset))
        whole = len(content) - len(content) % wide

        def crosses(found: str) -> str:
            return "x" * (len(found.encode(charset, errors)) // wide)

        words = content[:whole].decode(charset, errors)
        return self._with(words, crosses).encode(charset, errors) + content[whole:]


TAG = r"(?:(?:\+|%2b)[\w.=+-]+)?"  # by which a mailbox has any number of addresses


def _address(address: str, tag: str) -> str:
    local, _, domain = address.partition("@")
    return begins(local, r"[\w.+%-]") + tag + AT + re.escape(domain) + r"(?![\w-])"


def _longest(word: str) -> bytes:
    """The longest of its letters in a row that are the same bytes in every code; nothing is in everything."""
    return max(re.findall("[a-z0-9]+", word), key=len, default="").encode()
