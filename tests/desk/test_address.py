"""Addresses that open one thing for a while: for what they were made, until they end, and for nothing else."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from conftest import NIGHT, ORIGIN
from desk.address import Addresses, Opens

OURS = Addresses(SecretStr("a secret of forty characters for tests.."), ORIGIN)
THEIRS = Addresses(SecretStr("another secret of forty characters......"), ORIGIN)
UNTIL = NIGHT + timedelta(minutes=15)
SEALED = OURS.make(Opens.TICKET, 7, 2, until=UNTIL)


def test_what_was_put_in_comes_out_until_it_ends():
    assert OURS.read(Opens.TICKET, SEALED, NIGHT) == ["7", "2"]
    assert OURS.read(Opens.TICKET, SEALED, UNTIL - timedelta(seconds=1)) == ["7", "2"]
    assert OURS.read(Opens.TICKET, SEALED, UNTIL) is None


def test_it_opens_nothing_else_and_nowhere_else():
    assert OURS.read(Opens.MESSAGE, SEALED, NIGHT) is None
    assert THEIRS.read(Opens.TICKET, SEALED, NIGHT) is None


@pytest.mark.parametrize("place", range(len(SEALED)))
def test_no_sign_of_it_can_be_changed(place: int):
    for sign in "1a.-":
        if SEALED[place] != sign:
            assert OURS.read(Opens.TICKET, SEALED[:place] + sign + SEALED[place + 1 :], NIGHT) is None


@given(st.text())
def test_nothing_that_somebody_makes_up_opens_anything(text: str):
    assert OURS.read(Opens.TICKET, text, NIGHT) is None


def test_a_telephone_takes_the_whole_of_it_for_a_link():
    assert set(SEALED) <= set("abcdefghijklmnopqrstuvwxyz0123456789.")
    assert SEALED[-1] != "."
    assert len(SEALED) < 40
