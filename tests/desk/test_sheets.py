"""Set-up files as text: what is read, on which line it stands, and what cannot be read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.setup.sheets import Entry, SetUpFaults, read

YAML = b"""\
# a comment
staff:
  - key: thandi
    phone: +27 82 555 0101

  - key: pieter
    active: no
    email:
rotas:
  - name: "Standby"
    layers:
      - rotations:
          - name: First
            members: [thandi,
                      pieter]
            starts: 8:30
"""


def entries(name: str, text: str | bytes) -> list[Entry]:
    return read(name, text.encode() if isinstance(text, str) else text)


def faults(name: str, text: str | bytes) -> list[str]:
    with pytest.raises(SetUpFaults) as caught:
        entries(name, text)
    return [str(fault) for fault in caught.value.faults]


def test_yaml_values_stay_as_written():
    thandi, pieter, rota = entries("staff.yaml", YAML)
    assert thandi.values == {"key": "thandi", "phone": "+27 82 555 0101"}
    assert pieter.values == {"key": "pieter", "active": "no", "email": None}
    rotation = {"name": "First", "members": ["thandi", "pieter"], "starts": "8:30"}
    assert (rota.section, rota.values) == (
        "rotas",
        {"name": "Standby", "layers": [{"rotations": [rotation]}]},
    )


@pytest.mark.parametrize(
    ("entry", "path", "line"),
    [
        (0, (), 3),
        (0, ("phone",), 4),
        (1, ("email",), 8),
        (2, ("name",), 10),
        (2, ("layers",), 11),
        (2, ("layers", 0, "rotations", 0, "members", 1), 15),
        (2, ("layers", 0, "rotations", 0, "starts"), 16),
        (2, ("layers", 0, "rotations", 0, "missing"), 13),
        (1, ("missing", "deep"), 6),
    ],
)
def test_every_value_knows_its_line(entry: int, path: tuple[str | int, ...], line: int):
    assert str(entries("a.yaml", YAML)[entry].fault(path, "wrong")) == f"a.yaml line {line}: wrong"


def test_what_stands_inside_is_an_entry_of_its_own():
    rota = entries("a.yaml", YAML)[2]
    inner = rota.inner(("layers", 0, "rotations", 0), "rotations", rota="Standby")
    assert inner.values["rota"] == "Standby"
    assert inner.fault(("starts",), "late").line == 16
    assert inner.fault((), "all of it").line == 13


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("staff:\n- key: a\n  key: b\n", ["line 3: key: is given twice"]),
        ("staff: []\nlines: []\nstaff: []\n", ["line 3: staff: is given twice"]),
        (
            "staff:\n- key: a\n  key: b\n- c\n",
            ["line 3: key: is given twice", "line 4: staff: an entry names its fields"],
        ),
        ("staff:\n- a: &x 1\n- b: *x\n", ["line 3: not readable as YAML: aliases are not used"]),
        ("staff:\n- !!python/object/apply:os.system [ls]\n", ["line 2: staff: an entry names its fields"]),
        ("staff:\n- a: !!python/name:os.system x\n", ["line 2: the tag tag:yaml.org,2002:python/name:os.system is"]),
        ("staff:\n- a: 1\n b: 2\n", ["line 3: not readable as YAML"]),
        ("staff:\n\t- a: 1\n", ["line 2: not readable as YAML"]),
        ("staff:\n- a: 1\n---\nlines: []\n", ["line 3: not readable as YAML"]),
        ("- a: 1\n", ["line 1: a set-up file begins with the name of a section"]),
        ("just words\n", ["line 1: a set-up file begins with the name of a section"]),
        ("staff: thandi\n", ["line 1: staff: is not a list"]),
        ("staff:\n- ? [a, b]\n  : 1\n", ["line 2: the name of a field is a word"]),
        ("staff:\n- a: \x01\n", ["line 2: there is a character that YAML forbids"]),
        ("staff: " + "[" * 5000, ["line 1: not readable as YAML: nested too deeply"]),
    ],
)
def test_yaml_that_cannot_be_read(text: str, said: list[str]):
    found = faults("a.yaml", text)
    assert [fault[: len("a.yaml ") + len(start)] for fault, start in zip(found, said, strict=True)] == [
        f"a.yaml {start}" for start in said
    ]


@pytest.mark.parametrize("text", ["", "# nothing\n", "staff:\n", "staff: []\n", "staff: ~\n"])
def test_yaml_that_says_nothing(text: str):
    assert entries("a.yaml", text) == []


@pytest.mark.parametrize("text", ["code,name\nkaroo,Karoo Clinic\n", "Code ; NAME\r\nkaroo; Karoo Clinic \r\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_csv_of_either_kind(text: str, mark: bytes):
    (entry,) = entries("customers.csv", mark + text.encode())
    assert (entry.section, entry.values) == ("customers", {"code": "karoo", "name": "Karoo Clinic"})
    assert entry.fault(("name",), "wrong").line == 2


def test_csv_lines_are_counted_over_quoted_line_ends_and_blank_rows():
    text = 'code,name\n\na,"two\nlines"\n,\nb,"one, two"\n'
    first, second = entries("customers.csv", text)
    assert (first.values["name"], first.fault((), "x").line) == ("two\nlines", 3)
    assert (second.values["name"], second.fault((), "x").line) == ("one, two", 6)


def test_csv_cells_may_be_empty_or_fewer_or_empty_beyond_the_header():
    found = entries("staff.csv", "key,name,phone\na,A\nb,,082\nc,C,,\n")
    assert [one.values for one in found] == [
        {"key": "a", "name": "A"},
        {"key": "b", "phone": "082"},
        {"key": "c", "name": "C"},
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("key,name,key\n", ["line 1: key: is given twice"]),
        (
            "key\na\nb,c\nd,e,f\n",
            ["line 3: there are 2 cells under 1 field names", "line 4: there are 3 cells under 1 field names"],
        ),
        ('key\na\n"b\n', ["line 3: not readable as CSV: unexpected end of data"]),
        ('key\n"a"b\n', ["line 2: not readable as CSV: ',' expected after '\"'"]),
    ],
)
def test_csv_that_cannot_be_read(text: str, said: list[str]):
    assert faults("staff.csv", text) == [f"staff.csv {one}" for one in said]


def test_an_empty_csv_says_nothing():
    assert entries("staff.csv", "") == []


@pytest.mark.parametrize("name", ["staff.txt", "staff", "staff.xlsx"])
def test_other_files_are_refused(name: str):
    assert faults(name, "") == [f"{name} line 1: a set-up file is named .yaml, .yml or .csv"]


@pytest.mark.parametrize("name", ["a.yaml", "staff.csv"])
def test_text_that_is_not_utf_8(name: str):
    assert faults(name, "a\nb\nß".encode("latin-1")) == [f"{name} line 3: this is not UTF-8 text"]


@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_any_bytes_are_read_or_refused_with_their_line(content: bytes):
    for name in ("a.yaml", "staff.csv"):
        try:
            found = read(name, content)
        except SetUpFaults as error:
            lines = [fault.line for fault in error.faults]
        else:
            lines = [line for entry in found for line in entry.lines.values()]
        assert all(1 <= line <= content.count(b"\n") + content.count(b"\r") + 2 for line in lines)
