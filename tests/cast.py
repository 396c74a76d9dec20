"""The cast of the demo by name: whom tests ring as, and whom they expect to be rung."""

from __future__ import annotations

NUMBERS = {
    "Thandi Nkosi": "+27825550101",
    "Pieter Botha": "+27825550102",
    "Lerato Mokoena": "+27825550103",
    "Naledi Dlamini": "+27825550104",
    "Karoo Clinic": "+27825550201",
    "Harbour Foods": "+27825550202",
    "Mill Lane Books": "+27825550203",
    "A stranger": "+27825550999",
    "A withheld number": "anonymous",
    "A robocaller": "+27825550666",
}
THANDI, PIETER, LERATO, NALEDI, KAROO, HARBOUR, MILL_LANE, STRANGER, WITHHELD, ROBOT = NUMBERS.values()
