"""What the carrier carries for us cannot be written by anybody else."""

from __future__ import annotations

import re

import pytest
from pydantic import SecretStr

from ivr.seal import BrokenSeal, Seal
from ivr.steps import Carried

SEAL = Seal(SecretStr("a secret"))
CARRIED = Carried(misses=2, wrong_keys=1, pressed=True, consent=False, tried=[(1, "thandi", False)], page=7)


def test_it_comes_back_as_it_went():
    assert SEAL.open("CA1", SEAL.close("CA1", CARRIED)) == CARRIED


def test_it_needs_no_escaping_in_a_query():
    assert re.fullmatch(r"[A-Za-z0-9_-]+", SEAL.close("CA1", CARRIED))


@pytest.mark.parametrize("at", [0, 5, 21, 22, 40, -1])
def test_a_changed_character_breaks_it(at: int):
    sealed = list(SEAL.close("CA1", CARRIED))
    sealed[at] = "A" if sealed[at] != "A" else "B"
    with pytest.raises(BrokenSeal):
        SEAL.open("CA1", "".join(sealed))


def test_another_call_s_or_another_secret_s_is_refused():
    sealed = SEAL.close("CA1", CARRIED)
    for seal, sid in ((SEAL, "CA2"), (Seal(SecretStr("another secret")), "CA1")):
        with pytest.raises(BrokenSeal):
            seal.open(sid, sealed)


@pytest.mark.parametrize("text", ["", "x", "A" * 22, "é", "{}"])
def test_rubbish_is_refused(text: str):
    with pytest.raises(BrokenSeal):
        SEAL.open("CA1", text)
