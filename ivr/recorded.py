"""Recorded prompts: languages that no voice of the carrier speaks, in which people have recorded what is said.

Only whole sentences are played. A sentence into which something is filled (a reference, a time, a name) is spoken in
English instead: in isiZulu and isiXhosa what is filled in changes with the words around it (ngoMsombuluko, ngo-8:30),
so numbers and days recorded one by one would be put together wrong, and a reference that is heard wrong is worse than
one in English, in which callers here are used to hear numbers. What is the same in every call may be said in a
recording: the company's name, as long as the line answers under it; and where an announcement belongs, that there is
none, for while there is one it has to be heard. What is not recorded is spoken in English, too, so a language can be
used from its first recording on.

A draft has no version yet. Versions are never changed: to go back is to publish an earlier sound again, and a version
without a sound lets the sentence be spoken. They belong to the set-up, and so do the sounds, which lie in the database
with everything else that a backup has to hold; only the rows that name them are read when a Switchboard is built.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from sqlalchemy import ForeignKey, LargeBinary, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from desk.db import Base, SetUp

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

TAG = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?")  # BCP 47: language, script, region
ALIKE = {"company", "announcement"}  # the facts that are the same in every call of a line, for a while


class RecordedLanguage(SetUp, Base):
    """A language in which recordings are made, by its BCP 47 tag, and its name as its speakers write it."""

    __tablename__ = "recorded_language"
    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    added_at: Mapped[datetime]
    who: Mapped[str]


class PromptSound(Base):
    """The bytes of a recording, once however many versions play it; `digest` is their SHA-256."""

    __tablename__ = "prompt_sound"
    digest: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    seconds: Mapped[int]


class RecordedPrompt(SetUp, Base):
    """One version of a sentence, or its draft; `words` is what is said in it, `alike` the facts that it says itself.

    It names its sound without a foreign key: a rehearsal copies the set-up, and leaves the sounds where they are.
    """

    __tablename__ = "recorded_prompt"
    __table_args__ = (UniqueConstraint("language", "key", "version"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    language: Mapped[str] = mapped_column(ForeignKey("recorded_language.code"))
    key: Mapped[str]
    version: Mapped[int | None]
    words: Mapped[str]
    digest: Mapped[str | None]
    seconds: Mapped[int | None]
    alike: Mapped[dict[str, Any]]
    changed_at: Mapped[datetime]
    who: Mapped[str]

    @property
    def stamp(self) -> str:
        """What tells this sound with these words from any other; a number is given again once its row is gone."""
        return sha256(f"{self.digest} {self.words}".encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Recorded:
    """A recording as a call needs it."""

    digest: str
    words: str
    alike: tuple[tuple[str, str], ...] = ()

    def fits(self, facts: Mapping[str, Any]) -> bool:
        """Whether it says what would be said now."""
        return all(facts.get(name) == value for name, value in self.alike)


def names(session: Session) -> dict[str, str]:
    """Every language in which recordings are made, by its code."""
    return {one.code: one.name for one in session.scalars(select(RecordedLanguage).order_by(RecordedLanguage.code))}


def newest(session: Session, language: str | None = None) -> dict[tuple[str, str], RecordedPrompt]:
    """The newest version of each sentence that has any, by language and key."""
    rows = select(RecordedPrompt).where(RecordedPrompt.version.is_not(None)).order_by(RecordedPrompt.version)
    found = session.scalars(rows.where(RecordedPrompt.language == language) if language else rows)
    return {(one.language, one.key): one for one in found}


def in_force(session: Session) -> dict[str, dict[str, Recorded]]:
    """What is played, by language and key."""
    played: dict[str, dict[str, Recorded]] = {code: {} for code in names(session)}
    for (language, key), one in newest(session).items():
        if one.digest:
            played[language][key] = Recorded(one.digest, one.words, tuple(sorted(one.alike.items())))
    return played
