"""Traces: a number, an address and a name are found in every spelling, and nothing else is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickets.privacy import folding
from tickets.privacy.traces import Traces

FATIMA = Traces(["+27825550201"], ["fatima.adams@karoo-clinic.example"], ["Sister Fatima Adams"])
KNOWN = Traces(
    names=["Sister Fatima Nomsa Adams", "Anna Long", "Jan van der Merwe"],
    surnames=["adams", "long", "merwe"],
    mailboxes=["fatima@clinic.example"],
)
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


@pytest.mark.parametrize(
    "words",
    [
        *("Sister Adams", "sister Adams", "Ms Adams", "ms. adams", "Mev. Adams", "F. Adams", "F Adams", "F.N. Adams"),
        *(
            "FN Adams",
            "Adams, F.",
            "Adams, F",
            "Ms Long",
            "mr long",
            "A. Long",
            "Mnr van der Merwe",
            "J. van der Merwe",
        ),
        *("J.v.d. Merwe", "fatima@clinic.example", "Fatima+Tills@Clinic.example", "fatima%2btills%40clinic.example"),
        *("%20fatima+2@clinic.example", "fatima_nomsa_adams", "fatima%20nomsa%20adams", "Fatima-Nomsa Adams"),
    ],
)
def test_a_surname_with_a_title_or_initials_and_a_mailbox_with_a_plus_are_theirs(words: str):
    assert "[erased]" in KNOWN.out_of(f"ask {words} now")
    assert not any(name in KNOWN.out_of(f"ask {words} now").lower() for name in ("adams", "long", "merwe", "clinic"))


@pytest.mark.parametrize(
    "words",
    [
        *("it took a long time", "A long time", "my sister long ago", "miss long calls", "I met Adams", "S. Adams"),
        *(
            "F. Adamson",
            "Sister Adamson",
            "fatimaplus@clinic.example",
            "f adams",
            "Mr Merwede",
            "no.fatima@clinic.example",
        ),
    ],
)
def test_a_common_word_and_a_surname_of_others_are_not(words: str):
    assert KNOWN.out_of(words) == words


def test_a_surname_that_somebody_else_has_too_is_left_to_whoever_reads():
    assert FATIMA.out_of("Sister Adams and F. Adams, or Fatima Adams") == "Sister Adams and F. Adams, or [erased]"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        *(("Siobhán O'Brien", one) for one in ("Siobhán O’Brien", "SIOBHAN O`BRIEN", "Siobha\u0301n O'Brien")),
        *(("Siobhán O'Brien", one) for one in ("Ms O’Brien", "S. O’Brien", "O’Brien, Siobhan", "O’Brien Siobhán")),
        *(("Siobha\u0301n O’Brien", one) for one in ("Siobhán O'Brien", "Mrs O'Brien")),
        *(
            ("Anne-Marie du Toit", one)
            for one in ("Anne Marie du Toit", "Anne\u2011Marie du Toit", "Annemarie du Toit")
        ),
        *(("Anne-Marie du Toit", one) for one in ("du Toit, Anne-Marie", "DU TOIT Anne-Marie", "Mev du Toit")),
        *(("Adams, Fatima (Karoo Clinic)", one) for one in ("Fatima Adams", "Ms Adams", "Adams, Fatima")),
        *(('"Fatima Adams", MD', one) for one in ("Fatima Adams", "Dr Adams", "F. Adams")),
        *(
            ("Fatima Adams", one)
            for one in ("Ｆａｔｉｍａ　Ａｄａｍｓ", "Fati\u200bma Adams", "ADAMS Fatima", "Adams , Fatima")
        ),
        *(("İpek Öz", one) for one in ("İPEK ÖZ", "Ipek Oz", "I\u0307pek O\u0308z", "Bayan, İpek Öz")),
    ],
)
def test_a_name_is_found_as_telephones_and_programs_write_it(name: str, words: str):
    whom = Traces(names=[name], surnames=["o’brien", "toit", "adams", "öz"])
    said = whom.out_of(f"é: ask {words}!")
    assert said.startswith("é: ask ")
    assert said.endswith("[erased]!")


@pytest.mark.parametrize("words", ["so long Anna", "a Fatima", "Long: Anna", "Müllerin Anna", "Anna Longo\u0301"])
def test_what_is_only_like_a_name_stays(words: str):
    whom = Traces(names=["Anna Long", "Fatima A", "Anna Müller"], surnames=["long", "a", "müller"])
    assert whom.out_of(words) == words


@pytest.mark.parametrize(
    "words",
    [
        *("０８２ ５５５ ０２０１", "+٢٧٨٢٥٥٥٠٢٠١", "082|555|0201", "082:555:0201", "082*555*0201"),
        *("082  -  555  -  0201", "082&#160;555&#xA0;0201", "082\u200b555\u200b0201", "tel0825550201"),
    ],
)
def test_a_number_is_found_in_every_digit_and_with_whatever_stands_between(words: str):
    assert FATIMA.out_of(f"é: ask {words}!").endswith("[erased]!")


def test_two_numbers_with_nothing_between_them_but_a_sign_of_no_width_are_two():
    assert FATIMA.out_of("0825550202\u200b0825550201") == "0825550202\u200b[erased]"


@given(st.text(max_size=60))
def test_folded_words_are_as_long_as_they_were(words: str):
    assert len(folding.folded(words)) == len(words)
    small, stood = folding.bare(words)
    assert stood is None or len(stood) == len(small) + 1


def test_every_sign_is_folded_to_one():
    assert all(len(folding.folded(chr(one))) == 1 for one in range(0x110000))


@pytest.mark.parametrize("charset", ["utf-16-le", "utf-16-be", "utf-8"])
@pytest.mark.parametrize("before", [b"", b"\x00", b"\xff\xd8\xe0"])
@pytest.mark.parametrize("after", [b"\x00\x00\xdc", b"\xff\xff\xff"])
def test_in_a_program_s_file_too_from_whatever_byte_it_begins(charset: str, before: bytes, after: bytes):
    content = before + "082 555 0201, Fatima Adams".encode(charset) + after
    without = FATIMA.out_of_bytes(content)
    assert FATIMA.are_in_bytes(content)
    assert len(without) == len(content)
    assert not FATIMA.are_in_bytes(without)
    assert b"adams" not in without.replace(b"\0", b"").lower()
    assert without.startswith(before)


@given(st.binary(max_size=200))
def test_bytes_in_which_nobody_stands_stay_as_they_are(content: bytes):
    assert FATIMA.out_of_bytes(content) == content
    assert FATIMA._crossed(content, "utf-8", "surrogateescape") == content
    assert FATIMA._crossed(content, "utf-16-le", "surrogatepass") == content
