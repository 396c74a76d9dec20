"""One end of a call as a person holds it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.acts import Answer, CallerLeft, HangUp, Press, Refuse, Side, Silence, Speak, Talk

if TYPE_CHECKING:
    from simulator.call import Call


class End:
    """A telephone in somebody's hand. What does not fit the moment raises NobodyListens."""

    def __init__(self, call: Call, side: Side) -> None:
        self._call = call
        self._side = side

    # While it rings

    def answer(self, *, after: float = 5) -> None:
        self._call.do(Answer(self._side, after))

    def voicemail(self) -> None:
        """A machine takes the call and begins its greeting."""
        self._call.do(Answer(self._side, after=1, looks="a voicemail greeting starts"))

    def decline_ring(self) -> None:
        self._call.do(Refuse(self._side, "busy"))

    def let_ring(self) -> None:
        self._call.do(Refuse(self._side, "no-answer"))

    def fail(self) -> None:
        """The telephone is off, abroad, or gone."""
        self._call.do(Refuse(self._side, "failed"))

    # While the line listens

    def press(self, keys: str, *, listening: bool = False) -> None:
        """Press keys, into the prompt or after hearing it out."""
        self._call.do(Press(self._side, keys, listening))

    def silence(self) -> None:
        self._call.do(Silence(self._side))

    def speak(self, seconds: float = 8, then: str = "silence") -> None:
        """Leave a message; then be silent, "hang up", or press a key."""
        self._call.do(Speak(self._side, seconds, then))

    # At any time

    def talk(self, seconds: float) -> None:
        """Talk with each other while the two are joined."""
        self._call.do(Talk("caller", seconds))

    def hang_up(self, *, crossing_key: str = "", caller_first: bool = True) -> None:
        """Hang up.

        With a `crossing_key` the engineer presses it in the whisper at the same moment: the application hears
        of it after the caller's end or just before it.
        """
        if crossing_key:
            self._call.transcript.does("caller", "hangs up")
            self._call.interrupt(CallerLeft(crossing_key, caller_first=caller_first))
        else:
            self._call.do(HangUp(self._side))
