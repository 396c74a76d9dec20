"""Refused: a file that cannot be made as it was asked for, and why."""


class Refused(ValueError):
    """There is no such file; the sentence says why, and what to do."""
