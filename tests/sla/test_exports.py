"""Files of charge lines: what is in them, that nothing in them is run, and that the same rows make the same bytes."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from io import BytesIO, StringIO
from itertools import repeat
from pathlib import Path
from zipfile import ZipFile

import pytest
from exported import HEADER, INCLUDED, NASTY, OFFICE, QUICKBOOKS, ROWS, STRANGER, SUNDAY, XERO, row
from hypothesis import given
from hypothesis import strategies as st

from desk.cells import FORMULA
from sla.exports import text, workbook
from sla.exports.columns import COLUMNS, NAMES, Kind
from sla.exports.formats import FORMATS, file_name, written
from sla.exports.tally import Tally
from sla.money.row import Row

ROOT = Path(__file__).parents[2]
MAPPINGS = {"xero": XERO, "quickbooks": QUICKBOOKS, "": None}
CSVS = ("csv", "csv-za", "xero", "quickbooks", "quickbooks-credit")
SEPARATORS = {"csv-za": ";"}
NASTY_TEXT = st.one_of(
    st.text(max_size=40),
    st.tuples(
        st.sampled_from([*FORMULA, " =", "\x00=", "\u200b+", "\n@", "'", '"', ";", ","]), st.text(max_size=12)
    ).map("".join),
)


def made(name: str, rows: object = ROWS) -> bytes:
    return b"".join(written(name, rows, HEADER, Tally(), MAPPINGS[FORMATS[name].system]))  # type: ignore[arg-type]


def read(name: str, rows: object = ROWS) -> list[dict[str, str]]:
    """A CSV as a program reads it."""
    return list(
        csv.DictReader(StringIO(made(name, rows).decode("utf-8-sig"), newline=""), delimiter=SEPARATORS.get(name, ","))
    )


def test_programs_get_commas_points_iso_times_and_no_byte_order_mark():
    first = made("csv").split(b"\r\n")[1].decode()
    assert made("csv").startswith(b"line,month,customer_code,")
    assert "2026-11-22T02:00:00+02:00,2026-11-22T02:11:00+02:00" in first
    assert ",1140.00,570.00,570.00," in first


def test_excel_gets_semicolons_decimal_commas_a_mark_and_times_that_it_knows():
    first = made("csv-za").split(b"\r\n")[1].decode()
    assert made("csv-za").startswith(b"\xef\xbb\xbfline;month;customer_code;")
    assert ";2026-11-22 02:00:00;2026-11-22 02:11:00;" in first
    assert ";1140,00;570,00;570,00;" in first


def test_a_duration_is_there_for_people_and_for_programs():
    line = read("csv")[0]
    assert (line["duration"], line["seconds"]) == ("00:11:00", "660")
    assert (line["billed_duration"], line["billed_seconds"]) == ("00:30:00", "1800")
    assert text.duration(100 * 3600 + 61) == "100:01:01"


def test_what_is_taken_back_is_a_number_with_its_sign():
    assert read("csv")[1]["amount_excl_vat"] == "-285.00"
    assert read("csv-za")[1]["amount_excl_vat"] == "-285,00"


def test_a_telephone_number_is_no_number_to_a_spreadsheet():
    assert read("csv")[0]["caller"] == read("csv-za")[0]["caller"] == "tel:+27825550202"
    assert "<t>+27825550202</t>" in sheet("xlsx")


def test_excel_leaves_text_that_looks_like_a_number_or_a_date_as_it_is():
    line = read("csv-za")[4]
    assert (line["customer_code"], line["contract"], line["holiday"]) == ("'007", "'1-2", "'MAR1")
    assert line["reference"] == "482-913-077"
    assert read("csv")[4]["customer_code"] == "007"


@pytest.mark.parametrize("name", CSVS)
@given(texts=st.lists(NASTY_TEXT, min_size=7, max_size=7))
def test_no_cell_of_any_csv_is_a_formula(name: str, texts: list[str]):
    customer, contract, contact, engineer, holiday, explanation, changed = texts
    one = row(
        customer=customer, contract=contract, contact=contact, engineers=(engineer,), holiday=holiday,
        explanation=explanation, changed=changed, caller=customer,
    )  # fmt: skip
    for line in read(name, [one, row(amount=Decimal("-1.00"))]):
        for column, cell in line.items():
            if not cell.replace(",", ".").removeprefix("-").replace(".", "", 1).isdigit():
                assert not cell.lstrip().startswith(FORMULA), (column, cell)
            assert "\n" not in cell
            assert "\r" not in cell


@given(texts=st.lists(NASTY_TEXT, min_size=5, max_size=5))
def test_a_workbook_has_no_formula_and_no_link_and_can_be_read(texts: list[str]):
    customer, contact, engineer, explanation, changed = texts
    one = row(customer=customer, contact=contact, engineers=(engineer,), explanation=explanation, changed=changed)
    whole = sheet("xlsx", [one])
    assert "<f>" not in whole
    assert "<hyperlink" not in whole


def sheet(name: str, rows: object = ROWS, number: int = 1) -> str:
    with ZipFile(BytesIO(made(name, rows))) as archive:
        return archive.read(f"xl/worksheets/sheet{number}.xml").decode()


def test_a_workbook_has_real_dates_and_numbers_a_fixed_heading_and_filters():
    whole = sheet("xlsx")
    assert '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>' in whole
    assert '<autoFilter ref="A1:AG6"/>' in whole
    assert "<v>46348.083333333" in whole  # 22 November 2026, 02:00
    assert "<v>-285.00</v>" in whole


def test_a_workbook_says_what_was_asked_for_by_whom_and_what_it_comes_to():
    whole = sheet("xlsx", number=2)
    for said in ("Afterhours Demo", "all customers, all states", "Bongani Zulu", "2026-12-03T09:30:15+02:00", "closed"):
        assert f"<t>{said}</t>" in whole
    assert f"<t>{sha256(made('csv')).hexdigest()}</t>" in whole
    assert "<v>1519.50</v>" in whole


def test_a_workbook_was_made_when_its_header_says_and_not_when_it_was_written():
    with ZipFile(BytesIO(made("xlsx"))) as archive:
        assert b">2026-12-03T09:30:15Z</dcterms:created>" in archive.read("docProps/core.xml")
        assert {part.date_time for part in archive.infolist()} == {(1980, 1, 31, 0, 0, 0)}


def test_a_longer_text_than_a_cell_holds_ends_with_an_ellipsis():
    assert f"{'x' * 32766}…<" in sheet("xlsx", [row(explanation="x" * 40_000)])


def test_more_rows_than_a_sheet_holds_are_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(workbook, "MOST_ROWS", 3)
    with pytest.raises(workbook.TooLong, match="take the CSV"):
        made("xlsx", repeat(SUNDAY, 4))


def test_the_manifest_counts_what_was_written():
    tally = Tally()
    whole = b"".join(written("csv", ROWS, HEADER, tally))
    found = tally.manifest
    assert (found.sha256, found.length) == (sha256(whole).hexdigest(), len(whole))
    assert (found.totals.rows, found.totals.seconds, found.totals.billed_seconds) == (5, 3300, 2700)
    assert (found.totals.amount, found.totals.to_check) == (Decimal("1519.50"), 1)


def test_rows_are_taken_one_by_one_and_never_all_at_once():
    taken = 0

    def many() -> object:
        nonlocal taken
        for number in range(5000):
            taken += 1
            yield row(id=number)

    for name in ("csv", "json"):
        taken = 0
        pieces = written(name, many(), HEADER, Tally())  # type: ignore[arg-type]
        next(iter(pieces))
        assert taken <= 600


def test_the_shape_of_the_api_has_every_field_and_money_as_text():
    first, *_ = [json.loads(line) for line in made("json").splitlines()]
    assert list(first) == list(Row._fields)
    assert (first["amount"], first["rate"], first["seconds"]) == ("570.00", "1140.00", 660)
    assert first["starts"] == "2026-11-22T02:00:00+02:00"
    assert first["versions"] == {"holidays": 5, "hours": 2}
    assert json.loads(made("json", [STRANGER]))["price"] is None


@given(amount=st.decimals(-(10**12), 10**12, places=6), exponent=st.integers(0, 3))
def test_money_is_exact_and_has_two_decimals_at_least(amount: Decimal, exponent: int):
    found = text.money(amount.scaleb(exponent))
    assert Decimal(found) == amount.scaleb(exponent)
    assert len(found.partition(".")[2]) >= 2
    assert set(found) <= set("-.0123456789")


def test_nothing_owed_is_nothing_and_not_minus_nothing():
    assert text.money(Decimal("-0.00")) == "0.00"


def test_every_column_is_named_once():
    assert len(set(NAMES)) == len(COLUMNS)
    assert {column.kind for column in COLUMNS} == set(Kind)


def test_a_file_is_named_by_month_rows_and_standing():
    assert [file_name(name, HEADER) for name in ("csv", "xlsx", "csv-za")] == [
        "overtime_2026-11_all_closed.csv",
        "overtime_2026-11_all_closed.xlsx",
        "overtime_2026-11_all_closed_csv-za.csv",
    ]


def test_a_header_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="has no zone"):
        type(HEADER)("us", "2026-11", "", "me", datetime(2026, 12, 1), closed=False)  # noqa: DTZ001 - that is the fault


PRINTS = """
from hashlib import sha256
from exported import HEADER, ROWS
from test_exports import FORMATS, made
import os
os.umask(0o007)
for name in FORMATS:
    print(name, sha256(made(name)).hexdigest())
"""


def test_the_same_rows_make_the_same_bytes_in_any_process_zone_and_locale():
    """Hours later, too: a file's time is that of its header."""
    elsewhere = {"TZ": "Pacific/Auckland", "LC_ALL": "af_ZA.UTF-8", "LANG": "de_DE.UTF-8", "PYTHONHASHSEED": "7"}
    paths = f"{ROOT}:{ROOT / 'tests'}:{ROOT / 'tests/sla'}"
    result = subprocess.run(  # noqa: S603 - ourselves
        [sys.executable, "-c", PRINTS],
        env=elsewhere | {"PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=True,
    )
    assert dict(line.split() for line in result.stdout.splitlines()) == {
        name: sha256(made(name)).hexdigest() for name in FORMATS
    }


def test_the_order_of_versions_in_the_database_makes_no_difference():
    turned = row(versions={"holidays": 5, "hours": 2})
    assert made("csv", [turned]) == made("csv", [SUNDAY])
    assert made("json", [turned]) == made("json", [SUNDAY])


def test_what_is_included_or_to_check_is_in_the_files_for_people():
    assert [line["state"] for line in read("csv", [INCLUDED, STRANGER, NASTY])] == ["included", "to_check", "billable"]
    assert OFFICE.key == "Africa/Johannesburg"


def test_the_same_amount_makes_the_same_bytes_however_it_was_stored():
    other = row(amount=Decimal("5.7E+2"), price=Decimal(570), rate=Decimal("1140.0000"))
    for name in FORMATS:
        assert made(name, [other]) == made(name, [SUNDAY]), name
