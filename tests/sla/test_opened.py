"""The files as an office opens them: LibreOffice converts them, and every cell is what it was.

It runs where LibreOffice Calc is installed (Debian: libreoffice-calc-nogui); elsewhere it says that it did not.
"""

from __future__ import annotations

import shutil
import subprocess
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple
from xml.etree import ElementTree as ET

import pytest
from exported import HEADER, ROWS

from sla.exports.columns import COLUMNS, NAMES, Kind, columns
from sla.exports.csv_file import IMPORTED, OPENED
from sla.exports.formats import written
from sla.exports.tally import Tally
from sla.exports.text import TAKEN, plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from sla.money.row import Row

SOFFICE = shutil.which("soffice")
pytestmark = pytest.mark.skipif(not SOFFICE, reason="LibreOffice Calc is not installed: nothing was opened for real")
LOCALES = {"en-ZA": 7177, "en-US": 1033}  # with the numbers by which import filters know them
SEPARATORS = {"csv": 44, "csv-za": 59}
OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
PARAGRAPH = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}p"
MOST = 200  # columns or rows that are looked at; a sheet ends with thousands of empty ones
PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Setup/L10N">
<prop oor:name="ooSetupSystemLocale" oor:op="fuse"><value>{}</value></prop></item>
</oor:items>"""


class Seen(NamedTuple):
    """A cell as LibreOffice has it."""

    kind: str
    value: object
    formula: str | None = None


EMPTY = Seen("", "")


@pytest.fixture(scope="module", params=LOCALES)
def opened(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Opener:
    return Opener(request.param, tmp_path_factory.mktemp(request.param))


class Opener:
    """LibreOffice, set to a locale."""

    def __init__(self, locale: str, place: Path) -> None:
        self.locale, self.place = locale, place
        (place / "profile/user").mkdir(parents=True)
        (place / "profile/user/registrymodifications.xcu").write_text(PROFILE.format(locale))

    def sheets(self, name: str) -> list[list[list[Seen]]]:
        """The sheets of one of our files, opened as a double click does: what looks like a number becomes one."""
        file = self.place / f"{name}.{'xlsx' if name == 'xlsx' else 'csv'}"
        file.write_bytes(b"".join(written(name, ROWS, HEADER, Tally())))
        filters = (
            [f"--infilter=CSV:{SEPARATORS[name]},34,76,1,,{LOCALES[self.locale]},false,true"]
            if name in SEPARATORS
            else []
        )
        subprocess.run(  # noqa: S603 - the office's own program
            [
                str(SOFFICE), f"-env:UserInstallation=file://{self.place}/profile", "--headless", *filters,
                "--convert-to", "fods", "--outdir", str(self.place), str(file),
            ],
            check=True, capture_output=True, timeout=400,
        )  # fmt: skip
        root = ET.parse(file.with_suffix(".fods")).getroot()  # noqa: S314 - written by the program just now
        return [list(_rows(table)) for table in root.iter(f"{TABLE}table")]


def _rows(table: ET.Element) -> Iterator[list[Seen]]:
    for row in table.iter(f"{TABLE}table-row"):
        again = int(row.get(f"{TABLE}number-rows-repeated", 1))
        yield from [list(_cells(row))] * min(again, MOST)


def _cells(row: ET.Element) -> Iterator[Seen]:
    for cell in row:
        again = int(cell.get(f"{TABLE}number-columns-repeated", 1))
        yield from [_seen(cell)] * min(again, MOST)


def _seen(cell: ET.Element) -> Seen:
    kind, formula = cell.get(f"{OFFICE}value-type", ""), cell.get(f"{TABLE}formula")
    if kind in ("float", "currency", "percentage"):
        return Seen("number", Decimal(str(round(float(cell.get(f"{OFFICE}value", "")), 6))).normalize(), formula)
    if kind == "date":
        return Seen("date", datetime.fromisoformat(cell.get(f"{OFFICE}date-value", "")), formula)
    if kind == "time":
        return Seen("time", cell.get(f"{OFFICE}time-value", ""), formula)
    said = "\n".join("".join(_spaced(part)) for part in cell.iter(PARAGRAPH))
    return Seen("text", said, formula) if said else EMPTY


def _spaced(part: ET.Element) -> Iterator[str]:
    """The words of a paragraph; several blanks in a row are an element that counts them."""
    yield part.text or ""
    for inner in part:
        if inner.tag.endswith("}s"):
            yield " " * int(next(iter(inner.attrib.values()), "1"))
        yield "".join(inner.itertext()) + (inner.tail or "")


def number(value: object) -> Seen:
    return Seen("number", Decimal(str(value)).normalize())


def taken(kind: Kind, written: str) -> bool:
    """Whether it is text that only the profile for spreadsheets keeps: 007 and 1-2 are for programs to read."""
    return kind is Kind.TEXT and bool(TAKEN.fullmatch(written))


def same(found: list[Seen], wanted: Sequence[Seen | None], line: int) -> None:
    """Cell by cell; None is not looked at."""
    padded = found[: len(wanted)] + [EMPTY] * (len(wanted) - len(found))
    for column, is_, should in zip(COLUMNS, padded, wanted, strict=True):
        assert should is None or is_ == should, f"{column.name} of line {line}"


def in_a_workbook(kind: Kind, cell: object) -> Seen:
    if cell is None or cell == "":
        return EMPTY
    if kind is Kind.MONTH:
        return Seen("date", datetime.fromisoformat(f"{cell}-01"))
    if kind is Kind.INSTANT:
        return Seen("date", cell.replace(tzinfo=None))  # type: ignore[attr-defined]
    return number(cell) if kind in (Kind.MONEY, Kind.NUMBER) else Seen("text", plain(str(cell)))


def cells_of(row: Row) -> list[Any]:
    """What stands in the columns of one row."""
    return [cell for (cell,) in columns([row])]


def test_every_cell_of_the_workbook_is_what_it_was(opened: Opener):
    lines, about = opened.sheets("xlsx")
    assert [cell.value for cell in lines[0][: len(NAMES)]] == list(NAMES)
    for number_, (found, row) in enumerate(zip(lines[1:], ROWS, strict=False), 1):
        same(found, [in_a_workbook(c.kind, cell) for c, cell in zip(COLUMNS, cells_of(row), strict=True)], number_)
    assert {cell.formula for sheet in (lines, about) for row in sheet for cell in row} == {None}
    assert next(row for row in about if row[0].value == "All")[6] == number("1519.5")


def as_time(written: str) -> Seen:
    hours, minutes, seconds = written.split(":")
    return Seen("time", f"PT{hours}H{minutes}M{seconds}S")


def in_a_csv(kind: Kind, written: str, *, comma: bool) -> Seen:
    """What a spreadsheet makes of the text; where the decimal sign is another it keeps an amount as it stands."""
    if not written:
        return EMPTY
    if kind is Kind.NUMBER:
        return number(written)
    if kind is Kind.MONEY:
        return number(written.replace(",", ".")) if comma == ("," in written) else Seen("text", written)
    if kind is Kind.DURATION and not written.startswith("'"):
        return as_time(written)
    if kind is Kind.MONTH and len(written) == len("2026-11-01"):
        return Seen("date", datetime.fromisoformat(written))
    if kind is Kind.INSTANT and "T" not in written:
        return Seen("date", datetime.fromisoformat(written))
    return Seen("text", written)


@pytest.mark.parametrize(("name", "formats"), [("csv", IMPORTED), ("csv-za", OPENED)])
def test_every_cell_of_a_csv_is_what_it_was(opened: Opener, name: str, formats: tuple[Any, ...]):
    (lines,) = opened.sheets(name)
    assert [cell.value for cell in lines[0][: len(NAMES)]] == list(NAMES)
    comma = opened.locale == "en-ZA"
    for number_, (found, row) in enumerate(zip(lines[1:], ROWS, strict=False), 1):
        texts = cells_of(row)
        for place, write in formats:
            (texts[place],) = write((texts[place],))
        texts = ["" if text is None else str(text) for text in texts]
        wanted = [
            None if name == "csv" and taken(column.kind, text) else in_a_csv(column.kind, text, comma=comma)
            for column, text in zip(COLUMNS, texts, strict=True)
        ]
        same(found, wanted, number_)
    assert {cell.formula for row in lines for cell in row} == {None}
