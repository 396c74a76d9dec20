"""Rows for the tests of files: one of each kind, with everything in them that has ever broken an export."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sla.exports.header import Header
from sla.exports.mapping import Mapping
from sla.money.row import Row

if TYPE_CHECKING:
    from collections.abc import Sequence

OFFICE = ZoneInfo("Africa/Johannesburg")
SUNDAY = Row(
    id=17,
    month="2026-11",
    customer_code="harbour",
    customer="Harbour Foods",
    contract="Office hours",
    contract_version=3,
    caller="+27825550202",
    contact="Sipho Khumalo",
    reference="482-913-077",
    engineers=("Thandi Nkosi", "Pieter Botha"),
    starts=datetime(2026, 11, 22, 2, 0, tzinfo=OFFICE),
    ends=datetime(2026, 11, 22, 2, 11, tzinfo=OFFICE),
    source="page 17",
    calls=1,
    seconds=660,
    office=0,
    weekday_after_hours=0,
    saturday=0,
    sunday=660,
    public_holiday=0,
    holiday="",
    state="billable",
    billed_seconds=1800,
    rate=Decimal("1140.00"),
    price=Decimal("570.00"),
    amount=Decimal("570.00"),
    consent="pressed 1 at 02:00:41",
    explanation="Billable, R570.00: 11 min on a Sunday; at least 30 min.",
    corrects="",
    versions={"hours": 2, "holidays": 5},
    changed="",
)


def row(**changes: Any) -> Row:
    """The call of that Sunday, changed."""
    return SUNDAY._replace(**changes)


CORRECTION = row(
    id=18,
    source="page 9",
    corrects="page 9",
    billed_seconds=-900,
    rate=Decimal("1140.00"),
    price=Decimal("0.00"),
    amount=Decimal("-285.00"),
    explanation="Correction of October 2026, R570.00 become R285.00.",
)
INCLUDED = row(
    id=19,
    source="page 19",
    customer_code="karoo",
    customer="Karoo Clinic",
    contract="24/7 premium",
    state="included",
    billed_seconds=0,
    rate=None,
    amount=Decimal("0.00"),
)
STRANGER = row(
    id=20,
    source="page 20",
    customer_code="",
    customer="",
    contract="",
    contract_version=None,
    caller="",
    contact="",
    state="to_check",
    billed_seconds=0,
    rate=None,
    price=None,
    amount=Decimal("0.00"),
    consent="",
)
NASTY = row(
    id=21,
    source="page 21",
    customer_code="007",
    customer='=HYPERLINK("http://evil.example";"Ünïcode")',
    contract="1-2",
    contact="@SUM(1+1)*cmd|' /C calc'!A0",
    engineers=('+Anna "the key" Fourie', "–Zoë; née, Łuk"),
    holiday="MAR1",
    amount=Decimal("1234.50"),
    rate=None,
    explanation="First\r\n=second\tthird\x00\x1b, 日本 😀",
    changed="-1+1",
)
ROWS: Sequence[Row] = (SUNDAY, CORRECTION, INCLUDED, STRANGER, NASTY)
HEADER = Header(
    company="Afterhours Demo",
    month="2026-11",
    filter="all customers, all states",
    maker="Bongani Zulu",
    made_at=datetime(2026, 12, 3, 9, 30, 15, tzinfo=OFFICE),
    closed=True,
)
XERO = Mapping(account_code="200", tax_name="Standard Rate Sales", due_days=30)
QUICKBOOKS = Mapping(item="After-hours support", tax_name="15% S", contacts={"harbour": "Harbour Foods (Pty) Ltd"})
