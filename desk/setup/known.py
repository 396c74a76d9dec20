"""Known: rows that a long file looks up by the thousand, read once and found by their keys from then on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy.orm import Session

    from desk.db import Base

Key = tuple[str, ...]


class Known:
    """The rows of some tables, by some of their keys; whoever adds or changes one says so."""

    def __init__(self, session: Session, keys: Mapping[type[Base], Iterable[Key]]) -> None:
        self._found: dict[tuple[type[Base], Key], dict[tuple[object, ...], Any]] = {}
        self._stood: dict[tuple[int, Key], tuple[object, ...]] = {}
        self._keys = {model: tuple(tuple(sorted(key)) for key in those) for model, those in keys.items()}
        for model in self._keys:
            for row in session.scalars(select(model)):
                self.keep(row)

    def all_of(self, model: type[Base]) -> bool:
        """Whether every row of that table is known."""
        return model in self._keys

    def has(self, model: type[Base], key: Iterable[str]) -> bool:
        """Whether its rows are known by these columns."""
        return tuple(sorted(key)) in self._keys.get(model, ())

    def find(self, model: type[Base], **key: object) -> Any:
        """The row of that key, if there is one."""
        columns = tuple(sorted(key))
        return self._found.get((model, columns), {}).get(tuple(key[column] for column in columns))

    def keep(self, row: Base) -> None:
        """A row is new, or its columns are others now."""
        for columns in self._keys.get(type(row), ()):
            rows = self._found.setdefault((type(row), columns), {})
            before = self._stood.get((id(row), columns))
            if before is not None and rows.get(before) is row:
                del rows[before]
            values = tuple(getattr(row, column) for column in columns)
            self._stood[id(row), columns] = values
            if None not in values:
                rows[values] = row
