"""What goes to Xero and to QuickBooks Online: the published columns, billable lines alone, credit notes as each wants.

The columns of Xero are those of its template for sales invoices, as study ZA-BILLING §3.3 found it alike in several
public repositories, in the order in which Xero's help lists them; those of QuickBooks Online are its sample file with
tax, the fields of which its help (learn-support, "Do we need to map field everytime when import invoices") names too.
"""

from __future__ import annotations

import csv
from decimal import ROUND_HALF_UP, Decimal
from io import StringIO
from itertools import count

import pytest
from exported import CORRECTION, INCLUDED, NASTY, QUICKBOOKS, ROWS, STRANGER, SUNDAY, XERO, row
from hypothesis import given
from hypothesis import strategies as st

from sla.exports import quickbooks
from sla.exports.documents import items
from sla.exports.mapping import Mapping, Unmapped
from sla.exports.xero import TooMany, xero

PUBLISHED_BY_XERO = (
    "*ContactName,EmailAddress,POAddressLine1,POAddressLine2,POAddressLine3,POAddressLine4,POCity,PORegion,"
    "POPostalCode,POCountry,*InvoiceNumber,Reference,*InvoiceDate,*DueDate,InventoryItemCode,*Description,*Quantity,"
    "*UnitAmount,Discount,*AccountCode,*TaxType,TrackingName1,TrackingOption1,TrackingName2,TrackingOption2,Currency,"
    "BrandingTheme"
)
PUBLISHED_BY_QUICKBOOKS = (
    "*InvoiceNo,*Customer,*InvoiceDate,*DueDate,Terms,Location,Memo,*Item(Product/Service),ItemDescription,"
    "ItemQuantity,ItemRate,*ItemAmount,*Item Tax Code,Item Tax Amount,Currency"
)


def lines(pieces: object) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(b"".join(pieces).decode(), newline="")))  # type: ignore[arg-type]


def heading(pieces: object) -> str:
    return b"".join(pieces).decode().split("\r\n")[0]  # type: ignore[arg-type]


def test_the_columns_are_the_published_ones():
    assert heading(xero([], XERO)) == PUBLISHED_BY_XERO
    assert heading(quickbooks.invoices([], QUICKBOOKS)) == PUBLISHED_BY_QUICKBOOKS


def test_what_must_not_be_empty_is_not():
    files = (xero(ROWS, XERO), quickbooks.invoices(ROWS, QUICKBOOKS))
    for line in (line for file in files for line in lines(file)):
        assert all(cell for name, cell in line.items() if name.startswith("*"))


def test_only_what_is_billable_and_has_an_amount_goes_there():
    nothing = row(amount=Decimal("0.00"))
    assert list(items([INCLUDED, STRANGER, nothing, row(state="to_check"), row(state="none")], XERO)) == []
    assert [item.amount for item in items(ROWS, XERO)] == [SUNDAY.amount, CORRECTION.amount, NASTY.amount]


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ('Smith, Jones & "Sons"', 'Smith, Jones & "Sons"'), ("Two\nlines\r\nLtd", "Two lines Ltd"), ("=1+1", "'=1+1"),
        ("+27 Group", "'+27 Group"), ("-5 Ltd", "'-5 Ltd"), ("@home", "'@home"), ("\t=1", "'=1"), ("＝1", "'＝1"),
    ],
)  # fmt: skip
def test_a_customer_s_name_stays_one_cell_and_is_never_a_formula(name: str, written: str):
    one = row(customer=name, customer_code="h,1", amount=Decimal("0.01"))
    (to_xero,), (to_quickbooks,) = lines(xero([one], XERO)), lines(quickbooks.invoices([one], QUICKBOOKS))
    assert (to_xero["*ContactName"], to_quickbooks["*Customer"]) == (written, written)
    assert (to_xero["*InvoiceNumber"], to_quickbooks["*InvoiceNo"]) == ("2026-11-h,1", "2026-11-h,1")


def test_an_invoice_is_dated_by_the_end_of_its_month_and_due_as_agreed():
    (line,) = lines(xero([SUNDAY], XERO))
    assert (line["*InvoiceDate"], line["*DueDate"]) == ("30/11/2026", "30/12/2026")
    (line,) = lines(quickbooks.invoices([row(month="2028-02")], QUICKBOOKS))
    assert line["*InvoiceDate"] == "29/02/2028"


def test_xero_takes_a_credit_note_as_an_invoice_with_negative_amounts_under_a_number_of_its_own():
    charged, credited = lines(xero([SUNDAY, CORRECTION], XERO))
    assert (charged["*InvoiceNumber"], charged["*Quantity"], charged["*UnitAmount"]) == (
        "2026-11-harbour",
        "0.50",
        "1140.00",
    )
    assert (credited["*InvoiceNumber"], credited["*Quantity"], credited["*UnitAmount"]) == (
        "2026-11-harbour-CN",
        "0.25",
        "-1140.00",
    )


def test_quickbooks_takes_credit_notes_apart_with_positive_amounts():
    (charged,) = lines(quickbooks.invoices([SUNDAY, CORRECTION], QUICKBOOKS))
    (credited,) = lines(quickbooks.credit_notes([SUNDAY, CORRECTION], QUICKBOOKS))
    assert (charged["*InvoiceNo"], charged["*ItemAmount"]) == ("2026-11-harbour", "570.00")
    assert (credited["Credit note no"], credited["ItemAmount"]) == ("2026-11-harbour-CN", "285.00")
    assert charged["*Customer"] == credited["Customer"] == "Harbour Foods (Pty) Ltd"


@pytest.mark.parametrize("state", ["billable", "included", "none"])
def test_what_was_invoiced_is_taken_back_whatever_it_is_by_now(state: str):
    (item,) = items([row(state=state, amount=Decimal("-570.00"), billed_seconds=-1800, corrects="page 1")], XERO)
    assert (item.is_credit, item.amount) == (True, Decimal("-570.00"))


CENTS = st.decimals(-(10**6), 10**6, places=2)


@given(amount=CENTS, rate=st.none() | st.decimals(1, 5000, places=3), seconds=st.integers(-200_000, 200_000))
def test_quantity_times_unit_is_the_amount_to_the_cent(amount: Decimal, rate: Decimal | None, seconds: int):
    for item in items([row(amount=amount, rate=rate, billed_seconds=seconds)], XERO):
        assert item.quantity * item.unit == item.amount == amount
        assert item.quantity > 0


@given(seconds=st.integers(1, 2000).map(lambda steps: steps * 36), rate=st.decimals(1, 5000, places=2))
def test_hours_stand_beside_their_rate_where_they_make_the_amount(seconds: int, rate: Decimal):
    amount = (rate * seconds / 3600).quantize(Decimal("0.01"), ROUND_HALF_UP)
    (item,) = items([row(amount=amount, rate=rate, billed_seconds=seconds)], XERO)
    assert item.unit in (rate, amount)
    assert item.quantity * item.unit == amount


@pytest.mark.parametrize(
    ("mapping", "said"),
    [
        ({"due_days": -1}, "0 to 366 days, not in -1"),
        ({"due_days": 400}, "0 to 366 days"),
        ({"account_code": " 200"}, "account_code begins or ends with a blank"),
        ({"currency": "rand"}, "'rand' is not a currency such as ZAR"),
        ({"contacts": {"harbour": ""}}, "customer harbour is empty"),
    ],
)
def test_a_mapping_that_cannot_be_right_says_what_is_wrong(mapping: dict[str, object], said: str):
    with pytest.raises(Unmapped, match=said):
        Mapping(**mapping)  # type: ignore[arg-type]


def test_a_file_says_what_it_lacks_before_a_byte_is_written():
    with pytest.raises(Unmapped, match=r"Xero needs the account code.*; Xero needs the name of the tax rate"):
        xero(ROWS, Mapping())
    with pytest.raises(Unmapped, match="QuickBooks needs the item"):
        quickbooks.invoices(ROWS, Mapping(tax_name="15% S"))


def test_a_customer_without_a_code_has_no_invoice_number():
    with pytest.raises(Unmapped, match="line 17 has no customer with a code"):
        lines(xero([row(customer_code="")], XERO))


def test_xero_takes_500_invoices_in_one_file():
    numbers = count()
    many = [row(customer_code=f"c{next(numbers)}") for _ in range(500)]
    assert len(lines(xero([*many, *many], XERO))) == 1000
    with pytest.raises(TooMany, match="500 invoices in one file"):
        lines(xero([*many, row(customer_code="one-more")], XERO))


def test_of_a_file_that_is_refused_nobody_gets_the_beginning():
    many = [row(customer_code=f"c{number}") for number in range(501)]
    with pytest.raises(TooMany):
        next(xero(many, XERO))
    with pytest.raises(Unmapped, match="too long a number"):
        next(quickbooks.invoices([*many, row(customer_code="a-very-long-name")], QUICKBOOKS))


def test_quickbooks_takes_numbers_of_21_characters():
    with pytest.raises(Unmapped, match="too long a number"):
        lines(quickbooks.invoices([row(customer_code="a-very-long-name")], QUICKBOOKS))
