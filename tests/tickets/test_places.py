"""The inventory of personal data is whole: of every column somebody has said whether a person can stand there."""

from __future__ import annotations

from desk import models
from desk.db import Base
from tickets.privacy import belongings
from tickets.privacy.places import PLACES

TABLES = Base.metadata.tables
assert models


def test_every_column_of_every_table_is_spoken_of():
    stored = {name: frozenset(column.name for column in table.columns) for name, table in TABLES.items()}
    assert {name: place.columns for name, place in PLACES.items()} == stored


def test_no_column_is_in_two_minds():
    for name, place in PLACES.items():
        groups = [place.sealed, place.kept, place.staff, place.free, frozenset(place.theirs) | place.words]
        assert sum(map(len, groups)) == len(place.columns), name


def test_what_is_theirs_is_looked_for_and_what_words_may_name_anybody_are_words():
    theirs = {name for name, place in PLACES.items() if (place.theirs or place.goes) and name != "outbox"}
    assert theirs == {model.__tablename__ for model in belongings.TABLES}


def test_words_are_text_or_json_and_nothing_else():
    for name, place in PLACES.items():
        kinds = {str(TABLES[name].c[column].type) for column in place.words}
        assert kinds <= {"VARCHAR", "JSON"}, name
