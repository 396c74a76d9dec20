"""A row as the API gives it: money as decimal strings, times in ISO 8601 with their offset, seconds as integers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sla.exports import text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sla.exports.header import Header
    from sla.money.row import Row

MONEY = ("rate", "price", "amount")


def shape(row: Row) -> dict[str, Any]:
    """The row by the names of its fields; a float would lose cents, so money is text: "570.00", or null."""
    found = row._asdict()
    found |= {name: None if found[name] is None else text.money(found[name]) for name in MONEY}
    found |= {name: found[name].isoformat(timespec="seconds") for name in ("starts", "ends")}
    return found | {"engineers": list(row.engineers), "versions": dict(sorted(row.versions.items()))}


def json_lines(rows: Iterable[Row], header: Header) -> Iterator[bytes]:
    """One JSON object a line, in UTF-8; of the header nothing is in it."""
    for row in rows:
        yield f"{json.dumps(shape(row), ensure_ascii=False)}\n".encode("utf-8", "replace")
