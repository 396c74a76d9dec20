"""The alphabet of texts: what each costs, and what becomes of a text that would cost too much."""

from __future__ import annotations

import pytest

from desk.sms import BASIC, fitted, plain, segments


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),  # each takes the room of two
        ("€" * 81, 2),
        ("ê" + "a" * 69, 1),  # one sign outside the alphabet makes all of them wide
        ("ê" + "a" * 70, 2),
        ("☎" * 134, 2),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
    ],
)
def test_what_a_text_costs(text: str, count: int):
    assert segments(text) == count


def test_there_are_127_signs_beside_the_escape():
    assert len(BASIC) == 127


def test_a_text_is_said_in_the_cheap_alphabet():
    assert plain("Môre – “Zoë’s” shift… ☎") == 'More - "Zoe\'s" shift... ?'
    assert plain("Müller, Ångström, niño, Ø") == "Müller, Ångström, niño, Ø"


def test_a_long_text_loses_words_and_never_its_address():
    address = "https://afterhours.example/rota"
    text = fitted("word " * 100, address, 2)
    assert segments(text) == 2
    assert text.endswith(f"word... {address}")
    assert fitted("short", address, 2) == f"short {address}"
