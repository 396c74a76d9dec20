"""Reads an answer as Twilio does (TWILIO.md §1.3). What it cannot read is a `BadAnswer` with Twilio's code.

Whether a readable document makes sense is `grammar.py`'s question.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from xml.parsers import expat

if TYPE_CHECKING:
    from simulator.webhooks import Exchange

MAX_BYTES = 64 * 1024
XML_TYPES = ("text/xml", "application/xml", "text/html")


class BadAnswer(Exception):
    """An answer with which the call cannot go on: the fallback URL is asked instead."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(f"{code} {text}")
        self.code = code


@dataclass
class Verb:
    """One element of a document, with the line on which it stands."""

    name: str
    attributes: dict[str, str]
    line: int
    text: str = ""  # its own text
    children: list[Verb] = field(default_factory=list)
    words: str = ""  # its text and that of everything inside, in order

    @property
    def heard(self) -> str:
        """Its words as somebody hears them, white space folded."""
        return " ".join(self.words.split())


@dataclass(frozen=True)
class Document:
    """A document to be played, and where it came from."""

    url: str
    root: Verb

    @property
    def verbs(self) -> list[Verb]:
        return self.root.children


def read(exchange: Exchange) -> Verb:
    """Read the answer to a voice webhook, or say with Twilio's code why it cannot be played."""
    reply = exchange.reply
    if reply is None:
        raise BadAnswer(11200, "; ".join(exchange.faults))
    if reply.status // 100 == 3:
        where = reply.headers.get("location", "nowhere")
        raise BadAnswer(11200, f"answered {reply.status} to {where}: a GET follows, the parameters are lost")
    if reply.status // 100 != 2:
        raise BadAnswer(11200, f"answered {reply.status}")
    if not reply.body:
        raise BadAnswer(11770, "empty body")
    if len(reply.body) > MAX_BYTES:
        raise BadAnswer(11750, f"{len(reply.body)} bytes, more than 64 kB")
    if reply.kind not in XML_TYPES:
        raise BadAnswer(12300, f"content type {reply.kind or 'missing'} is not TwiML")
    return parse(reply.body)


def parse(body: bytes) -> Verb:
    """Turn the text of a document into its tree."""
    tree = _Tree()
    try:
        tree.parser.Parse(body, True)
    except expat.ExpatError as error:
        raise BadAnswer(12100, f"not well-formed: {error}") from error
    if tree.root.name != "Response":
        raise BadAnswer(12102, f"the root is {tree.root.name}, not Response")
    return tree.root


class _Tree:
    """Grows the tree while the parser reads. Outside definitions are refused: no answer needs them."""

    root: Verb

    def __init__(self) -> None:
        self.open: list[Verb] = []
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.CharacterDataHandler = self.characters
        self.parser.StartDoctypeDeclHandler = self.doctype

    def start(self, name: str, attributes: dict[str, str]) -> None:
        verb = Verb(name, attributes, self.parser.CurrentLineNumber)
        if self.open:
            self.open[-1].children.append(verb)
        else:
            self.root = verb
        self.open.append(verb)

    def end(self, _name: str) -> None:
        self.open.pop()

    def characters(self, text: str) -> None:
        self.open[-1].text += text
        for verb in self.open:
            verb.words += text

    def doctype(self, *_declaration: object) -> None:
        raise BadAnswer(12100, "a document type declaration")
