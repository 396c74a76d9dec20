"""Text whose lines were broken for the way and flow together again (RFC 3676, `format=flowed`)."""

from __future__ import annotations

import re

SIGNATURE = "-- "
QUOTED = re.compile(r">*")


def joined(text: str, *, delete_space: bool = False) -> str:
    """The paragraphs; a line that ends in a blank goes on in the next, if that is quoted as deeply."""
    done: list[list[str]] = []
    open_at: str | None = None  # the depth of quotation of a line that goes on
    for line in text.split("\n"):
        marks = QUOTED.match(line)
        depth = marks[0] if marks else ""
        words = line[len(depth) :].removeprefix(" ")
        flows = words.endswith(" ") and words != SIGNATURE
        if open_at != depth or words in (SIGNATURE, ""):
            done.append([f"{depth} "] if depth else [])
        done[-1].append(words[:-1] if flows and delete_space else words)
        open_at = depth if flows else None
    return "\n".join("".join(paragraph) for paragraph in done)
