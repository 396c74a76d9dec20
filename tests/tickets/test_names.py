"""Names of our letters say which ticket they are about, to us alone, and nobody else can make one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickets.mail.names import LOCAL, Names

NAMES = Names("a secret of forty characters for tests..", "afterhours.example")
OTHERS = Names("another secret of forty characters.....", "afterhours.example")
TICKETS = st.integers(0, 2**40 - 1)
LETTERS = st.text(max_size=80)


@given(TICKETS, LETTERS)
def test_a_message_id_says_its_ticket(ticket: int, key: str):
    assert NAMES.ticket_of(NAMES.message_id(ticket, key)) == ticket


@given(TICKETS)
def test_a_plus_address_says_its_ticket(ticket: int):
    assert NAMES.ticket_of_address(NAMES.address("support", ticket)) == ticket


def test_a_letter_has_one_name_however_often_it_goes_out():
    assert NAMES.message_id(7, "opened") == NAMES.message_id(7, "opened")
    assert len({NAMES.message_id(ticket, key) for ticket in (7, 8) for key in ("opened", "answered")}) == 4


@pytest.mark.parametrize("change", [str.upper, str.title, lambda name: name.strip("<>"), lambda name: f"  {name}\r\n "])
def test_a_name_is_known_however_mailers_write_it(change):
    assert NAMES.ticket_of(change(NAMES.message_id(482, "opened"))) == 482
    assert NAMES.ticket_of_address(change(f"<{NAMES.address('support', 482)}>")) == 482


@pytest.mark.parametrize("at", [1, 9, 40, 50])
def test_a_message_id_that_was_folded_is_known(at: int):
    name = NAMES.message_id(482, "opened")
    assert NAMES.ticket_of(f"{name[:at]}\r\n\t{name[at:]}") == 482


def test_answers_find_their_ticket_after_the_company_moved_to_another_domain():
    moved = Names(NAMES.secret, "afterhours.co.za")
    assert moved.ticket_of(NAMES.message_id(482, "opened")) == 482
    assert moved.ticket_of_address(NAMES.address("support@afterhours.example", 482)) == 482


@given(TICKETS, st.data())
def test_a_name_with_one_character_changed_is_nobodys(ticket: int, data: st.DataObject):
    name = NAMES.message_id(ticket, "opened")
    at = data.draw(st.integers(1, name.index("@") - 1))
    other = data.draw(st.sampled_from(sorted(set("abcdefghijklmnopqrstuvwxyz234567") - {name[at]})))
    assert NAMES.ticket_of(name[:at] + other + name[at + 1 :]) is None


@given(st.text(max_size=120))
def test_what_others_write_is_nobodys_and_raises_nothing(name: str):
    for written in (name, f"<{name}@afterhours.example>", f"support+{name}@afterhours.example"):
        assert NAMES.ticket_of(written) is None
        assert NAMES.ticket_of_address(written) is None


def test_names_under_another_secret_are_nobodys():
    assert NAMES.ticket_of(OTHERS.message_id(482, "opened")) is None
    assert NAMES.ticket_of_address(OTHERS.address("support", 482)) is None


def test_a_message_id_is_no_plus_address_nor_the_other_way_round():
    message, address = NAMES.message_id(482, "opened")[1:].partition("@")[0], NAMES.address("support", 482)
    assert NAMES.ticket_of_address(f"support+{message}@afterhours.example") is None
    assert NAMES.ticket_of(f"<{address.partition('+')[2]}>") is None


def test_nothing_in_a_name_tells_which_ticket_or_letter_it_is_about():
    names = [NAMES.message_id(ticket, "secret matter") for ticket in range(1, 200)]
    assert not [name for name in names if "secret" in name or "matter" in name]
    begin = {name[17:21] for name in names}  # where the number stands; of neighbours in the clear it would begin alike
    assert len(begin) > 190


def test_a_plus_address_fits_before_the_at():
    assert len(NAMES.address("a" * 39, 482).partition("@")[0]) == LOCAL
    with pytest.raises(ValueError, match="too long"):
        NAMES.address("a" * 40, 482)


@pytest.mark.parametrize(
    ("mailbox", "begins", "ends"),
    [
        ("support", "support+", "@afterhours.example"),
        ("help@desk.example", "help+", "@desk.example"),
        ("support+za@desk.example", "support+za+", "@desk.example"),
    ],
)
def test_an_address_is_of_its_mailbox(mailbox: str, begins: str, ends: str):
    address = NAMES.address(mailbox, 482)
    assert address.startswith(begins)
    assert address.endswith(ends)
    assert NAMES.ticket_of_address(address) == 482
