"""HTML as text: blocks on lines of their own, links with their addresses, scripts and styles left out.

The standard library's parser sees one tag at a time. Given a whole page it looks through the rest of it anew for each
thing that is never closed, which takes minutes for a megabyte of `<!--`.
"""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser

from tickets.mail import limits

# A tag ends at its `>`, also one within quotes; one that is cut by the next `<` is text.
TAG = re.compile(r"""<(/?)([a-zA-Z!?][^\s<>/]*)(?:(?:[^<>"']|"[^"<]*"|'[^'<]*')*+>|[^<>]*>)""")
UNREAD = ("script", "style", "head", "title", "noscript", "template", "svg")
PIECES = {
    "address",
    "article",
    "aside",
    "body",
    "center",
    "details",
    "div",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
}
PIECES |= {
    "form",
    "header",
    "html",
    "main",
    "nav",
    "section",
    "summary",
    "tbody",
    "thead",
    "tr",
    "br",
    "hr",
    "li",
    "dl",
}
APART = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "table", "ul", "ol", "blockquote", "pre"}
BLOCKS = PIECES | APART | {"dd", "dt"}
SPACES = re.compile(r"[ \t\n\r\f\xa0]+")
LINKS = ("http:", "https:", "mailto:", "tel:", "ftp:")
QUOTED_DEEP = 10
LINK = 2000  # characters
SOURCE = 20_000  # characters of a tag that has attributes to be read; pictures within it can be megabytes


def text_of_html(html: str, faults: list[str] | None = None) -> str:
    """What somebody would read, as lines; quoted blocks begin with `> `."""
    page, at = _Page(), 0
    source = _without_comments(html)
    for number, tag in enumerate(TAG.finditer(source)):
        if number == limits.TAGS:
            if faults is not None:
                faults.append(f"its HTML has more than {limits.TAGS} tags; the text of the first was read")
            return page.text()
        page.words(source[at : tag.start()])
        page.tag(tag[2].lower(), opens=not tag[1], source=tag[0])
        at = tag.end()
    page.words(source[at:])
    return page.text()


class _Attributes(HTMLParser):
    """The attributes of one tag; of two of one name the first counts."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.found: dict[str, str] = {}
        if len(source) <= SOURCE:
            self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found = {name: value or "" for name, value in reversed(attrs)}

    handle_startendtag = handle_starttag


class _Page:
    """The lines so far, and where in the page the next words are."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.line: list[str] = []
        self.unread = ""  # the name of what is being left out, until it closes
        self.held: list[str] = []  # its words, in case it never does
        self.quoted = 0
        self.verbatim = 0  # depth of what was laid out by hand (`<pre>`)
        self.href = ""
        self.linked = 0

    def words(self, piece: str) -> None:
        if self.unread:
            self.held.append(piece)
        else:
            for number, line in enumerate(piece.split("\n") if self.verbatim else [piece]):
                if number:
                    self._end_line(kept=True)
                self.line.append(unescape(line))

    def tag(self, name: str, *, opens: bool, source: str) -> None:
        if self.unread:
            if (name == self.unread and not opens) or (name == "body" and self.unread == "head"):
                self.unread, self.held = "", []
        elif opens and name in UNREAD:
            self.unread = "" if source.endswith("/>") else name
        else:
            self._seen(name, opens, source)

    def text(self) -> str:
        """All of it; what was left out and never closed is in it, without its tags."""
        self.line += [unescape(words) for words in self.held]
        self._end_line()
        text = "\n".join(self.lines)
        return re.sub(r"\n{3,}", "\n\n", text).strip("\n")

    def _seen(self, name: str, opens: bool, source: str) -> None:
        if name in BLOCKS:
            self._end_line(apart=name in APART, kept=name == "br")
        match name:
            case "pre":
                self.verbatim = max(0, self.verbatim + (1 if opens else -1))
            case "blockquote":
                self.quoted = max(0, self.quoted + (1 if opens else -1))
            case "a":
                self._link(source if opens else "")
            case "td" | "th" if opens and self.line:
                self.line.append("  ")
            case "li" if opens:
                self.line.append("- ")
            case "hr" if opens:
                self.lines.append(self._prefix() + "-" * 8)
            case "img" if opens and (alt := _Attributes(source).found.get("alt", "").strip()):
                self.line.append(f"[{alt[:LINK]}]")

    def _link(self, source: str) -> None:
        """Its address in brackets behind its words, unless the words are the address."""
        href, words = self.href, "".join(self.line[self.linked :]).strip()
        if not source and href and href.split(":", 1)[-1].strip("/") not in words:
            self.line.append(f" ({href})" if words else href)
        target = _Attributes(source).found.get("href", "").strip() if " " in source or "\n" in source else ""
        self.href = target[:LINK] if target.lower().startswith(LINKS) else ""
        self.linked = len(self.line)

    def _end_line(self, *, apart: bool = False, kept: bool = False) -> None:
        """Put the line below the others; `apart` with an empty one after it, `kept` also where it is empty."""
        line = "".join(self.line)
        words = line.rstrip() if self.verbatim else SPACES.sub(" ", line).strip()
        if words or kept:
            self.lines.append(self._prefix() + words)
        if apart and self.lines and self.lines[-1].strip("> "):
            self.lines.append(self._prefix().strip())
        self.line, self.linked = [], 0

    def _prefix(self) -> str:
        return "> " * min(self.quoted, QUOTED_DEEP)


def _without_comments(html: str) -> str:
    kept, at = [], 0
    while (begins := html.find("<!--", at)) >= 0:
        kept.append(html[at:begins])
        ends = html.find("-->", begins + 4)
        if ends < 0:
            return "".join(kept) + html[begins + 4 :]
        at = ends + 3
    return "".join(kept) + html[at:]
