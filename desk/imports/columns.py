"""Columns: which column of a table is what, told by its name as people and programs call it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# Field: what it is called, in the order of the sample; small letters and digits alone count.
NAMES: Mapping[str, tuple[str, ...]] = {
    "name": ("customer", "customer name", "company", "company name", "client", "name", "organisation", "klant"),
    "code": ("code", "short name", "customer code", "account", "account code", "account number", "debtor code"),
    "contact": ("contact", "contact name", "contact person", "person", "full name", "kontak"),
    "phone": (
        "phone",
        "telephone",
        "tel",
        "tel no",
        "number",
        "phone number",
        "mobile",
        "cell",
        "cellphone",
        "selfoon",
    ),
    "email": ("email", "e-mail", "mail", "email address", "mail address", "e-pos"),
    "language": ("language", "lang", "taal"),
    "preset": ("preset", "contract type", "plan", "cover"),
    "contract": ("contract", "contract name", "kontrak"),
    "valid_from": ("valid from", "contract from", "from", "since", "start", "start date", "begins"),
    "rate": ("rate", "hourly rate", "rate per hour", "price per hour"),
}
FIELDS = tuple(NAMES)
OF_A_CONTACT = ("phone", "email", "language")
OF_A_CONTRACT = ("preset", "contract", "valid_from", "rate")


def recognised(names: Sequence[str]) -> list[str]:
    """The field of each column, "" where it is none; of two that fit one field, the first."""
    found: list[str] = []
    for name in names:
        fields = [field for field, known in NAMES.items() if _plain(name) in map(_plain, (field, *known))]
        found.append(next((field for field in fields if field not in found), ""))
    return found


def said(names: Sequence[str], chosen: Sequence[str]) -> list[str]:
    """What somebody chose instead, as far as it makes sense: each field once."""
    found: list[str] = []
    for place, _ in enumerate(names):
        field = chosen[place] if place < len(chosen) else ""
        found.append(field if field in FIELDS and field not in found else "")
    return found


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.casefold())
