"""Paper: a letter as text and as simple HTML, from the same paragraphs.

The HTML names no colour (so it can be read in the dark as in the light), loads nothing from anywhere, and whatever
stood in a name or an answer is text in it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

if TYPE_CHECKING:
    from collections.abc import Sequence

# Characters that a text cannot have: controls but for tab and line feed, and those that turn the direction of others.
ODD = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
BROKEN = re.compile(r"\r\n?|\u2028|\u2029|\x85")
STYLE = "font-family:sans-serif;line-height:1.5;max-width:40em"
PAGE = Markup(
    '<!DOCTYPE html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
    '<meta name="color-scheme" content="light dark">\n<title>{title}</title>\n</head>\n'
    '<body style="{style}">\n{inside}\n</body>\n</html>\n'
)


class Kind(Enum):
    """How a paragraph looks; each of them as HTML."""

    PLAIN = Markup("<p>{text}</p>")
    WORDS = Markup('<p style="border-left:3px solid;padding-left:1em">{text}</p>')  # of a person
    LINK = Markup('<p><a href="{text}">{text}</a></p>')
    SMALL = Markup("<p><small>{text}</small></p>")


@dataclass(frozen=True)
class Paragraph:
    """One paragraph of a letter."""

    text: str
    kind: Kind = Kind.PLAIN


def clean(text: str) -> str:
    """Words as they may stand in a letter: their lines kept, nothing that is no text."""
    return ODD.sub("", BROKEN.sub("\n", text)).strip()


def in_one_line(text: str) -> str:
    """The same of a name or a subject."""
    return " ".join(clean(text).split())


def text(paragraphs: Sequence[Paragraph]) -> str:
    """The letter as plain text."""
    return "\n\n".join(one.text for one in paragraphs) + "\n"


def html(language: str, title: str, paragraphs: Sequence[Paragraph]) -> str:
    """The letter as HTML."""
    inside = Markup("\n").join(one.kind.value.format(text=_lines(one)) for one in paragraphs)
    return str(PAGE.format(language=language, title=title, style=STYLE, inside=inside))


def _lines(one: Paragraph) -> Markup:
    return escape(one.text) if one.kind is Kind.LINK else Markup("<br>\n").join(escape(one.text).split("\n"))
