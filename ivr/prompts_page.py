"""The pages of the prompts: every sentence of the line in each language, and the words that the company has for it.

A draft lives in the form alone: it is looked at as it would be spoken, published under the version that it began
with, and any earlier version can be taken up again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from flask import Blueprint, abort, current_app, g, redirect, render_template, request, url_for

from desk.audit import What, tell
from desk.door.guard import looking, requires
from desk.staff import Role
from ivr import examples, prompts, wording
from ivr.callflow import CALL_BACK, INCOMING, PAGE, WHISPER
from ivr.tongues import OURS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session
    from werkzeug import Response

    from desk.db import Database
    from ivr.prompts import Prompt
    from ivr.switchboard import LineSetUp, Switchboard

prompting = Blueprint("prompting", __name__)
prompting.before_request(requires(Role.MANAGER))
LONG = 20  # seconds after which nobody remembers what the first key was
STEPS = {"incoming": INCOMING, "whisper": WHISPER, "page": PAGE, "call_back": CALL_BACK}
PREFIXES = ("verify", "help", "text_", "mail_")
Answer = str | tuple[str, int]


@prompting.get("/settings/prompts")
def page() -> str:
    """Every sentence in one language."""
    language = _language(request.args.get("language", OURS))
    with _database().reading() as session:
        board = _board(session)
        words, own = wording.in_force(session, language), wording.newest(session, language)
        return render_template(
            "settings/prompts.html",
            language=language,
            languages=prompts.languages(),
            recorded=board.tongues,
            speaking=[line for line in board.lines.values() if language in line.languages],
            groups=list(_groups()),
            words=words,
            own=own,
            missing=[key for key in wording.named() if key not in words],
            is_again=wording.is_again,
            said=request.args.get("said"),
        )


@prompting.get("/settings/prompts/<language>/<key>")
def prompt(language: str, key: str) -> str:
    """One sentence, its versions, and the form for other words; beginning with those of a version, if one is named."""
    _known(language, key)
    with _database().reading() as session:
        return _page(session, language, key)


@prompting.post("/settings/prompts/<language>/<key>")
def change(language: str, key: str) -> Answer | Response:
    """Look at other words as they would be spoken, or publish them."""
    _known(language, key)
    text = request.form.get("text", "")
    try:
        wording.checked(key, text)
        if not request.form.get("sure"):
            with _database().reading() as session:
                return _page(session, language, key, draft=text)
        version = _database().write(lambda session: _publish(session, language, key, text))
    except ValueError as error:
        with _database().reading() as session:
            return _page(session, language, key, draft=text, fault=str(error)), 422
    except wording.Overtaken:
        with _database().reading() as session:
            return _page(session, language, key, draft=text, overtaken=True), 409
    return redirect(url_for("prompting.prompt", language=language, key=key, said=version), 303)


def _publish(session: Session, language: str, key: str, text: str) -> int:
    who, base = looking().who, request.form.get("seen", "")
    number = int(base) if base.isdecimal() and len(base) < 7 else -1
    made = wording.publish(session, language, key, text, number, who.name, g.now)
    tell(session, who, What.PROMPT_PUBLISHED, f"{language}: {key}", g.now, version=made.version, words=made.text)
    return made.version


def _page(
    session: Session, language: str, key: str, *, draft: str | None = None, fault: str = "", overtaken: bool = False
) -> str:
    known, words = wording.versions(session, language, key), wording.in_force(session, language)
    line = _line(_board(session), language)
    facts = examples.facts(words, language, line.company if line else "", line.zone if line else "UTC", g.now)
    taken_up = _version(known, language, key)
    return render_template(
        "settings/prompt.html",
        language=language,
        key=key,
        is_again=wording.is_again(key),
        is_text=key.startswith((wording.TEXT, "mail_")),
        facts={name: facts.get(name, "…") for name in sorted(wording.facts_of(key))},
        words=words.get(key, ""),
        now=_spoken(words.get(key, ""), facts),
        look=_spoken(draft, facts) if draft is not None and not fault else "",
        seconds=wording.seconds,
        long=LONG,
        draft=draft if draft is not None else taken_up,
        versions=known,
        shipped=prompts.shipped(language).get(key, ""),
        head=known[0].version if known else 0,
        zone=line.zone if line else "UTC",
        fault=fault,
        overtaken=overtaken,
        said=request.args.get("said"),
    )


def _spoken(text: str, facts: dict[str, str]) -> str:
    return prompts.spoken({"it": text}, "it", facts)


def _version(known: list[Prompt], language: str, key: str) -> str:
    """The words that the form begins with: those in force, or of the version that the address names."""
    said = {str(one.version): one.text for one in known} | {"0": prompts.shipped(language).get(key, "")}
    return said.get(request.args.get("version", str(known[0].version) if known else "0"), said["0"])


def _groups() -> Iterator[tuple[str, list[str]]]:
    """The prompts in the order in which they are met; what is no step is filled into others."""
    left = dict.fromkeys(wording.named())
    for name, steps in STEPS.items():
        told = [key for step in steps for key in (step.name, step.name + prompts.AGAIN) if key in left]
        yield name, told
        left = {key: None for key in left if key not in told}
    for prefix in PREFIXES:
        told = [key for key in left if key.startswith(prefix)]
        yield prefix.rstrip("_"), told
        left = {key: None for key in left if key not in told}
    yield "parts", list(left)


def _known(language: str, key: str) -> None:
    _language(language)
    if key not in wording.named():
        abort(404)


def _language(asked: str) -> str:
    return asked if asked in prompts.languages() else abort(404)


def _line(board: Switchboard, language: str) -> LineSetUp | None:
    """A line that speaks it, or any."""
    lines = sorted(board.lines.values(), key=lambda line: language not in line.languages)
    return lines[0] if lines else None


def _board(session: Session) -> Switchboard:
    return cast("Switchboard", current_app.extensions["exchange"].boards.current(session))


def _database() -> Database:
    return cast("Database", current_app.extensions["database"])
