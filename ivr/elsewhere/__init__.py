"""Elsewhere: what answers callers on another host when none of our servers does.

From the Switchboard outwards: `timetable` says who rings when for the next fourteen days, `sheets` are documents for
a host that can only serve files, `place` is where both are put, and `publishing` sees to it that they are there
whenever something has changed: a hand-off, an override, a policy, a number.

Two kinds of other host:
- one that runs `deploy/responder.py`, a single file that needs nothing but Python. It reads the timetable, chooses by
  its own clock and wants 1 to be pressed, as we do; so it is right also after a hand-off that nobody lived to publish.
- one that serves files alone. Its document rings whoever is on duty as it is put there, then whoever takes over next,
  then everybody else; any key accepts, for a file cannot tell one key from another.

Decision: the timetable is sealed with a key made from the carrier's token, which the other host has anyway to check
who calls it; so there is no further secret, and whoever can write there cannot have callers connected to a number of
theirs. The files have no seal that the carrier would look at: their place must be ours alone.
"""
