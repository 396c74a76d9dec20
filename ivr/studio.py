"""Studio: where a language is added and its prompts are recorded: uploaded as a draft, published, gone back from."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from sqlalchemy import delete, exists, select

from ivr import prompts, wording
from ivr.callflow import INCOMING
from ivr.prompts import AGAIN
from ivr.recorded import ALIKE, TAG, PromptSound, RecordedLanguage, RecordedPrompt
from ivr.wording import Overtaken

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from ivr.sound_file import Sound

LONGEST_NAME = 40
# Heard by engineers who ring the line, not by callers.
OURS_ALONE = {"staff", "offer_call_back", "ask_call_back", "wrong_call_back", "we_ring_you", "no_call_back"}


@dataclass(frozen=True)
class Progress:
    """How far a language is: sentences that are played, that could be and are spoken in English, and that never are."""

    played: tuple[str, ...]
    missing: tuple[str, ...]
    filled: tuple[str, ...]


def heard() -> list[str]:
    """Every sentence that a caller may hear from a step, in the order of the call."""
    named = wording.named()
    steps = [step.name for step in INCOMING if step.name not in OURS_ALONE]
    return [key for step in steps for key in (step, step + AGAIN) if key in named]


def can_be_recorded(key: str) -> bool:
    """Whether it is one whole sentence for everybody; raises LookupError for what is none."""
    if key not in heard():
        raise LookupError(f"no caller hears {key!r}")
    return wording.facts_of(key) <= ALIKE


def progress(played: Iterable[str]) -> Progress:
    """Of a language in which these are played; what is said again needs no recording of its own."""
    keys, has = heard(), set(played)
    able = [key for key in keys if can_be_recorded(key)]
    return Progress(
        tuple(key for key in able if key in has),
        tuple(key for key in able if key not in has and not (key.endswith(AGAIN) and key[: -len(AGAIN)] in has)),
        tuple(key for key in keys if key not in able),
    )


def add(session: Session, code: str, name: str, who: str, at: datetime) -> RecordedLanguage:
    """A language more; raises ValueError for one that there is, or that is none."""
    name = " ".join(name.split())
    if not TAG.fullmatch(code):
        raise ValueError("a language is written as its code, such as zu for isiZulu or xh for isiXhosa")
    if code in prompts.languages():
        raise ValueError("that language is spoken by a voice already; its words are on its own page")
    if session.get(RecordedLanguage, code):
        raise ValueError("that language is there already")
    if not name or len(name) > LONGEST_NAME:
        raise ValueError(f"write the name of the language, in at most {LONGEST_NAME} letters")
    made = RecordedLanguage(code=code, name=name, added_at=at, who=who)
    session.add(made)
    return made


def versions(session: Session, language: str, key: str) -> list[RecordedPrompt]:
    """Every version of a sentence, the newest first."""
    rows = select(RecordedPrompt).where(RecordedPrompt.language == language, RecordedPrompt.key == key)
    published = rows.where(RecordedPrompt.version.is_not(None))
    return list(session.scalars(published.order_by(RecordedPrompt.version.desc())))


def draft_of(session: Session, language: str, key: str) -> RecordedPrompt | None:
    """What was uploaded and nobody hears yet."""
    rows = select(RecordedPrompt).where(RecordedPrompt.language == language, RecordedPrompt.key == key)
    return session.scalars(rows.where(RecordedPrompt.version.is_(None))).one_or_none()


def upload(
    session: Session, language: str, key: str, sound: Sound, words: str, company: str, who: str, at: datetime
) -> RecordedPrompt:
    """Keep it as the draft of a sentence, in place of an earlier one; raises ValueError without what is said in it."""
    if not can_be_recorded(key):
        raise ValueError("something is filled into this sentence, so it is spoken in English")
    words = " ".join(words.split())
    if not words or len(words) > wording.LONGEST or any(not sign.isprintable() for sign in words):
        raise ValueError(f"write what is said in the recording, in at most {wording.LONGEST} characters")
    _hold(session, language)
    _forget(session, language, key)
    digest, seconds = sha256(sound.content).hexdigest(), max(1, round(sound.seconds))
    if session.get(PromptSound, digest) is None:
        session.add(PromptSound(digest=digest, kind=sound.kind, content=sound.content, seconds=seconds))
    alike = {name: company if name == "company" else "" for name in sorted(wording.facts_of(key))}
    made = RecordedPrompt(language=language, key=key, version=None, words=words, digest=digest, alike=alike)
    made.seconds, made.changed_at, made.who = seconds, at, who
    session.add(made)
    session.flush()
    return made


def discard(session: Session, language: str, key: str) -> None:
    """Forget the draft, and its sound unless something else plays it."""
    _hold(session, language)
    _forget(session, language, key)


def _hold(session: Session, language: str) -> None:
    """Let nobody else upload or publish in this language meanwhile: a draft that is published is none any more."""
    session.scalars(select(RecordedLanguage).where(RecordedLanguage.code == language).with_for_update()).one()


def _forget(session: Session, language: str, key: str) -> None:
    if (draft := draft_of(session, language, key)) is None:
        return
    digest = draft.digest
    session.delete(draft)
    session.flush()
    used = exists().where(RecordedPrompt.digest == digest)
    session.execute(delete(PromptSound).where(PromptSound.digest == digest, ~used))


def publish(session: Session, row: RecordedPrompt | None, base: int, who: str, at: datetime) -> RecordedPrompt:
    """Have callers hear a draft, or an earlier version again, from now on; `base` is the newest that was looked at.

    Raises Overtaken if that is another by now, and ValueError where there is nothing to publish or it is heard already.
    """
    if row is None:
        raise ValueError("there is nothing to publish: upload a recording first")
    known = _in_order(session, row.language, row.key, base)
    if known and row.version == known[0].version:
        raise ValueError("that is what callers hear already")
    if row.version is None:
        row.version, row.changed_at, row.who = base + 1, at, who
        return row
    return _next(session, row, base, who, at)


def speak(session: Session, language: str, key: str, base: int, who: str, at: datetime) -> RecordedPrompt:
    """Have it spoken in English again; raises Overtaken, and ValueError where nothing is played."""
    known = _in_order(session, language, key, base)
    if not known or known[0].digest is None:
        raise ValueError("it is spoken already")
    silent = RecordedPrompt(language=language, key=key, words="", digest=None, seconds=None, alike={})
    return _next(session, silent, base, who, at)


def _next(session: Session, like: RecordedPrompt, base: int, who: str, at: datetime) -> RecordedPrompt:
    made = RecordedPrompt(language=like.language, key=like.key, version=base + 1, words=like.words, alike=like.alike)
    made.digest, made.seconds, made.changed_at, made.who = like.digest, like.seconds, at, who
    session.add(made)
    return made


def _in_order(session: Session, language: str, key: str, base: int) -> list[RecordedPrompt]:
    """The versions, held so that of two who publish at once one is told of the other."""
    _hold(session, language)
    known = versions(session, language, key)
    if (known[0].version if known else 0) != base:
        raise Overtaken
    return known
