"""The rota at the terminal and in set-up files: the same plan as a call's, and a new version for every change."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

from office import TERMINAL, at
from oncall import changes, roster
from oncall.changes import Change

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

    from office import Office

ROTA = """\
    rotas:
      - name: Standby
        zone: Africa/Johannesburg
        {more}
        layers:
          - rotations:
              - name: First
                members: [{members}]
                shares: [100, 50]
                starts: 2025-12-15T08:30
                turn: fortnightly
                handoffs: [mon 08:30]
                hours: [outside office hours, Weekends]
                advance: served
    """


def run(office: Office, *args: str) -> Result:
    return office.app.test_cli_runner().invoke(args=list(args))


def load(office: Office, folder: Path, text: str, anyway: str = "it is agreed") -> Result:
    file = folder / "rota.yaml"
    file.write_text(dedent(text))
    return run(office, "desk", "load", str(file), "--anyway", anyway)


def test_who_is_said_with_place_end_and_reason(office: Office):
    assert run(office, "oncall", "who", "--at", "2026-11-24T12:00").output == (
        "Standby, Tue 24 Nov 2026 12:00 Africa/Johannesburg\n"
        "  first   Pieter Botha until Mon 30 Nov 08:30\n"
        "  second  Lerato Mokoena until Mon 30 Nov 08:30\n"
    )
    assert run(office, "oncall", "who", "--why", "--rota", "Standby").output.splitlines()[3] == (
        "  thandi: turn of 'First' since Mon 16 Nov 2026 08:30 Africa/Johannesburg, hands off Mon 23 Nov 08:30"
    )


def test_who_cannot_be_rung_is_said(office: Office):
    def lose(session) -> None:
        office.staff(session, "thandi").phone = None

    office.do(lose)
    assert "Thandi Nkosi until Mon 23 Nov 08:30 - but Thandi Nkosi has no number" in run(office, "oncall", "who").output


def test_what_is_not_there_is_told_in_a_sentence(office: Office):
    for args, sentence in (
        (("who", "--rota", "Days"), "Error: There is no rota 'Days'.\n"),
        (("who", "--at", "soon"), "Error: 'soon' is not a time such as 2026-11-22T02:00\n"),
        (("calendar", "lerato", "http://x"), "Error: the address of a calendar begins with https://\n"),
        (("calendar", "nobody", "https://x"), "Error: nobody is called 'nobody'\n"),
    ):
        result = run(office, "oncall", *args)
        assert (result.exit_code, result.output) == (1, sentence)


def test_gaps_are_listed_with_their_reasons_and_end_with_status_1(office: Office):
    assert run(office, "oncall", "gaps").output == "somebody rings at any time of the next 60 days\n"
    for who in ("pieter", "lerato"):
        wanted = Change("remove", who, at("2026-11-24 18:00"), at("2026-11-24 20:00"))
        office.do(
            lambda session, wanted=wanted: changes.make(session, office.rota(session), wanted, TERMINAL, office.now)
        )
    result = run(office, "oncall", "gaps", "--days", "7")
    assert (result.exit_code, result.output.splitlines()) == (
        1,
        [
            "Standby: nobody rings Tue 24 Nov 2026 18:00 to Tue 24 Nov 2026 20:00 Africa/Johannesburg",
            "  'First': pieter is taken out until Tue 24 Nov 20:00",
            "  'Second': lerato is taken out until Tue 24 Nov 20:00",
        ],
    )


def test_a_rota_that_a_file_changes_becomes_a_new_version(office: Office, tmp_path: Path):
    text = ROTA.format(more="covers: outside office hours\n        calendar: Office", members="thandi, lerato")
    assert "changed rota Standby: layers" in load(office, tmp_path, text).output
    office.clock.advance(60)
    assert load(office, tmp_path, text).output == "nothing to change\n"
    with office.database.reading() as session:
        first, second = office.rota(session).versions
        (rotation,) = second.draft.rotations()
    assert (first.draft.people(), second.draft.people()) == (("thandi", "pieter", "lerato"), ("thandi", "lerato"))
    assert (rotation.shares, rotation.days, rotation.handoffs, rotation.advance) == (
        (100, 50),
        14,
        ("Mon 08:30",),
        "served",
    )
    assert (rotation.hours, second.draft.covers, second.draft.calendar) == (
        ("outside office hours", "weekends"),
        "outside office hours",
        "Office",
    )
    assert (second.reason, len(second.hazards)) == ("it is agreed", 2)
    assert office.first("2026-11-22 01:59", "2026-11-24 12:00") == ["thandi", "nobody"]
    assert office.plan().gaps(at("2026-11-24 00:00"), at("2026-11-25 00:00")) == ()


def test_a_file_with_an_unsafe_rota_is_refused_with_the_hazards(office: Office, tmp_path: Path):
    refused = load(office, tmp_path, ROTA.format(more="", members="thandi, lerato"), anyway=" ")
    line = f"{tmp_path / 'rota.yaml'} line 2: "
    assert (refused.exit_code, refused.output.splitlines()[-2:]) == (
        1,
        [
            "Nothing was loaded.",
            'Callers might reach nobody. If it is right all the same, name the reason: --anyway "REASON".',
        ],
    )
    told = [words.removeprefix(line) for words in refused.output.splitlines() if words.startswith(line)]
    assert "nobody rings for 'Standby' from Mon 23 Nov 08:30 to Mon 23 Nov 17:00" in told
    assert "Thandi Nkosi has not proved their number, and is on duty from Sun 22 Nov 02:00" in told
    with office.database.reading() as session:
        assert len(office.rota(session).versions) == 1, "what was in force stays"
    office.prove("thandi", "lerato")
    safe = ROTA.format(more="covers: outside office hours\n        calendar: Office", members="thandi, lerato")
    assert "changed rota Standby: layers" in load(office, tmp_path, safe, anyway="").output


def test_whoever_names_the_reason_loads_an_unsafe_rota_and_the_audit_keeps_it(office: Office, tmp_path: Path):
    said = load(office, tmp_path, ROTA.format(more="", members="thandi, lerato"), "Pieter answers by day").output
    assert "changed rota Standby: layers" in said
    assert "Beware: nobody rings for 'Standby' from Mon 23 Nov 08:30 to Mon 23 Nov 17:00" in said
    entry = office.audited("rota published")[-1]
    assert (entry.about, entry.detail["reason"]) == ("Standby, version 2", "Pieter answers by day")
    assert "nobody rings for 'Standby' from Mon 23 Nov 08:30 to Mon 23 Nov 17:00" in entry.detail["hazards"]


def test_a_fault_is_mended_first_and_no_reason_helps(office: Office, tmp_path: Path):
    said = load(office, tmp_path, ROTA.format(more="calendar: Shop", members="thandi, lerato")).output
    assert "Nothing was loaded." in said
    assert "--anyway" not in said


def test_a_new_rota_is_never_refused_but_says_what_to_beware_of(office: Office, tmp_path: Path):
    text = ROTA.format(more="", members="thandi, lerato").replace("Standby", "Server room")
    result = load(office, tmp_path, text, anyway="")
    assert (result.exit_code, result.output.splitlines()[:2]) == (
        0,
        [
            "added rota Server room",
            "Beware: nobody rings for 'Server room' from Mon 23 Nov 08:30 to Mon 23 Nov 17:00",
        ],
    )
    with office.database.reading() as session:
        assert roster.named(session, "Server room").head.reason == ""


def test_what_a_file_leaves_unsaid_stays(office: Office, tmp_path: Path):
    load(office, tmp_path, ROTA.format(more="covers: outside office hours", members="thandi, lerato"))
    office.clock.advance(60)
    load(office, tmp_path, ROTA.format(more="", members="thandi, pieter"))
    with office.database.reading() as session:
        head = office.rota(session).head
    assert (head.number, head.draft.covers, head.draft.people()) == (3, "outside office hours", ("thandi", "pieter"))


def test_a_file_that_names_an_unknown_calendar_or_odd_hours_loads_nothing(office: Office, tmp_path: Path):
    said = load(office, tmp_path, ROTA.format(more="calendar: Shop", members="thandi, lerato")).output
    assert "calendar: there is no business calendar 'Shop'" in said
    said = load(office, tmp_path, ROTA.format(more="", members="thandi, lerato").replace("mon 08:30", "noon")).output
    assert "handoffs: 'noon' is not a weekday and time such as Mon 08:30" in said
    said = load(office, tmp_path, ROTA.format(more="", members="thandi, lerato").replace("100, 50", "100")).output
    assert "every member has a share, or nobody" in said
    with office.database.reading() as session:
        assert len(office.rota(session).versions) == 1


OVERRIDES = "rota,kind,staff,instead_of,starts,ends\nStandby,replace,naledi,pieter,2026-11-24T18:00,{}\n"


def test_a_change_that_a_file_changes_is_taken_back_and_made_anew(office: Office, tmp_path: Path):
    def overrides(ends: str) -> str:
        file = tmp_path / "overrides.csv"
        file.write_text(OVERRIDES.format(ends))
        return run(office, "desk", "load", str(file)).output

    assert overrides("2026-11-24T22:00") == "added override Standby replace naledi 2026-11-24 18:00:00\n"
    assert overrides("2026-11-24T22:00") == "nothing to change\n"
    office.clock.until(at("2026-11-24 21:00"))
    assert overrides("2026-11-24T20:00").startswith("changed override Standby replace naledi")
    assert office.first("2026-11-24 20:30", "2026-11-24 21:00") == ["naledi", "pieter"], "what has been stays"
    with office.database.reading() as session:
        assert len(roster.named(session, "Standby").overrides) == 2
