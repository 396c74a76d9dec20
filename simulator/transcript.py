"""The call word for word: `>` a person hears, `<` a person does, `~` the line does.

The engineer's side is indented.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulator.acts import Side


class Transcript(list[str]):
    """A list of lines, written as the call goes on; `languages` has that of each line which somebody says."""

    def __init__(self) -> None:
        super().__init__()
        self.languages: dict[int, str] = {}

    def hears(self, side: Side, words: str, language: str = "") -> None:
        if language:
            self.languages[len(self)] = language
        self._write(side, ">", words)

    def does(self, side: Side, words: str) -> None:
        self._write(side, "<", words)

    def line(self, side: Side, words: str) -> None:
        self._write(side, "~", words)

    def _write(self, side: Side, sign: str, words: str) -> None:
        indent = "" if side == "caller" else "    "
        self.append(f"{indent}{sign} {words}")
