"""Announcements for programs: a monitor that sees an outage has callers told of it, and ends that when it is over."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from desk.api.customers import Line
from desk.db import LARGEST_NUMBER
from ivr import announcement, announcing
from ivr.announcement import Announcement as Stored

if TYPE_CHECKING:
    from desk.api.answers import Reader
    from desk.api.writer import Writer
    from ivr.switchboard import LineSetUp


class NewAnnouncement(BaseModel):
    """What callers are to be told before the menu."""

    model_config = ConfigDict(extra="forbid")
    texts: Annotated[
        dict[str, Line], Field(max_length=20, description="What is said, by language: in every one that a voice speaks")
    ]
    line: Annotated[Line, Field(description="The number of one line; without it all of them say it")] = ""
    starts: Annotated[AwareDatetime | None, Field(description="Without it at once")] = None
    ends: Annotated[AwareDatetime | None, Field(description="Without it when somebody ends it")] = None
    seen: Annotated[
        Line | None, Field(description="`seen` of the list that it was decided by; 409 if that is another by now")
    ] = None


class Announcement(BaseModel):
    """One of them."""

    number: int
    line: str
    texts: dict[str, str]
    starts: datetime
    ends: datetime | None
    who: str


class Announcements(BaseModel):
    """What is announced and what is to be; `seen` names this state of things."""

    items: list[Announcement]
    seen: str


class Ending(BaseModel):
    """Nothing more needs to be said."""

    model_config = ConfigDict(extra="forbid")


def listed(reader: Reader, _: BaseModel) -> Announcements:
    """Those that are not over."""
    stored = [
        (line, one)
        for line in reader.board.lines.values()
        for one in announcement.of_line(reader.session, line.id)
        if not one.is_over(reader.now)
    ]
    return Announcements(items=[_shown(line, one) for line, one in stored], seen=announcement.stamp(reader.session))


def add(writer: Writer, asked: NewAnnouncement) -> Announcements:
    """Say it from now on, or from when it was asked for."""
    lines = [line for line in writer.board.lines.values() if asked.line in ("", line.number)]
    if not lines:
        raise ValueError("line: there is no such line")
    if unknown := set(asked.texts) - {language for line in lines for language in line.spoken}:
        raise ValueError(f"texts: no voice of these lines speaks {min(unknown)!r}")

    def wanted() -> list[Stored]:
        return [_made(writer, line, asked) for line in lines]

    announcing.publish(writer.session, wanted, asked.seen, writer.who, writer.now)
    return listed(writer.reader, asked)


def end(writer: Writer, _: Ending, number: str) -> Announcements | None:
    """Say it no more; None if there is no such one."""
    row = int(number) if number.isascii() and number.isdecimal() and len(number) < 11 else 0
    if not 0 < row <= LARGEST_NUMBER or writer.session.get(Stored, row) is None:
        return None
    announcing.end(writer.session, row, writer.who, writer.now)
    return listed(writer.reader, _)


def _made(writer: Writer, line: LineSetUp, asked: NewAnnouncement) -> Stored:
    texts = {language: " ".join(asked.texts.get(language, "").split()) for language in line.spoken}
    starts = asked.starts or writer.now
    return announcement.announce(line.id, texts, starts, asked.ends, writer.now, writer.who.name)


def _shown(line: LineSetUp, one: Stored) -> Announcement:
    about = {"number": one.id, "line": line.number, "texts": one.texts, "starts": one.starts}
    return Announcement(**about, ends=one.ends, who=one.who)
