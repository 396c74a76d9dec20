"""Check: whether this installation and its account at the carrier fit together, in sentences."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import requests

from desk import numbers
from desk.answer import Failed
from ivr import provision
from ivr.elsewhere import instead
from ivr.elsewhere.instead import NotThere
from ivr.provision import Hooks

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from desk.settings import Settings
    from ivr.provision import Account
    from ivr.switchboard import Engineer, Switchboard

SKEW = timedelta(seconds=30)  # more, and times of calls and of texts no longer fit each other
PATIENCE = 8
UNSIGNED = 403  # our own answer to whoever is not the carrier
CANNOT_BE_ASKED = (
    "The carrier does not say which countries the account may call and text: in the console allow South Africa under"
    " Voice and under Messaging, or every ring fails (13227)."
)


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    well: bool
    text: str

    def __str__(self) -> str:
        return f"{'ok  ' if self.well else 'NOT '} {self.text}"


def everything(
    account: Account, board: Switchboard, settings: Settings, proved: set[int], now: datetime
) -> Iterator[Finding]:
    """Every finding, in the order in which one would set things up."""
    status = account.account()
    if isinstance(status, Failed):
        yield Finding(False, f"The account cannot be used: {status.why}.")
    else:
        yield Finding(status == "active", f"The account is {status}.")
        yield _clock(account.skew())
        for line in board.lines:
            yield from _line(account, line, settings)
    yield _reachable(settings.public_url)
    if settings.elsewhere_url:
        yield _elsewhere(board, settings, now)
    for engineer in board.engineers.values():
        if engineer.key in _rung(board, now):
            yield from _engineer(board, engineer, proved)


def _clock(skew: timedelta | None) -> Finding:
    if skew is None:
        return Finding(False, "The carrier's clock is not known: its answer had no date.")
    seconds = round(skew.total_seconds())
    return Finding(abs(skew) <= SKEW, f"Our clock and the carrier's are {abs(seconds)} s apart.")


def _line(account: Account, line: str, settings: Settings) -> Iterator[Finding]:
    number, shown = account.number(line), numbers.shown(line)
    if isinstance(number, Failed):
        yield Finding(False, f"{shown} could not be looked up: {number.why}.")
        return
    if number is None:
        yield Finding(False, f"{shown} is a line of ours, but no number of this account.")
        return
    yield Finding(number.voice, f"{shown} {'takes' if number.voice else 'cannot take'} calls.")
    if number.sms or settings.sms_from:
        yield Finding(True, f"Texts go out from {settings.sms_from or shown}.")
    else:
        yield Finding(False, f"{shown} cannot send texts; set SMS_FROM to a number or name that can.")
    wrong = [change.name for change in provision.changes(number, Hooks.of(settings))]
    told = f"{', '.join(wrong)} differ; `flask --app app ivr provision` shows how" if wrong else "are as they should be"
    yield Finding(not wrong, f"The webhooks of {shown} {told}.")


def _reachable(origin: str) -> Finding:
    try:
        answer = requests.post(f"{origin}/voice/incoming", timeout=PATIENCE, allow_redirects=False)
    except requests.RequestException as error:
        return Finding(False, f"{origin} cannot be reached from here ({type(error).__name__}).")
    if answer.is_redirect:
        return Finding(False, f"{origin} redirects; a redirect loses what the caller pressed.")
    ours = answer.status_code == UNSIGNED
    told = "answers and wants a signature" if ours else f"answers {answer.status_code}, which is not us"
    return Finding(ours, f"{origin} {told}.")


def _elsewhere(board: Switchboard, settings: Settings, now: datetime) -> Finding:
    try:
        instead.look(settings, board, now, instead.A_DAY_LATE)
    except NotThere as error:
        return Finding(False, f"The other host, which answers when we do not: {error}.")
    return Finding(True, "The other host, which answers when we do not, knows who is on duty.")


def _engineer(board: Switchboard, engineer: Engineer, proved: set[int]) -> Iterator[Finding]:
    obstacle = board.obstacle(engineer.key)
    if obstacle or engineer.phone is None:
        yield Finding(False, f"{engineer.name} {obstacle}.")
        return
    shown, mobile = numbers.shown(engineer.phone), numbers.may_text(engineer.phone)
    if not mobile:
        yield Finding(False, f"{engineer.name} can be rung but not texted: {shown} is no mobile.")
    if engineer.id not in proved:
        command = f"flask --app app desk verify {engineer.key}{'' if mobile else ' --call'}"
        yield Finding(False, f"{engineer.name} has not proved their number: `{command}`.")
    elif mobile:
        yield Finding(True, f"{engineer.name} can be rung and texted on {shown}.")


def _rung(board: Switchboard, now: datetime) -> set[str]:
    """Everybody whom a line may come to ring."""
    policies = [policy for line in board.lines.values() for policy in (line.hunt, line.policy)]
    targets = [target for policy in policies for step in policy.steps for target in step]
    named = {engineer for target in targets if (engineer := getattr(target, "engineer", None))}
    rotas = [
        rota for rota in board.rotas.values() if rota.name in {getattr(target, "rota", None) for target in targets}
    ]
    return named | {member for rota in rotas for member in rota.people(now)}
