"""A call written as moves (`2,1,a,e1,t600,h`): played on the simulator one by one, and shown as a scene.

Of the caller: `2`, `*`, `#` keys; `k482913075` several keys; `s` silence; `r8` speaks for 8 s; `h` hangs up. Of the
engineer's telephone while it rings: `a` answered, `v` by a voicemail, `b` declined, `n` not answered, `f` failed; and
after that `e1` a key, `es` silence, `eh` hangs up. `t600`: the two talk. What does not fit the moment changes
nothing and is reported, so any text at all is a call.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from simulator.acts import (
    Act,
    Answer,
    HangUp,
    NobodyListens,
    Press,
    Refuse,
    Silence,
    Speak,
    Talk,
    allowed,
)
from simulator.call import EndlessLoop

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from simulator.acts import Side, Waiting
    from simulator.call import Call

MOST = 200  # moves; a call of a person takes ten or twenty
LONGEST_SPEECH, LONGEST_TALK = 600, 14400  # seconds
NUMBERED = re.compile(r"([krte]?)([0-9*#]{1,20})")
SEVERAL = ("k", "r", "t")  # where more than one sign may follow

PLAIN: dict[str, Act] = {
    "s": Silence("caller"),
    "h": HangUp("caller"),
    "a": Answer("engineer"),
    "v": Answer("engineer", after=1, looks="a voicemail greeting starts"),
    "b": Refuse("engineer", "busy"),
    "n": Refuse("engineer", "no-answer"),
    "f": Refuse("engineer", "failed"),
    "es": Silence("engineer"),
    "eh": HangUp("engineer"),
}
# What a page offers, each with an act that stands for its kind.
OFFERED = ("1", "s", "r8", "h", "a", "e1", "es", "eh", "t600")


@dataclass(frozen=True)
class Said:
    """A line of the transcript: seconds into the call, whose end, what kind (`>` `<` `~`), words and their language."""

    seconds: int
    side: Side
    kind: str
    words: str
    language: str = ""  # of what the line says: en-ZA


@dataclass
class Scene:
    """A call as far as its moves lead: those that counted, those that did not, and all that was said."""

    call: Call
    moves: list[str] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)
    went_in_circles: bool = False

    @property
    def waiting(self) -> Waiting | None:
        """What the line waits for now; None after the end."""
        return self.call.waiting

    @property
    def offered(self) -> frozenset[str]:
        """Which of the page's moves fit the moment."""
        return frozenset(move for move in OFFERED if (act := read(move)) and allowed(act, self.waiting))

    @property
    def asks_for_digits(self) -> bool:
        """Whether the caller is to key in several digits, such as a reference."""
        waiting = self.waiting
        return bool(waiting and waiting.kind == "gather" and waiting.leg == "caller" and waiting.digits != 1)

    @property
    def rung(self) -> str | None:
        """Who was rung last."""
        return self.call.network.name(self.call.children[-1].to) if self.call.children else None

    def caption(self, side: Side) -> list[Said]:
        """What was last heard at that end: since its person last did something, or its telephone rang."""
        heard: list[Said] = []
        for one in reversed(self.said):
            rings = side == "engineer" and one.kind == "~" and one.words.startswith("rings ")
            if rings or (one.side == side and one.kind == "<" and heard):
                break
            if one.side == side and one.kind == ">":
                heard.insert(0, one)
        return heard


def split(text: str) -> list[str]:
    """The moves in a text."""
    return [move for part in text.split(",") if (move := part.strip())]


def read(move: str) -> Act | None:
    """The act that a move stands for; None if it stands for none."""
    if move in PLAIN:
        return PLAIN[move]
    found = NUMBERED.fullmatch(move)
    if not found or (len(found[2]) > 1 and found[1] not in SEVERAL):
        return None
    return _numbered(found[1], found[2])


def play(begin: Callable[[], Call], moves: Iterable[str]) -> Scene:
    """Begin a call and make these moves in it."""
    scene = Scene(begin())
    _write_down(scene)
    for number, move in enumerate(moves):
        act = read(move)
        if number < MOST and act and _made(scene, act):
            scene.moves.append(move)
        else:
            scene.ignored.append(move)
    return scene


def _numbered(kind: str, signs: str) -> Act | None:
    if kind in ("", "k", "e"):
        return Press("engineer" if kind == "e" else "caller", signs)
    seconds = int(signs) if signs.isdigit() else 0
    if not 0 < seconds <= (LONGEST_SPEECH if kind == "r" else LONGEST_TALK):
        return None
    return Speak("caller", seconds) if kind == "r" else Talk("caller", seconds)


def _made(scene: Scene, act: Act) -> bool:
    try:
        scene.call.do(act)
    except NobodyListens:
        return False
    except EndlessLoop:
        scene.went_in_circles = True
        return False
    _write_down(scene)
    return True


def _write_down(scene: Scene) -> None:
    """Keep what the transcript has gained. The time of a line is that of the next wait."""
    call = scene.call
    seconds = round((call.clock() - call.leg.started).total_seconds())
    for place, line in enumerate(call.transcript[len(scene.said) :], len(scene.said)):
        kind, _, words = line.strip().partition(" ")
        side: Side = "engineer" if line.startswith(" ") else "caller"
        scene.said.append(Said(seconds, side, kind, words, call.transcript.languages.get(place, "")))
