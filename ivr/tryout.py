"""The Try-a-call page: the whole call stands in the address, and every view plays it from its beginning.

So it works without script and in any number of processes, changes nothing, and a call can be sent to a colleague
as a link: `/try?from=+27825550202&at=2026-11-22T02:00&m=2,1,a,e1,t600,h`.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast
from zoneinfo import ZoneInfo

from flask import Blueprint, current_app, g, jsonify, redirect, render_template, request, url_for
from sqlalchemy import select

from desk import numbers
from desk.door.guard import requires
from desk.staff import Role
from ivr import as_command, consequences, moves
from ivr.outlook import outlook
from ivr.stories import STRANGER, WITHHELD, local, people, person, presets, stories
from sla.calendar import OutsideTable
from tickets.ticket import State, Ticket

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from werkzeug import Response

    from ivr.moves import Scene
    from ivr.rehearsal import Rehearsal, Rehearsals
    from ivr.switchboard import LineSetUp, Switchboard

tryout = Blueprint("tryout", __name__)
tryout.before_request(requires(Role.ENGINEER, Role.MANAGER))
WALL = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d")
LONGEST = 4000  # characters of moves that are read at all


@dataclass
class Asked:
    """Which call is asked for; `faults` names what could not be read, with the text that was sent."""

    line: LineSetUp
    caller: str
    at: datetime
    wall: str  # the time as the form shows it: on the clocks of the line
    faults: dict[str, str] = field(default_factory=dict)
    plan: list[str] = field(default_factory=list)  # the moves of a story, as far as the call has followed it

    @property
    def address(self) -> dict[str, str]:
        """What of it stands in the address, the moves apart."""
        plan = {"plan": ",".join(self.plan)} if self.plan else {}
        return {"from": self.caller, "at": self.wall, "line": self.line.number} | plan

    def following(self, made: list[str]) -> str | None:
        """The next move of the story."""
        return self.plan[len(made)] if len(made) < len(self.plan) else None


@tryout.get("/try")
def page() -> str | Response | tuple[str, int]:
    """The chooser and, once there are moves, even none, the call as far as they lead."""
    board = _board()
    if not board.lines:
        return render_template("no_line.html")
    asked = _asked(board, request.args, g.now)
    wanted = moves.split(request.args.get("m", "")[:LONGEST])
    asked.plan = _plan(wanted)
    if keyed := re.sub(r"[^0-9*#]", "", request.args.get("keys", ""))[:20]:
        return redirect(_address(asked, [*wanted, f"k{keyed}"]))
    called = "m" in request.args and not asked.faults
    if called and "file" in request.args:
        return _file(asked, wanted)
    shown = _call(asked, wanted) if called else {}
    body = render_template("tryout.html", **_chooser(board, asked), **shown)
    return (body, 422) if asked.faults else body


def _asked(board: Switchboard, args: Mapping[str, str], now: datetime) -> Asked:
    faults: dict[str, str] = {}
    line = board.lines.get(_number(args.get("line", "")) or "") or next(iter(board.lines.values()))
    if args.get("line") and line.number != _number(args["line"]):
        faults["line"] = args["line"]
    typed = args.get("number") or args.get("from") or ""
    caller = _number(typed) or _first_caller(board)
    if typed and caller != _number(typed):
        faults["from"] = typed
    wall = args.get("preset") or args.get("at") or ""
    at = _instant(wall, line) if wall else now.replace(second=0, microsecond=0)
    if at is None:
        faults["at"], at = wall, now
    return Asked(line, caller, at, f"{at.astimezone(ZoneInfo(line.zone)):%Y-%m-%dT%H:%M}", faults)


def _plan(made: list[str]) -> list[str]:
    """The story that is told; none any more once somebody has done something else."""
    plan = moves.split(request.args.get("plan", "")[:LONGEST])
    return plan if made == plan[: len(made)] else []


def _number(text: str) -> str | None:
    if text in (WITHHELD, "anonymous"):
        return WITHHELD
    # An address that was typed or pasted says a space where it means a plus.
    return numbers.caller(re.sub(r"^\s*\+?(?=\d)", "+", text[:40]))


def _first_caller(board: Switchboard) -> str:
    return next(iter(board.directory), STRANGER)


def _instant(wall: str, line: LineSetUp) -> datetime | None:
    """The instant of a wall time, if the line's calendar knows it and the day that follows."""
    try:
        at = local(wall, line.zone) if WALL.fullmatch(wall) else None
        if at:
            line.actual.is_open(at)
            line.actual.is_open(at + timedelta(days=1))
    except (ValueError, OverflowError, OutsideTable):
        return None
    return at


def _chooser(board: Switchboard, asked: Asked) -> dict[str, Any]:
    people_ = people(board, asked.line, asked.at)
    others = [one for one in (STRANGER, WITHHELD, asked.caller) if one not in {who.number for who in people_}]
    return {
        "asked": asked,
        "who": person(board, asked.line, asked.at, asked.caller),
        "people": people_,
        "others": [person(board, asked.line, asked.at, one) for one in dict.fromkeys(others)],
        "lines": list(board.lines.values()),
        "presets": presets(asked.line, g.now),
        "stories": stories(board, asked.line, g.now),
        "outlook": outlook(board, asked.line, asked.at),
        "address": lambda made: _address(asked, made),
    }


@contextmanager
def _played(asked: Asked, wanted: list[str]) -> Iterator[tuple[Rehearsal, Scene]]:
    caller_id = "anonymous" if asked.caller == WITHHELD else asked.caller
    with cast("Rehearsals", current_app.extensions["rehearsals"]).stage(caller_id, asked.at) as stage:
        scene = moves.play(lambda: stage.network.ring(caller_id, asked.line.number), wanted)
        stage.network.deliver_callbacks()
        yield stage, scene


def _call(asked: Asked, wanted: list[str]) -> dict[str, Any]:
    with _played(asked, wanted) as (stage, scene):
        owed = consequences.owed(stage, scene.call)
        with stage.database.reading() as session:
            return {
                "scene": scene,
                "following": asked.following(scene.moves),
                "out": stage.came_out(scene.call),
                "rung": consequences.rings(session, scene.call.sid),
                "work": consequences.work(session, scene.call.sid),
                "owed": owed,
                "webhooks": consequences.webhooks(scene.call),
                "texts": [{**one, "to": numbers.shown(one["to"])} for one in stage.texts()],
                "rings": [numbers.shown(number) for number in stage.rings()],
                "timeline": stage.timeline(scene.call),
                "references": _references(stage, scene),
                "command": as_command.simulate(asked.caller, asked.line.number, asked.wall, scene.moves),
            }


def _file(asked: Asked, wanted: list[str]) -> Response:
    with _played(asked, wanted) as (stage, scene):
        made = jsonify(consequences.report(stage, scene.call) | {"moves": scene.moves, "link": _address(asked, wanted)})
    made.headers["Content-Disposition"] = 'attachment; filename="call.json"'
    return made


def _references(stage: Rehearsal, scene: Scene) -> list[str]:
    """What a caller might key in where nine digits are asked for."""
    if not scene.asks_for_digits:
        return []
    with stage.database.reading() as session:
        newest = select(Ticket.reference).where(Ticket.state != State.RESOLVED).order_by(Ticket.id.desc())
        return list(session.scalars(newest.limit(5)))


def _address(asked: Asked, made: list[str] | None) -> str:
    """The address of this call with these moves; None is the call not yet made."""
    query = asked.address | ({} if made is None else {"m": ",".join(made)})
    return url_for("tryout.page", **query)  # type: ignore[arg-type]


def _board() -> Switchboard:
    extensions = current_app.extensions
    with extensions["database"].reading() as session:
        return cast("Switchboard", extensions["exchange"].boards.current(session))
