"""Cells of tables that spreadsheets open: nothing that somebody wrote is run as a formula (OWASP, CSV injection)."""

from __future__ import annotations

# The last four are run by spreadsheets that are set to an Asian language.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def safe(text: str) -> str:
    """The text on one line, as a cell that is text."""
    line = " ".join(text.splitlines())
    return f"'{line}" if line.startswith(FORMULA) else line


def bare(cell: str) -> str:
    """A cell as it was before it was made safe."""
    return cell[1:] if cell[:1] == "'" and cell[1:].startswith(FORMULA) else cell
