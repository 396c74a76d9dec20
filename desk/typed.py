"""Typed: what somebody typed into a form, as it is kept."""

from __future__ import annotations


def line(text: str, longest: int) -> str:
    """Its words on one line, a space between two; of no more than so many characters."""
    return " ".join(text.split())[:longest]
