"""The pages of recorded prompts: what a language lacks, uploading a sentence, publishing it, going back.

And the address from which the carrier fetches a sound: signed, for one sound, with one query.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from flask import Blueprint, Response, abort, current_app, g, redirect, render_template, request, url_for
from sqlalchemy import select

from desk.audit import What, tell
from desk.door.guard import looking, requires, visitor
from desk.staff import Role
from ivr import playing, sound_file, studio, wording
from ivr.recorded import PromptSound, RecordedLanguage, RecordedPrompt
from ivr.wording import Overtaken

if TYPE_CHECKING:
    from sqlalchemy.orm import Session
    from werkzeug import Response as Redirect

    from desk.address import Addresses
    from desk.db import Database
    from ivr.sound_file import Sound
    from ivr.switchboard import LineSetUp, Switchboard

recording = Blueprint("recording", __name__)
recording.before_request(requires(Role.MANAGER))
prompt_sounds = Blueprint("prompt_sounds", __name__)
FORM = sound_file.LARGEST + 64 * 1024  # with the other fields and what stands between them
Answer = str | tuple[str, int]


def make_room() -> None:
    """Let the form of a manager be as large as its file; to be looked at before anything of the form is read."""
    who = visitor() if request.endpoint == "recording.upload" else None
    if who and who.role == Role.MANAGER:
        request.max_content_length = FORM


@recording.app_context_processor
def _named() -> dict[str, Any]:
    """What a language is called, for every page that shows one."""
    last = current_app.extensions["exchange"].boards.last
    return {"recorded_tongues": last.tongues if last else {}}


@recording.post("/settings/languages")
def add() -> Answer | Redirect:
    """A language more."""
    code, name = request.form.get("code", "").strip(), request.form.get("name", "")

    def work(session: Session) -> None:
        made = studio.add(session, code, name, looking().name, g.now)
        tell(session, looking().who, What.LANGUAGE_ADDED, made.code, g.now, name=made.name)

    try:
        _database().write(work)
    except ValueError as error:
        return render_template("settings/language.html", fault=str(error), typed=request.form), 422
    return redirect(url_for("recording.page", language=code), 303)


@recording.get("/settings/languages")
def form() -> str:
    """The form for a language more."""
    return render_template("settings/language.html", fault="", typed={})


@recording.get("/settings/recorded/<language>")
def page(language: str) -> str:
    """Every sentence of a language: played, missing, or always spoken in English."""
    with _database().reading() as session:
        named, board = _language(session, language), _board(session)
        played = board.recorded[language]
        return render_template(
            "settings/recorded.html",
            language=named,
            progress=studio.progress(played),
            played=played,
            words=wording.in_force(session, language),
            speaking=[line for line in board.lines.values() if language in line.languages],
            is_again=wording.is_again,
        )


@recording.get("/settings/recorded/<language>/<key>")
def prompt(language: str, key: str) -> str:
    """One sentence: what is heard, the draft, the versions."""
    with _database().reading() as session:
        return _page(session, language, key)


@recording.post("/settings/recorded/<language>/<key>/draft")
def upload(language: str, key: str) -> Answer | Redirect:
    """Keep a recording that nobody hears yet, in place of an earlier one."""
    file = request.files.get("file")
    raw, words = file.stream.read() if file else b"", request.form.get("words", "")
    try:
        sound = sound_file.read(raw)
        _database().write(lambda session: _upload(session, language, key, sound, words))
    except ValueError as error:
        return _again(language, key, str(error), words), 422
    return redirect(url_for("recording.prompt", language=language, key=key) + "#draft", 303)


def _upload(session: Session, language: str, key: str, sound: Sound, words: str) -> None:
    _known(session, language, key)
    line = _line(_board(session), language)
    studio.upload(session, language, key, sound, words, line.company if line else "", looking().name, g.now)


@recording.post("/settings/recorded/<language>/<key>/publish")
def publish(language: str, key: str) -> Answer | Redirect:
    """Have callers hear the draft, or a version again, or the words in English."""
    try:
        version = _database().write(lambda session: _publish(session, language, key))
    except ValueError as error:
        return _again(language, key, str(error)), 422
    except Overtaken:
        return _again(language, key, "somebody has published another recording since you looked; it stands below"), 409
    return redirect(url_for("recording.prompt", language=language, key=key, said=version), 303)


@recording.get("/settings/recorded/sounds/<int:number>")
def listen(number: int) -> Response:
    """The sound of a draft or a version, for whoever decides about it."""
    with _database().reading() as session:
        of_row = select(RecordedPrompt.digest).where(RecordedPrompt.id == number).scalar_subquery()
        return _sound(session, of_row)


@prompt_sounds.get("/prompt/<sealed>/sound")
def play(sealed: str) -> Response:
    """The sound, for the carrier to play; it may keep it, for another recording has another address."""
    digest = playing.digest_in(cast("Addresses", current_app.extensions["addresses"]), sealed, g.now)
    if digest is None:
        abort(404)
    with _database().reading() as session:
        answer = _sound(session, digest)
    answer.headers["Cache-Control"] = "public, max-age=604800, immutable"
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer


def _sound(session: Session, digest: object) -> Response:
    found = session.execute(
        select(PromptSound.kind, PromptSound.content).where(PromptSound.digest == digest)
    ).one_or_none()
    if found is None:
        abort(404)
    return Response(found.content, content_type=found.kind)


def _publish(session: Session, language: str, key: str) -> int | None:
    _known(session, language, key)
    who, base = looking().who, _number("seen")
    if request.form.get("what") == "speak":
        made = studio.speak(session, language, key, base, who.name, g.now)
    else:
        made = studio.publish(session, _chosen(session, language, key), base, who.name, g.now)
    told = {"version": made.version, "words": made.words, "sound": made.digest}
    tell(session, who, What.RECORDING_PUBLISHED, f"{language}: {key}", g.now, **told)
    return made.version


def _chosen(session: Session, language: str, key: str) -> RecordedPrompt | None:
    if request.form.get("what") != "version":
        # What was listened to, and not what somebody has uploaded since.
        draft = studio.draft_of(session, language, key)
        if draft and draft.stamp != request.form.get("draft"):
            raise Overtaken
        return draft
    wanted = _number("version")
    return next((one for one in studio.versions(session, language, key) if one.version == wanted), None)


def _number(name: str) -> int:
    typed = request.form.get(name, "")
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 10 else -1


def _again(language: str, key: str, fault: str, words: str = "") -> str:
    with _database().reading() as session:
        return _page(session, language, key, fault=fault, words=words)


def _page(session: Session, language: str, key: str, fault: str = "", words: str = "") -> str:
    named = _known(session, language, key)
    board, known = _board(session), studio.versions(session, language, key)
    line = _line(board, language)
    return render_template(
        "settings/recording.html",
        language=named,
        key=key,
        is_again=wording.is_again(key),
        can_be=studio.can_be_recorded(key),
        facts=wording.facts_of(key),
        english=wording.in_force(session, language)[key],
        company=line.company if line else "",
        draft=studio.draft_of(session, language, key),
        versions=known,
        head=known[0].version if known else 0,
        zone=line.zone if line else "UTC",
        typed=words,
        longest=int(sound_file.LONGEST),
        largest=sound_file.LARGEST // 1_000_000,
        fault=fault,
        said=request.args.get("said"),
    )


def _known(session: Session, language: str, key: str) -> RecordedLanguage:
    found = _language(session, language)
    if key not in studio.heard():
        abort(404)
    return found


def _language(session: Session, code: str) -> RecordedLanguage:
    return session.get(RecordedLanguage, code) or abort(404)


def _line(board: Switchboard, language: str) -> LineSetUp | None:
    """The line whose name a recording says: one that speaks the language, or any."""
    return min(board.lines.values(), key=lambda line: language not in line.languages, default=None)


def _board(session: Session) -> Switchboard:
    return cast("Switchboard", current_app.extensions["exchange"].boards.current(session))


def _database() -> Database:
    return cast("Database", current_app.extensions["database"])
