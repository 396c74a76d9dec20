"""Traces: a number, an address and a name are found in every spelling, and nothing else is."""

from __future__ import annotations

import pytest

from tickets.privacy.traces import Traces

FATIMA = Traces(["+27825550201"], ["fatima.adams@karoo-clinic.example"], ["Sister Fatima Adams"])
ABROAD = Traces(["+442079460958"])


@pytest.mark.parametrize(
    "words",
    [
        *("+27825550201", "0825550201", "082 555 0201", "082-555-0201", "(082) 555 0201", "+27 (0)82 555 0201"),
        *("27825550201", "0027 82 555 0201", "%2B27825550201", "0 8 2, 5 5 5, 0 2 0 1", "plus 27, 82, 555 0201"),
        *(
            "fatima.adams@karoo-clinic.example",
            "FATIMA.ADAMS@Karoo-Clinic.example",
            "fatima.adams%40karoo-clinic.example",
        ),
        *("Fatima Adams", "fatima  adams", "FATIMA ADAMS", "Fatima\nAdams", "Adams, Fatima", "fatima_adams"),
    ],
)
def test_every_spelling_is_found(words: str):
    assert FATIMA.out_of(f"ask {words}!") == "ask [erased]!"


@pytest.mark.parametrize(
    "words",
    [
        *("+27825550202", "182 555 0201", "082 555 02011", "0825 550", "482-913-075", "82 555 0201 things"),
        *("not.fatima.adams@karoo-clinic.example", "fatima.adams@karoo-clinic.example2", "adams@karoo-clinic.example"),
        *("Fatima", "Adams", "Sister Adams", "Fatimah Adams", "Fatima Adamson", "Sister"),
    ],
)
def test_nothing_else_is(words: str):
    assert FATIMA.out_of(words) == words


def test_numbers_of_other_countries_too():
    assert ABROAD.out_of("020 7946 0958 or +44 20 7946 0958") == "[erased] or [erased]"


def test_they_are_taken_out_of_whatever_json_holds():
    told = {"to": ["Fatima Adams", 7, None, {"0825550201": True}]}
    assert FATIMA.out_of_all(told) == {"to": ["[erased]", 7, None, {"[erased]": True}]}


@pytest.mark.parametrize("charset", ["utf-8", "utf-16-le", "latin-1"])
def test_bytes_keep_their_length(charset: str):
    content = "é Fatima Adams 0825550201 é".encode(charset)
    without = FATIMA.out_of_bytes(content)
    assert FATIMA.are_in_bytes(content)
    assert len(without) == len(content)
    assert not FATIMA.are_in_bytes(without)


def test_of_nobody_nothing_is_found():
    assert Traces().out_of("Fatima Adams 0825550201") == "Fatima Adams 0825550201"
